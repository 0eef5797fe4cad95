"""Roster, dissent, second means check, platform failures, mending, delegation."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from cases.models import Delegation, IncomeAccount, MeansCheck
from cases.models.record import CaseRecord
from cases.operations import decisions, delegations, investigation
from cases.operations.extension import extend
from cases.reports.actions import to_mend
from cases.reports.clock import clock_of
from cases.reports.desk import numbers_on
from tests import road
from tests.cases.guards import without
from tests.cases.stages import FINDINGS, MEETING, checked, photographed, surveyed
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import actor_for
from yuquan_relief.kernel.models import Post

ON = road.START
ROSTER = [{"name": "演练社区主任", "identity": "主任"}] + [
    {"name": f"代表{n}", "identity": "村民代表"} for n in range(8)
]


@pytest.mark.clause("3(1)")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"roster": ROSTER[:8]}, "到会名单有 8 人，与实到 9 人不符"),
        ({"roster": [r | {"identity": "村民代表"} for r in ROSTER]}, "没有主任或书记"),
        ({"roster": ROSTER, "agree": 8, "oppose": 1}, "请写明不同意见"),
        ({"roster": ROSTER, "agree": 8, "oppose": 1, "dissent": "子女有车"}, ""),
    ],
)
def test_a_roster_stands_beside_the_figures(cast: Cast, changes: dict[str, Any], said: str) -> None:
    case = surveyed(cast)
    meeting = replace(MEETING, **changes)
    if said:
        with pytest.raises(Refused, match=said):
            investigation.record_appraisal(case.no, meeting, actor=cast.clerk, on=ON)
        assert not case.appraisals.exists()
        return
    investigation.record_appraisal(case.no, meeting, actor=cast.clerk, on=ON)
    held = case.appraisals.get()
    assert (len(held.roster), held.dissent) == (9, "子女有车")


def test_who_signed_for_the_family_is_part_of_what_is_signed(cast: Cast) -> None:
    case = photographed(cast)
    findings = replace(FINDINGS, household_signer="演练乙")
    investigation.record_survey(
        case.no, findings, actor=cast.clerk, on=ON, proof=cast.proof("clerk")
    )
    record = CaseRecord(case, ON)
    assert '"household_signer":"演练乙"' in record.signatures[0].content


@pytest.mark.clause("5(3)")
def test_an_objection_to_the_report_brings_a_second_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = checked(cast)
    investigation.request_recheck(case.no, objection="车辆已于去年报废", actor=cast.staff, on=ON)
    first, second = MeansCheck.objects.filter(case=case).order_by("attempt")
    assert (first.returned_on, second.returned_on) == (ON, None)
    assert second.objection == "车辆已于去年报废"
    with pytest.raises(Refused, match="还没有返回"):
        road.settle(cast, case, ON)
    report = investigation.MeansReport(
        report_no="HD-2", data_upto=ON, valid_until=ON, conclusion="WITHIN"
    )
    with monkeypatch.context() as no_longer_asked:
        without(no_longer_asked, case, "settle_income", "means_returned")
        road.settle(cast, case, ON)  # the twin
        first_sum = IncomeAccount.objects.get(case=case)
    investigation.return_means_check(case.no, report, actor=cast.verifier, on=ON)
    road.settle(cast, case, ON)
    assert IncomeAccount.objects.filter(case=case).latest("pk") != first_sum


@pytest.mark.clause("20(4)")
def test_a_platform_failure_stands_beside_the_clock_and_does_not_stop_it(cast: Cast) -> None:
    case = road.accepted(cast)
    investigation.request_means_check(case.no, actor=cast.staff, on=ON)
    later = ON + timedelta(days=7)
    failure = investigation.Failure(
        kind="SLOW", first_day=ON, last_day=ON + timedelta(days=2), note="平台升级"
    )
    before = road.fresh(case).due_on
    investigation.record_failure(case.no, failure, actor=cast.staff, on=later)
    case = road.fresh(case)
    assert case.due_on == before
    assert (
        "平台缓慢 3 日（09-21～09-23），平台升级（第二十条（四））。"
        in clock_of(CaseRecord(case, later)).excused
    )
    early = replace(failure, first_day=ON - timedelta(days=1))
    with pytest.raises(Refused, match="日期应在委托日"):
        investigation.record_failure(case.no, early, actor=cast.staff, on=later)


def test_stages_with_a_limit_of_their_own_are_shown(cast: Cast) -> None:
    case = road.accepted(cast)
    late = ON + timedelta(days=10)
    words = clock_of(CaseRecord(case, late)).stages
    assert any("受理后开始入户调查：2026-09-24" in w and "已超过期限" in w for w in words)
    road.survey(cast, case, ON)
    words = clock_of(CaseRecord(road.fresh(case), late)).stages
    assert any("受理后开始入户调查" in w and "09-21 已办（" in w for w in words)


@pytest.mark.clause("4(1).1")
def test_the_limit_is_extended_once_for_a_legal_reason(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.accepted(cast)

    def act(
        reason: str = "APART", told: str = "当面告知", on: date = ON, who: str = "leader"
    ) -> None:
        extend(
            case.no, reason=reason, note="户籍在外省", told_how=told, actor=cast.actors[who], on=on
        )

    with pytest.raises(PermissionDenied):
        act(who="staff")
    with pytest.raises(Refused, match="法定情形"):
        act(reason="BUSY")
    with pytest.raises(Refused, match="怎样告知"):
        act(told=" ")
    with pytest.raises(Refused, match="已经超过时限"):
        act(on=date(2026, 11, 10))
    act()
    assert road.fresh(case).due_on == date(2026, 11, 30)  # domain 6.3: 2026-09-21 + 45
    with pytest.raises(Refused, match="已经延长过"):
        act(reason="ELSEWHERE")
    without(monkeypatch, case, "extend", "not_extended")
    act(reason="ELSEWHERE")  # the twin
    assert road.fresh(case).extension == "ELSEWHERE"


def test_what_was_sent_back_for_leads_to_its_page_until_it_is_proposed(cast: Cast) -> None:
    case = road.to_decide(cast)
    assert case.state_since is not None
    decisions.send_back(
        case.no, note="补", mend=["survey", "income"], actor=cast.leader, on=case.state_since
    )
    case = road.fresh(case)
    links = to_mend(case)
    assert links == [
        ("入户调查", f"/cases/{case.no}/record_survey/"),
        ("收入核算", f"/cases/{case.no}/settle_income/"),
    ]
    page = cast.client("clerk").get(f"/cases/{case.no}/").content.decode()
    assert f'href="/cases/{case.no}/record_survey/">补正入户调查' in page


# ------------------------------------------------------------------ 授权代签


def mandate(cast: Cast, **changes: Any) -> delegations.Mandate:
    values: dict[str, Any] = {
        "taker_id": cast.chief.person_id,
        "starts_on": ON,
        "ends_on": ON + timedelta(days=59),
        "programmes": ["URBAN_ALLOWANCE"],
        "basis": "办公会纪要第 3 号",
    }
    return delegations.Mandate(**values | changes)


def acting(cast: Cast) -> Any:
    """The chief in the post that was given."""
    post = Post.objects.select_related("unit__parent").get(delegation__isnull=False)
    return actor_for(cast.accounts["chief"], post, RequestFactory().get("/"))


@pytest.mark.clause("4(1).1")
def test_the_delegate_signs_in_the_name_of_a_post_of_his_own(cast: Cast) -> None:
    case = road.to_decide(cast)
    delegations.delegate(mandate(cast), actor=cast.leader, on=ON)
    actor = acting(cast)
    assert case.state_since is not None
    assert numbers_on(actor) == [case.no]
    decisions.approve(case.no, actor=actor, on=case.state_since, proof=cast.proof("chief"))
    signed = CaseRecord(road.fresh(case), case.state_since).signatures_of("decide", 1)
    assert [(s.person_id, s.post) for s in signed] == [
        (cast.chief.person_id, "代签（受演练分管副主任委托）")
    ]


def test_what_was_not_given_is_neither_shown_nor_signed(cast: Cast) -> None:
    case = road.to_decide(cast)
    assert case.state_since is not None
    delegations.delegate(mandate(cast, programmes=["RURAL_DESTITUTE"]), actor=cast.leader, on=ON)
    actor = acting(cast)
    assert numbers_on(actor) == []
    with pytest.raises(Refused, match="不包括本类救助"):
        decisions.approve(case.no, actor=actor, on=case.state_since, proof=cast.proof("chief"))
    with pytest.raises(Refused, match="不包括本类救助"):
        decisions.send_back(case.no, note="补", actor=actor, on=case.state_since)
    Delegation.objects.update(programmes="URBAN_ALLOWANCE")  # the twin
    assert numbers_on(actor) == [case.no]
    decisions.approve(case.no, actor=actor, on=case.state_since, proof=cast.proof("chief"))
    assert road.fresh(case).state == "APPROVED"


@pytest.mark.parametrize(("days", "is_signed"), [(-1, False), (0, True), (1, True), (2, False)])
def test_the_delegate_signs_in_the_days_that_were_given(
    cast: Cast, days: int, is_signed: bool
) -> None:
    case = road.to_decide(cast)
    assert case.state_since is not None
    given = case.state_since + timedelta(1)
    delegations.delegate(
        mandate(cast, starts_on=given, ends_on=given + timedelta(1)), actor=cast.leader, on=ON
    )
    on, proof = given + timedelta(days), cast.proof("chief")
    if is_signed:
        decisions.approve(case.no, actor=acting(cast), on=on, proof=proof)
    else:
        with pytest.raises(Refused, match="委托签批的期限已过"):
            decisions.approve(case.no, actor=acting(cast), on=on, proof=proof)
    assert road.fresh(case).state == ("APPROVED" if is_signed else "TO_DECIDE")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"taker_id": -1}, "在岗的其他领导"),
        ({"starts_on": ON - timedelta(days=1)}, "从今天或以后开始"),
        ({"ends_on": ON - timedelta(days=1)}, "结束不早于开始"),
        ({"ends_on": ON + timedelta(days=60)}, "不超过 60 天"),
        ({"programmes": []}, "救助类别"),
        ({"programmes": ["NONE"]}, "救助类别"),
        ({"basis": " "}, "书面授权依据"),
    ],
)
def test_a_mandate_is_complete(cast: Cast, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        delegations.delegate(mandate(cast, **changes), actor=cast.leader, on=ON)
    assert not Delegation.objects.exists()


def test_staff_who_sign_earlier_stages_are_no_delegates(cast: Cast) -> None:
    for name in ("staff", "surveyor", "foreign_leader"):
        with pytest.raises(Refused, match="在岗的其他领导"):
            delegations.delegate(
                mandate(cast, taker_id=cast.actors[name].person_id), actor=cast.leader, on=ON
            )
    assert not Delegation.objects.exists()


def test_twin_without_the_list_of_leaders_anybody_is_a_delegate(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveyor = cast.surveyor.person_id
    monkeypatch.setattr(delegations, "takers", lambda *_: {surveyor: "干事"})
    delegations.delegate(mandate(cast, taker_id=surveyor), actor=cast.leader, on=ON)
    assert Delegation.objects.get().taker_id == surveyor


def test_no_overlap_no_passing_on_and_an_early_end(cast: Cast) -> None:
    row = delegations.delegate(mandate(cast), actor=cast.leader, on=ON)
    with pytest.raises(Refused, match="已经授权过"):
        delegations.delegate(mandate(cast), actor=cast.leader, on=ON)
    with pytest.raises(Refused, match="不能再委托"):
        delegations.delegate(mandate(cast), actor=acting(cast), on=ON)
    assert Delegation.objects.get() == row
    delegations.end_delegation(row.pk, actor=cast.leader, on=ON + timedelta(days=3))
    assert not Post.objects.held_on(ON + timedelta(days=3)).filter(delegation=row).exists()
    with pytest.raises(Refused, match="已经结束"):
        delegations.end_delegation(row.pk, actor=cast.leader, on=ON + timedelta(days=4))
    later = mandate(cast, starts_on=ON + timedelta(days=3))  # the control: now there is room
    assert delegations.delegate(later, actor=cast.leader, on=ON + timedelta(days=3)) != row

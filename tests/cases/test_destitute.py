"""特困 from application to benefit: three tests, self-care, month table."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from cases.invariants import broken
from cases.models import Benefit, Decision, IncomeAccount, SelfCare
from cases.models.record import CaseRecord
from cases.operations import destitution
from cases.rules.application import ApplicationErrors
from cases.rules.destitution import SELF_CARE, tier_of
from cases.rules.outcome import month_table
from cases.rules.settlement import replay
from tests import road
from tests import road_relief as roads
from tests.cases.guards import without
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused

ON = roads.START


@pytest.fixture
def case(cast: Cast) -> Any:
    case = roads.destitute(cast)
    roads.assess(cast, case)
    return case


@pytest.mark.clause("4(3)")
@pytest.mark.clause("4(1).1")
def test_the_whole_road_of_a_destitute_person(cast: Cast) -> None:
    case = roads.approve(cast, roads.destitute_to_decide(cast))
    benefit = Benefit.objects.get(source_case=case)
    assert case.no.startswith("YQ-TK-159900001-20260921-")
    assert benefit.certificate_no.startswith("NT159900001")
    assert (benefit.year_fen, benefit.monthly_fen) == (968_800, 80_733)
    assert (benefit.support, benefit.care_tier, benefit.supplement_fen) == (
        "SCATTERED", "PARTIAL", 72_286,
    )  # fmt: skip
    assert Decision.objects.get(case=case).supplement_fen == 72_286
    assert list(broken()) == []


@pytest.mark.clause("4(1).1")
def test_forty_working_days_without_the_notices(cast: Cast) -> None:
    case = roads.destitute(cast)
    assert case.due_on == date(2026, 11, 23)  # domain 6.3: 2026-09-21 + 40


def test_what_was_settled_is_replayed_from_its_facts(cast: Cast, case: Any) -> None:
    destitution.settle_standing(case.no, roads.standing(case), actor=cast.staff, on=ON)
    account = IncomeAccount.objects.get(case=case)
    figures = {name: getattr(account, name) for name in IncomeAccount.FIGURES.split()}
    assert replay(account.facts, figures).differences == ()
    assert "无劳动能力：年满六十周岁。" in account.sentences
    assert any("基本生活费一年 9,688.00 元" in s for s in account.sentences)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"labour_ground": ""}, "没有选定无劳动能力的情形"),
        ({"labour_ground": "UNDER16"}, "与申请人的年龄或残疾情况不符"),
        ({"property_ok": False}, "财产状况不符合"),
    ],
)
def test_each_test_can_fail(cast: Cast, case: Any, changes: dict[str, Any], why: str) -> None:
    destitution.settle_standing(case.no, roads.standing(case, **changes), actor=cast.staff, on=ON)
    account = CaseRecord(case, ON).account
    assert account is not None
    assert (account.is_eligible, account.total_fen) == (False, 0)
    assert any(why in sentence for sentence in account.sentences)


def test_an_obligor_who_is_able_excludes_and_needs_a_reason(cast: Cast, case: Any) -> None:
    obligor = case.obligors.get()
    judged = destitution.JudgedObligor(obligor_id=obligor.pk, ground="ABLE")
    with pytest.raises(Refused, match="写明理由"):
        destitution.settle_standing(
            case.no, roads.standing(case, obligors=[judged]), actor=cast.staff, on=ON
        )
    with_reason = destitution.JudgedObligor(
        obligor_id=obligor.pk, ground="ABLE", reason="有退休金每月三千元"
    )
    destitution.settle_standing(
        case.no, roads.standing(case, obligors=[with_reason]), actor=cast.staff, on=ON
    )
    account = CaseRecord(case, ON).account
    assert account is not None
    assert account.is_eligible is False
    assert "法定义务人演练丁有履行义务能力。" in account.sentences


def test_twin_an_obligor_who_is_not_able_excludes_nobody(cast: Cast, case: Any) -> None:
    destitution.settle_standing(case.no, roads.standing(case), actor=cast.staff, on=ON)
    account = CaseRecord(case, ON).account
    assert account is not None
    assert account.is_eligible is True


def test_every_obligor_is_judged(cast: Cast, case: Any) -> None:
    with pytest.raises(Refused, match="义务人有变化"):
        destitution.settle_standing(
            case.no, roads.standing(case, obligors=[]), actor=cast.staff, on=ON
        )


@pytest.mark.clause("3(7)")
def test_the_standing_waits_for_the_assessment(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = roads.destitute(cast)
    with pytest.raises(Refused, match="还没有登记自理能力评估"):
        destitution.settle_standing(case.no, roads.standing(case), actor=cast.staff, on=ON)
    without(monkeypatch, case, "settle_standing", "self_care")
    with pytest.raises(AssertionError):  # the twin: nothing is left but a sum without its ground
        destitution.settle_standing(case.no, roads.standing(case), actor=cast.staff, on=ON)


@pytest.mark.parametrize(
    ("failed", "tier"), [(0, "SELF"), (1, "PARTIAL"), (3, "PARTIAL"), (4, "FULL"), (6, "FULL")]
)
def test_the_tier_follows_from_the_six_items(cast: Cast, failed: int, tier: str) -> None:
    case = roads.destitute(cast)
    roads.assess(cast, case, failed=failed)
    care = SelfCare.objects.get(case=case)
    assert (care.failed, care.tier, len(care.items)) == (failed, tier, len(SELF_CARE))


def test_there_is_no_tier_beyond_six_items() -> None:
    with pytest.raises(ValueError, match="7 items"):
        tier_of(7)


@pytest.mark.parametrize("day", [date(2026, 9, 20), date(2026, 9, 22)])
def test_an_assessment_lies_between_acceptance_and_today(cast: Cast, day: date) -> None:
    case = roads.destitute(cast)
    found = destitution.Assessed(assessed_on=day, assessor="机构", able=frozenset())
    with pytest.raises(Refused, match="评估日期应在"):
        destitution.assess_self_care(case.no, found, actor=cast.clerk, on=ON)
    assert not SelfCare.objects.exists()


def test_once_a_round(cast: Cast, case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="本轮自理能力评估已经登记"):
        roads.assess(cast, case)
    monkeypatch.setattr(SelfCare.objects, "filter", lambda **_: SelfCare.objects.none())
    with pytest.raises(IntegrityError, match="self_care_once"):  # the twin: the last net
        roads.assess(cast, case)


def test_only_the_applicant_is_insured(cast: Cast) -> None:
    data = roads.destitute_application()
    other = {
        "name": "演练戊", "id_no": road.number(9, is_male=False), "relation": "SPOUSE",
        "is_insured": True,
    }  # fmt: skip
    with pytest.raises(ApplicationErrors) as errors:
        roads.submitted(cast, data | {"members": [*data["members"], other]}, {})
    assert [(e.field, e.code) for e in errors.value.errors] == [
        ("members-1-is_insured", "one_person")
    ]
    uninsured = other | {"is_insured": False}  # the control: it was this answer alone
    roads.submitted(cast, data | {"members": [*data["members"], uninsured]}, {})


def test_a_year_that_is_not_divisible_is_paid_in_full() -> None:
    table = month_table(968_800)
    assert sum(table) == 968_800
    assert max(table) - min(table) == 1
    assert table[:3] == (80_733, 80_734, 80_733)


@pytest.mark.clause("8")
def test_replay_of_every_programme_and_what_it_says_when_a_figure_was_changed(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    destitute = roads.destitute_to_decide(cast)
    road.to_decide(cast, 7)
    roads.expense_to_decide(cast, 9)
    call_command("replay")
    assert "已重算 3 次核算，全部一致" in capsys.readouterr().out
    with monkeypatch.context() as years_later:  # no rule of that time needs to be known
        years_later.setattr("cases.models.record.rules", None)
        call_command("replay", destitute.no)
    IncomeAccount.objects.filter(case=destitute).update(monthly_fen=80_734)
    with pytest.raises(CommandError, match="1 件重算不一致"):
        call_command("replay")
    assert "monthly_fen 当时为 80734，重算为 80733" in capsys.readouterr().err
    assert any("重算为 80733" in sentence for sentence in broken())

"""Every act: by whom it may not, from where it may not, twice, early, late."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.models import (
    Benefit,
    Case,
    IncomeAccount,
    IncomeLine,
    Member,
    Notice,
    Objection,
    Survey,
)
from cases.models.assessment import against_approval, start_if_decided
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation, notices
from cases.operations.content import content_of
from cases.operations.documents import Paper, add_to_case, withdraw_from_case
from cases.operations.steps import perform
from cases.tasks import close_notices, follow_calendar
from tests import road
from tests.cast import SIGN_CODE, Cast
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendar_effects import all_moves
from yuquan_relief.kernel.calendars import known_days, read_calendar, with_year
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.models import Account, Attachment, Event, Post, RuleValue, Signature
from yuquan_relief.kernel.operations import calendars
from yuquan_relief.kernel.rulebook_values import RULE_SET
from yuquan_relief.kernel.signing import Proof, content_digest, prove

ON = road.START
Call = Callable[[Case, Actor, Proof, date], Any]


@dataclass(frozen=True)
class Act:
    """An act, the case that it fits, and who takes it."""

    before: Callable[[Cast], Case]
    who: str
    call: Call
    again: bool = True  # whether a second time is refused


FINDINGS = investigation.SurveyFindings(
    visited_on=ON, present="演练甲", housing="自有", living="简单", neighbours="", is_true=True
)
MEETING = investigation.Meeting(
    held_on=ON, place="会议室", host="主任", expected=9, attended=9, agree=9, oppose=0, abstain=0
)


def photographed(cast: Cast) -> Case:
    """The photos of the visit are there."""
    case = road.accepted(cast)
    road.add_file(cast, case, "survey_photo", "入户照片", (1, 1, 1))
    return case


def recorded(cast: Cast) -> Case:
    """The visit is written down by the clerk."""
    case = photographed(cast)
    investigation.record_survey(
        case.no, FINDINGS, actor=cast.clerk, on=ON, proof=cast.proof("clerk")
    )
    return case


def surveyed(cast: Cast) -> Case:
    """Visited and signed by two."""
    case = road.accepted(cast)
    road.survey(cast, case, ON)
    return case


def asked(cast: Cast) -> Case:
    """The verification centre was asked."""
    case = road.accepted(cast)
    investigation.request_means_check(case.no, actor=cast.staff, on=ON)
    return case


def checked(cast: Cast) -> Case:
    """The report is there."""
    case = road.accepted(cast)
    road.means_check(cast, case, ON)
    return case


def appraised(cast: Cast) -> Case:
    """The meeting is written down."""
    case = surveyed(cast)
    investigation.record_appraisal(case.no, MEETING, actor=cast.clerk, on=ON)
    return case


def noticed(cast: Cast, photo: bytes | None = road.photo()) -> Case:
    """The first notice hangs."""
    case = road.investigated(cast)
    notices.post_notice(
        case.no, "post_review_notice", place="公示栏", photo=photo, actor=cast.clerk, on=ON
    )
    return road.fresh(case)


def objected(cast: Cast) -> Case:
    """Somebody objects to the first notice."""
    case = noticed(cast)
    notices.record_objection(
        case.notices.get().no, channel="来访", content="收入不实", actor=cast.clerk, on=ON
    )
    return case


def proposed(cast: Cast) -> Case:
    """The office has proposed."""
    case = road.to_propose(cast)
    decisions.propose(case.no, actor=cast.staff, on=late(case), proof=cast.proof("staff"))
    return road.fresh(case)


def report(case: Case) -> investigation.MeansReport:
    lines = [
        investigation.CheckedIncome(
            member_id=line.member_id, kind=line.kind, annual_fen=line.declared_fen
        )
        for line in IncomeLine.objects.filter(case=case)
    ]
    return investigation.MeansReport(
        report_no="HD-1", data_upto=ON, valid_until=ON, conclusion="WITHIN", lines=lines
    )


def adopted(case: Case) -> list[investigation.Adopted]:
    return [
        investigation.Adopted(line_id=line.pk, adopted_fen=line.checked_fen or 0)
        for line in IncomeLine.objects.filter(case=case)
    ]


def late(case: Case) -> date:
    """The day on which the case came to its state."""
    assert case.state_since is not None
    return case.state_since


def posting(code: str) -> Call:
    return lambda case, actor, proof, on: notices.post_notice(
        case.no, code, place="公示栏", photo=None, actor=actor, on=on
    )


ACTS: dict[str, Act] = {
    "accept": Act(
        road.submitted, "staff", lambda c, a, p, on: investigation.accept(c.no, actor=a, on=on)
    ),
    "request_corrections": Act(
        road.submitted,
        "staff",
        lambda c, a, p, on: investigation.request_corrections(c.no, items="户口簿", actor=a, on=on),
    ),
    "record_survey": Act(
        photographed,
        "clerk",
        lambda c, a, p, on: investigation.record_survey(c.no, FINDINGS, actor=a, on=on, proof=p),
    ),
    "cosign_survey": Act(
        recorded,
        "surveyor",
        lambda c, a, p, on: investigation.cosign_survey(c.no, actor=a, on=on, proof=p),
    ),
    "request_means_check": Act(
        road.accepted,
        "staff",
        lambda c, a, p, on: investigation.request_means_check(c.no, actor=a, on=on),
    ),
    "return_means_check": Act(
        asked,
        "verifier",
        lambda c, a, p, on: investigation.return_means_check(c.no, report(c), actor=a, on=on),
    ),
    "settle_income": Act(
        checked,
        "staff",
        lambda c, a, p, on: investigation.settle_income(c.no, adopted(c), actor=a, on=on),
        again=False,
    ),
    "record_appraisal": Act(
        surveyed,
        "clerk",
        lambda c, a, p, on: investigation.record_appraisal(c.no, MEETING, actor=a, on=on),
    ),
    "sign_appraisal": Act(
        appraised,
        "head",
        lambda c, a, p, on: investigation.sign_appraisal(c.no, actor=a, on=on, proof=p),
    ),
    "post_review_notice": Act(road.investigated, "clerk", posting("post_review_notice")),
    "uphold_objection": Act(
        objected,
        "staff",
        lambda c, a, p, on: notices.uphold_objection(c.no, note="属实", actor=a, on=on),
    ),
    "propose": Act(
        road.to_propose,
        "staff",
        lambda c, a, p, on: decisions.propose(c.no, actor=a, on=on, proof=p),
    ),
    "propose_refusal": Act(
        checked,
        "staff",
        lambda c, a, p, on: decisions.propose_refusal(
            c.no, note="月人均收入高于标准", actor=a, on=on, proof=p
        ),
    ),
    "reopen": Act(
        road.to_propose,
        "staff",
        lambda c, a, p, on: decisions.reopen(c.no, note="补查租金", actor=a, on=on),
        again=False,
    ),
    "post_approval_notice": Act(proposed, "clerk", posting("post_approval_notice")),
    "approve": Act(
        road.to_decide,
        "leader",
        lambda c, a, p, on: decisions.approve(c.no, actor=a, on=on, proof=p),
    ),
    "refuse": Act(
        road.to_decide,
        "leader",
        lambda c, a, p, on: decisions.refuse(
            c.no, ground="INCOME", note="不符", actor=a, on=on, proof=p
        ),
    ),
    "send_back": Act(
        road.to_decide,
        "leader",
        lambda c, a, p, on: decisions.send_back(c.no, note="补充", actor=a, on=on),
    ),
    "serve_letter": Act(
        road.approved,
        "staff",
        lambda c, a, p, on: decisions.serve_letter(
            c.no, served_on=on, method="DIRECT", receiver="演练甲", actor=a, on=on
        ),
    ),
}
FOREIGN = {
    "clerk": "foreign_clerk",
    "head": "foreign_clerk",
    "staff": "foreign_staff",
    "surveyor": "foreign_staff",
    "leader": "foreign_leader",
}


def take(cast: Cast, act: Act, case: Case, who: str) -> Any:
    return act.call(road.fresh(case), cast.actors[who], cast.proof(who), late(road.fresh(case)))


@pytest.mark.parametrize("name", sorted(ACTS))
def test_act_by_whoever_may_leaves_one_event(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    take(cast, act, case, act.who)
    assert Event.objects.of("case", case.no).filter(action=name).count() == 1
    assert road.fresh(case).version > case.version


@pytest.mark.parametrize("name", sorted(ACTS))
def test_act_without_permission_changes_nothing(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    before = road.fresh(case)
    with pytest.raises(PermissionDenied):
        take(cast, act, case, "auditor")
    assert (road.fresh(case).state, road.fresh(case).version) == (before.state, before.version)


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"return_means_check"}))
def test_act_from_another_township_finds_nothing(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    with pytest.raises(Case.DoesNotExist):
        take(cast, act, case, FOREIGN[act.who])


@pytest.mark.parametrize("name", sorted(n for n, a in ACTS.items() if a.again))
def test_act_twice_in_a_row_is_refused_with_a_reason(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    take(cast, act, case, act.who)
    with pytest.raises(Refused) as refusal:
        take(cast, act, case, act.who)
    assert refusal.value.reason
    assert Event.objects.of("case", case.no).filter(action=name).count() == 1


@pytest.mark.parametrize("days", [0, 1, 40])
def test_on_the_due_day_and_after_it_an_act_still_goes_through(cast: Cast, days: int) -> None:
    case = road.to_decide(cast)
    assert case.due_on is not None
    on = case.due_on + timedelta(days=days)
    decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
    assert road.fresh(case).state == "APPROVED"


def test_overdue_is_decided_when_read(cast: Cast) -> None:
    case = road.accepted(cast)
    assert case.due_on is not None
    assert not Case.objects.overdue(case.due_on).exists()
    assert Case.objects.overdue(case.due_on + timedelta(days=1)).get() == case


# ------------------------------------------------------------------ signatures


def test_one_investigator_cannot_be_both(cast: Cast) -> None:
    case = recorded(cast)
    with pytest.raises(Refused):
        investigation.cosign_survey(case.no, actor=cast.clerk, on=ON, proof=cast.proof("clerk"))


@pytest.mark.parametrize("who", ["surveyor", "staff2"])
def test_who_surveyed_cannot_propose_whatever_the_account(cast: Cast, who: str) -> None:
    case = road.to_propose(cast)
    post = Post.objects.select_related("unit__parent").get(pk=cast.surveyor.post_id or 0)
    account = Account.objects.create_user(f"second-{who}", "临河观星-2026-绿灯", person=post.person)
    actor = cast.surveyor if who == "surveyor" else replace(cast.surveyor, account_id=account.pk)
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        decisions.propose(case.no, actor=actor, on=late(case), proof=cast.proof("surveyor"))


def test_database_refuses_two_stages_of_one_person_by_itself(cast: Cast) -> None:
    case = road.to_propose(cast)
    first = Signature.objects.filter(subject_key=case.no, stage="survey").first()
    assert first is not None
    first.pk, first.stage = None, "decide"
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_proof_of_somebody_else_does_not_sign(cast: Cast) -> None:
    case = road.to_decide(cast)
    with pytest.raises(Refused, match="不符"):
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("staff"))


@pytest.mark.parametrize("name", ["propose", "approve", "record_survey", "sign_appraisal"])
def test_without_a_code_nothing_is_signed(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    with pytest.raises(Refused, match="签批码"):
        perform(case.no, name, actor=cast.actors[act.who], on=late(road.fresh(case)))


def test_content_changed_after_signing_is_not_covered(cast: Cast) -> None:
    case = road.to_decide(cast)
    Survey.objects.filter(case=case).update(living="改过的生活情况")
    with pytest.raises(Refused, match="不再覆盖") as refusal:
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))
    assert refusal.value.code == "signature_uncovered"
    assert road.fresh(case).state == "TO_DECIDE"


@pytest.mark.parametrize("change", ["income", "member", "file", "account"])
def test_any_change_of_what_was_proposed_is_seen(cast: Cast, change: str) -> None:
    case = road.to_decide(cast)
    if change == "income":
        IncomeLine.objects.filter(case=case).update(adopted_fen=1)
    elif change == "member":
        Member.objects.filter(household=case.household).update(is_insured=False)
    elif change == "account":
        case.household.accounts.update(number_digest="0" * 64)
    else:
        road.add_file(cast, case, "other", "后来的材料", (250, 0, 0))
    with pytest.raises(Refused, match="不再覆盖"):
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))


def test_what_was_read_must_be_what_is_signed(cast: Cast) -> None:
    case = road.to_decide(cast)
    seen = content_digest(content_of(CaseRecord(case, road.START), "decide"))
    right = replace(cast.proof("leader"), content_sha256=seen)
    wrong = replace(right, content_sha256="0" * 64)
    with pytest.raises(ContentChanged):
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=wrong)
    decisions.approve(case.no, actor=cast.leader, on=late(case), proof=right)
    signature = Signature.objects.get(subject_key=case.no, stage="decide")
    assert signature.content_sha256 == seen
    assert signature.prev == Signature.objects.get(subject_key=case.no, stage="propose").hash


def test_stale_version_is_refused(cast: Cast) -> None:
    case = road.to_decide(cast)
    with pytest.raises(Refused, match="刷新") as refusal:
        decisions.approve(
            case.no,
            actor=cast.leader,
            on=late(case),
            proof=cast.proof("leader"),
            version=case.version - 1,
        )
    assert refusal.value.code == "stale"


def test_five_wrong_codes_lock_and_a_right_one_in_between_starts_anew(cast: Cast) -> None:
    for _ in range(4):
        with pytest.raises(Refused):
            prove(cast.leader, "000000")
    prove(cast.leader, SIGN_CODE)
    for _ in range(5):
        with pytest.raises(Refused, match="签批码不对"):
            prove(cast.leader, "000000")
    with pytest.raises(Refused, match="已锁定"):
        prove(cast.leader, SIGN_CODE)


# ------------------------------------------------------------------ days and deadlines


@pytest.mark.parametrize(("day", "paid_with"), [(20, date(2026, 11, 1)), (21, date(2026, 12, 1))])
def test_decision_after_the_twentieth_is_paid_a_month_later(
    cast: Cast, day: int, paid_with: date
) -> None:
    case = road.to_decide(cast)
    decisions.approve(
        case.no, actor=cast.leader, on=date(2026, 10, day), proof=cast.proof("leader")
    )
    benefit = Benefit.objects.get(source_case=case)
    assert (benefit.start_month, benefit.paid_with) == (date(2026, 11, 1), paid_with)


@pytest.mark.parametrize(
    ("on", "last"),
    [
        (date(2026, 2, 16), date(2026, 2, 14)),  # Spring Festival: a Saturday that is worked
        (date(2026, 6, 18), date(2026, 6, 18)),  # 端午
        (date(2026, 9, 20), date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 12, 19), date(2026, 12, 18)),
    ],
)
def test_cut_off_moves_to_the_workday_before(cast: Cast, on: date, last: date) -> None:
    case = road.submitted(cast)
    case.accepted_on = on
    for day, is_late in ((last, False), (last + timedelta(days=1), True)):
        assert start_if_decided(CaseRecord(case, day)).is_back_pay == is_late


def binding(rule_set: str) -> None:
    """The district has said that the set binds from the day on (how: test_rule_set_in_force)."""
    RuleValue.objects.create(
        parameter=RULE_SET, rule_set="*", valid_from=ON, value=rule_set, unit="规则集", source="文"
    )


@pytest.mark.parametrize(
    ("rule_set", "after_one", "after_two"),
    [
        ("YQ-2020", date(2026, 11, 17), date(2026, 11, 24)),  # 30 workdays
        ("NAT-2022", date(2026, 11, 3), date(2026, 11, 10)),  # 20
    ],
)
def test_the_clock_skips_the_notices(
    cast: Cast, rule_set: str, after_one: date, after_two: date
) -> None:
    binding(rule_set)
    case = road.accepted(cast, on=ON)
    assert case.rule_set == rule_set
    road.survey(cast, case, ON)
    road.means_check(cast, case, ON)
    road.settle(cast, case, ON)
    road.appraise(cast, case, ON)
    posting("post_review_notice")(case, cast.clerk, cast.proof("clerk"), date(2026, 10, 8))
    notice = Notice.objects.get(case=case)
    assert (notice.first_day, notice.last_day) == (date(2026, 10, 9), date(2026, 10, 15))
    assert road.fresh(case).due_on == after_one
    notices.add_notice_photo(notice.no, road.photo(), actor=cast.clerk)
    notices.close_notice(case.no, on=date(2026, 10, 16))
    decisions.propose(case.no, actor=cast.staff, on=date(2026, 10, 21), proof=cast.proof("staff"))
    posting("post_approval_notice")(case, cast.clerk, cast.proof("clerk"), date(2026, 10, 21))
    assert road.fresh(case).due_on == after_two


@pytest.mark.parametrize(
    ("accepted_on", "due_on"),
    [
        (date(2020, 8, 3), date(2020, 9, 14)),
        (date(2026, 2, 10), date(2026, 3, 30)),
        (date(2026, 4, 28), date(2026, 6, 11)),
        (date(2026, 9, 21), date(2026, 11, 9)),
    ],
)
def test_thirty_workdays_from_acceptance(cast: Cast, accepted_on: date, due_on: date) -> None:
    assert road.accepted(cast, on=accepted_on).due_on == due_on


def test_notice_that_would_end_in_the_holiday_ends_after_it(cast: Cast) -> None:
    case = road.investigated(cast)
    posting("post_review_notice")(case, cast.clerk, cast.proof("clerk"), date(2026, 9, 24))
    notice = Notice.objects.get(case=case)
    assert (notice.first_day, notice.last_day) == (date(2026, 9, 25), date(2026, 10, 8))


@pytest.mark.parametrize(("days", "closed"), [(0, 0), (1, 1), (30, 1)])
def test_robot_closes_the_day_after_the_last_and_whenever_it_wakes(
    cast: Cast, days: int, closed: int
) -> None:
    case = noticed(cast)
    last = case.notices.get().last_day
    assert close_notices(last + timedelta(days=days)) == closed
    assert close_notices(last + timedelta(days=days)) == 0
    assert (road.fresh(case).state == "TO_PROPOSE") == bool(closed)


def test_robot_waits_for_the_photo(cast: Cast) -> None:
    case = noticed(cast, photo=None)
    on = case.notices.get().last_day + timedelta(days=1)
    assert close_notices(on) == 0
    with pytest.raises(Refused, match="张贴照片"):
        notices.close_notice(case.no, on=on)
    notices.add_notice_photo(case.notices.get().no, road.photo(), actor=cast.clerk)
    assert close_notices(on) == 1


def test_robot_waits_for_the_answer_to_an_objection(cast: Cast) -> None:
    case = objected(cast)
    on = case.notices.get().last_day + timedelta(days=1)
    assert close_notices(on) == 0
    with pytest.raises(Refused, match="异议未答复"):
        notices.close_notice(case.no, on=on)
    objection = Objection.objects.get()
    notices.dismiss_objection(objection.pk, answer="查无此事", actor=cast.staff, on=on)
    assert close_notices(on) == 1


def test_upheld_objection_begins_a_second_round(cast: Cast) -> None:
    case = objected(cast)
    notices.uphold_objection(case.no, note="收入须重核", actor=cast.staff, on=ON)
    now = road.fresh(case)
    assert (now.state, now.round) == ("INVESTIGATING", 2)
    assert Objection.objects.get().is_upheld is True
    assert Notice.objects.get().closed_on == ON
    findings = replace(FINDINGS, living="重新入户")
    investigation.record_survey(
        case.no, findings, actor=cast.clerk, on=ON, proof=cast.proof("clerk")
    )
    with pytest.raises(Refused, match="现有 1 人"):  # the second round's visit needs two again
        posting("post_review_notice")(now, cast.clerk, cast.proof("clerk"), ON)
    investigation.cosign_survey(case.no, actor=cast.surveyor, on=ON, proof=cast.proof("surveyor"))
    posting("post_review_notice")(now, cast.clerk, cast.proof("clerk"), ON)
    assert case.notices.filter(round=2).exists()


def test_objection_without_one_on_record_cannot_be_upheld(cast: Cast) -> None:
    case = noticed(cast)
    with pytest.raises(Refused, match="还没有登记"):
        notices.uphold_objection(case.no, note="属实", actor=cast.staff, on=ON)


@pytest.mark.parametrize("days", [-1, 99])
def test_objection_outside_the_days_of_the_notice_is_refused(cast: Cast, days: int) -> None:
    case = noticed(cast)
    with pytest.raises(Refused, match="公示期已过"):
        notices.record_objection(
            case.notices.get().no,
            channel="来访",
            content="x",
            actor=cast.clerk,
            on=ON + timedelta(days=days),
        )


@pytest.mark.parametrize("who", ["auditor", "chief", "verifier", "head"])
def test_notice_acts_ask_for_the_right_themselves(cast: Cast, who: str) -> None:
    case = objected(cast)
    notice, objection = case.notices.get(), Objection.objects.get()
    with pytest.raises(PermissionDenied):
        notices.dismiss_objection(objection.pk, answer="x", actor=cast.actors[who], on=ON)
    with pytest.raises(PermissionDenied):
        notices.record_objection(
            notice.no, channel="来访", content="x", actor=cast.actors[who], on=ON
        )


def test_income_reasons_and_lines_are_asked_for(cast: Cast) -> None:
    case = checked(cast)
    line = IncomeLine.objects.get(case=case)
    other = investigation.Adopted(line_id=line.pk, adopted_fen=1)
    with pytest.raises(Refused, match="理由"):
        investigation.settle_income(case.no, [other], actor=cast.staff, on=ON)
    with pytest.raises(Refused, match="有变化"):
        investigation.settle_income(case.no, [], actor=cast.staff, on=ON)


def test_income_a_fen_below_the_standard_is_settled_without_a_failure(cast: Cast) -> None:
    members = [
        {
            "name": "演练甲",
            "id_no": road.number(77),
            "relation": "SELF",
            "incomes": [{"kind": "WAGES", "annual": "10091.99"}],
        }
    ]
    case = road.accepted(cast, members=members)
    road.means_check(cast, case, ON)
    road.settle(cast, case, ON)
    assert IncomeAccount.objects.filter(case=case).exists()


RICH = [
    {
        "name": "演练甲",
        "id_no": road.number(77),
        "relation": "SELF",
        "incomes": [{"kind": "WAGES", "annual": "99999"}],
    }
]


def test_ineligible_household_is_not_published_but_can_be_refused(cast: Cast) -> None:
    case = road.investigated(cast, members=RICH)
    with pytest.raises(Refused, match="不符合条件"):
        notices.post_notice(
            case.no, "post_review_notice", place="公示栏", photo=None, actor=cast.clerk, on=ON
        )
    decisions.propose_refusal(
        case.no, note="月人均收入高于标准", actor=cast.staff, on=ON, proof=cast.proof("staff")
    )
    with pytest.raises(Refused, match="不符合条件"):
        decisions.approve(case.no, actor=cast.leader, on=ON, proof=cast.proof("leader"))
    decisions.refuse(
        case.no,
        ground="INCOME",
        note="月人均 8333.25 元，高于标准。",
        actor=cast.leader,
        on=ON,
        proof=cast.proof("leader"),
    )
    reason = road.fresh(case).decision.reason
    assert reason.startswith("月人均收入不低于低保标准（《社会救助暂行办法》第九条）。月人均")


def test_a_refusal_on_an_unknown_ground_is_refused(cast: Cast) -> None:
    case = road.to_decide(cast)
    with pytest.raises(Refused, match="请选择不予批准的情形"):
        decisions.refuse(
            case.no,
            ground="WHIM",
            note="不符",
            actor=cast.leader,
            on=late(case),
            proof=cast.proof("leader"),
        )
    assert road.fresh(case).state == "TO_DECIDE"


def test_a_case_proposed_for_refusal_cannot_be_approved_without_its_notices(cast: Cast) -> None:
    case = road.investigated(cast)
    decisions.propose_refusal(
        case.no, note="住房闲置", actor=cast.staff, on=ON, proof=cast.proof("staff")
    )
    with pytest.raises(Refused, match="审核公示还没有张贴"):
        decisions.approve(case.no, actor=cast.leader, on=ON, proof=cast.proof("leader"))


# ------------------------------------------------------------------ the amount and the round


def test_of_two_accounts_in_one_round_the_later_is_published_signed_and_granted(cast: Cast) -> None:
    case = road.investigated(cast)
    first = case.income_accounts.get()
    line = case.income_lines.get()
    more = investigation.Adopted(
        line_id=line.pk, adopted_fen=(line.checked_fen or 0) + 240_000, reason="另有零工收入"
    )
    investigation.settle_income(case.no, [more], actor=cast.staff, on=ON)
    last = case.income_accounts.latest("id")
    assert last.monthly_fen < first.monthly_fen
    case = road._through_notice(cast, case, "post_review_notice", ON)
    decisions.propose(case.no, actor=cast.staff, on=late(case), proof=cast.proof("staff"))
    case = road._through_notice(cast, case, "post_approval_notice", late(case))
    decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))
    signed = Signature.objects.get(subject_key=case.no, stage="decide")
    amounts = {
        case.notices.first().snapshot["monthly_fen"],  # type: ignore[union-attr]
        json.loads(signed.content)["assessment"]["monthly_fen"],
        road.fresh(case).decision.monthly_fen,
        road.fresh(case).benefit.monthly_fen,
    }
    assert amounts == {last.monthly_fen}


def test_a_case_that_came_back_is_looked_into_again_before_it_is_published(cast: Cast) -> None:
    case = road.to_propose(cast)
    decisions.reopen(case.no, note="补查租金收入", actor=cast.staff, on=late(case))
    post = posting("post_review_notice")
    with pytest.raises(Refused, match="还没有重新调查"):
        post(road.fresh(case), cast.clerk, cast.proof("clerk"), late(case))
    road.settle(cast, case, late(case))
    post(road.fresh(case), cast.clerk, cast.proof("clerk"), late(case))
    assert road.fresh(case).state == "REVIEW_NOTICE"


def test_in_a_new_round_the_means_are_checked_anew_and_nobody_signs_old_papers(cast: Cast) -> None:
    case = road.to_propose(cast)
    on = late(case)
    decisions.reopen(case.no, note="漏报收入", actor=cast.staff, on=on)
    with pytest.raises(Refused, match="本轮还没有登记入户调查"):
        investigation.cosign_survey(
            case.no, actor=cast.surveyor, on=on, proof=cast.proof("surveyor")
        )
    with pytest.raises(Refused, match="本轮还没有登记民主评议"):
        investigation.sign_appraisal(case.no, actor=cast.head, on=on, proof=cast.proof("head"))
    investigation.request_means_check(case.no, actor=cast.staff, on=on)
    with pytest.raises(Refused, match="等待报告"):
        investigation.request_means_check(case.no, actor=cast.staff, on=on)
    with pytest.raises(Refused, match="报告还没有返回"):
        posting("post_review_notice")(road.fresh(case), cast.clerk, cast.proof("clerk"), on)


def test_two_benefits_or_another_sum_are_found_once_more_at_the_decision(cast: Cast) -> None:
    case = road.to_decide(cast)
    IncomeLine.objects.filter(case=case).update(is_counted=False)
    with pytest.raises(Refused, match="不再覆盖"):  # the signature sees it first
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))
    assert against_approval(CaseRecord(road.fresh(case), late(case))) == [
        "重算金额与核算结果不一致，请退回重新核算"
    ]


# ------------------------------------------------------------------ papers


def paper(slot: str = "survey_photo", colour: int = 3) -> Paper:
    return Paper(slot, "照片", road.photo((colour, 2, 1)))


def test_photos_are_closed_once_the_visit_is_signed_and_open_in_a_new_round(cast: Cast) -> None:
    case = recorded(cast)
    with pytest.raises(Refused, match="照片不能增减"):
        add_to_case(case.no, paper(), actor=cast.clerk)
    (photo,) = Attachment.objects.filter(subject_key=case.no, slot="survey_photo")
    with pytest.raises(Refused, match="照片不能增减"):
        withdraw_from_case(case.no, photo, actor=cast.clerk)
    add_to_case(case.no, paper("income_proof", 9), actor=cast.clerk)  # others are not
    decisions.reopen(case.no, note="重新入户", actor=cast.staff, on=ON)
    add_to_case(case.no, paper(), actor=cast.clerk)


@pytest.mark.parametrize("before", [noticed, road.to_propose, proposed, road.to_decide])
def test_from_the_notice_on_papers_stay_as_they_are(
    cast: Cast, before: Callable[[Cast], Case]
) -> None:
    case = before(cast)
    with pytest.raises(Refused, match="材料不能增减"):
        add_to_case(case.no, paper("income_proof", 9), actor=cast.clerk)


NEW_YEAR = {date(2027, 1, 1): (False, "元旦"), date(2027, 1, 4): (False, "调休")}
SOURCE = "国办发明电〔2026〕9 号"


def test_entering_2027_moves_what_the_preview_told(cast: Cast) -> None:
    for serial in range(1, 4):
        road.accepted(cast, serial, on=date(2026, 11, 23) + timedelta(days=serial))
    provisional = Case.objects.filter(due_is_provisional=True)
    assert provisional.count() == 3
    told = all_moves(with_year(read_calendar(), 2027, NEW_YEAR))
    moved = calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.supervisor)
    assert moved == len(told) == 3
    assert {m.key: m.after for m in told} == dict(Case.objects.values_list("no", "due_on"))
    assert not provisional.exists()
    assert Event.objects.filter(action="recompute_due").count() == 3
    assert all_moves(read_calendar()) == []


def test_a_notice_over_new_year_is_provisional_and_ends_with_the_entered_year(cast: Cast) -> None:
    case = road.investigated(cast, on=date(2026, 12, 21))
    post = posting("post_review_notice")
    post(case, cast.clerk, cast.proof("clerk"), date(2026, 12, 25))
    notice = case.notices.get()
    assert (notice.last_day, notice.last_day_is_provisional) == (date(2027, 1, 1), True)
    moved = calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.supervisor)
    notice.refresh_from_db()
    assert (notice.last_day, notice.last_day_is_provisional) == (date(2027, 1, 5), False)
    due = road.fresh(case)
    assert moved == 2
    assert not due.due_is_provisional
    assert CaseRecord(due, ON).notices[0].last_day == date(2027, 1, 5)
    assert all_moves(read_calendar()) == []  # the clock skips the notice's new days too


def test_one_day_changes_by_its_document_and_moves_what_lies_behind_it(cast: Cast) -> None:
    case = road.accepted(cast, on=road.START)
    before = case.due_on
    assert before is not None
    moved = calendars.change_day(
        before,
        is_workday=False,
        note="临时放假",
        source="呼政办发〔2026〕30 号",
        actor=cast.supervisor,
    )
    assert moved == 1
    after = road.fresh(case).due_on
    assert after is not None
    assert after > before
    calendars.change_day(
        before, is_workday=True, note="", source="呼政办发〔2026〕31 号", actor=cast.supervisor
    )
    assert road.fresh(case).due_on == before


def test_a_date_computed_beside_the_entry_is_mended_by_the_clock(cast: Cast) -> None:
    case = road.accepted(cast, on=date(2026, 11, 24))
    calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.supervisor)
    right = road.fresh(case).due_on
    Case.objects.update(due_is_provisional=True, due_on=date(2027, 1, 3))
    assert follow_calendar(road.START) == 1
    assert (road.fresh(case).due_on, follow_calendar(road.START)) == (right, 0)


@pytest.mark.parametrize("name", ["staff", "leader", "secadmin"])
def test_the_calendar_is_not_everybodys(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.actors[name])


def test_a_known_year_needs_no_second_preview(db: None) -> None:
    assert known_days(2026)
    assert all_moves(with_year(read_calendar(), 2026, known_days(2026))) == []

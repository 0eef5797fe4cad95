"""Each named constraint refuses by itself what no code should try, for the application's role."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from cases.models import (
    Appraisal,
    Benefit,
    BureauCheck,
    CaptureLink,
    Case,
    Claim,
    Decision,
    Deferral,
    Delegation,
    FirstRelief,
    HandOver,
    HeldAnswer,
    IncomeAccount,
    IncomeLine,
    Lead,
    Letter,
    MeansCheck,
    MeansFinding,
    Member,
    Notice,
    Obligor,
    PayeeAccount,
    PlatformFailure,
    PropertyItem,
    SelfCare,
    StaffRelative,
    StandingNotice,
    Survey,
)
from cases.rules.destitution import SELF_CARE
from tests import road
from tests.cases import benefit_rows
from tests.cases import care_rows as care
from tests.cast import Cast
from yuquan_relief.kernel.models import Account, Attachment, Post

ON = road.START


def again(row: models.Model, **changes: Any) -> None:
    """The same row once more, with changes."""
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def change(row: models.Model, **changes: Any) -> None:
    """The row as it would stand, past all code."""
    type(row)._default_manager.filter(pk=row.pk).update(**changes)


def benefit_again(case: Case, **changes: Any) -> None:
    again(
        Benefit.objects.get(source_case=case),
        **{"key": "B-x", "certificate_no": "C-x", "source_case_id": None, **changes},
    )


def case_again(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(
        state="SUBMITTED", due_on=None, submission_key="a", no="a"
    )
    case.refresh_from_db()
    again(case, no="b", submission_key="b")


# Rows that the database takes, but for the case and the people who recorded them.
GOOD: dict[type[models.Model], dict[str, Any]] = {
    Obligor: {"name": "演练丁", "relation": "SIBLING", "ground": "OLD70"},
    PropertyItem: {"kind": "VEHICLE", "note": "旧车", "value_fen": 1},
    Claim: {
        "cause": "MEDICAL",
        "happened_on": ON,
        "place": "甲一社区",
        "household_class": "ORDINARY",
        "total_fen": 60_000_00,
        "covered_fen": 35_000_00,
        "asked_fen": 8_000_00,
    },
    BureauCheck: {
        "kind": "RECHECK",
        "checked_on": ON,
        "checkers": "演练科员",
        "is_sound": True,
        "finding": "程序完整",
    },
    FirstRelief: {
        "amount_fen": 1,
        "approver_name": "演练分管副主任",
        "how": "PHONE",
        "approved_at": datetime(2026, 9, 21, 13, 30, tzinfo=UTC),
        "reason": "夜间失火",
    },
    Deferral: {
        "slot": "household_book",
        "title": "户口簿",
        "promised_on": ON,
        "reason": "在外地补办",
    },
    HandOver: {"handed_on": ON, "method": "BANK", "amount_fen": 1, "receiver": "演练甲"},
    SelfCare: {
        "round": 1,
        "assessed_on": ON,
        "assessor": "演练评估机构",
        "failed": 0,
        "tier": "SELF",
        **dict.fromkeys(SELF_CARE, True),
    },
    IncomeAccount: {
        "round": 1,
        "settled_on": ON,
        "persons": 1,
        "insured": 1,
        "annual_fen": 0,
        "per_capita_fen": 0,
        "standard_fen": 1,
        "standard_source": "演练",
        "is_eligible": True,
        "monthly_fen": 1,
        "sentences": [],
    },
    Decision: {
        "outcome": "APPROVED",
        "decided_on": ON,
        "persons": 1,
        "monthly_fen": 1,
        "start_month": ON,
        "paid_with": ON,
    },
}
PEOPLE = {"recorded_by_id", "approver_id", "settled_by_id"}


def undecided(case: Case) -> Case:
    """The same case once more, without its decision."""
    other = road.fresh(case)
    other.pk = None
    other.no = other.submission_key = "other"
    other.save(force_insert=True)
    return other


def given(case: Case, model: type[models.Model], **changes: Any) -> models.Model:
    """A good row of the case, but for the changes."""
    there = PEOPLE & {field.attname for field in model._meta.concrete_fields}
    values = dict.fromkeys(there, case.submitted_by_id) | GOOD[model] | {"case": case}
    if model is SelfCare:  # as many items fail as are said to
        values |= {n: i >= changes.get("failed", 0) for i, n in enumerate(SELF_CARE)}
    values |= changes
    return model._default_manager.create(**values)


def cash(case: Case, **changes: Any) -> models.Model:
    """A sum handed over in cash, with its reason and receipt."""
    receipt = Attachment.objects.filter(subject_key=case.no)[0]
    values = {"method": "CASH", "cash_reason": "夜间银行不营业", "receipt": receipt}
    return given(case, HandOver, **values | changes)


def entry(case: Case, **changes: Any) -> StaffRelative:
    """A relative of whoever recorded the case."""
    values: dict[str, Any] = {
        "staff_id": case.submitted_by_id,
        "recorded_by_id": case.submitted_by_id,
    }
    values |= {"district_id": case.district_id, "name": "演练乙", "relation": "SPOUSE"}
    values |= {"id_no": "1", "id_digest": "d", "id_tail": "1", "declared_on": ON}
    return StaffRelative.objects.create(**values | changes)


def lead(case: Case, **changes: Any) -> Lead:
    """A family that somebody noticed in the village of the case."""
    values: dict[str, Any] = {
        name: getattr(case, name) for name in ("district", "office", "village")
    }
    values |= {"recorded_by_id": case.submitted_by_id, "found_on": ON, "source": "VISIT"}
    return Lead.objects.create(**values | {"name": "演练乙", "difficulty": "患病"} | changes)


def delegated(case: Case, **changes: Any) -> Delegation:
    """The recorder's post given to somebody else, for a day."""
    post = Post.objects.exclude(person_id=case.submitted_by_id or 0)[0]
    values: dict[str, Any] = {
        "office_id": case.office_id, "giver_id": case.submitted_by_id, "taker": post.person,
        "post": post, "starts_on": ON, "ends_on": ON, "programmes": "URBAN_ALLOWANCE",
        "basis": "会议纪要",
    }  # fmt: skip
    return Delegation.objects.create(**values | changes)


def captured(case: Case, **changes: Any) -> CaptureLink:
    """A link for a phone."""
    account = Account.objects.filter(person_id=case.submitted_by_id or 0)[0]
    return CaptureLink.objects.create(
        subject_kind="case", subject_key=case.no, slot="id_card", title="身份证",
        account=account, post=Post.objects.filter(person=account.person)[0],
        made_at=datetime(2026, 9, 21, tzinfo=UTC), **changes,
    )  # fmt: skip


def held(case: Case, **changes: Any) -> HeldAnswer:
    """An answer under the recorder's post that waits."""
    account = Account.objects.filter(person_id=case.submitted_by_id)[0]
    moment = datetime(2026, 9, 21, tzinfo=UTC)
    return HeldAnswer.objects.create(
        case=case, code="approve", person_id=account.person_id, account=account,
        post=Post.objects.filter(person=account.person)[0], content_sha256="0" * 64,
        proved_at=moment, signed_on=ON, takes_effect_at=moment + timedelta(minutes=5), **changes,
    )  # fmt: skip


def failed(case: Case, **changes: Any) -> PlatformFailure:
    """A day on which the platform did not answer."""
    values = {"kind": "DOWN", "first_day": ON, "last_day": ON, "note": "中断"}
    check = MeansCheck.objects.filter(case=case)[0]
    return PlatformFailure.objects.create(
        check_of=check, recorded_by_id=case.submitted_by_id or 0, **values | changes
    )


def standing(case: Case, **changes: Any) -> StandingNotice:
    """A long-term list."""
    places = {n: getattr(case, n) for n in ("village_id", "office_id", "district_id")}
    return StandingNotice.objects.create(
        month=ON, rows=[], posted_on=ON, posted_by_id=case.submitted_by_id or 0, **places | changes
    )


VIOLATIONS: dict[str, Callable[[Case], object]] = {
    "case_known_state": lambda c: change(c, state="PAID"),
    "case_clock_runs_when_accepted": lambda c: change(c, due_on=ON),
    "case_one_open": case_again,
    "decision_complete": lambda c: given(undecided(c), Decision, monthly_fen=0),
    "benefit_amount": lambda c: change(Benefit.objects.get(), monthly_fen=0),
    "benefit_period": lambda c: change(Benefit.objects.get(), end_month=date(2020, 1, 1)),
    "benefit_one_active": benefit_again,
    "survey_once_a_round": lambda c: again(Survey.objects.get()),
    "survey_utilities_not_negative": lambda c: change(Survey.objects.get(), utilities_fen=-1),
    "survey_why_not_true": lambda c: change(Survey.objects.get(), is_true=False, note=""),
    "means_check_once_a_round": lambda c: again(MeansCheck.objects.get()),
    "means_check_order": lambda c: change(
        MeansCheck.objects.get(), returned_on=ON - timedelta(days=1)
    ),
    "income_line_once": lambda c: again(IncomeLine.objects.get()),
    "income_line_months": lambda c: change(IncomeLine.objects.get(), months=13),
    "income_line_not_negative": lambda c: change(IncomeLine.objects.get(), adopted_fen=-1),
    "income_account_amount_when_eligible": lambda c: change(
        IncomeAccount.objects.get(), monthly_fen=0
    ),
    "income_account_insured_in_household": lambda c: change(IncomeAccount.objects.get(), insured=9),
    "appraisal_once_a_round": lambda c: again(Appraisal.objects.get()),
    "appraisal_votes_add_up": lambda c: change(Appraisal.objects.get(), agree=1),
    "appraisal_attendance": lambda c: change(Appraisal.objects.get(), expected=1),
    "member_once_in_household": lambda c: again(member()),
    "member_period": lambda c: change(member(), left_on=date(2000, 1, 1)),
    "account_one_current": lambda c: again(PayeeAccount.objects.get()),
    "notice_once_a_round": lambda c: again(notice(), no="x"),
    "notice_days": lambda c: again(notice(), no="x", round=9, first_day=notice().posted_on),
    "notice_of_one_thing": lambda c: again(notice(), no="x", round=9, case=None),
    "notice_once_a_review_round": lambda c: [
        again(notice(), no=no, public_key=no, case=None, review=r, kind="ENDING")
        for r in [benefit_rows.review(c)]
        for no in ("x", "y")
    ],
    "notice_closed_after_posting": lambda c: change(notice(), closed_on=date(2000, 1, 1)),
    "obligor_not_negative": lambda c: given(c, Obligor, persons=0),
    "property_exempt_with_reason": lambda c: given(c, PropertyItem, is_exempt=True),
    "claim_costs": lambda c: given(c, Claim, covered_fen=60_000_01),
    "first_relief_amount": lambda c: given(c, FirstRelief, amount_fen=0),
    "cash_with_reason_and_receipt": lambda c: cash(c, cash_reason=""),
    "hand_over_complete": lambda c: given(c, HandOver, amount_fen=0),
    "delegation_complete": lambda c: delegated(c, taker_id=c.submitted_by_id),
    "capture_not_too_many": lambda c: captured(c, files=21),
    "held_answer_one_waiting": lambda c: again(held(c)),
    "held_answer_ends_once": lambda c: held(c, state="RECALLED"),
    "means_finding_once": lambda c: again(care.finding(c)),
    "care_complete": lambda c: care.scattered(c, agreed_on=None),
    "care_period": lambda c: care.scattered(c, ended_on=ON - timedelta(days=1)),
    "care_one_current": lambda c: again(care.scattered(c)),
    "care_one_in_a_bed": care.in_one_bed,
    "care_report_one_open": lambda c: again(care.care_report(c)),
    "care_report_complete": lambda c: care.care_report(c, what=""),
    "change_other_of_merger": lambda c: care.household_change(c, kind="MERGE"),
    "change_complete": lambda c: care.household_change(c, note=""),
    "platform_failure_complete": lambda c: failed(c, note=""),
    "standing_notice_place": lambda c: standing(c, place=""),
    "bureau_check_says_what": lambda c: given(c, BureauCheck, finding=""),
    "bureau_recheck_once": lambda c: again(given(c, BureauCheck)),
    "deferral_once": lambda c: again(given(c, Deferral)),
    "deferral_with_reason": lambda c: given(c, Deferral, reason=""),
    "relative_withdrawn_with_reason": lambda c: entry(c, withdraws=entry(c)),
    "lead_closed_with_result": lambda c: change(lead(c), result="NOT_ELIGIBLE", closed_on=ON),
    "self_care_once": lambda c: again(given(c, SelfCare)),
    "self_care_counts_the_items": lambda c: given(c, SelfCare, failed=1, tier="PARTIAL", eats=True),
    "self_care_tier_by_items": lambda c: given(c, SelfCare, failed=1, tier="SELF"),
    **benefit_rows.VIOLATIONS,
}


def member() -> Member:
    found = Member.objects.first()
    assert found is not None
    return found


def notice() -> Notice:
    return Notice.objects.get(kind="REVIEW")


def named() -> set[str]:
    """Every named constraint of the app, as its models say."""
    return {
        constraint.name
        for model in apps.get_app_config("cases").get_models()
        for constraint in model._meta.constraints
    }


def test_every_constraint_has_its_violation() -> None:
    assert set(VIOLATIONS) == named()


@pytest.mark.parametrize("name", sorted(VIOLATIONS))
def test_violation_is_refused_by_name(cast: Cast, name: str) -> None:
    case = road.approved(cast)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        VIOLATIONS[name](case)


CLOSED: list[dict[str, Any]] = [
    {"result": "OPEN", "closed_on": ON},
    {"result": "APPLIED", "closed_on": ON},  # without its draft
    {"result": "NOT_ELIGIBLE", "closed_on": ON},
    {"result": "NOT_ELIGIBLE", "reason": "收入高于标准"},
]


@pytest.mark.parametrize("changes", CLOSED)
def test_a_lead_is_not_closed_without_what_came_of_it(cast: Cast, changes: dict[str, Any]) -> None:
    case = road.submitted(cast)
    with pytest.raises(IntegrityError, match="lead_closed_with_result"), transaction.atomic():
        change(lead(case), **changes)
    change(lead(case), result="NOT_ELIGIBLE", closed_on=ON, reason="收入高于标准")  # the control


ADDED_ONLY = (
    *(Decision, Letter, FirstRelief, HandOver, SelfCare, BureauCheck),
    *(StaffRelative, Deferral, MeansFinding),
    *benefit_rows.ADDED_ONLY,
)


@pytest.mark.parametrize("control", benefit_rows.CONTROLS)
def test_rows_of_those_in_benefit_stand_when_they_are_right(cast: Cast, control: Any) -> None:
    assert control(road.approved(cast)).pk


@pytest.mark.parametrize("table", [*ADDED_ONLY, Benefit.history.model, Member.history.model])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_decided_cannot_be_changed(
    cast: Cast, table: type[models.Model], act: str
) -> None:
    name = table._meta.db_table
    statement = act.format(name)
    if table not in ADDED_ONLY:
        statement = statement.replace("id = id", "history_id = history_id")
    with (
        pytest.raises(DatabaseError, match=f"permission denied for table {name}"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_one_decision_one_letter_one_benefit_for_each_case(cast: Cast) -> None:
    case = road.approved(cast)
    with pytest.raises(IntegrityError, match="cases_decision_case_id_key"), transaction.atomic():
        again(Decision.objects.get(case=case))
    with (
        pytest.raises(IntegrityError, match="benefit_source_case_id_key"),
        transaction.atomic(),
    ):
        benefit_again(case, source_case_id=case.pk, end_month=date(2026, 12, 1))

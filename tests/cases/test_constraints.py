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
    Case,
    Claim,
    Decision,
    FirstRelief,
    HandOver,
    IncomeAccount,
    IncomeLine,
    Letter,
    MeansCheck,
    Member,
    Notice,
    Obligor,
    PayeeAccount,
    PropertyItem,
    SelfCare,
    Survey,
)
from cases.rules.destitution import SELF_CARE
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.models import Attachment

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


VIOLATIONS: dict[str, Callable[[Case], object]] = {
    "case_known_state": lambda c: change(c, state="PAID"),
    "case_clock_runs_when_accepted": lambda c: change(c, due_on=ON),
    "case_one_open": case_again,
    "decision_complete": lambda c: given(undecided(c), Decision, monthly_fen=0),
    "benefit_amount": lambda c: change(Benefit.objects.get(), monthly_fen=0),
    "benefit_period": lambda c: change(Benefit.objects.get(), end_month=date(2020, 1, 1)),
    "benefit_one_active": benefit_again,
    "survey_once_a_round": lambda c: again(Survey.objects.get()),
    "survey_why_not_true": lambda c: change(Survey.objects.get(), is_true=False, note=""),
    "means_check_once_a_round": lambda c: again(MeansCheck.objects.get()),
    "means_check_order": lambda c: change(
        MeansCheck.objects.get(), returned_on=ON - timedelta(days=1)
    ),
    "income_line_once": lambda c: again(IncomeLine.objects.get()),
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
    "notice_closed_after_posting": lambda c: change(notice(), closed_on=date(2000, 1, 1)),
    "obligor_not_negative": lambda c: given(c, Obligor, persons=0),
    "property_exempt_with_reason": lambda c: given(c, PropertyItem, is_exempt=True),
    "claim_costs": lambda c: given(c, Claim, covered_fen=60_000_01),
    "first_relief_amount": lambda c: given(c, FirstRelief, amount_fen=0),
    "cash_with_reason_and_receipt": lambda c: cash(c, cash_reason=""),
    "hand_over_complete": lambda c: given(c, HandOver, amount_fen=0),
    "bureau_check_says_what": lambda c: given(c, BureauCheck, finding=""),
    "bureau_recheck_once": lambda c: again(given(c, BureauCheck)),
    "self_care_once_a_round": lambda c: again(given(c, SelfCare)),
    "self_care_counts_the_items": lambda c: given(c, SelfCare, failed=1, tier="PARTIAL", eats=True),
    "self_care_tier_by_items": lambda c: given(c, SelfCare, failed=1, tier="SELF"),
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


ADDED_ONLY = (Decision, Letter, FirstRelief, HandOver, SelfCare, BureauCheck)


@pytest.mark.parametrize("table", [*ADDED_ONLY, Benefit.history.model, Member.history.model])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_decided_cannot_be_changed(
    cast: Cast, table: type[models.Model], act: str
) -> None:
    name = table._meta.db_table
    statement = act.format(name)
    if table not in ADDED_ONLY:
        statement = statement.replace("id = id", "history_id = history_id")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_one_decision_one_letter_one_benefit_for_each_case(cast: Cast) -> None:
    case = road.approved(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        again(Decision.objects.get(case=case))
    with pytest.raises(IntegrityError), transaction.atomic():
        benefit_again(case, source_case_id=case.pk, end_month=date(2026, 12, 1))

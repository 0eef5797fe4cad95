"""Each named constraint refuses by itself what no code should try, for the application's role."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from cases.models import (
    Appraisal,
    Benefit,
    Case,
    Decision,
    IncomeAccount,
    IncomeLine,
    Letter,
    MeansCheck,
    Member,
    Notice,
    PayeeAccount,
    Survey,
)
from tests import road
from tests.cast import Cast

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


def decision_again(case: Case, **changes: Any) -> None:
    other = road.fresh(case)
    other.pk = None
    other.no = other.submission_key = "other"
    other.save(force_insert=True)
    values = {"outcome": "APPROVED", "decided_on": ON, "persons": 1, "monthly_fen": 1}
    values |= {"start_month": ON, "paid_with": ON}
    Decision.objects.create(case=other, **(values | changes))


VIOLATIONS: dict[str, Callable[[Case], None]] = {
    "case_known_state": lambda c: change(c, state="PAID"),
    "case_clock_runs_when_accepted": lambda c: change(c, due_on=ON),
    "case_one_open": case_again,
    "decision_complete": lambda c: decision_again(c, monthly_fen=0),
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


@pytest.mark.parametrize("table", [Decision, Letter, Benefit.history.model, Member.history.model])
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_decided_cannot_be_changed(
    cast: Cast, table: type[models.Model], act: str
) -> None:
    name = table._meta.db_table
    statement = act.format(name)
    if table is not Decision and table is not Letter:
        statement = statement.replace("id = id", "history_id = history_id")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_one_decision_one_letter_one_benefit_for_each_case(cast: Cast) -> None:
    case = road.approved(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        again(Decision.objects.get(case=case))
    with pytest.raises(IntegrityError), transaction.atomic():
        benefit_again(case, source_case_id=case.pk, end_month=date(2026, 12, 1))

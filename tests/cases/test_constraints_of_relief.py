"""Every branch of the constraints on what is declared, given and decided; what was given stays."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, models, transaction
from pytest_django.plugin import DjangoDbBlocker

from cases.models import (
    Case,
    Claim,
    Decision,
    FirstRelief,
    HandOver,
    IncomeAccount,
    Obligor,
    PropertyItem,
    SelfCare,
)
from cases.operations import applications
from tests import databases, road
from tests.audit.test_append_only import (
    done_without_the_triggers,
    refused_to_the_application,
    refused_to_the_owner,
)
from tests.cases.test_constraints import GOOD, ON, cash, given
from tests.cast import Cast, make_cast

Changes = dict[str, Any]
ONCE: Changes = {"monthly_fen": 0, "once_fen": 1}
NOT_ELIGIBLE: Changes = {"is_eligible": False, "monthly_fen": 0}
GIVEN_ONCE: Changes = {**ONCE, "start_month": None, "paid_with": None}
TURNED_DOWN: Changes = {
    "outcome": "REFUSED",
    "persons": 0,
    "monthly_fen": 0,
    "start_month": None,
    "paid_with": None,
    "reason": "收入高于标准",
}
EARLIER = ON.replace(month=8)
BRANCHES: dict[type[models.Model], tuple[str, list[Changes]]] = {
    Obligor: (
        "obligor_not_negative",
        [{"persons": 0}, {"month_fen": -1}, {"support_fen": -1}, {"adopted_fen": -1}],
    ),
    PropertyItem: ("property_exempt_with_reason", [{"value_fen": -1}, {"is_exempt": True}]),
    Claim: (
        "claim_costs",
        [{"covered_fen": -1}, {"asked_fen": -1}, {"total_fen": 35_000_00 - 1}, {"total_fen": -1}],
    ),
    FirstRelief: ("first_relief_amount", [{"amount_fen": 0}, {"amount_fen": -1}]),
    HandOver: (
        "hand_over_complete",
        [
            {"amount_fen": 0},
            {"amount_fen": -1},
            {"method": "GOODS"},
            {"method": "REFERRAL"},
            {"method": "GOODS", "what": "棉被两床", "amount_fen": -1},
            {"method": "REFERRAL", "what": "区医院", "amount_fen": -1},
            {"method": "CHEQUE", "what": "支票"},
        ],
    ),
    SelfCare: (
        "self_care_tier_by_items",
        [
            {"tier": "PARTIAL"},
            {"tier": "FULL"},
            {"failed": 1, "tier": "SELF"},
            {"failed": 3, "tier": "FULL"},
            {"failed": 4, "tier": "PARTIAL"},
            {"failed": 6, "tier": "SELF"},
            {"tier": "NONE"},
        ],
    ),
    IncomeAccount: (
        "income_account_amount_when_eligible",
        [
            {"monthly_fen": 0},
            {"monthly_fen": -1},
            {"once_fen": 1},
            {"once_fen": -1},
            {**ONCE, "once_fen": -1},
            {**ONCE, "supplement_fen": 1},
            {**NOT_ELIGIBLE, "monthly_fen": 1},
            {**NOT_ELIGIBLE, "once_fen": 1},
            {**NOT_ELIGIBLE, "supplement_fen": 1},
        ],
    ),
    Decision: (
        "decision_complete",
        [
            {"monthly_fen": 0},
            {"once_fen": 1},  # monthly and once
            {"persons": 0},
            {"start_month": None},
            {"paid_with": EARLIER},
            {**GIVEN_ONCE, "monthly_fen": 1},
            {**GIVEN_ONCE, "once_fen": 0},
            {**GIVEN_ONCE, "once_fen": -1},
            {**GIVEN_ONCE, "supplement_fen": 1},
            {**GIVEN_ONCE, "persons": 0},
            {**GIVEN_ONCE, "start_month": ON, "paid_with": ON},
            {**GIVEN_ONCE, "start_month": ON},
            {**GIVEN_ONCE, "paid_with": ON},
            {**TURNED_DOWN, "reason": ""},
            {**TURNED_DOWN, "monthly_fen": 1},
            {**TURNED_DOWN, "once_fen": 1},
            {**TURNED_DOWN, "start_month": ON},
            {"outcome": "LATER"},
        ],
    ),
}
# The twins: what the same constraints let through, so that each refusal is for its one change.
FINE: list[tuple[type[models.Model], Changes]] = [
    *((model, {}) for model in GOOD),
    (Obligor, {"adopted_fen": 0, "month_fen": 0}),
    (PropertyItem, {"is_exempt": True, "reason": "残疾人代步车"}),
    (PropertyItem, {"value_fen": 0}),
    (Claim, {"total_fen": 35_000_00}),
    (HandOver, {"method": "GOODS", "what": "棉被两床", "amount_fen": 0}),
    (HandOver, {"method": "REFERRAL", "what": "区医院", "amount_fen": 0}),
    (SelfCare, {"failed": 1, "tier": "PARTIAL"}),
    (SelfCare, {"failed": 3, "tier": "PARTIAL"}),
    (SelfCare, {"failed": 4, "tier": "FULL"}),
    (SelfCare, {"failed": 6, "tier": "FULL"}),
    (IncomeAccount, {"supplement_fen": 1}),
    (IncomeAccount, ONCE),
    (IncomeAccount, NOT_ELIGIBLE),
    (Decision, {"supplement_fen": 1}),
    (Decision, GIVEN_ONCE),
    (Decision, TURNED_DOWN),
]


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case without any of these rows, but with papers."""
    return road.submitted(cast)


def told(changes: Changes) -> str:
    """How a set of changes is named in the list of tests."""
    return "-".join(f"{name}={value}" for name, value in changes.items()) or "good"


@pytest.mark.parametrize(
    ("model", "changes"),
    [(model, changes) for model, (_, found) in BRANCHES.items() for changes in found],
    ids=lambda x: told(x) if isinstance(x, dict) else x.__name__,
)
def test_every_branch_refuses(case: Case, model: type[models.Model], changes: Changes) -> None:
    with pytest.raises(IntegrityError, match=BRANCHES[model][0]), transaction.atomic():
        given(case, model, **changes)


@pytest.mark.parametrize(
    ("model", "changes"), FINE, ids=lambda x: told(x) if isinstance(x, dict) else x.__name__
)
def test_what_is_complete_is_taken(case: Case, model: type[models.Model], changes: Changes) -> None:
    assert given(case, model, **changes).pk


@pytest.mark.parametrize("changes", [{"cash_reason": ""}, {"receipt": None}, {"amount_fen": 0}])
def test_cash_needs_a_reason_a_receipt_and_a_sum(case: Case, changes: Changes) -> None:
    assert cash(case).pk
    with (
        pytest.raises(IntegrityError, match="cash_with_reason_and_receipt"),
        transaction.atomic(),
    ):
        cash(case, **changes)


@pytest.mark.parametrize("model", [Claim, FirstRelief])
def test_one_claim_and_one_first_help_for_each_case(case: Case, model: type[models.Model]) -> None:
    given(case, model)
    with pytest.raises(IntegrityError, match="case_id"), transaction.atomic():
        given(case, model)


# ------------------------------------------------------------------ what was given stays

STAYS = (FirstRelief, HandOver, SelfCare)
# CASCADE: an answered report of change refers to its assessment, which would refuse by itself.
CHANGES = ("UPDATE {} SET case_id = case_id", "DELETE FROM {}", "TRUNCATE {} CASCADE")


@pytest.fixture(scope="module")
def filled(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_name: str
) -> Iterator[str]:
    """A database in which each of the three tables has a row; the tests change nothing in it."""
    name = databases.clone(f"relief_given_{worker_name}_{os.getpid()}")
    try:
        with django_db_blocker.unblock(), databases.connected_to(name):
            data, actor = road.application(), make_cast().clerk
            case = applications.submit(data, submission_key="given", actor=actor, on=ON)
            for model in STAYS:
                given(case, model)
        yield name
    finally:
        databases.drop(name)


@pytest.fixture
def here(filled: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The application is connected to the filled database."""
    with django_db_blocker.unblock(), databases.connected_to(filled):
        yield filled


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("model", STAYS)
def test_what_was_given_or_assessed_cannot_be_changed(
    here: str, model: type[models.Model], change: str
) -> None:
    table = model._meta.db_table
    sql = change.format(table)
    assert model._default_manager.count() == 1
    refused_to_the_application(sql)
    refused_to_the_owner(here, sql)
    done_without_the_triggers(here, sql, table)


def test_a_saved_row_is_refused_too(here: str) -> None:
    for model in STAYS:
        row = model._default_manager.get()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            row.save()
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            row.delete()

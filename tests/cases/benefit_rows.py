"""Rows of those in benefit, written past all code, for the constraints that refuse them."""

from datetime import date, timedelta
from typing import Any

from cases.models import (
    Benefit,
    Case,
    ChangeReport,
    Contact,
    DeathRecord,
    Entitlement,
    Review,
    StandardLine,
    StandardRun,
    StandardTelling,
)
from tests import road

ON = road.START
MONTH = date(2026, 12, 1)


def benefit_of(case: Case) -> Benefit:
    """The benefit that the case opened."""
    return Benefit.objects.get(source_case=case)


def place(benefit: Benefit) -> dict[str, Any]:
    """The keys of its district, office and village."""
    return {name: getattr(benefit, name) for name in ("district_id", "office_id", "village_id")}


def person(case: Case) -> Any:
    """Somebody who may have recorded it."""
    return case.submitted_by


def review(case: Case, **changes: Any) -> Review:
    """A review that is open."""
    benefit = benefit_of(case)
    values = {"no": "FH-1", "trigger": "HAND", "opened_on": ON, "due_on": ON}
    return Review.objects.create(benefit=benefit, **place(benefit), **{**values, **changes})


def entitlement(case: Case, **changes: Any) -> Entitlement:
    """An entitlement of a review."""
    values = {
        "benefit": benefit_of(case),
        "review": None if "line" in changes else review(case),
        "from_month": MONTH,
        "paid_with": MONTH,
        "persons": 1,
        "monthly_fen": 1,
        "supplement_fen": 0,
        "recorded_on": ON,
    }
    return Entitlement.objects.create(**{**values, **changes})


def contact(case: Case, **changes: Any) -> Contact:
    """A visit."""
    benefit = benefit_of(case)
    values = {
        "kind": "VISIT",
        "on_day": ON,
        "means": "HOME",
        "place": "家中",
        "met": "演练甲",
        "recorded_on": ON,
        "recorded_by": person(case),
    }
    return Contact.objects.create(benefit=benefit, **place(benefit), **{**values, **changes})


def report(case: Case, **changes: Any) -> ChangeReport:
    """A report that waits."""
    benefit = benefit_of(case)
    values = {
        "kind": "PHONE",
        "field": "phone",
        "note": "换号",
        "happened_on": ON,
        "known_on": ON,
        "reported_on": ON,
        "recorded_by": person(case),
    }
    return ChangeReport.objects.create(benefit=benefit, **place(benefit), **{**values, **changes})


def run(case: Case, **changes: Any) -> StandardRun:
    """A run of the office."""
    values = {
        "no": "TB-1",
        "district_id": case.district_id,
        "office_id": case.office_id,
        "programme": case.programme,
        "valid_from": MONTH,
        "source": "玉政发〔2026〕1 号",
        "before_fen": 1,
        "after_fen": 2,
        "opened_on": ON,
        "computed_for": MONTH,
    }
    return StandardRun.objects.create(**{**values, **changes})


def line(case: Case, of: StandardRun | None = None) -> StandardLine:
    """One line of a run."""
    return StandardLine.objects.create(
        run=of or run(case),
        benefit=benefit_of(case),
        village_id=case.village_id,
        from_month=MONTH,
        is_latest=True,
        persons=1,
        before_monthly_fen=1,
        before_supplement_fen=0,
        monthly_fen=2,
        supplement_fen=0,
    )


def telling(case: Case, of: StandardRun | None = None) -> StandardTelling:
    """That a village was told."""
    return StandardTelling.objects.create(
        run=of or run(case),
        village_id=case.village_id,
        told_on=ON,
        place="公示栏",
        recorded_by=person(case),
    )


def death(case: Case) -> DeathRecord:
    """That somebody died."""
    return DeathRecord.objects.create(
        district_id=case.district_id,
        name="演练甲",
        id_digest="0" * 64,
        id_tail="0018",
        died_on=ON,
        source="殡葬",
        imported_on=ON,
        imported_by=person(case),
    )


def twice(make: Any, case: Case) -> None:
    """The same of one run, once more."""
    of = run(case)
    make(case, of)
    make(case, of)


LATER = ON + timedelta(days=1)
ENDED = {"outcome": "RAISE", "told_method": "DIRECT", "decided_on": ON, "told_on": ON}
VIOLATIONS: dict[str, Any] = {
    "review_known_state": lambda c: review(c, state="LOST"),
    "review_one_open": lambda c: (review(c), review(c, no="FH-2")),
    "review_once_a_cause": lambda c: (
        review(c, cause="AGE18:1", state="WITHDRAWN"),
        review(c, no="FH-2", cause="AGE18:1", state="WITHDRAWN"),
    ),
    "review_told_before_it_counts": lambda c: review(
        c, state="ENDED", **{**ENDED, "told_on": None}
    ),
    "review_stop_has_ground": lambda c: review(c, outcome="STOP"),
    "review_exit_months": lambda c: review(c, outcome="EXIT", exit_months=7),
    "review_told_after_signed": lambda c: review(c, **{**ENDED, "decided_on": LATER}),
    "entitlement_amount": lambda c: entitlement(c, monthly_fen=0),
    "entitlement_has_one_source": lambda c: entitlement(c, review=None),
    "entitlement_months": lambda c: entitlement(c, paid_with=date(2026, 11, 1)),
    "contact_once_a_day": lambda c: (contact(c), contact(c)),
    "contact_says_what_changed": lambda c: contact(c, is_changed=True),
    "contact_not_in_future": lambda c: contact(c, on_day=LATER),
    "change_report_one_a_field": lambda c: (report(c), report(c)),
    "change_report_days": lambda c: report(c, known_on=LATER),
    "change_report_second_person": lambda c: report(c, checked_by=person(c)),
    "death_record_once": lambda c: (death(c), death(c)),
    "standard_run_once": lambda c: (run(c), run(c, no="TB-2")),
    "standard_run_raises": lambda c: run(c, after_fen=1),
    "standard_line_once": lambda c: twice(line, c),
    "standard_telling_once": lambda c: twice(telling, c),
}
# The same rows as they may be: what each refusal above differs from.
CONTROLS = (
    lambda c: review(c, state="ENDED", **ENDED),
    entitlement,
    lambda c: entitlement(c, review=None, line=line(c)),
    contact,
    report,
    lambda c: report(c, checked_by=None),
    telling,
    death,
)
ADDED_ONLY = (Entitlement, Contact, StandardTelling, DeathRecord)

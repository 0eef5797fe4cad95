"""Rows of care, of findings and of changed households, as the database takes them."""

from datetime import date
from typing import Any

from cases.models import (
    CareArrangement,
    CareReport,
    Case,
    HouseholdChange,
    Institution,
    MeansCheck,
    MeansFinding,
)
from tests import road

ON = road.START


def institution(case: Case, name: str = "演练敬老院", **changes: Any) -> Institution:
    """An institution of the case's district with two beds."""
    values: dict[str, Any] = {"address": "甲街道", "phone": "04710000000", "beds": 2}
    return Institution.objects.create(district_id=case.district_id, name=name, **values | changes)


def scattered(case: Case, **changes: Any) -> CareArrangement:
    """Cared for by a neighbour, by agreement."""
    values: dict[str, Any] = {
        "support": "SCATTERED", "carer_name": "演练邻居", "agreed_on": ON, "began_on": ON,
    }  # fmt: skip
    return CareArrangement.objects.create(
        case=case, recorded_by_id=case.submitted_by_id or 0, **values | changes
    )


def central(case: Case, **changes: Any) -> CareArrangement:
    """Cared for in an institution."""
    values: dict[str, Any] = {
        "support": "CENTRAL", "bed": "101", "carer_name": "", "agreed_on": None,
    }  # fmt: skip
    if "institution" not in changes:
        values["institution"] = institution(case)
    return scattered(case, **values | changes)


def in_one_bed(case: Case) -> None:
    """Two people in one bed."""
    first = central(case)
    other = road.fresh(case)
    other.pk, other.no, other.submission_key = None, "other", "other"
    other.save(force_insert=True)
    central(other, institution=first.institution)


def care_report(case: Case, **changes: Any) -> CareReport:
    """A change that somebody reported."""
    values: dict[str, Any] = {
        "reported_on": ON, "what": "摔伤后不能行走", "due_on": date(2026, 10, 12),
    }  # fmt: skip
    return CareReport.objects.create(
        case=case, recorded_by_id=case.submitted_by_id or 0, **values | changes
    )


def finding(case: Case) -> MeansFinding:
    """What the report says of the applicant."""
    return MeansFinding.objects.create(
        check_of=MeansCheck.objects.filter(case=case)[0],
        member=case.household.members.filter(relation="SELF")[0],
        kind="PRISON",
    )


def household_change(case: Case, **changes: Any) -> HouseholdChange:
    """A recorded change of the household."""
    values: dict[str, Any] = {
        "kind": "HEAD", "happened_on": ON, "reason": "APART", "note": "变更户主", "recorded_on": ON,
    }  # fmt: skip
    return HouseholdChange.objects.create(
        household=case.household, recorded_by_id=case.submitted_by_id or 0, **values | changes
    )

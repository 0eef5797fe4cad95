"""The whole road through operations."""

from datetime import date

from cases.models import Benefit
from tests import road
from tests.cast import Cast


def test_one_household_goes_from_application_to_benefit(cast: Cast) -> None:
    case = road.approved(cast)
    assert case.state == "APPROVED"
    benefit = Benefit.objects.get(source_case=case)
    # 12,000 a year, two persons: 500 a head a month; standard 841: (841 − 500) × 2 = 682.00
    assert benefit.monthly_fen == 682_00
    assert benefit.start_month == date(2026, 11, 1)

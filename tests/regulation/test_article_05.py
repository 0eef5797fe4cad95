"""第五条 区民政局责任."""

import pytest

from cases.models import Case, MeansCheck
from cases.operations.steps import perform
from tests import road
from tests.cast import Cast


@pytest.mark.clause("5(3)")
def test_means_check_goes_to_the_centre_and_comes_back(cast: Cast) -> None:
    case = road.accepted(cast)
    with pytest.raises(Case.DoesNotExist):  # the centre sees only what was sent to it
        perform(case.no, "return_means_check", actor=cast.verifier, on=road.START)
    road.means_check(cast, case, road.START)
    check = MeansCheck.objects.get(case=case)
    assert (check.requested_on, check.returned_on) == (road.START, road.START)

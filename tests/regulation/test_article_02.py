"""第二条 救助和资金的种类."""

import pytest

from cases.rules.programmes import Programme


@pytest.mark.clause("2")
def test_town_and_country_allowance_are_kept_apart() -> None:
    assert [p.label for p in Programme] == ["城市低保", "农村低保"]

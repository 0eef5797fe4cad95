"""第二条 救助和资金的种类."""

import pytest

from cases.rules.programmes import Programme


@pytest.mark.clause("2")
def test_all_kinds_of_relief_are_there_and_town_and_country_kept_apart() -> None:
    assert [p.label for p in Programme] == [
        "城市低保", "农村低保", "城市特困", "农村特困", "临时救助（急难型）", "临时救助（支出型）",
    ]  # fmt: skip

"""Who applies for another shows a mandate; the committee applies by duty without one (3(3))."""

import pytest

from cases.operations import applications, investigation
from cases.operations.documents import Paper, add_to_draft
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused


@pytest.mark.clause("3(3)")
def test_by_proxy_the_mandate_is_asked_for(cast: Cast) -> None:
    case = road.submitted(cast, is_by_proxy=True, proxy_name="演练代办")
    with pytest.raises(Refused, match="还缺：委托书"):
        investigation.accept(case.no, actor=cast.staff, on=road.START)
    road.add_file(cast, case, "mandate", "委托书", (7, 7, 7))
    investigation.accept(case.no, actor=cast.staff, on=road.START)  # the twin
    assert road.fresh(case).state == "INVESTIGATING"


@pytest.mark.clause("3(3)")
def test_for_who_has_no_capacity_nobody_can_give_one(cast: Cast) -> None:
    case = road.submitted(cast, for_incapable=True, proxy_name="演练代办")
    investigation.accept(case.no, actor=cast.staff, on=road.START)
    assert road.fresh(case).state == "INVESTIGATING"


@pytest.mark.parametrize(("ticked", "status"), [("on", "已传 1/4"), ("", "已传 1/3")])
def test_the_draft_counts_it_among_its_papers(cast: Cast, ticked: str, status: str) -> None:
    draft = applications.start_draft("URBAN_ALLOWANCE", actor=cast.clerk)
    patch = {"field": "is_by_proxy", "value": ticked, "base_version": 0}
    applications.save_answers(draft.key, [patch], actor=cast.clerk)
    paper = Paper("id_card", "身份证", road.photo())
    add_to_draft(draft.key, paper, actor=cast.clerk)
    assert status in cast.client("clerk").get(f"/apply/{draft.key}/").content.decode()

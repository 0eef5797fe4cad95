"""The forms of 特困, 临时救助 and of intake: made from the record, refused without it."""

import re
from datetime import date
from typing import Any

import pytest

from archives.models import Dossier
from archives.operations.building import gaps_of
from archives.papers import PAPERS, make_sheet, print_sheet, read_case
from cases.models import Case
from cases.operations import investigation, notices, relief
from cases.operations.steps import perform
from tests import road
from tests import road_relief as roads
from tests.cases.stages import noticed
from tests.cast import Cast
from yuquan_relief.kernel import outbox
from yuquan_relief.kernel.errors import Refused

ON = roads.START


def words(case: Case, code: str, on: date = ON) -> str:
    html = make_sheet(read_case(case.no, on), code).html
    return re.sub(r"<[^>]+>|\s+", " ", html.partition("<body>")[2])


def test_destitute_forms_say_what_was_found(cast: Cast) -> None:
    case = roads.approve(cast, roads.destitute_to_decide(cast))
    assert "半护理" in words(case, "self_care")
    assert "演练丁" in words(case, "obligors")
    approval = words(case, "destitute_form")
    for text in ("NT159900001", "每月 807.33 元", "每月 722.86 元", "分散供养", "建议批准"):
        assert text in approval
    assert "委托乙方照料" in words(case, "care_agreement_form")
    assert "每月金额" in words(case, "certificate")


def test_relief_form_names_the_approver_and_what_went_out(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("cases.operations.relief.now", lambda: roads.agreed(cast).approved_at)
    case = roads.relieved(cast)
    cash = roads.handed(ON, method="CASH", cash_reason="夜间", receipt=road.photo((1, 2, 9)))
    relief.hand_over(case.no, cash, actor=cast.staff, on=ON)
    case = roads.approve(cast, roads.urgent_to_decide(cast, case), ON)
    form = words(case, "relief_form")
    for text in ("火灾", "3,000.00 元，演练分管副主任电话批准", "现金", "夜间", "6,000.00"):
        assert text in form
    letter = words(case, "decision")
    assert "一次性临时救助金 6,000.00 元" in letter
    assert "每月" not in letter


def test_intake_forms(cast: Cast) -> None:
    case = road.submitted(cast)
    assert "殡葬" in words(case, "authorisation_form")
    investigation.request_corrections(
        case.no, items="户口簿主页\n收入证明", actor=cast.staff, on=ON
    )
    assert "2. 收入证明" in words(case, "corrections")
    other = road.submitted(cast, 4)
    perform(other.no, "decline", actor=cast.staff, on=ON, note="户籍不在本区")
    assert "理由：户籍不在本区" in words(other, "declined")


def test_objections_do_not_name_who_objected(cast: Cast) -> None:
    case = noticed(cast)
    notices.object_in_public(
        case.notices.get().public_key, content="有车", contact="19900001234", on=ON
    )
    form = words(case, "objections")
    assert "有车" in form
    assert "19900001234" not in form


NEVER = {
    "obligors": "没有登记法定义务人",
    "corrections": "没有要求补正",
    "declined": "没有不予受理",
    "means_request": "还没有委托核对",
    "objections": "没有收到异议",
    "certificate": "还没有开始享受",
    "destitute_form": "不是特困供养",
    "self_care": "还没有评估",
    "care_agreement_form": "不是分散供养",
    "relief_form": "不是临时救助",
    "kin_record": "没有近亲属情况",
}


@pytest.mark.parametrize("code", sorted(NEVER))
def test_a_form_without_its_evidence_is_refused(cast: Cast, code: str) -> None:
    case = road.submitted(cast)
    with pytest.raises(Refused, match=NEVER[code]):
        make_sheet(read_case(case.no, ON), code)


def test_every_form_of_a_case_is_a_pdf_with_page_numbers(cast: Cast) -> None:
    case = roads.approve(cast, roads.destitute_to_decide(cast))
    record = read_case(case.no, ON)
    made = 0
    for code in PAPERS:
        try:
            sheet = make_sheet(record, code)
        except Refused:
            continue
        assert print_sheet(sheet).content.startswith(b"%PDF")
        made += 1
    assert made >= 14


@pytest.mark.clause("6(2)")
@pytest.mark.parametrize("kind", ["destitute", "expense", "urgent"])
def test_the_file_of_each_programme_has_its_own_list_and_fills_itself(
    cast: Cast, kind: str
) -> None:
    if kind == "destitute":
        case = roads.approve(cast, roads.destitute_to_decide(cast))
    elif kind == "expense":
        case = roads.approve(cast, roads.expense_to_decide(cast))
    else:
        case = roads.approve(cast, roads.urgent_to_decide(cast, roads.urgent(cast)), ON)
    outbox.sweep()
    dossier = Dossier.objects.get(case=case)
    assert [gap.slot.title for gap in gaps_of(dossier)] == []
    assert dossier.percent == 100

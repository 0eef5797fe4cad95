"""封面、目录、备考表 under the names of 6.2, numbers without gaps, and what the inbox says."""

import io
from datetime import timedelta

import pypdf
import pytest

from archives import inbox
from archives.models import Dossier
from archives.operations import evidence, shelf
from archives.operations.numbering import numbers
from archives.papers.dossier import TITLES, title_of
from cases.rules.programmes import Family
from tests.archives import test_old_files as since
from tests.archives import test_shelf as shelves
from tests.archives.conftest import opened
from tests.archives.test_building import incomplete
from tests.cast import Cast
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.models import Event, next_number


@pytest.mark.clause("6.2")
def test_the_cover_has_the_name_and_all_fields(cast: Cast) -> None:
    dossier = opened(cast)
    answer = cast.client("staff").get(f"/archive/{dossier.no}/cover.pdf")
    assert answer["Content-Type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    text = "".join(page.extract_text() for page in pages).replace("\n", "")
    for word in (
        "玉泉区城乡居民最低生活保障档案", "档案编号", "享受类别", "案卷题名", "户主姓名", "住址",
        "申请年份", "业务终结时间", "保管期限", "立卷单位", "责任者", "页号", "备考表", "缺件说明",
        "立卷人", "检查人", dossier.household.head_name,
    ):  # fmt: skip
        assert word in text, word
    assert Event.objects.of("dossier", dossier.no).filter(action="print_form").count() == 1


def test_every_kind_of_relief_has_its_name(cast: Cast, quick_pdf: None) -> None:
    assert set(TITLES) == set(Family)
    assert title_of(opened(cast)) == TITLES[Family.ALLOWANCE]


@pytest.mark.clause("6.2")
def test_a_number_that_no_file_has_is_told(cast: Cast, quick_pdf: None) -> None:
    first = opened(cast, 1)
    prefix = first.no[:-4]
    assert [(n.prefix, n.last, n.missing) for n in numbers(cast.staff)] == [(prefix, 1, [])]
    lost = next_number(prefix)  # given, and its file never came
    second = opened(cast, 2)
    assert first.no < lost < second.no
    assert [(n.last, n.missing) for n in numbers(cast.supervisor)] == [(3, [2])]
    assert numbers(cast.actors["foreign_staff"]) == []
    assert numbers(cast.actors["clerk"]) == []
    page = cast.client("supervisor").get("/archive/keeping/").content.decode()
    assert "缺 2" in page


def test_what_waits_in_archives_is_told_to_whom_it_waits_for(cast: Cast, quick_pdf: None) -> None:
    incomplete(cast)
    assert [m.text for m in inbox.files_lacking(cast.staff, today())] == ["1 卷档案缺件"]
    assert inbox.files_lacking(cast.leader, today()) == []
    dossier = shelves.shelved(cast, 5)
    shelf.lend(dossier.no, shelves.OUT, actor=cast.staff, on=shelves.DAY)
    assert inbox.loans_late(cast.staff, shelves.OUT.due_on) == []
    (late,) = inbox.loans_late(cast.staff, shelves.OUT.due_on + timedelta(days=1))
    assert late.hint == dossier.no
    since.with_problem(cast)
    told = {m.text for m in inbox.old_files_waiting(cast.staff, today())}
    assert told == {"1 卷历年档案派给您核查", "1 卷历年档案待整改"}
    assert inbox.old_files_waiting(cast.supervisor, today()) == []
    case = Dossier.objects.get(pk=dossier.pk).case
    evidence.ask(case.no, "信访", "信访局", actor=cast.supervisor, on=today())
    assert len(inbox.exports_waiting(cast.bureau, today())) == 1

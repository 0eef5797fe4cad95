"""Pure rules of archives."""

import hashlib
import io
import zipfile
from datetime import date

import pytest

from archives.rules import bag
from archives.rules.checklist import gaps, slots_of
from archives.rules.naming import cell, file_name, folder_name, xml_text
from archives.rules.retention import retain_until

CHECKLIST = [
    {"slot": "survey", "title": "入户调查表", "required": True},
    {"slot": "id_card", "title": "身份证", "required": True},
    {"slot": "mandate", "title": "委托书", "required": False},
]


@pytest.mark.clause("6(4)")
@pytest.mark.parametrize(
    ("stopped", "until"),
    [
        (None, None),
        (date(2027, 3, 31), date(2037, 3, 31)),
        (date(2028, 2, 29), date(2038, 2, 28)),
    ],
)
def test_ten_years_count_from_the_end_of_the_benefit(
    stopped: date | None, until: date | None
) -> None:
    assert retain_until(stopped, 10) == until


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("申请书", "03-application-申请书.pdf"),
        ("../../etc/passwd", "03-application-etc_passwd.pdf"),
        ('a:b*c?"<>|%0A\n', "03-application-a_b_c_0A.pdf"),
        ("...", "03-application-文件.pdf"),
        ("长" * 99, f"03-application-{'长' * 40}.pdf"),
    ],
)
def test_file_names_stay_inside_their_folder(title: str, name: str) -> None:
    assert file_name(3, "application", title, "application/pdf") == name


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "  =1", "＝1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_plain_text_stays_as_it_is() -> None:
    assert (cell("演练甲"), cell(""), xml_text("甲\x00乙")) == ("演练甲", "", "甲\ufffd乙")
    assert folder_name("YQMZ-MS·2026-D10") == "YQMZ-MS.2026-D10"


@pytest.mark.clause("6(1)")
def test_a_gap_says_what_to_do() -> None:
    found = gaps(slots_of(CHECKLIST), {"mandate"}, {"survey"})
    assert [(g.slot.title, g.can_upload) for g in found] == [
        ("入户调查表", False),
        ("身份证", True),
    ]
    assert all(g.todo for g in found)


def test_equal_files_give_equal_bags_whatever_their_order() -> None:
    files = {"data/甲.txt": b"1", "data/b.txt": b"2"}
    made = bag.bag("x", files, {"seal.json": b"{}"}, {"A": "1\n2"})
    again = bag.bag("x", dict(reversed(files.items())), {"seal.json": b"{}"}, {"A": "1 2"})
    assert made == again
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        manifest = archive.read("x/manifest-sha256.txt").decode()
        assert archive.read("x/bag-info.txt").decode() == "A: 1 2\nPayload-Oxum: 2.2\n"
    assert f"{hashlib.sha256(b'1').hexdigest()}  data/甲.txt\n" in manifest

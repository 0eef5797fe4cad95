"""One box finds the right person: every reading of a name, last digits, phone, number, village."""

import pytest

from cases.models import Case, Household, Member
from cases.operations.applications import searchable
from cases.reports.search import find
from supervision.demo.families import GIVEN, MONGOLIAN, SURNAMES
from tests import road
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from yuquan_relief.kernel.fields import digest

POLYPHONES = {
    "曾小明": ("ZXM", "CXM"),
    "单红梅": ("SHM", "DHM"),
    "解志强": ("XZQ", "JZQ"),
    "仇凤仙": ("QFX", "CFX"),
    "查玉梅": ("ZYM", "CYM"),
    "朴银花": ("PYH",),
    "乐天柱": ("YTZ", "LTZ"),
    "尉迟宝山": ("YCBS", "WCBS"),
    "阿拉坦·巴雅尔": ("ALTBYE",),
    "哈斯·额尔敦": ("HSEED",),
}


def household(case: Case, serial: int, name: str, number: str, phone: str = "19900000000") -> None:
    """One more household with its case, as quickly as it can be made."""
    home = Household.objects.create(
        key=f"H-{serial}", head_name=name, district=case.district, office=case.office,
        village=case.village, phone=phone, phone_tail=phone[-4:],
    )  # fmt: skip
    Member.objects.create(
        household=home, name=name, initials=searchable(name), sort_key=name, id_no=number,
        id_digest=digest(number), id_tail=number[-4:], birth_on="1961-03-04", is_male=True,
        relation="SELF", joined_on=road.START,
    )  # fmt: skip
    Case.objects.create(
        no=f"{case.no}-{serial}", household=home, programme=case.programme,
        district=case.district, office=case.office, village=case.village, state="SUBMITTED",
        rule_set=case.rule_set, submission_key=f"s-{serial}", submitted_on=road.START,
        state_since=road.START,
    )  # fmt: skip


def names() -> list[str]:
    """300 names: polyphones, Mongolian, and what is common here."""
    common = [s + g for g in GIVEN for s in SURNAMES]
    return [*POLYPHONES, *MONGOLIAN, *common][:300]


@pytest.fixture
def crowd(own_database: str) -> Cast:
    """Three hundred in a database of their own, counted as a running one is: where thousands of
    tests have rolled back, the planner takes the tables for empty and goes row by row."""
    cast = make_cast()
    case = road.submitted(cast)
    for serial, name in enumerate(names(), start=100):
        household(case, serial, name, road.number(serial))
    as_owner("ANALYZE", database=own_database)
    return cast


def first_three(words: str, cast: Cast) -> list[str]:
    return [hit.name for hit in find(words, cast.staff).hits[:3]]


def test_initials_of_every_reading_find_the_person(crowd: Cast) -> None:
    for name, initials in POLYPHONES.items():
        for letters in initials:
            assert name in {hit.name for hit in find(letters, crowd.staff).hits}, (name, letters)


def test_the_surnames_own_reading_comes_first(cast: Cast) -> None:
    case = road.submitted(cast)
    for serial, name in enumerate(("丁玉梅", "曾玉梅", "查玉梅"), start=300):  # 丁 also reads zheng
        household(case, serial, name, road.number(serial))
    assert first_three("ZYM", cast)[-1] == "丁玉梅"


def test_of_three_hundred_nearly_all_stand_among_the_first_three(crowd: Cast) -> None:
    asked = names()[::5]
    missed = [name for name in asked if name not in first_three(name, crowd)]
    assert len(missed) * 50 <= len(asked), missed  # 98 of a hundred (G6)


def test_digits_find_by_number_phone_and_case(cast: Cast) -> None:
    case = road.submitted(cast)
    right, other = road.number(901), road.number(902)
    household(case, 1, "演练同尾甲", right, "19912345678")
    household(case, 2, "演练同尾乙", right[:-6] + "99" + right[-4:], "19987655678")
    household(case, 3, "演练别人", other)
    assert first_three(right, cast) == ["演练同尾甲"]
    assert first_three(right[-6:], cast) == ["演练同尾甲"]
    assert set(first_three(right[-4:], cast)) == {"演练同尾甲", "演练同尾乙"}
    assert first_three("19912345678", cast) == ["演练同尾甲"]
    assert set(first_three("5678", cast)) == {"演练同尾甲", "演练同尾乙"}
    assert case.household.head_name in first_three(case.no, cast)
    assert first_three("１９９１２３４５６７８", cast) == ["演练同尾甲"]


def test_another_office_finds_nobody(crowd: Cast) -> None:
    assert find("曾小明", crowd.foreign_staff).hits == []

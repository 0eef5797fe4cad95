"""Pinyin: the surname reading first, every other reading behind it, and never an error."""

import pypinyin
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuquan_relief.kernel.inputs import pinyin


@pytest.mark.parametrize(
    ("name", "first", "also"),
    [
        ("单明", "SM", "DM"),
        ("曾小明", "ZXM", "CXM"),
        ("仇明", "QM", "CM"),
        ("查明", "ZM", "CM"),
        ("解明", "XM", "JM"),
        ("朴明", "PM", "PM"),
        ("区明", "OM", "QM"),
        ("盖明", "GM", "GM"),
        ("尉迟明", "YCM", "WCM"),
        ("单于明", "CYM", "DYM"),
        ("万俟明", "MQM", "WSM"),
        ("长孙明", "ZSM", "CSM"),
        ("覃明", "QM", "TM"),
        ("翟明", "ZM", "DM"),
        ("乐明", "YM", "LM"),
        ("查干巴特尔", "CGBTE", "ZGBTE"),
        ("乌兰·巴特尔", "WLBTE", "WLBTE"),
        ("Anna Smith", "AS", "AS"),
        ("O'Brien José", "OBJ", "OBJ"),
    ],
)
def test_initials_start_with_the_surname_reading(name: str, first: str, also: str) -> None:
    found = pinyin.initials(name)
    assert found[0] == first
    assert also in found


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("朴明", "piaoming"),
        ("曾小明", "zengxiaoming"),
        ("盖明", "geming"),
        ("任明", "renming"),
        ("吕明", "lvming"),
        ("令狐明", "linghuming"),
    ],
)
def test_spelling_starts_with_the_surname_reading(name: str, spelling: str) -> None:
    assert pinyin.spellings(name)[0] == spelling


@pytest.mark.parametrize(("name", "wrong"), [("曾小明", "c"), ("单明", "d"), ("仇明", "c")])
def test_twin_python_pinyin_alone_does_not_know_surnames(name: str, wrong: str) -> None:
    assert pypinyin.lazy_pinyin(name)[0][0] == wrong
    assert pinyin.initials(name)[0][0] != wrong.upper()


@pytest.mark.parametrize("reading", pinyin._SURNAMES.items())
def test_each_surname_of_the_table_comes_first(reading: tuple[str, str]) -> None:
    surname, syllable = reading
    assert pinyin.initials(surname)[0] == syllable[0].upper()
    assert pinyin.sort_key(f"{surname}一").startswith(f"{syllable}{surname} ")


@pytest.mark.parametrize("opening", pinyin._OPENINGS.items())
def test_each_opening_of_the_table_comes_first(opening: tuple[str, tuple[str, str]]) -> None:
    name, syllables = opening
    assert pinyin.spellings(name)[0] == "".join(syllables).replace("1", "").translate(
        str.maketrans("", "", "234")
    )


def test_a_table_reading_elsewhere_in_the_name_changes_nothing() -> None:
    assert pinyin.initials("王单")[0] == "WD"


def test_names_sort_like_a_dictionary_and_unknown_characters_last() -> None:
    unsorted = ["张三", "\U0002ebf0明", "曾明", "李白", "李安", "里安", "单明", "林一", "安明"]
    expected = ["安明", "李安", "李白", "里安", "林一", "单明", "曾明", "张三", "\U0002ebf0明"]
    assert sorted(unsorted, key=pinyin.sort_key) == expected


def test_sort_key_keeps_words_and_drops_dots() -> None:
    assert pinyin.sort_key("Anna  Smith") == "anna smith"
    assert pinyin.sort_key("乌·兰") == "wu1乌 lan2兰"


@given(st.text(max_size=30))
def test_any_text_gives_bounded_readings(text: str) -> None:
    found, spelled = pinyin.initials(text), pinyin.spellings(text)
    assert len(found) <= pinyin.MOST
    assert len(spelled) <= pinyin.MOST
    assert all(reading.isascii() and reading.isupper() for reading in found)
    assert isinstance(pinyin.sort_key(text), str)


def test_many_voiced_name_stays_bounded_and_keeps_the_surname() -> None:
    found = pinyin.initials("乐" * 100)
    assert len(found) <= pinyin.MOST
    assert found[0] == "Y" + "L" * 99


@pytest.mark.parametrize("name", ["", "\U0002ebf0", "ᠪᠠᠲᠤ", "·", "𠮷"])
def test_names_without_pinyin_have_no_initials(name: str) -> None:
    assert pinyin.initials(name) == ()

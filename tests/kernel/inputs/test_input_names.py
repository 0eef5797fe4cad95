"""Names and remarks: every name can be written, and two spellings of one name meet."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuquan_relief.kernel.inputs import InputError, names

han = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
)
given_names = st.text(han, min_size=2, max_size=20)


@pytest.mark.parametrize("dot", sorted(names.DOTS))
def test_every_dot_between_han_becomes_the_interpunct(dot: str) -> None:
    assert names.clean(f"乌兰{dot}巴特尔") == "乌兰\u00b7巴特尔"


def test_twin_nfkc_alone_leaves_most_dots() -> None:
    corpus = "\u2022\u2027\u30fb\uff0e\u2219\u22c5."
    unchanged = [dot for dot in corpus if unicodedata.normalize("NFKC", dot) != "\u00b7"]
    assert unchanged == list(corpus)


def test_twin_nfc_would_replace_a_character_of_the_identity_card() -> None:
    assert unicodedata.normalize("NFC", "\uf92c") == "\u90ce"
    assert names.clean("郭\uf92c") == "郭\uf92c"


def test_twin_python_does_not_know_the_newest_characters() -> None:
    name = "张\U0002ebf0\U00031350"
    assert {unicodedata.category(char) for char in name[1:]} == {"Cn"}
    assert names.clean(name) == name


@given(given_names)
def test_han_names_are_stored_as_given(name: str) -> None:
    assert names.clean(name) == name


@given(st.text(max_size=40))
def test_any_text_is_a_stable_name_or_an_input_error(text: str) -> None:
    try:
        name = names.clean(text)
    except InputError:
        return
    assert names.clean(name) == name
    assert 1 <= len(name) <= names.MOST
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Co"} for char in name)


@given(
    st.text(
        st.one_of(han, st.sampled_from([*sorted(names.DOTS), *" -'Aé\u0301ᠪ\u180e\u202f"])),
        max_size=12,
    )
)
def test_difficult_names_are_stable_or_an_input_error(text: str) -> None:
    try:
        name = names.clean(text)
    except InputError:
        return
    assert names.clean(name) == name


@given(given_names)
def test_mask_shows_one_character_and_no_length(name: str) -> None:
    masked = names.mask(name)
    assert masked[-1] == "*"
    assert masked == f"{name[0]}*" or name[:2] in names.COMPOUND_SURNAMES
    assert name not in masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("王小明", "王*"),
        ("欧阳明", "欧阳*"),
        ("欧阳", "欧*"),
        ("单于明", "单于*"),
        ("尉迟小明", "尉迟*"),
        ("乌兰·巴特尔", "乌*"),
        ("𠮷明", "𠮷*"),
        ("Anna Smith", "A*"),
        ("𪚥", "*"),
        ("", "*"),
    ],
)
def test_masks_of_names(name: str, masked: str) -> None:
    assert names.mask(name) == masked


@pytest.mark.parametrize("length", [100, 101])
def test_length_counts_characters_not_utf16_units(length: int) -> None:
    if length <= names.MOST:
        assert names.clean("𠮷" * length) == "𠮷" * length
        return
    with pytest.raises(InputError) as refusal:
        names.clean("𠮷" * length)
    assert refusal.value.code == "max_length"


def test_composed_and_decomposed_letters_are_one_name() -> None:
    assert names.clean("Jose\u0301") == names.clean("José")


def test_remark_counts_a_windows_line_end_once() -> None:
    assert names.clean_text("甲\r\n乙", most=3, lines=True) == "甲\n乙"
    with pytest.raises(InputError, match="现在是 3 个字"):
        names.clean_text("甲\r\n乙", most=2, lines=True)


def test_tab_stays_in_remarks_and_becomes_a_space_in_a_line() -> None:
    assert names.clean_text("甲\t乙", most=9, lines=True) == "甲\t乙"
    assert names.clean_text("甲\t乙", most=9, lines=False) == "甲 乙"


@given(st.text(max_size=60), st.booleans())
def test_any_text_is_a_stable_remark_or_an_input_error(text: str, lines: bool) -> None:
    try:
        remark = names.clean_text(text, most=50, lines=lines)
    except InputError:
        return
    assert names.clean_text(remark, most=50, lines=lines) == remark
    assert "\r" not in remark
    assert lines or "\n" not in remark

"""Accounts, phones and dates beyond the corpus, and what all refusals have in common."""

import copy
import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from yuquan_relief.kernel.inputs import InputError, bank_accounts, dates, phones, text_cell

TODAY = date(2026, 9, 18)
digits = st.text("0123456789", min_size=15, max_size=18)
cards = digits.map(lambda body: f"6{body[1:]}").map(lambda b: b + luhn.calc_check_digit(b))
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(cards, st.sampled_from([" ", "-", "\u00a0", "\u200b", "\u3000", "—"]))
def test_card_survives_any_grouping(card: str, gap: str) -> None:
    grouped = gap.join(card[i : i + 4] for i in range(0, len(card), 4))
    assert bank_accounts.clean(grouped) == card == bank_accounts.clean(card)


@given(cards, st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_of_a_card_is_refused(card: str, place: int, shift: int) -> None:
    place %= len(card)
    wrong = f"{card[:place]}{(int(card[place]) + shift) % 10}{card[place + 1 :]}"
    with pytest.raises(InputError):
        bank_accounts.clean(wrong)


@pytest.mark.parametrize(
    "card", ["6210000000000000017", "6228480000000000000", "6217000000000000129"]
)
def test_cards_of_the_domain_digest_pass(card: str) -> None:
    assert bank_accounts.clean(card) == card


def test_passbook_needs_no_check_digit_but_a_card_does() -> None:
    assert bank_accounts.clean("6228480000000000019", kind="passbook") == "6228480000000000019"


@given(st.text())
def test_masks_never_show_the_whole(text: str) -> None:
    for mask in (bank_accounts.mask, phones.mask):
        assert text in ("", "…") or text not in mask(text)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("6217000000000000129", "6217…0129"),
        ("150000000001", "1500…0001"),
        ("12345", "…2345"),
        ("", "…"),
    ],
)
def test_masks_of_accounts(number: str, masked: str) -> None:
    assert bank_accounts.mask(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800000021", "138…0021"),
        ("0471-3590000", "0471-…000"),
        ("010-65000000", "010-…000"),
        ("123", "…23"),
        ("", "…"),
    ],
)
def test_masks_of_phones(number: str, masked: str) -> None:
    assert phones.mask(number) == masked


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("乌兰·巴特尔", "乌兰•巴特尔", True),
        ("乌兰·巴特尔", "乌兰．巴特尔", True),
        ("乌兰·巴特尔", " 乌兰 ・ 巴特尔\u200b", True),
        ("乌兰·巴特尔", "乌兰巴特尔", False),
        ("张三", "张三丰", False),
        ("葛\U000e0100", "葛", True),
        ("Anna Smith", "ＡＮＮＡ　ＳＭＩＴＨ", True),
        ("\u2f45一", "方一", True),
        ("", "", False),
        (" ", "\u200b", False),
    ],
)
def test_same_holder_across_spellings(a: str, b: str, same: bool) -> None:
    assert bank_accounts.same_holder(a, b) is same
    assert bank_accounts.same_holder(b, a) is same


@given(mobiles)
def test_mobile_is_the_same_with_country_code_and_gaps(mobile: str) -> None:
    spaced = f"+86 {mobile[:3]}-{mobile[3:7]} {mobile[7:]}"
    assert phones.clean(spaced) == mobile == phones.clean(mobile)


@given(st.dates(date(1850, 1, 1), date(2199, 12, 31)))
def test_every_way_of_writing_a_day_is_read(day: date) -> None:
    written = (
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
    )
    assert {dates.parse_day(text, today=TODAY) for text in written} == {day}


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_day_without_a_year_is_this_year(day: date) -> None:
    assert dates.parse_day(f"{day.month}-{day.day}", today=TODAY) == day


@given(st.dates(date(1850, 1, 1), date(2199, 12, 31)))
def test_month_is_its_first_day(day: date) -> None:
    assert (
        dates.parse_month(f"{day:%Y-%m}") == dates.parse_month(f"{day:%Y%m}") == day.replace(day=1)
    )


@given(st.text("0123456789-/.年月日 号", max_size=14))
def test_any_date_text_is_a_day_or_an_input_error(text: str) -> None:
    for parse in (lambda t: dates.parse_day(t, today=TODAY), dates.parse_month):
        try:
            assert dates.EARLIEST_YEAR <= parse(text).year <= dates.LATEST_YEAR
        except InputError:
            continue


@pytest.mark.parametrize("cell", [6228480000000000000, 6.22848e18, True, TODAY])
def test_cell_that_is_not_text_is_refused(cell: object) -> None:
    with pytest.raises(InputError) as refusal:
        text_cell(cell)
    assert refusal.value.code == "column_as_text"


@pytest.mark.parametrize(("cell", "text"), [("6228", "6228"), (None, ""), ("", "")])
def test_text_cell_is_its_text(cell: object, text: str) -> None:
    assert text_cell(cell) == text


def test_twin_a_numeric_cell_can_turn_a_card_into_another_valid_card() -> None:
    typed = "6228480000000000018"
    cell = f"{float(typed):.15g}"
    assert luhn.is_valid(typed)
    assert luhn.is_valid(f"{float(cell):.0f}")


@pytest.mark.parametrize("copier", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_input_error_survives_a_worker(copier: object) -> None:
    assert callable(copier)
    copied = copier(InputError("luhn", "请核对。"))
    assert (copied.code, copied.message, str(copied)) == ("luhn", "请核对。", "请核对。")

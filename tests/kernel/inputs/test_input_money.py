"""Amounts: round trips, capitals read back by other means, and the one rounding rule."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuquan_relief.kernel.inputs import InputError, money

amounts = st.one_of(
    st.integers(0, money.MAX),
    st.integers(0, 200_000),
    st.builds(lambda digit, power: digit * 10**power, st.integers(1, 999), st.integers(0, 11)),
)
FIGURES = {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
SIZES = {"拾": 10, "佰": 100, "仟": 1000}


def read_capital(text: str) -> int:
    """Fen read from capitals word by word, as a cashier does; it knows nothing of `capital`."""
    total = section = figure = fen = 0
    for char in text.removeprefix("负").removesuffix("整"):
        if char in FIGURES:
            figure = FIGURES[char]
        elif char in SIZES:
            section, figure = section + figure * SIZES[char], 0
        elif char in "万亿元":
            total += (section + figure) * {"万": 10**4, "亿": 10**8, "元": 1}[char]
            section = figure = 0
        else:
            fen, figure = fen + figure * {"角": 10, "分": 1}[char], 0
    return (-1 if text[0] == "负" else 1) * (total * 100 + fen)


@given(amounts)
def test_shown_amount_is_read_back(fen: int) -> None:
    assert money.parse_lenient(money.show(fen)) == fen
    assert money.parse(money.show(fen).replace(",", "")) == fen


@given(st.decimals(min_value=0, max_value=10**12 - 1, places=2))
def test_parse_agrees_with_exact_decimals(yuan: Decimal) -> None:
    assert money.parse(f"{yuan:f}") == int(yuan * 100)


@given(amounts)
def test_capitals_read_back_to_the_amount(fen: int) -> None:
    assert read_capital(money.capital(fen)) == fen
    assert read_capital(money.capital(-fen)) == -fen or fen == 0


@given(amounts)
def test_capitals_keep_the_rules_of_vouchers(fen: int) -> None:
    text = money.capital(fen)
    assert not re.search("零零|零[元万亿角分拾佰仟]|零$", text) or fen < 100
    assert text.endswith("分" if fen % 10 else "整")
    assert text[0] not in SIZES  # 壹拾元, never 拾元


@given(st.integers(0, 10**12))
def test_capitals_agree_with_cn2an_up_to_the_last_word(fen: int) -> None:
    theirs = cn2an.an2cn(f"{fen // 100}.{fen % 100:02d}", "rmb")
    assert money.capital(fen).removesuffix("整") == theirs.removesuffix("整")


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (182668, "壹仟捌佰贰拾陆元陆角捌分"),
        (140950, "壹仟肆佰零玖元伍角整"),
        (600714, "陆仟零柒元壹角肆分"),
        (168032, "壹仟陆佰捌拾元叁角贰分"),
        (10700053, "壹拾万柒仟元伍角叁分"),
        (1640902, "壹万陆仟肆佰零玖元零贰分"),
        (32504, "叁佰贰拾伍元零肆分"),
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (1000, "壹拾元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (100_010_107_00, "壹亿零壹万零壹佰零柒元整"),
        (money.MAX, "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        (-150, "负壹元伍角整"),
    ],
)
def test_capitals_of_the_payment_rules(fen: int, text: str) -> None:
    assert money.capital(fen) == text


def test_capitals_end_at_the_greatest_amount() -> None:
    with pytest.raises(ValueError, match="MAX"):
        money.capital(money.MAX + 1)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(182668, "1,826.68"), (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (100000000, "1,000,000.00")],
)
def test_amounts_are_shown_with_separators(fen: int, text: str) -> None:
    assert money.show(fen) == text


@pytest.mark.parametrize(
    ("numerator", "by", "unit", "mode", "fen"),
    [
        (125, 10, 1, "HALF_UP", 13),  # M10: 0.125 yuan
        (135, 10, 1, "HALF_UP", 14),
        (124, 10, 1, "HALF_UP", 12),
        (121, 10, 1, "CEIL", 13),
        (120, 10, 1, "CEIL", 12),
        (129, 10, 1, "FLOOR", 12),
        (100_000, 12, 1, "HALF_UP", 8333),
        (100_000, 12, 10, "HALF_UP", 8330),
        (100_000, 12, 100, "HALF_UP", 8300),
        (100_000, 12, 100, "CEIL", 8400),
        (105, 1, 10, "HALF_UP", 110),
        (0, 7, 100, "CEIL", 0),
        (-125, 10, 1, "HALF_UP", -13),
    ],
)
def test_the_one_rounding_rule(
    numerator: int, by: int, unit: int, mode: money.Rounding, fen: int
) -> None:
    assert money.divide(numerator, by, unit_fen=unit, mode=mode) == fen


def test_twin_default_decimal_rounding_gives_a_fen_less() -> None:
    assert Decimal("0.125").quantize(Decimal("0.01")) == Decimal("0.12")
    assert round(0.125, 2) == 0.12
    assert money.divide(125, 10) == 13


@given(
    st.integers(-(10**16), 10**16), st.integers(1, 10**6), st.sampled_from([1, 10, 100, 1000, 7])
)
def test_division_agrees_with_exact_fractions(numerator: int, by: int, unit: int) -> None:
    exact = Fraction(numerator, by)
    floor, near, ceil = (
        money.divide(numerator, by, unit_fen=unit, mode=mode)
        for mode in ("FLOOR", "HALF_UP", "CEIL")
    )
    assert abs(floor) <= abs(exact) <= abs(ceil)
    assert abs(ceil - floor) == (0 if exact % unit == 0 else unit)
    assert abs(near - exact) * 2 <= unit
    assert money.divide(-numerator, by, unit_fen=unit) == -near


@given(st.integers(0, 10**12), st.integers(1, 10**4))
def test_half_up_agrees_with_decimal_at_exact_halves(fen: int, by: int) -> None:
    expected = (Decimal(fen * 2 * by + by) / (2 * by)).quantize(Decimal(1), ROUND_HALF_UP)
    assert money.divide(fen * 2 * by + by, 2 * by) == expected == fen + 1


@pytest.mark.parametrize(("by", "unit", "mode"), [(0, 1, "CEIL"), (1, 0, "CEIL"), (1, 1, "EVEN")])
def test_division_refuses_what_has_no_meaning(by: int, unit: int, mode: money.Rounding) -> None:
    with pytest.raises(ValueError, match="divisor"):
        money.divide(1, by, unit_fen=unit, mode=mode)


@given(st.text(max_size=30))
def test_any_text_is_an_amount_in_range_or_an_input_error(text: str) -> None:
    for parse in (money.parse, money.parse_lenient):
        try:
            assert 0 <= parse(text) <= money.MAX
        except InputError:
            continue


def test_twin_python_would_fail_on_a_long_number() -> None:
    with pytest.raises(ValueError, match="limit"):
        int("9" * 5000)
    with pytest.raises(InputError) as refusal:
        money.parse("9" * 5000)
    assert refusal.value.code == "max"

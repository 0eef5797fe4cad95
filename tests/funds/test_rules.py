"""Tables and pure functions: steps, days, spreading, the bank file to the byte."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funds.rules import bank_file, batches, days
from funds.rules.facts import BatchFacts
from funds.rules.spreading import spread
from tests.funds.payouts import template

GOOD = {
    "on": date(2026, 11, 25),
    "line_count": 2,
    "lines_found": 2,
    "total_fen": 100,
    "fen_found": 100,
    "available_fen": 100,
    "is_file_sound": True,
    "is_snapshot_same": True,
}


@pytest.mark.parametrize("code", [code for code in batches.STEPS if code != "open"])
@pytest.mark.parametrize("state", batches.STATES)
def test_a_step_is_possible_only_from_its_states(code: str, state: str) -> None:
    step = batches.STEPS[code]
    known = GOOD | ({"handed_over_on": "2026-12-01", "is_same_file": True} if code == "recognise"
                    else {})  # fmt: skip
    assert (step.why_not(state, BatchFacts(**known)) == "") == (state in step.sources)


@pytest.mark.parametrize(
    ("code", "state", "changes", "words"),
    [
        ("lock", "OPEN", {"lines_found": 0}, "名单里没有人"),
        ("lock", "OPEN", {"incomplete": 7, "incomplete_examples": ("C1", "C2")}, "C1、C2等"),
        ("lock", "OPEN", {"fen_found": 99}, "合计与逐户明细不符"),
        ("lock", "OPEN", {"changed": 3}, "有 3 户的待遇或账户有变动"),
        ("lock", "OPEN", {"available_fen": 40}, "还差 0.60 元"),
        ("approve", "LOCKED", {"is_file_sound": False}, "银行文件缺失"),
        ("approve", "LOCKED", {"is_snapshot_same": False}, "与锁定时的摘要不符"),
        ("approve", "LOCKED", {"no_longer_due": 1}, "1 户停发"),
        ("approve", "LOCKED", {"available_fen": 0}, "还差 1.00 元"),
        ("take_file", "APPROVED", {"is_file_sound": False}, "银行文件缺失"),
        ("close", "SENT", {"pending": 2}, "还有 2 笔没有银行结果"),
        ("close", "SENT", {"open_exceptions": 4}, "还有 4 条差异"),
    ],
)
def test_what_is_missing_is_said_with_its_clause(
    code: str, state: str, changes: dict[str, object], words: str
) -> None:
    reason = batches.STEPS[code].why_not(state, BatchFacts(**GOOD | changes))
    assert words in reason
    assert reason.endswith("条）") or "第四条（一）3" in reason


def test_accounts_that_change_after_the_lock_wait_for_next_month() -> None:
    facts = BatchFacts(**GOOD | {"changed": 5, "no_longer_due": 0})
    assert batches.STEPS["approve"].why_not("LOCKED", facts) == ""


@pytest.mark.parametrize(
    ("on", "months"),
    [
        (date(2026, 11, 20), [date(2026, 11, 1)]),
        (date(2026, 11, 21), [date(2026, 11, 1), date(2026, 12, 1)]),
        (date(2026, 12, 31), [date(2026, 12, 1), date(2027, 1, 1)]),
        (date(2026, 12, 3), [date(2026, 12, 1)]),
    ],
)
def test_months_whose_lists_must_exist(on: date, months: list[date]) -> None:
    assert days.months_to_open(on, 20) == months


def test_a_list_may_be_made_from_the_day_after_the_cut_off() -> None:
    assert days.opens_on(date(2026, 12, 1), 20) == date(2026, 11, 21)
    assert days.opens_on(date(2027, 1, 1), 20) == date(2026, 12, 21)


@pytest.mark.parametrize(
    ("total", "purses", "parts"),
    [
        (10, {"CITY": 10}, {"CITY": 10}),
        (10, {"DISTRICT": 9, "CENTRAL": 4}, {"CENTRAL": 4, "DISTRICT": 6}),
        (0, {"CITY": 10}, {}),
        (3, {"CENTRAL": -5, "CITY": 3}, {"CITY": 3}),
    ],
)
def test_spreading_takes_purses_in_order(
    total: int, purses: dict[str, int], parts: dict[str, int]
) -> None:
    assert spread(total, purses) == parts


def test_spreading_refuses_more_than_there_is() -> None:
    with pytest.raises(ValueError, match="1 fen more"):
        spread(11, {"CITY": 10})


ONLINE = template("online")
HEAD = bank_file.Head("FF159900001-202612-C", 2, 136_400 + 5, "甲街道", "城市低保")


def payment(line_no: int, holder: str, **changes: object) -> bank_file.Payment:
    """A payment of 682.00."""
    values = {
        "line_no": line_no,
        "holder": holder,
        "id_no": "159900196103040013",
        "account": "6228480000000000018",
        "bank": "演练银行",
        "amount_fen": 68_200,
        "month": date(2026, 12, 1),
        "village": "甲一社区",
        "certificate_no": "C00001",
        "kind": "NORMAL",
    }
    return bank_file.Payment(**values | changes)  # type: ignore[arg-type]


def written(*payments: bank_file.Payment) -> bytes:
    """The file of some payments."""
    return b"".join(bank_file.chunks(ONLINE, HEAD, payments))


def test_the_bank_file_to_the_byte() -> None:
    content = written(
        payment(1, "额尔敦陶克陶·乌云其其格"),
        payment(2, "徐㼆𠮷", amount_fen=68_205, month=date(2026, 11, 1), kind="BACK_PAY"),
    )
    assert content == (
        "批次号,FF159900001-202612-C,总笔数,2,总金额,1364.05\r\n"
        "序号,收款人姓名,证件类型,证件号码,收款账号,开户银行,金额,补贴项目,所属期,月数,镇街,"
        "村（社区）,低保证号,备注\r\n"
        "1,额尔敦陶克陶·乌云其其格,居民身份证,159900196103040013,6228480000000000018,演练银行,"
        "682.00,城市低保,202612,1,甲街道,甲一社区,C00001,\r\n"
        "2,徐㼆𠮷,居民身份证,159900196103040013,6228480000000000018,演练银行,"
        "682.05,城市低保,202611,1,甲街道,甲一社区,C00001,补发\r\n"
    ).encode("gb18030")


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A0", "+1", "-2", "@SUM(1)", "＝1", "\tx"])
def test_a_formula_is_neutralised(name: str) -> None:
    content = written(payment(1, name)).decode("gb18030")
    assert f"1,'{name}," in content or f"'{name}" in content


def test_a_comma_in_a_name_is_quoted() -> None:
    assert '"甲,乙"'.encode("gb18030") in written(payment(1, "甲,乙"))


def test_a_long_file_comes_in_pieces() -> None:
    pieces = list(bank_file.chunks(ONLINE, HEAD, (payment(n, "演练甲") for n in range(1, 6001))))
    assert len(pieces) > 1
    assert b"".join(pieces).count(b"\r\n") == 6002


CELLS = st.lists(
    st.lists(st.text(alphabet="a,|\"\r\n 徐\u0085\x1c;'", max_size=4), min_size=1, max_size=4),
    max_size=5,
)


@given(rows=CELLS, delimiter=st.sampled_from([",", "|", "\t"]))
def test_lines_joined_at_once_are_what_the_csv_module_writes(
    rows: list[list[str]], delimiter: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    assert bank_file.csv_text(rows, delimiter) == out.getvalue()

"""Bank files and answers after templates that are data: each layout to the byte and back."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from funds import invariants
from funds.models import PayoutBatch
from funds.operations import batches, results
from funds.operations.bank_files import answer_templates, bank_file
from funds.operations.bank_workbook import workbook
from funds.rules import bank_file as form
from funds.rules.bank_file import Template
from funds.rules.bank_result import PARTS, AnswerTemplate
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import LOCKED, PAID, template
from tests.funds.test_results import HARMLESS, MUTANTS, kinds
from tests.funds.test_rules import HEAD, payment
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.models import RuleValue
from yuquan_relief.kernel.operations.rulebook import delivered
from yuquan_relief.kernel.spreadsheets import read_table

DAY = date(2026, 11, 1)
CODES = ["online", "card", "fixed"]


def written(code: str, *payments: form.Payment) -> bytes:
    """The file of some payments after a template."""
    found = template(code)
    if found.layout == "xlsx":
        return workbook(found, HEAD, payments)
    return b"".join(form.chunks(found, HEAD, payments))


def adopt(code: str, day: date = DAY) -> None:
    """The district has chosen another template for the programme."""
    RuleValue.objects.create(
        rule_set="*", parameter="bank.template", valid_from=day, unit="模板",
        value={"default": "online", payouts.PROGRAMME: code}, source="演练协议",
    )  # fmt: skip


# ------------------------------------------------------------------ files


def test_fixed_width_to_the_byte() -> None:
    lines = written("fixed", payment(1, "额尔敦·乌云"), payment(12, "徐𠮷", amount_fen=5))
    first, second, last, nothing = lines.split(b"\r\n")
    assert first == (
        "00000001" + "6228480000000000018".ljust(32) + "额尔敦·乌云".ljust(60 - 6)
        + "159900196103040013" + "000000000068200" + "202612" + "城市低保".ljust(30 - 4)
    ).encode("gb18030")  # fmt: skip
    assert len(first) == 8 + 32 + 60 + 18 + 15 + 6 + 30
    assert len(second) == len(first)  # 𠮷 takes four bytes
    assert (last, nothing) == (b"T|FF159900001-202612-C|2|136405", b"")


def test_what_does_not_fit_is_told_and_never_cut() -> None:
    with pytest.raises(InputError, match="第 3 笔的户名超过银行文件模板的 60 个字节"):
        written("fixed", payment(3, "长" * 31))
    assert len(written("fixed", payment(3, "长" * 30)).split(b"\r\n")[0]) == 169


def test_a_workbook_keeps_numbers_of_people_as_text_and_amounts_as_numbers() -> None:
    content = written("card", payment(1, "=1+1"), payment(2, "演练乙", amount_fen=68_205))
    table = read_table(content, name="x.xlsx")
    assert table.header[:7] == (
        "序号", "批次号", "姓名", "身份证号", "社保卡账号", "开户银行", "补贴金额",
    )  # fmt: skip
    first, second = table.rows
    assert first.get("姓名") == "=1+1"  # text: read_table refuses formulas
    assert first.text("社保卡账号") == "6228480000000000018"
    assert second.get("补贴金额") == "682.05"


@pytest.mark.parametrize("code", CODES)
def test_the_same_lines_give_the_same_bytes(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [payment(n, f"演练{n}") for n in range(1, 40)]
    first = written(code, *rows)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert written(code, *rows) == first


@pytest.mark.parametrize("code", CODES)
def test_a_list_is_locked_after_the_template_of_the_day_and_keeps_it(code: str, cast: Cast) -> None:
    adopt(code)
    batch = payouts.locked(cast)
    assert batch.template == f"{code}@2020-08-03"
    assert file_store.read(batch.file_sha256) == bank_file(batch)
    adopt("fixed" if code == "online" else "online", LOCKED)
    assert bank_file(batch) == file_store.read(batch.file_sha256)
    assert list(invariants.broken()) == []


def test_a_line_that_does_not_fit_stops_the_lock_with_its_number(cast: Cast) -> None:
    adopt("fixed")
    payouts.in_benefit(cast, 1, name="演" * 31)
    batch = payouts.opened(cast, 0)
    with pytest.raises(Refused, match="第 1 笔的户名超过"):
        batches.lock(batch.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    assert payouts.fresh(batch).state == "OPEN"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"layout": "pdf"}, "unknown layout"),
        ({"columns": []}, "no columns"),
        ({"columns": [{"name": "a", "field": "secret"}]}, "unknown fields"),
        ({"layout": "fixed"}, "needs a width"),
        ({"columns": [{"name": "a", "field": "account"}]}, "no account or no amount"),
        ({"amounts": "dollars"}, "yuan or fen"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(changes: dict[str, Any], said: str) -> None:
    value = next(v["value"] for v in delivered() if v["parameter"] == "bank.file.online")
    with pytest.raises(ValueError, match=said):
        Template.read("online", value | changes)


# ------------------------------------------------------------------ answers


def answered(code: str, rows: list[dict[str, str]]) -> bytes:
    """The rows as a bank of that template sends them."""
    found = next(t for t in answer_templates(DAY) if t.code == code)
    online = next(t for t in answer_templates(DAY) if t.code == "online")
    words = {"成功": min(found.paid), "失败": min(found.failed)}
    table = [[found.columns[part] for part in PARTS]]
    for row in rows:
        cells = {part: row[column] for part, column in online.columns.items()}
        cells["status"] = words.get(cells["status"].strip(), cells["status"])
        if found.amounts == "fen":
            cells["amount"] = fen(cells["amount"])
        table.append([cells[part] for part in PARTS])
    return WRITERS[code](table)


def fen(yuan: str) -> str:
    """`682.01` in fen; what is no number stays."""
    try:
        return str(round(float(yuan) * 100))
    except ValueError:
        return yuan


def as_csv(table: list[list[str]], delimiter: str = ",") -> bytes:
    """Lines of text in the banks' encoding."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return out.getvalue().encode("gb18030")


def as_workbook(table: list[list[str]]) -> bytes:
    """A workbook of text cells."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(table):
            for c, text in enumerate(row):
                sheet.write_string(r, c, text)
    return out.getvalue()


WRITERS: dict[str, Callable[[list[list[str]]], bytes]] = {
    "online": as_csv,
    "card": as_workbook,
    "fixed": lambda table: as_csv(table, "|"),
}


@pytest.fixture
def batch(cast: Cast) -> PayoutBatch:
    """A sent list of three households."""
    return payouts.sent(cast)


@pytest.mark.parametrize("name", MUTANTS)
@pytest.mark.parametrize("code", ["card", "fixed"])
def test_mutants_are_told_apart_in_every_layout(
    code: str, name: str, cast: Cast, batch: PayoutBatch
) -> None:
    mutate, expected, paid = MUTANTS[name]
    rows = payouts.answers(batch)
    mutate(rows)
    results.import_result(batch.no, answered(code, rows), actor=cast.accountant, on=PAID)
    batch = payouts.fresh(batch)
    assert (kinds(batch), batch.paid_count, batch.state) == (expected, paid, "SENT")


@pytest.mark.parametrize("name", ["spaces around", "another order", "another spelling of the time"])
@pytest.mark.parametrize("code", ["card", "fixed"])
def test_harmless_spellings_in_every_layout(
    code: str, name: str, cast: Cast, batch: PayoutBatch
) -> None:
    rows = payouts.answers(batch)
    HARMLESS[name](rows)
    results.import_result(batch.no, answered(code, rows), actor=cast.accountant, on=PAID)
    assert payouts.fresh(batch).state == "CLOSED"
    assert list(invariants.broken()) == []


def test_a_result_after_the_result_is_late(cast: Cast, batch: PayoutBatch) -> None:
    """C17: for a line, or a month, that is settled already."""
    payouts.imported(cast, batch, payouts.answers(batch))
    again = payouts.came_back(payouts.answers(payouts.fresh(batch))[0])
    payouts.imported(cast, batch, [again])
    assert kinds(batch) == ["LATE"]
    assert payouts.fresh(batch).paid_count == 3


def test_a_file_that_is_cut_off_leaves_lines_open(cast: Cast, batch: PayoutBatch) -> None:
    content = answered("online", payouts.answers(batch))
    cut = content[: content.rindex(b"\r\n", 0, -2) + 2]
    results.import_result(batch.no, cut, actor=cast.accountant, on=PAID)
    assert kinds(batch) == ["MISSING"]
    with pytest.raises(Refused, match="第 4 行"):
        results.import_result(batch.no, content[:-60], actor=cast.accountant, on=PAID)


def test_a_file_of_no_known_form_names_what_lacks(cast: Cast, batch: PayoutBatch) -> None:
    content = answered("card", payouts.answers(batch))
    table = read_table(content, name="x.xlsx")
    lines = [[name for name in table.header if name != "银行流水号"]]
    with pytest.raises(Refused, match=r"首行缺少列：银行流水号.*一卡通发放结果"):
        results.import_result(batch.no, as_csv(lines), actor=cast.accountant, on=PAID)


def test_an_answer_template_that_makes_no_sense_is_refused() -> None:
    value = next(v["value"] for v in delivered() if v["parameter"] == "bank.answer.card")
    with pytest.raises(ValueError, match="card"):
        AnswerTemplate.read("card", value | {"failed": ["发放成功"]})
    with pytest.raises(ValueError, match="card"):
        AnswerTemplate.read("card", value | {"columns": {"account": "账号"}})

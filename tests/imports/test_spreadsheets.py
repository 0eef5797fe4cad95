"""Files that people send: the corpus of security.md 3.7."""

import io
import zipfile

import pytest

from tests.imports.rosters import as_csv, as_xlsx
from yuquan_relief.kernel import spreadsheets
from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.spreadsheets import Unreadable, neutral, read_table

HEADER = ["甲", "乙"]


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with some bytes of one part replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new)
    return zipped(parts)


def refusal(content: bytes, name: str = "") -> str:
    with pytest.raises(Unreadable) as caught:
        read_table(content, name=name)
    return caught.value.reason


FORMULA_LIKE = ["=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "＝1+1"]


@pytest.mark.parametrize("text", FORMULA_LIKE)
def test_x1_text_that_looks_like_a_formula_is_read_as_text(text: str) -> None:
    table = read_table(as_xlsx([[text, "x"]], header=HEADER))
    assert table.rows[0].get("甲") == text


@pytest.mark.parametrize("text", FORMULA_LIKE)
def test_x1_export_neutralises_what_looks_like_a_formula(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "张三", "12.50", "a=b"])
def test_x1_export_leaves_other_text(text: str) -> None:
    assert neutral(text) == text


def test_x2_formula_is_refused_with_its_cell() -> None:
    assert "B3" in refusal(as_xlsx([["1", "2"], ["3", "4"]], header=HEADER, formula="B3"))


def test_x2_formula_in_a_cell_without_reference_is_refused_too() -> None:
    book = as_xlsx([["1", "2"]], header=HEADER, formula="B2")
    hidden = changed(book, "xl/worksheets/sheet1.xml", b'r="B2"', b"")
    assert "公式" in refusal(hidden)


def test_x2_macros_are_refused() -> None:
    book = as_xlsx([["1", "2"]], header=HEADER)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    assert "宏" in refusal(zipped({**parts, "xl/vbaProject.bin": b"x"}))


def test_x2_macro_content_type_is_refused() -> None:
    book = as_xlsx([["1", "2"]], header=HEADER)
    kind = b"spreadsheetml.sheet.main+xml"
    macro = changed(book, "[Content_Types].xml", kind, b"sheet.macroEnabled.main+xml")
    assert "宏" in refusal(macro)


@pytest.mark.parametrize(
    "prolog", [b'<!DOCTYPE x [<!ENTITY a "b">]>', b'<!DOCTYPE x SYSTEM "file:///etc/passwd">']
)
def test_x3_entities_are_refused(prolog: bytes) -> None:
    book = as_xlsx([["1", "2"]], header=HEADER)
    bomb = changed(book, "xl/worksheets/sheet1.xml", b"<worksheet", prolog + b"<worksheet")
    assert "内部结构" in refusal(bomb)


def test_x3_zip_bomb_is_refused_by_its_declared_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED", 1_000_000)
    bomb = zipped({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b"0" * 2_000_000})
    assert "太大" in refusal(bomb)


def test_x3_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    book = as_xlsx([["1", "2"]], header=HEADER)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = book.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))
    assert lying != book
    assert "损坏" in refusal(lying)


def test_x5_old_excel() -> None:
    assert ".xls" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "a.xls")


def test_x5_open_document() -> None:
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    assert ".ods" in refusal(zipped({"mimetype": kind, "content.xml": b"<a/>"}))


def test_x5_another_zip() -> None:
    assert "不是 .xlsx" in refusal(zipped({"word/document.xml": b"<a/>"}))


def test_x5_csv_named_xlsx() -> None:
    assert "扩展名" in refusal(as_csv([["1", "2"]], header=HEADER), "名册.xlsx")


def test_x5_empty_file() -> None:
    assert "空" in refusal(b"\r\n")


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("gb18030", "GB18030"),
        ("gbk", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
def test_x6_encodings_give_the_same_rows(encoding: str, label: str) -> None:
    table = read_table(as_csv([["乌云·其其格", "镕"]], header=HEADER, encoding=encoding))
    assert (table.rows[0].cells, table.encoding) == ({"甲": "乌云·其其格", "乙": "镕"}, label)


def test_x6_rare_characters_survive_gb18030() -> None:
    table = read_table(as_csv([["𠮷𬎆", "㛃"]], header=HEADER, encoding="gb18030"))
    assert table.rows[0].cells == {"甲": "𠮷𬎆", "乙": "㛃"}


def test_x6_xlsx_gives_the_same_rows_as_csv() -> None:
    rows = [["一", "二"], ["三", "四"]]
    assert (
        read_table(as_xlsx(rows, header=HEADER)).rows
        == read_table(as_csv(rows, header=HEADER)).rows
    )


def test_x6_neither_encoding() -> None:
    assert "编码" in refusal(b"\xff\x00\xff\xff,\x80\xff\n")


@pytest.mark.parametrize(
    ("header", "said"), [(["甲", "甲"], "两次"), (["甲", "", "乙"], "第 2 列没有列名")]
)
def test_x8_broken_header(header: list[str], said: str) -> None:
    assert said in refusal(as_csv([["1"] * len(header)], header=header))


def test_x8_header_with_full_width_and_gaps_is_understood() -> None:
    table = read_table(as_csv([["1"]], header=["救助金额 （基本）"]))
    assert table.header == ("救助金额(基本)",)


def test_x8_blank_rows_are_passed_over_and_numbers_stay() -> None:
    table = read_table(as_csv([["1", "2"], ["", ""], ["3", "4"], ["", " "]], header=HEADER))
    assert [row.number for row in table.rows] == [2, 4]


def test_x8_row_with_more_cells_than_columns() -> None:
    assert "第 2 行" in refusal(as_csv([["1", "2", "3"]], header=HEADER))


def test_row_numbers_are_the_lines_of_the_sheet() -> None:
    table = read_table(as_xlsx([["1", "2"], [], ["3", "4"]], header=HEADER))
    assert [row.number for row in table.rows] == [2, 4]


def test_number_in_a_text_column_is_refused_whatever_it_looks_like() -> None:
    row = read_table(as_xlsx([[6228480000000000018, "x"]], header=HEADER)).rows[0]
    with pytest.raises(InputError) as caught:
        row.text("甲")
    assert caught.value.code == "column_as_text"


@pytest.mark.parametrize(("number", "text"), [(682, "682"), (682.5, "682.5"), (0.1 + 0.2, "0.3")])
def test_number_in_another_column_is_its_text(number: float, text: str) -> None:
    assert read_table(as_xlsx([[number, "x"]], header=HEADER)).rows[0].get("甲") == text


def test_tab_separated_text_is_read() -> None:
    assert read_table("甲\t乙\n1\t2\n".encode()).rows[0].cells == {"甲": "1", "乙": "2"}


def test_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_BYTES", 10)
    assert "超过" in refusal(as_csv([["1", "2"]] * 10, header=HEADER))


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3)
    assert "太大" in refusal(as_csv([["1", "2"]] * 5, header=HEADER))

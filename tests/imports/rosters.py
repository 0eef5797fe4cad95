"""Rosters for the tests, in every form in which an office may send them."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import xlsxwriter

from supervision.demo.families import account_number
from supervision.demo.rosters import identity_number

ON = date(2026, 11, 23)
NEXT = date(2026, 12, 1)
HEADER = [
    "地区",
    "户主姓名",
    "身份证号",
    "低保证号",
    "救助类别",
    "保障人口数",
    "救助金额(基本)",
    "分类施保金额",
    "发放合计",
    "开户银行",
    "账户名称",
    "账号",
    "发放年月",
    "发放月数",
    "发放方式",
    "发放状态",
    "反馈状态",
    "备注",
]


def line(serial: int, **changes: str) -> list[str]:
    """One household of the cast's first village."""
    values = {
        "地区": "甲一社区",
        "户主姓名": "演练甲",
        "身份证号": identity_number(serial, is_male=True),
        "低保证号": f"C1599000012025{serial:05d}",
        "救助类别": "城市低保",
        "保障人口数": "2",
        "救助金额(基本)": "682.00",
        "分类施保金额": "50.00",
        "发放合计": "732.00",
        "开户银行": "演练银行",
        "账户名称": "演练甲",
        "账号": account_number(serial),
        "发放年月": "2026-11",
        "发放月数": "1",
        "发放方式": "社会化发放",
        "发放状态": "已发放",
        "反馈状态": "成功",
        "备注": "",
    }
    return list({**values, **changes}.values())


def lines(count: int, first: int = 1) -> list[list[str]]:
    """Some households."""
    return [line(serial) for serial in range(first, first + count)]


def as_csv(
    rows: Sequence[Sequence[str]], *, header: Sequence[str] = HEADER, encoding: str = "utf-8"
) -> bytes:
    """The rows as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def as_xlsx(
    rows: Sequence[Sequence[Any]], *, header: Sequence[str] = HEADER, formula: str = ""
) -> bytes:
    """The rows as XLSX; texts stay texts, numbers numbers; `formula` is the cell of a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate([header, *rows]):
        for column, cell in enumerate(row):
            write = sheet.write_number if isinstance(cell, int | float) else sheet.write_string
            write(number, column, cell)
    if formula:
        sheet.write_formula(formula, "=1+1", None, "2")
    book.close()
    return out.getvalue()

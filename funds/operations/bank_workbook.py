"""The bank file as a workbook: text cells, no formula, the same bytes each time."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime

import xlsxwriter

from funds.rules.bank_file import Head, Payment, Template, above, columns_of, pieces

CREATED = datetime(2020, 8, 3, tzinfo=UTC)  # no clock: the same lines give the same bytes
OPTIONS = {
    "in_memory": True,
    "constant_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}


def workbook(template: Template, head: Head, payments: Iterable[Payment]) -> bytes:
    """The bytes of the workbook: text cells, amounts as numbers with two decimals."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        book.set_properties({"created": CREATED.replace(tzinfo=None), "title": head.batch_no})
        sheet = book.add_worksheet("发放")
        money = book.add_format({"num_format": "0.00" if template.amounts == "yuan" else "0"})
        row = 0
        for cells in above(template, head):
            for place, text in enumerate(cells):
                sheet.write_string(row, place, text)
            row += 1
        amount = [column.field for column in template.columns].index("amount")
        divisor = 100 if template.amounts == "yuan" else 1
        for piece in pieces(payments):
            rows = zip(*columns_of(template, head, piece), strict=True)
            for payment, line in zip(piece, rows, strict=True):
                for place, text in enumerate(line):
                    if place == amount:
                        sheet.write_number(row, place, payment.amount_fen / divisor, money)
                    else:
                        sheet.write_string(row, place, text)
                row += 1
    return out.getvalue()

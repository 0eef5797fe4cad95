"""The bank file as a workbook: text cells, no formula, the same bytes each time."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime

import xlsxwriter

from funds.rules.bank_file import FIELDS, Head, Payment, Template, above

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
        columns = [(place, c.field, FIELDS[c.field]) for place, c in enumerate(template.columns)]
        divisor = 100 if template.amounts == "yuan" else 1
        for payment in payments:
            for place, field, read in columns:
                if field == "amount":
                    sheet.write_number(row, place, payment.amount_fen / divisor, money)
                else:
                    sheet.write_string(row, place, read(template, head, payment))
            row += 1
    return out.getvalue()

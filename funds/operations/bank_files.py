"""Making the bank file out of the lines of a list: the same lines, the same bytes."""

from collections.abc import Generator
from contextlib import closing
from datetime import date
from functools import partial
from itertools import islice

from django.db.models import TextField
from django.db.models.functions import Cast

from cases.rules.programmes import Programme
from funds.models import PayoutBatch, PayoutLine
from funds.rules import bank_file as form
from funds.rules.bank_result import AnswerTemplate
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import unseal_all
from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.rulebook_values import Rules, rules

from .bank_workbook import workbook

FIELDS = (
    "line_no",
    "holder",
    "id_no",
    "account",
    "bank",
    "amount_fen",
    "month",
    "village_name",
    "certificate_no",
    "kind",
)  # in the order of bank_file.Payment
SEALED = ("id_no", "account")
ANSWERS = "bank.answer."
FIRST = "online@2020-08-03"  # of lists that were locked before templates were kept


def template_in_force(programme: str, on: date) -> str:
    """`online@2020-08-03`: the template of the programme with the day of its version."""
    rulebook = rules(on)
    chosen = rulebook["bank.template"]
    code = str(chosen.get(programme) or chosen["default"])
    return f"{code}@{rulebook.dated(f'bank.file.{code}').valid_from}"


def template_of(batch: PayoutBatch) -> form.Template:
    """The template that the list was locked with; raises Refused when it cannot be used."""
    code, _, day = (batch.template or FIRST).partition("@")
    rulebook: Rules = rules(date.fromisoformat(day))
    try:
        return form.Template.read(code, rulebook[f"bank.file.{code}"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"银行文件模板“{code}”不能使用，请区局核对规则版本（{error}）") from error


def bank_file(batch: PayoutBatch) -> bytes:
    """The bytes for the bank, lines in order (one statement for any number).

    Raises Refused when a value does not fit the template, with the line.
    """
    template, head = template_of(batch), head_of(batch)
    with closing(payments(batch)) as rows:  # its cursor ends here, also when a line does not fit
        if template.layout == "xlsx":
            return workbook(template, head, rows)
        try:
            return b"".join(form.chunks(template, head, rows))
        except InputError as error:
            raise Refused(error.message, code="does_not_fit") from error


def head_of(batch: PayoutBatch) -> form.Head:
    """The list as the head of its file tells it."""
    office = Unit.objects.only("name").get(pk=batch.office_id)
    return form.Head(
        batch_no=batch.no,
        count=batch.line_count,
        total_fen=batch.total_fen,
        office=office.name,
        item=Programme(batch.programme).label,
    )


def payments(batch: PayoutBatch) -> Generator[form.Payment, None, None]:
    """The lines in order, read through a cursor: memory does not grow with their number.

    The sealed numbers are read as they stand and opened a piece at a time.
    """
    fields = [Cast(name, TextField()) if name in SEALED else name for name in FIELDS]
    lines = PayoutLine.objects.filter(batch=batch).order_by("line_no").values_list(*fields)
    rest = lines.iterator(chunk_size=form.LINES)
    made = partial(tuple.__new__, form.Payment)  # what Payment._make does, a million times
    while piece := list(islice(rest, form.LINES)):
        columns = list(zip(*piece, strict=True))
        for name in SEALED:
            place = FIELDS.index(name)
            columns[place] = tuple(unseal_all(columns[place]))
        yield from map(made, zip(*columns, strict=True))


def answer_templates(on: date) -> list[AnswerTemplate]:
    """The forms of answer that are known on the day; the usual one first."""
    rulebook = rules(on)
    usual = ANSWERS + str(rulebook["bank.template"]["default"])
    names = sorted({p for _, p in rulebook.values if p.startswith(ANSWERS)} - {usual})
    names = [usual, *names] if usual in rulebook else names
    return [AnswerTemplate.read(name.removeprefix(ANSWERS), rulebook[name]) for name in names]

"""Printing an official form: the sheet, and the record that it was printed."""

import hashlib
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.models import Dossier
from archives.papers import make_sheet, print_sheet, read_case
from archives.papers.benefits import BenefitSheet, make_paper
from archives.papers.dossier import make_cover
from archives.papers.money import make_paper as make_money_paper
from archives.pdf import Pdf
from cases.models import Benefit, Case, Review
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.events import record


@transaction.atomic
def print_form(case_no: str, code: str, *, actor: Actor, on: date, size: str = "A4") -> Pdf:
    """The form as PDF; who printed it, when and with what digest is on record.

    Raises Case.DoesNotExist outside the scope, PermissionDenied without cases.view, Refused when
    its evidence is not there yet. `size` A3 is for what hangs on the board.
    """
    case = Case.objects.visible_to(actor).only("no", "village_id").get(no=case_no)
    if not actor.can("cases.view"):
        raise PermissionDenied("cases.view")
    parts = Dossier.objects.filter(case=case).order_by("part").values_list("no", flat=True)
    dossier_no = parts.first() or ""
    sheet = make_sheet(read_case(case_no, on), code, dossier_no=dossier_no, size=size)
    pdf = print_sheet(sheet)
    body = {"form": code, "sha256": hashlib.sha256(pdf.content).hexdigest(), "pages": pdf.pages}
    record("case", case.no, "print_form", actor=actor, on=on, unit_id=case.village_id, body=body)
    return pdf


@transaction.atomic
def print_benefit_form(pk: int, code: str, *, review: Review | None, actor: Actor, on: date) -> Pdf:
    """A form of somebody in benefit as PDF, on record as print_form.

    Raises Benefit.DoesNotExist outside the scope, PermissionDenied without cases.view, Refused
    when there is nothing to print yet.
    """
    found = Benefit.objects.visible_to(actor).select_related(
        "household", "village", "office", "district", "source_case"
    )
    benefit = found.get(pk=pk)
    if not actor.can("cases.view"):
        raise PermissionDenied("cases.view")
    pdf = make_paper(BenefitSheet(benefit, on, review), code)
    body = {"form": code, "sha256": hashlib.sha256(pdf.content).hexdigest(), "pages": pdf.pages}
    kind, key = ("review", review.no) if review else ("benefit", benefit.key)
    record(kind, key, "print_form", actor=actor, on=on, unit_id=benefit.village_id, body=body)
    return pdf


@transaction.atomic
def print_money_form(code: str, key: str, found: Any, *, actor: Actor, on: date) -> Pdf:
    """A form of money as PDF, on record as print_form. `found`: what the form's own find gave.

    Raises PermissionDenied without funds.view.
    """
    if not actor.can("funds.view"):
        raise PermissionDenied("funds.view")
    pdf = make_money_paper(code, found, on)
    body = {"form": code, "sha256": hashlib.sha256(pdf.content).hexdigest(), "pages": pdf.pages}
    record("money", key, "print_form", actor=actor, on=on, unit_id=actor.unit_id, body=body)
    return pdf


@transaction.atomic
def print_cover(no: str, *, actor: Actor, on: date) -> Pdf:
    """Cover, directory and closing note of a file as PDF, on record as print_form."""
    found = Dossier.objects.visible_to(actor).select_related(
        "case", "household", "district", "office", "village"
    )
    dossier = found.get(no=no)
    if not actor.can("archives.view"):
        raise PermissionDenied("archives.view")
    pdf = make_cover(dossier, on)
    body = {"form": "cover", "sha256": hashlib.sha256(pdf.content).hexdigest(), "pages": pdf.pages}
    unit = dossier.village_id
    record("dossier", no, "print_form", actor=actor, on=on, unit_id=unit, body=body)
    return pdf

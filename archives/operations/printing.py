"""Printing an official form: the sheet, and the record that it was printed."""

import hashlib
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.models import Dossier
from archives.papers import make_sheet, print_sheet, read_case
from archives.pdf import Pdf
from cases.models import Case
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
    dossier_no = Dossier.objects.filter(case=case).values_list("no", flat=True).first() or ""
    sheet = make_sheet(read_case(case_no, on), code, dossier_no=dossier_no, size=size)
    pdf = print_sheet(sheet)
    body = {"form": code, "sha256": hashlib.sha256(pdf.content).hexdigest(), "pages": pdf.pages}
    record("case", case.no, "print_form", actor=actor, on=on, unit_id=case.village_id, body=body)
    return pdf

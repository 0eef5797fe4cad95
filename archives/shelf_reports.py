"""Reads of the paper files: boxes, what is lent, one stocktaking."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from archives.models import Box, Dossier, Loan, PaperFile, Stocktake, StocktakeFinding, of_office
from yuquan_relief.kernel.actor import Actor

MOST = 200


def overview(actor: Actor, on: date) -> dict[str, Any]:
    """Boxes with how many files, loans that are out (the latest due first), stocktakings."""
    files = Dossier.objects.visible_to(actor).exclude(state=Dossier.State.DESTROYED)
    boxes = of_office(Box, actor)
    out = Loan.objects.filter(returned_on=None, paper__box__in=boxes)
    lent = list(out.select_related("paper__dossier__household").order_by("due_on", "id")[:MOST])
    return {
        "boxes": boxes.annotate(files=Count("papers")).order_by("-id")[:MOST],
        "shelved": PaperFile.objects.filter(dossier__in=files).count(),
        "all_files": files.count(),
        "lent": [(loan, loan.due_on < on) for loan in lent],
        "late": sum(loan.due_on < on for loan in lent),
        "stocktakes": of_office(Stocktake, actor).order_by("closed_on", "-id")[:20],
    }


def papers_of(box: Box) -> QuerySet[PaperFile]:
    """The files of the box in their seats."""
    return box.papers.select_related("dossier__household", "dossier__case").order_by("seat")


def paper_of(dossier: Dossier) -> PaperFile | None:
    """The paper of the file, if it stands in a box."""
    found = PaperFile.objects.filter(dossier=dossier)
    return found.select_related("box", "checked_by").first()


def stocktake_page(row: Stocktake) -> dict[str, Any]:
    """The codes read last, how far it is, and what was found once it is closed."""
    kinds = dict(StocktakeFinding.Kind.choices)
    found = row.findings.select_related("dossier__household").order_by("kind", "code")
    papers = PaperFile.objects.filter(box__office_id=row.office_id)
    return {
        "scans": row.scans.select_related("box").order_by("-id")[:10],
        "read": row.scans.count(),
        "expected": row.expected if row.closed_on else papers.count(),
        "groups": [(label, [f for f in found if f.kind == kind]) for kind, label in kinds.items()],
        "clean": row.closed_on and not found,
    }

"""Reads of keeping: how many files are kept until when, what may go, one list of those."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from archives.models import Disposal, Dossier, expired
from archives.models.keeping import LegalHold
from archives.operations.disposal import still_there
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit


@dataclass(frozen=True)
class Due:
    """An office with files that may go."""

    pk: int
    name: str
    files: int

    @property
    def label(self) -> str:
        """`甲街道（3 卷）`."""
        return f"{self.name}（{self.files} 卷）"


def offices_due(actor: Actor, on: date) -> list[Due]:
    """The offices whose files' term has passed without a hold, with how many."""
    files = expired(Dossier.objects.visible_to(actor), on)
    counts = dict(files.values_list("office").annotate(n=Count("pk")).order_by())
    offices = Unit.objects.filter(pk__in=counts).order_by("code")
    return [Due(o.pk, o.short_name, counts[o.pk]) for o in offices]


def sums(actor: Actor, on: date) -> dict[str, int]:
    """How many files are in benefit, kept, past their term, held, gone."""
    kept = Q(state__in=("BUILDING", "SEALED"))
    found: dict[str, int] = Dossier.objects.visible_to(actor).aggregate(
        without_end=Count("pk", filter=kept & Q(retain_until=None)),
        kept=Count("pk", filter=kept & Q(retain_until__gte=on)),
        past=Count("pk", filter=kept & Q(retain_until__lt=on)),
        gone=Count("pk", filter=Q(state="DESTROYED")),
    )
    held = LegalHold.objects.filter(lifted_on=None, dossier__in=Dossier.objects.visible_to(actor))
    return found | {"held": held.values("dossier").distinct().count()}


def page_of(row: Disposal, on: date) -> dict[str, Any]:
    """The files of one list, and whether their bytes are really gone."""
    items = list(row.items.select_related("dossier__household", "dossier__case").order_by("id"))
    return {
        "items": items,
        "going": sum(item.verdict == "DESTROY" for item in items),
        "left": still_there(row) if row.state == "DONE" else 0,
        "on": on,
    }

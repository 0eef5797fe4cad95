"""What archives have to tell: a file is not as it must be."""

from datetime import date

from archives.models import FixityProblem
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inbox import MOST, SOURCES, Message

PAGE = "/audit/fixity/"


def files_wrong(actor: Actor, on: date) -> list[Message]:
    """Each file that was changed or is missing, for those who look after them (6.3)."""
    if not (actor.can("audit.view") or actor.can("clients.edit")):
        return []
    found = FixityProblem.objects.filter(mended_on__isnull=True).order_by("found_on", "id")
    return [
        Message(
            f"{p.get_kind_display()}：{p.what or p.name[:20]}", p.name[:12], PAGE, p.found_on, True
        )
        for p in found[:MOST]
    ]


SOURCES += [files_wrong]

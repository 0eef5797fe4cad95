"""What archives have to tell: a file is not as it must be."""

from datetime import date

from archives.models import Disposal, FixityProblem
from archives.rules.disposal import FINAL, STEPS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inbox import MOST, SOURCES, Message

PAGE = "/audit/fixity/"
LISTS = "/archive/keeping/"


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


def disposals_waiting(actor: Actor, on: date) -> list[Message]:
    """Each list of files that go which waits for a step that the post may take (6.4)."""
    found = Disposal.objects.visible_to(actor).exclude(state__in=sorted(FINAL))
    return [
        Message(f"销毁清册{row.state_label}", row.no, f"{LISTS}{row.no}/", row.opened_on, True)
        for row in found.order_by("id")[:MOST]
        if any(
            row.state in step.sources and actor.can(step.capability) and step.code != "send_back"
            for step in STEPS.values()
        )
    ]


SOURCES += [files_wrong, disposals_waiting]

"""What archives have to tell: a file is not as it must be."""

from datetime import date

from django.db.models import OuterRef, Subquery

from archives.models import Disposal, Dossier, FixityProblem, Inspection
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


def inspections_failed(actor: Actor, on: date) -> list[Message]:
    """Each file whose latest inspection found something wrong (6.3)."""
    if not (actor.can("audit.view") or actor.can("archives.seal")):
        return []
    latest = Inspection.objects.filter(dossier=OuterRef("pk")).order_by("-id").values("passed")[:1]
    files = Dossier.objects.visible_to(actor).annotate(sound=Subquery(latest))
    return [
        Message("四性检测没有通过", d.no, f"/archive/{d.no}/?as=check", on, True)
        for d in files.filter(sound=False).order_by("id")[:MOST]
    ]


SOURCES += [files_wrong, disposals_waiting, inspections_failed]

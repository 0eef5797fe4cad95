"""What archives have to tell: a file is not as it must be."""

from datetime import date

from django.db.models import OuterRef, Subquery

from archives.models import (
    Box,
    Disposal,
    Dossier,
    FixityProblem,
    Inspection,
    Loan,
    OldFile,
    of_office,
)
from archives.operations.evidence import visible
from archives.rules.disposal import FINAL, STEPS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inbox import MOST, SOURCES, Message

PAGE = "/audit/fixity/"
LISTS = "/archive/keeping/"
GAPS = "/archive/?gaps=on"
OLD = "/archive/since2015/"


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


def files_lacking(actor: Actor, on: date) -> list[Message]:
    """How many files lack something, for the office that keeps them (6.1)."""
    if not actor.can("archives.seal"):
        return []
    building = Dossier.objects.visible_to(actor).filter(state=Dossier.State.BUILDING)
    count = building.with_gaps().count()
    return [Message(f"{count} 卷档案缺件", "请补齐后封存", GAPS, on, True)] if count else []


def loans_late(actor: Actor, on: date) -> list[Message]:
    """Each paper file that did not come back in time."""
    if not actor.can("archives.shelve"):
        return []
    out = Loan.objects.filter(returned_on=None, due_on__lt=on)
    mine = out.filter(paper__box__in=of_office(Box, actor)).select_related("paper__dossier")
    return [
        Message(f"{x.unit}{x.borrower}借阅的档案逾期未还", x.paper.dossier.no,
                f"/archive/{x.paper.dossier.no}/paper/", x.due_on, True)
        for x in mine.order_by("due_on", "id")[:MOST]
    ]  # fmt: skip


def old_files_waiting(actor: Actor, on: date) -> list[Message]:
    """Files since 2015 that wait for this person, or for the district to look again (16)."""
    mine = OldFile.objects.visible_to(actor)
    found = []
    if actor.can("archives.shelve"):
        given = mine.filter(checker_id=actor.human_id, state="ASSIGNED").count()
        lacking = mine.filter(state="PROBLEM").count()
        found += [("卷历年档案派给您核查", given, "?mine=on"),
                  ("卷历年档案待整改", lacking, "?state=PROBLEM")]  # fmt: skip
    if actor.can("archives.check_old"):
        found.append(("卷历年档案待复核", mine.filter(state="RECHECK").count(), "?state=RECHECK"))
    return [
        Message(f"{count} {text}", "2015 年以来核查", f"{OLD}{query}", on, True)
        for text, count, query in found
        if count
    ]


def exports_waiting(actor: Actor, on: date) -> list[Message]:
    """Each asking for the evidence of a case that waits for the bureau's leader."""
    if not actor.can("archives.release"):
        return []
    waiting = visible(actor).filter(answered_on=None).select_related("asked_by")
    return [
        Message(f"{x.asked_by.name}申请证据册", x.no, "/audit/cases/", x.asked_on, True)
        for x in waiting.order_by("id")[:MOST]
    ]


SOURCES += [
    files_wrong,
    disposals_waiting,
    inspections_failed,
    files_lacking,
    loans_late,
    old_files_waiting,
    exports_waiting,
]

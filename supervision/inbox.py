"""What supervision has to tell: what waits for the post, found by query (5(5), 14, 16)."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Q

from supervision.models import (
    Bulletin,
    Complaint,
    Contract,
    Finding,
    Liability,
    Mending,
    Referral,
    Task,
)
from supervision.operations.bulletins import unread
from supervision.operations.findings import is_owner
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inbox import MOST, SOURCES, Message, reminders_of
from yuquan_relief.kernel.roles import Reach


def _count(found: Any, text: str, hint: str, url: str, on: date) -> list[Message]:
    count = found.count()
    return [Message(f"{count} {text}", hint, url, on, True)] if count else []


def findings_waiting(actor: Actor, on: date) -> list[Message]:
    """Findings to answer, to mend or to judge."""
    mine = Finding.objects.visible_to(actor)
    said = []
    if actor.can("supervision.answer"):
        owned = mine.filter(owner=actor.role_code)
        if actor.role_code == "deputy_leader":
            owned = mine.filter(Q(owner="deputy_leader") | Q(owner="chief_leader"))
        said += _count(owned.filter(state="OPEN"), "项核查发现待答复", "督办",
                       "/supervise/?state=OPEN", on)  # fmt: skip
        said += _count(owned.filter(state="MENDING"), "项核查发现待整改", "督办",
                       "/supervise/?state=MENDING", on)  # fmt: skip
    if actor.can("supervision.check"):
        said += _count(mine.filter(state="ANSWERED"), "项答复待判定", "督办",
                       "/supervise/?state=ANSWERED", on)  # fmt: skip
        said += _count(mine.filter(state="RECHECK"), "项整改待复查", "督办",
                       "/supervise/?state=RECHECK", on)  # fmt: skip
    return said


def mendings_waiting(actor: Actor, on: date) -> list[Message]:
    """What must be mended, each with its day; what is to be looked at again."""
    mine = Mending.objects.visible_to(actor)
    said = []
    if actor.can("supervision.answer"):
        waiting = mine.filter(state__in=("OPEN", "BACK")).select_related("finding")
        rows = [
            row for row in waiting.order_by("due_on", "id")[:MOST] if is_owner(row.finding, actor)
        ]
        said += [
            Message(
                f"整改：{row.demand[:40]}", row.no, f"/rectify/{row.no}/", row.due_on or on, True
            )
            for row in rows
        ]
    if actor.can("supervision.check"):
        said += _count(
            mine.filter(state="SENT"), "项整改待复查", "整改", "/rectify/?state=SENT", on
        )
    return said


def bulletins_waiting(actor: Actor, on: date) -> list[Message]:
    """Bulletins to read, for offices; to sign, for the bureau's leader."""
    if actor.reach == Reach.OFFICE and actor.can("supervision.answer"):
        return [
            Message(f"请签收：{row.title}", row.document_no, f"/bulletins/{row.no}/",
                    row.issued_on or on, True)
            for row in unread(actor).order_by("id")[:MOST]
        ]  # fmt: skip
    if not actor.can("supervision.issue"):
        return []
    said = [
        Message(f"待签发：{row.title}", row.no, f"/bulletins/{row.no}/", row.opened_on, True)
        for row in Bulletin.objects.visible_to(actor).filter(state="CHECKED")[:MOST]
    ]
    said += [
        Message("移送待签批", row.no, f"/referrals/{row.no}/", row.opened_on, True)
        for row in Referral.objects.visible_to(actor).filter(state="OPEN")[:MOST]
    ]
    return said + [
        Message(f"责任追究{row.state_label}", row.no, f"/liability/{row.no}/", row.opened_on, True)
        for row in Liability.objects.visible_to(actor).filter(state__in=("PROPOSED", "APPEALED"))[
            :MOST
        ]
    ]


def complaints_waiting(actor: Actor, on: date) -> list[Message]:
    """Complaints to give out, to handle, to answer; nobody is told of one that names him."""
    mine = Complaint.objects.visible_to(actor)
    wanted = Q(pk__in=[])
    if actor.can("supervision.complaints"):
        wanted |= Q(state__in=("RECEIVED", "FOUND"))
    if actor.can("supervision.handle"):
        wanted |= Q(state="HANDLING", handler=actor.unit_id)
    rows = mine.filter(wanted).order_by("due_on", "id")[:MOST]
    return [
        Message(f"{row.get_kind_display()}{row.state_label}", row.no, f"/petitions/{row.no}/",
                row.due_on or on, True)
        for row in rows
    ]  # fmt: skip


def tasks_waiting(actor: Actor, on: date) -> list[Message]:
    """What was given to a worker of a third party; what the bureau has to look at."""
    mine = Task.objects.visible_to(actor)
    if actor.can("partner.visit"):
        return [
            Message(row.get_kind_display(), row.no, f"/tasks/{row.no}/", row.due_on or on, True)
            for row in mine.filter(state__in=("GIVEN", "BACK")).order_by("due_on", "id")[:MOST]
        ]
    if actor.can("supervision.partners"):
        return _count(mine.filter(state="REPORTED"), "项服务任务待检查", "第三方服务",
                      "/tasks/?state=REPORTED", on)  # fmt: skip
    return []


# What the clock reminds of one by one; of findings there may be hundreds, they are counted.
REMINDED: dict[str, tuple[Any, str]] = {
    "mending": (Mending, "/rectify/{}/"), "complaint": (Complaint, "/petitions/{}/"),
    "task": (Task, "/tasks/{}/"), "contract": (Contract, "/thirdparty/{}/"),
    "liability": (Liability, "/liability/{}/"),
}  # fmt: skip


def reminded(actor: Actor, on: date) -> list[Message]:
    """The latest rung for each paper that is due within days, or late (5(5), 16)."""
    latest = {(r.subject_kind, r.subject_key): r for r in reminders_of(actor, *REMINDED)}
    said = []
    for kind, (model, url) in REMINDED.items():
        mine = [key for of, key in latest if of == kind]
        open_ones = model.objects.visible_to(actor).open().filter(no__in=mine)
        for no in open_ones.order_by("due_on", "no").values_list("no", flat=True)[:MOST]:
            told = latest[kind, no]
            said.append(Message(told.text, no, url.format(no), told.due_on, True))
    return said + _findings_reminded(actor, on)


def _findings_reminded(actor: Actor, on: date) -> list[Message]:
    latest = {r.subject_key: r for r in reminders_of(actor, "finding")}
    waiting = Finding.objects.visible_to(actor).filter(state__in=("OPEN", "MENDING"))
    rows = Counter(
        latest[no].text for no in waiting.filter(no__in=latest).values_list("no", flat=True)
    )
    return [
        Message(f"{count} 项{text}", "督办", "/supervise/", on, True)
        for text, count in sorted(rows.items())
    ]


SOURCES += [
    reminded,
    findings_waiting,
    mendings_waiting,
    bulletins_waiting,
    complaints_waiting,
    tasks_waiting,
]

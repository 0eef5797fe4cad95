"""工作通报: drafted from findings, signed, issued, read by each office (10, 14, 16)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.operations.road import Road
from supervision.models import Bulletin, BulletinItem, BulletinRead, Finding
from supervision.models.paper import district_of
from supervision.rules.bulletins import STEPS, BulletinFacts
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, next_number
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.signing import Proof

from .mending import demand

SUBJECT = "bulletin"
MOST = 500  # findings of one bulletin


def facts_of(row: Bulletin, actor: Actor, on: date) -> BulletinFacts:
    """The plain facts that the table's needs look at."""
    return BulletinFacts(
        on=on, findings=row.items.count(), undated=row.items.filter(mend_by__lte=on).count()
    )


def content_of(row: Bulletin) -> dict[str, Any]:
    """What the signature covers: words, demands, and every finding with its day."""
    items = row.items.order_by("finding__no").values_list("finding__no", "mend_by", "demand")
    return {
        "subject": SUBJECT,
        "no": row.no,
        "title": row.title,
        "text": row.text,
        "demand": row.demand,
        "period": [row.period_from.isoformat(), row.period_to.isoformat()],
        "items": [[no, day.isoformat(), words] for no, day, words in items],
    }


ROAD = Road("通报", SUBJECT, Bulletin, STEPS, facts_of, content_of, lambda row: row.district_id)
perform = ROAD.perform


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a bulletin says, over which period."""

    title: str
    period_from: date
    period_to: date
    text: str = ""
    demand: str = ""


@transaction.atomic
def open_bulletin(words: Words, numbers: Iterable[str], *, actor: Actor, on: date) -> Bulletin:
    """A draft stands with the picked findings, each to be mended within the usual days (16).

    Raises PermissionDenied, Refused without a finding or with a period that ends before it begins.
    """
    if not actor.can(STEPS["open"].capability):
        raise PermissionDenied(STEPS["open"].label)
    if words.period_from > words.period_to:
        raise Refused("起日应在止日以前，请修改日期")
    row = Bulletin.objects.create(
        no=next_number(f"TB-{on:%Y}-", digits=3), district_id=district_of(actor),
        state="DRAFT", opened_on=on, **words.__dict__,
    )  # fmt: skip
    _pick(row, numbers, actor, on)
    ROAD.tell(row, "open", actor, on, before="", body={"findings": row.items.count()})
    return row


def _pick(row: Bulletin, numbers: Iterable[str], actor: Actor, on: date) -> int:
    """Findings join the draft; one that is in an issued bulletin already is left out."""
    wanted = sorted(set(numbers))[:MOST]
    found = Finding.objects.visible_to(actor).filter(no__in=wanted, office__isnull=False)
    there = set(row.items.values_list("finding_id", flat=True))
    told = set(
        BulletinItem.objects.filter(bulletin__state="ISSUED").values_list("finding_id", flat=True)
    )
    fresh = [f for f in found.order_by("no") if f.pk not in there | told]
    if not fresh:
        raise Refused("没有选发现，或者选的发现已经通报过，请在核查发现里重新勾选")
    mend_by = on + timedelta(days=rules(on)["mending.days"])
    BulletinItem.objects.bulk_create(
        BulletinItem(bulletin=row, finding=f, mend_by=mend_by) for f in fresh
    )
    return len(fresh)


def pick(
    no: str, numbers: Iterable[str], *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """More findings join the draft."""

    def write(row: Bulletin) -> Mapping[str, Any]:
        return {"findings": _pick(row, numbers, actor, on)}

    return perform(no, "pick", actor=actor, on=on, version=version, write=write)


def drop(
    no: str, numbers: Iterable[str], *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """Findings leave the draft."""
    chosen = sorted(set(numbers))

    def write(row: Bulletin) -> Mapping[str, Any]:
        gone, _ = row.items.filter(finding__no__in=chosen).delete()
        if not gone:
            raise Refused("请先勾选要移出的发现")
        return {"findings": gone}

    return perform(no, "drop", actor=actor, on=on, version=version, write=write)


def write_words(
    no: str,
    words: Words,
    *,
    mend_by: date | None = None,
    actor: Actor,
    on: date,
    version: int | None = None,
) -> Event:
    """What the draft says has changed; with `mend_by` every finding's day."""

    def write(row: Bulletin) -> Mapping[str, Any]:
        if words.period_from > words.period_to:
            raise Refused("起日应在止日以前，请修改日期")
        for name, value in words.__dict__.items():
            setattr(row, name, value)
        if mend_by:
            row.items.update(mend_by=mend_by)
        return {}

    return perform(no, "write", actor=actor, on=on, version=version, write=write)


def issue(
    no: str,
    tables_of: Callable[[Bulletin, date], dict[str, Any]],
    *,
    actor: Actor,
    on: date,
    proof: Proof,
    version: int | None = None,
) -> Event:
    """The bulletin is signed and issued with its number; each finding is demanded to be mended.

    The tables are frozen as they are now; the PDF is made by the worker after the commit (14, 16).
    """

    def write(row: Bulletin) -> Mapping[str, Any]:
        row.tables = tables_of(row, on)
        row.issued_on = on
        row.document_no = next_number(f"玉民社救通〔{on:%Y}〕", digits=1) + "号"
        return {"document_no": row.document_no}

    with transaction.atomic():
        event = perform(no, "issue", actor=actor, on=on, proof=proof, version=version, write=write)
        row = Bulletin.objects.get(no=no)
        for item in row.items.select_related("finding").order_by("finding__no"):
            demand(item, actor=actor, on=on)
    return event


@transaction.atomic
def take_note(no: str, *, actor: Actor, on: date) -> BulletinRead:
    """Somebody of an office has read the issued bulletin; once a person (14).

    Raises PermissionDenied for a village, which reads but does not sign for its office, and for the
    district.
    """
    row = Bulletin.objects.visible_to(actor).get(no=no, state="ISSUED")
    if actor.reach != Reach.OFFICE or not actor.can("supervision.answer"):
        raise PermissionDenied("由镇、街道签收")
    read, fresh = BulletinRead.objects.get_or_create(
        bulletin=row, office_id=actor.unit_id, person_id=actor.human_id
    )
    if fresh:
        record(SUBJECT, no, "read", actor=actor, on=on, unit_id=actor.unit_id)
    return read


def unread(actor: Actor) -> Any:
    """Issued bulletins that nobody of the actor's office has read."""
    read = BulletinRead.objects.filter(office=actor.office_id).values("bulletin")
    return Bulletin.objects.visible_to(actor).filter(state="ISSUED").exclude(pk__in=read)

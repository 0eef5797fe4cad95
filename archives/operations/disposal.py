"""Files whose term has passed go: listed, appraised, approved by two, watched by two (6.4).

The rows stay: cover, directory, digests, signatures and events outlive the bytes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, transaction
from django.db.models import Q

from archives.models import Disposal, DisposalItem, Dossier, DossierItem, expired
from archives.rules.disposal import STEPS, DisposalFacts
from cases.models import Review
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Attachment, Event, Unit, next_number
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.signing import Proof, canonical

from .fixity import still_named
from .keeping import why_not_free
from .road import Road

SUBJECT = "disposal"
REFUSED_BY_GUARD = "42501"
MOST = 500  # files of one list: more than can be looked at one by one in a day
Verdict = DisposalItem.Verdict
State = Dossier.State


@transaction.atomic
def open_disposal(office_id: int, *, actor: Actor, on: date) -> Disposal:
    """A list of the office's files that may go stands, each to be looked at.

    Raises Unit.DoesNotExist outside the district, Refused when there are none. Of two lists opened
    at once a file stands in one only.
    """
    if not actor.can(STEPS["open"].capability):
        raise PermissionDenied(STEPS["open"].label)
    office = Unit.objects.offices().filter(parent_id=actor.unit_id).get(pk=office_id)
    files = expired(Dossier.objects.visible_to(actor).filter(office=office), on)
    chosen = list(files.select_for_update(of=("self",)).order_by("no")[:MOST])
    if not chosen:
        raise Refused(f"{office.short_name}没有保管期满、可以鉴定的档案")
    row = Disposal.objects.create(
        no=next_number(f"XH-{office.code[:9]}-{on:%Y%m}-", digits=3), office=office, opened_on=on
    )
    DisposalItem.objects.bulk_create(
        DisposalItem(disposal=row, dossier=file, retained_until=file.retain_until or on)
        for file in chosen
    )
    ROAD.tell(row, "open", actor, on, body={"files": len(chosen)})
    return row


def facts_of(row: Disposal, actor: Actor, on: date) -> DisposalFacts:
    """The plain facts that the table's needs look at."""
    going = row.items.exclude(verdict=Verdict.KEEP).select_related("dossier__case")
    reasons = ((item.dossier.no, why_not_free(item.dossier, on)) for item in going)
    waits = rules(on)["disposal.waiting_days"]
    return DisposalFacts(
        on=on,
        files=len(going),
        unappraised=sum(item.verdict == Verdict.WAITING for item in going),
        not_free=tuple(f"{no}：{reason}" for no, reason in reasons if reason),
        thinks_until=row.ready_on and row.ready_on + timedelta(days=waits),
    )


def content_of(row: Disposal) -> dict[str, Any]:
    """What a signature of the list covers: every file with its package and what was found."""
    items = row.items.order_by("dossier__no").values_list(
        "dossier__no", "dossier__package_sha256", "verdict", "note"
    )
    return {
        "subject": SUBJECT,
        "no": row.no,
        "office": row.office_id,
        "count": len(items),
        "items": digest(canonical({"items": [list(item) for item in items]})),
    }


ROAD = Road("销毁清册", SUBJECT, Disposal, STEPS, facts_of, content_of, lambda row: row.office_id)
perform = ROAD.perform


def destroyable(
    no: str, ids: Iterable[int], *, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """These files are not worth keeping, with the opinion of who looked at them."""
    act = {"note": note, "actor": actor, "on": on, "version": version}
    return _judge(no, "destroyable", Verdict.DESTROY, ids, lambda items: None, **act)


def keep(  # noqa: PLR0913 - whose, how long, why
    no: str,
    ids: Iterable[int],
    *,
    years: int,
    note: str,
    actor: Actor,
    on: date,
    version: int | None = None,
) -> Event:
    """These files are kept `years` longer and leave the list."""
    if not 1 <= years <= 30:
        raise Refused("延长保管请填 1 至 30 年")
    until = on.replace(year=on.year + years, day=min(on.day, 28))

    def extend(items: Any) -> None:
        mine = Dossier.objects.filter(pk__in=items.values("dossier"))
        mine.update(retain_until=until, retain_reason="鉴定延长")
        items.update(is_open=False)

    act = {"note": note, "actor": actor, "on": on, "version": version}
    return _judge(no, "keep", Verdict.KEEP, ids, extend, **act)


def _judge(
    no: str, code: str, verdict: str, ids: Iterable[int], also: Callable[[Any], None], **act: Any
) -> Event:
    """One verdict on some files of the list, and what else follows for them."""
    chosen = sorted(set(ids))

    def write(row: Disposal) -> Mapping[str, Any]:
        items = row.items.filter(pk__in=chosen, is_open=True)
        if not chosen or items.count() != len(chosen):
            raise Refused("请先勾选清册里的档案")
        items.update(verdict=verdict, note=act["note"].strip()[:200])
        also(row.items.filter(pk__in=chosen))
        return {"verdict": verdict, "files": len(chosen)}

    return perform(no, code, write=write, **act)


def watch_too(
    no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None
) -> Event:
    """Both watchers have signed; the days to think begin."""

    def write(row: Disposal) -> Mapping[str, Any]:
        row.ready_on = on
        return {}

    return perform(no, "watch_too", actor=actor, on=on, proof=proof, version=version, write=write)


def send_back(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The list is appraised anew, and all sign again."""

    def write(row: Disposal) -> Mapping[str, Any]:
        row.round, row.ready_on = row.round + 1, None
        return {}

    return perform(no, "send_back", actor=actor, on=on, note=note, version=version, write=write)


def cancel(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The list is given up; its files may stand in another."""

    def write(row: Disposal) -> Mapping[str, Any]:
        row.items.update(is_open=False)
        return {}

    return perform(no, "cancel", actor=actor, on=on, note=note, version=version, write=write)


def destroy(
    no: str,
    *,
    files: int,
    actor: Actor,
    on: date,
    proof: Proof,
    version: int | None = None,
) -> Event:
    """The files of the list are gone: their rows say so, and their bytes follow after the commit.

    `files`: how many the person has said that there are. Raises Refused, also when the database's
    own look at term, holds and five signatures finds something missing.
    """
    if proof.person_id != actor.person_id:
        raise Refused("签批码与签字人不符，请重新签字")

    def write(row: Disposal) -> Mapping[str, Any]:
        going = row.items.filter(verdict=Verdict.DESTROY)
        if going.count() != files:
            raise Refused(f"您填的是 {files} 卷，清册里是 {going.count()} 卷，请核对")
        row.done_on = on
        row.items.update(is_open=False)
        return {"files": files}

    try:
        with transaction.atomic():
            event = perform(no, "destroy", actor=actor, on=on, version=version, write=write)
            _let_go(no, actor, on)
    except ProgrammingError as error:  # the second lock: archives.guards
        if getattr(error.__cause__, "pgcode", "") != REFUSED_BY_GUARD:
            raise
        reason = str(error).splitlines()[0]
        raise Refused(f"数据库没有放行：{reason}", code="second_lock") from error
    return event


def _let_go(no: str, actor: Actor, on: date) -> None:
    for dossier in Dossier.objects.filter(pk__in=_going(no)).order_by("no"):
        dossier.state, dossier.destroyed_on = State.DESTROYED, on
        dossier.save(update_fields=["state", "destroyed_on"])
        record(
            "dossier", dossier.no, "destroy", actor=actor, on=on, unit_id=dossier.village_id,
            body={"disposal": no, "package_sha256": dossier.package_sha256},
        )  # fmt: skip


def _going(no: str) -> Any:
    mine = DisposalItem.objects.filter(disposal__no=no, verdict=Verdict.DESTROY)
    return mine.values("dossier")


def remove_bytes(no: str) -> int:
    """The bytes of the list's destroyed files are gone from the store, but for those that something
    else still names; how many went. Repeatable."""
    dossiers = Dossier.objects.filter(pk__in=_going(no), state=State.DESTROYED)
    named = {sha256 for dossier in dossiers for sha256 in files_of(dossier)}
    kept = still_named(named)
    return sum(file_store.remove(sha256) for sha256 in sorted(named - kept))


def files_of(dossier: Dossier) -> set[str]:
    """Every file of the store that belongs to this household file, withdrawn ones too."""
    items = DossierItem.objects.filter(dossier=dossier)
    mine = Q(subject_kind="case", subject_key=dossier.case.no)
    mine |= Q(subject_kind="dossier", subject_key=dossier.no)
    reviews = Review.objects.filter(benefit__source_case=dossier.case).values("no")
    mine |= Q(subject_kind="review", subject_key__in=reviews)
    others = Dossier.objects.filter(case=dossier.case_id).exclude(pk=dossier.pk)
    if others.exclude(state=State.DESTROYED).exists():
        mine &= Q(sha256__in=items.values("sha256"))  # the rest is the other part's
    shown = Attachment.objects.filter(mine).values_list("sha256", "view_sha256", "thumb_sha256")
    own = items.values_list("sha256", flat=True)
    return {dossier.package_sha256, *own, *(s for row in shown for s in row if s)}


def still_there(row: Disposal) -> int:
    """How many files of the list are still in the store although their files were destroyed."""
    dossiers = Dossier.objects.filter(pk__in=_going(row.no), state=State.DESTROYED)
    named = {sha256 for dossier in dossiers for sha256 in files_of(dossier)}
    return sum(file_store.place(s).exists() for s in named - still_named(named))

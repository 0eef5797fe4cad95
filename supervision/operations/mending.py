"""整改 and 移送: mended by a day, with proof, looked at again; or handed to others (14, 16)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.operations.road import Road
from supervision.models import BulletinItem, Complaint, Finding, Mending, MendingFile, Referral
from supervision.models.paper import district_of
from supervision.rules.bulletins import (
    AUTHORITIES,
    MENDING_STEPS,
    REFERRAL,
    BulletinFacts,
    MendingFacts,
)
from supervision.rules.findings import NOT_ERROR
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, next_number
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.signing import Proof

from .findings import ROAD as FINDINGS
from .findings import is_owner

SUBJECT = "mending"
LONGEST = 90  # days that an extension may add to the first day


def facts_of(row: Mending, actor: Actor, on: date) -> MendingFacts:
    """The plain facts that the table's needs look at."""
    return MendingFacts(
        on=on,
        is_mine=is_owner(row.finding, actor),
        is_other=row.sent_by_id is None or row.sent_by_id != actor.person_id,
        files=row.files.filter(round=row.round).count(),
        extensions=row.extensions,
        is_late=row.due_on is not None and on > row.due_on,
        is_asked=row.asked_until is not None,
    )


ROAD = Road(
    "整改", SUBJECT, Mending, MENDING_STEPS, facts_of,
    lambda row: {"subject": SUBJECT, "no": row.no}, lambda row: row.office_id,
)  # fmt: skip
perform = ROAD.perform


def demand(item: BulletinItem, *, actor: Actor, on: date) -> Mending | None:
    """The finding of an issued bulletin must be mended by its day; what is over or was no finding
    is only told. Inside the transaction of the bulletin."""
    finding = Finding.objects.select_for_update(of=("self",)).get(pk=item.finding_id)
    if finding.state == "DONE" or finding.outcome in NOT_ERROR or hasattr(finding, "mending"):
        return None
    row = Mending.objects.create(
        no=next_number(f"ZG-{on:%Y}-", digits=5), district_id=finding.district_id,
        office_id=finding.office_id, state="OPEN", opened_on=on, due_on=item.mend_by,
        first_due_on=item.mend_by, finding=finding, bulletin=item.bulletin,
        demand=item.demand or item.finding.what,
    )  # fmt: skip
    ROAD.tell(row, "demand", actor, on, before="", body={"finding": finding.no})
    return row


@transaction.atomic
def prove(no: str, content: bytes, *, title: str, actor: Actor, on: date) -> MendingFile:
    """A photo or paper that proves it is kept. Raises Refused outside the office's turn."""
    kept: list[MendingFile] = []

    def write(row: Mending) -> Mapping[str, Any]:
        file = attach(
            SUBJECT, row.no, f"proof{row.round}", content, title=title, village_id=None,
            office_id=row.office_id, actor=actor,
        )  # fmt: skip
        kept.append(
            MendingFile.objects.create(mending=row, attachment=file, round=row.round, added_on=on)
        )
        return {"attachment": file.pk}

    perform(no, "prove", actor=actor, on=on, write=write)
    return kept[0]


def send(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The office says what it has mended; the bureau looks again."""

    def write(row: Mending) -> Mapping[str, Any]:
        row.report, row.sent_on, row.sent_by_id = note.strip()[:1000], on, actor.human_id
        return {"late": bool(row.due_on and on > row.due_on)}

    return perform(no, "send", actor=actor, on=on, note=note, version=version, write=write)


def ask_time(
    no: str, until: date, *, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The office asks for more time, before the day is past."""

    def write(row: Mending) -> Mapping[str, Any]:
        _check_until(row, until, on)
        row.asked_until = until
        return {"until": until.isoformat()}

    return perform(no, "ask_time", actor=actor, on=on, note=note, version=version, write=write)


def extend(
    no: str, until: date, *, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The bureau gives more time, once; the first day stays on record."""

    def write(row: Mending) -> Mapping[str, Any]:
        _check_until(row, until, on)
        row.due_on, row.asked_until, row.extensions = until, None, row.extensions + 1
        return {"until": until.isoformat(), "first": row.first_due_on.isoformat()}

    return perform(no, "extend", actor=actor, on=on, note=note, version=version, write=write)


def _check_until(row: Mending, until: date, on: date) -> None:
    if row.due_on is None or until <= max(row.due_on, on):
        raise Refused("新的期限应在原期限和今天以后，请修改")
    if (until - row.first_due_on).days > LONGEST:
        raise Refused(f"延期最多 {LONGEST} 天，请修改")


def pass_(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The bureau has looked again and it is mended; the finding is over with it."""

    def write(row: Mending) -> Mapping[str, Any]:
        row.passed_on = on
        _end_finding(row, note, actor, on)
        return {}

    return perform(no, "pass", actor=actor, on=on, note=note, version=version, write=write)


def _end_finding(row: Mending, note: str, actor: Actor, on: date) -> None:
    """The finding ends as mended; a verdict that it was so stays, with its count of errors."""
    finding = Finding.objects.select_for_update(of=("self",)).get(pk=row.finding_id)
    before = finding.state
    finding.state, finding.version = "DONE", finding.version + 1
    if not finding.outcome:
        finding.outcome, finding.judged_on = "MENDED", on
        finding.judged_by_id, finding.verdict = actor.human_id, note.strip()[:1000]
    finding.save()
    FINDINGS.tell(finding, "accept", actor, on, before=before, body={"mending": row.no})


def return_(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """It is not mended; the office begins a new round with new proof."""

    def write(row: Mending) -> Mapping[str, Any]:
        row.round += 1
        return {}

    return perform(no, "return", actor=actor, on=on, note=note, version=version, write=write)


def _referral_facts(row: Referral, actor: Actor, on: date) -> BulletinFacts:
    return BulletinFacts(on=on)


REFERRALS = Road(
    "移送", "referral", Referral, REFERRAL.steps, _referral_facts,
    lambda row: {
        "subject": "referral", "no": row.no, "authority": row.authority, "facts": row.facts,
    },
    lambda row: row.district_id,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What is handed to which authority, out of a finding or a complaint."""

    authority: str
    facts: str
    finding_no: str = ""
    complaint_no: str = ""


@transaction.atomic
def open_referral(handed: Handed, *, actor: Actor, on: date) -> Referral:
    """A referral waits for the bureau's leader (14). Raises PermissionDenied, Refused."""
    if not actor.can(REFERRAL.steps["open"].capability):
        raise PermissionDenied(REFERRAL.steps["open"].label)
    if handed.authority not in AUTHORITIES or not handed.facts.strip():
        raise Refused("请选择受移送机关，写明事实")
    finding = Finding.objects.visible_to(actor).filter(no=handed.finding_no).first()
    complaint = Complaint.objects.visible_to(actor).filter(no=handed.complaint_no).first()
    if not (finding or complaint):
        raise Refused("移送须有核查发现或举报信访作依据")
    office = finding.office if finding else complaint and complaint.office
    row = Referral.objects.create(
        no=next_number(f"YS-{on:%Y}-", digits=3), district_id=district_of(actor),
        office=office, state="OPEN", opened_on=on, finding=finding, complaint=complaint,
        authority=handed.authority, facts=handed.facts.strip()[:2000],
    )  # fmt: skip
    REFERRALS.tell(row, "open", actor, on, before="", body={"authority": row.authority})
    return row


def send_referral(
    no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None
) -> Event:
    """The bureau's leader has signed, and it goes to the authority with a number."""

    def write(row: Referral) -> Mapping[str, Any]:
        row.sent_on = on
        row.document_no = next_number(f"玉民移〔{on:%Y}〕", digits=1) + "号"
        return {"document_no": row.document_no}

    return REFERRALS.perform(
        no, "send", actor=actor, on=on, proof=proof, version=version, write=write
    )


def answer_referral(
    no: str, *, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The authority has answered."""

    def write(row: Referral) -> Mapping[str, Any]:
        row.reply, row.replied_on = note.strip()[:1000], on
        return {}

    return REFERRALS.perform(
        no, "answered", actor=actor, on=on, note=note, version=version, write=write
    )

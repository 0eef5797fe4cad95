"""举报、信访: taken in by any channel, handled by another unit, answered, closed (7.2)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Case
from supervision.models import BoxOpening, Complaint, ComplaintSubject, Finding, ReportBox
from supervision.models.paper import district_of
from supervision.rules.complaints import (
    CHANNELS,
    FEEDBACKS,
    KINDS,
    RESULTS,
    STEPS,
    ComplaintFacts,
)
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Person, Post, Unit, next_number
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.workdays import LimitUnit

from .findings import Registered, register
from .words import DiscreetRoad

SUBJECT = "complaint"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read wrongly over the phone
KEY_LENGTH = 12


def facts_of(row: Complaint, actor: Actor, on: date) -> ComplaintFacts:
    """The plain facts that the table's needs look at."""
    return ComplaintFacts(
        on=on,
        is_handler=row.handler_id == actor.unit_id,
        is_named=row.subjects.filter(person=actor.person_id).exists(),
        is_asked=row.named_on is not None,
    )


ROAD = DiscreetRoad(
    "举报信访", SUBJECT, Complaint, STEPS, facts_of,
    lambda row: {"subject": SUBJECT, "no": row.no}, lambda row: row.district_id,
)  # fmt: skip
perform = ROAD.perform


@dataclass(frozen=True, kw_only=True)
class Told:
    """What somebody told. `office_id`, `village_id`, `persons`: whom it is about, when known."""

    kind: str
    channel: str
    content: str
    received_on: date
    is_anonymous: bool = False
    name: str = ""
    contact: str = ""
    office_id: int | None = None
    village_id: int | None = None
    case_no: str = ""
    persons: Sequence[int] = ()


def new_key() -> str:
    """A code by which the person can ask; not to be guessed, easy to say."""
    return "".join(secrets.choice(ALPHABET) for _ in range(KEY_LENGTH))


@transaction.atomic
def receive(told: Told, *, actor: Actor, on: date) -> Complaint:
    """The complaint has a number and a day by which it must be answered (7.2). Nothing is lost.

    Raises PermissionDenied, Refused for words that say nothing or a day to come.
    """
    if not actor.can(STEPS["receive"].capability):
        raise PermissionDenied(STEPS["receive"].label)
    district = Unit.objects.get(pk=district_of(actor))
    return _keep(told, district, actor=actor, on=on, named_on=on)


@transaction.atomic
def receive_online(told: Told, district: Unit, *, on: date) -> Complaint:
    """The same by the public page, without an account (7.2). Raises Refused."""
    return _keep(told, district, actor=ROBOT, on=on)


def _keep(
    told: Told, district: Unit, *, actor: Actor, on: date, named_on: date | None = None
) -> Complaint:
    if told.kind not in KINDS or told.channel not in CHANNELS:
        raise Refused("请选择类别和渠道")
    if not told.content.strip():
        raise Refused("请写明反映的内容")
    if told.received_on > on:
        raise Refused("收到日期不能在今天以后，请修改")
    if told.is_anonymous and (told.name or told.contact):
        raise Refused("匿名的不登记姓名和联系方式，请清空或取消匿名")
    row = Complaint.objects.create(
        no=next_number(f"XF-{on:%Y}-", digits=5), key=new_key(), district=district,
        state="RECEIVED", opened_on=on, due_on=_due(told, on), kind=told.kind,
        channel=told.channel, content=told.content.strip(), received_on=told.received_on,
        is_anonymous=told.is_anonymous, name=told.name, contact=told.contact, named_on=named_on,
        **_about(told, district),
    )  # fmt: skip
    _name(row, told.persons)
    body = {"kind": told.kind, "channel": told.channel, "anonymous": told.is_anonymous}
    ROAD.tell(row, "receive", actor, on, before="", body=body)
    return row


def _due(told: Told, on: date) -> date:
    days = rules(on)["complaint.days"][told.kind]
    return work_calendar().due(told.received_on, days, LimitUnit.WORKDAY).on


def _about(told: Told, district: Unit) -> dict[str, Any]:
    """Whom it is about: an office of the district, a village of it, a case."""
    offices = Unit.objects.offices().filter(parent=district)
    office = offices.filter(pk=told.office_id).first() if told.office_id else None
    village = Unit.objects.filter(pk=told.village_id or 0, parent__parent=district).first()
    case = Case.objects.filter(no=told.case_no.strip(), district=district).first()
    if told.case_no.strip() and case is None:
        raise Refused("没有这个编号的案件，请核对；不知道编号的可以不填")
    if case and office and case.office_id != office.pk:
        raise Refused("案件编号与反映的单位不一致，请核对；不清楚的可以只填一项")
    if case and not office:
        office, village = case.office, village or case.village
    if village and not office:
        office = village.parent
    return {"office": office, "village": village, "case": case}


def _name(row: Complaint, persons: Sequence[int]) -> int:
    """These persons are named in it from now on: it is hidden from them. How many are new."""
    there = row.subjects.values("person")
    found = Person.objects.filter(pk__in=persons).exclude(pk__in=there)
    made = [ComplaintSubject(complaint=row, person=person) for person in found]
    return len(ComplaintSubject.objects.bulk_create(made))


def name_subjects(
    no: str,
    persons: Sequence[int],
    *,
    code: str = "name",
    actor: Actor,
    on: date,
    version: int | None = None,
) -> Event:
    """Whom it names stands, or that it names nobody; a public page cannot know it (7.2).

    `code`: "name", or "name_too" of the bureau's leader. Nobody is taken off again.
    """

    def write(row: Complaint) -> Mapping[str, Any]:
        row.named_on = on
        return {"named": _name(row, persons)}

    return perform(no, code, actor=actor, on=on, version=version, write=write)


def units_concerned(row: Complaint) -> set[int]:
    """The units that do not look into it: whom it is about, whose case it is, where those whom it
    names have a post. Of a clerk's village it is the office; the bureau itself may always."""
    posts = Post.objects.filter(person__in=row.subjects.values("person"), ends_on=None)
    found = [unit for pair in posts.values_list("unit", "unit__parent") for unit in pair]
    found += [row.office_id, row.case.office_id if row.case else None]
    return {unit for unit in found if unit is not None and unit != row.district_id}


def assign(
    no: str, handler_id: int, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """Another unit than the one it is about looks into it (7.2). Raises Refused for that one."""

    def write(row: Complaint) -> Mapping[str, Any]:
        handler = Unit.objects.filter(pk=handler_id).filter(kind__in=("OFFICE", "DISTRICT")).first()
        if handler is None or row.district_id not in (handler.pk, handler.parent_id):
            raise Refused("请选择承办单位")
        if handler.pk in units_concerned(row):
            raise Refused("被反映的单位、被反映的人所在的单位不能承办，请选择其他单位或区局")
        row.handler = handler
        return {"handler": handler.pk}

    return perform(no, "assign", actor=actor, on=on, version=version, write=write)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of looking into it, and the people who turn out to be concerned."""

    result: str
    finding: str
    persons: Sequence[int] = ()


def find(no: str, outcome: Outcome, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """What was found stands; what is so becomes a finding of supervision (7.2, 18(1))."""
    if outcome.result not in RESULTS:
        raise Refused("请选择查处结果")

    def write(row: Complaint) -> Mapping[str, Any]:
        row.result, row.finding = outcome.result, outcome.finding.strip()
        row.found_by_id = actor.human_id
        return {"result": outcome.result, "named": _name(row, outcome.persons)}

    # The words stay sealed in the row; the event says only that they are there.
    return perform(
        no, "find", actor=actor, on=on, note="查处情况已登记", version=version, write=write
    )


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """How the person was told, when, what."""

    how: str
    on: date
    words: str


def close(
    no: str, feedback: Feedback, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The person was told, and the complaint is closed (7.2). Raises Refused without a way."""
    if feedback.how not in FEEDBACKS:
        raise Refused("请选择反馈方式")

    def write(row: Complaint) -> Mapping[str, Any]:
        if feedback.how == "NONE" and not row.is_anonymous:
            raise Refused("实名反映的须向本人反馈，请选择当面、电话、书面或网上")
        if not row.received_on <= feedback.on <= on:
            raise Refused(f"反馈日期应在 {row.received_on} 到今天之间，请修改")
        row.feedback_how, row.feedback_on = feedback.how, feedback.on
        row.feedback, row.closed_on = feedback.words.strip(), on
        found = _as_finding(row, actor, on)
        return {"how": feedback.how, "finding": found.no if found else ""}

    return perform(no, "close", actor=actor, on=on, note="已反馈", version=version, write=write)


def _as_finding(row: Complaint, actor: Actor, on: date) -> Finding | None:
    """What was so is followed up as any other finding."""
    if row.result not in ("TRUE", "PARTLY") or row.office_id is None or row.kind == "ENQUIRY":
        return None
    if not actor.can("supervision.check"):
        return None
    case = row.case
    subject = ("case", case.no) if case else ("office", row.office.code if row.office else "")
    return register(
        Registered(
            source="COMPLAINT", severity="H", cites="7.2 18(1)", subject_kind=subject[0],
            subject_key=subject[1], what=f"举报信访经查{RESULTS[row.result]}（{row.no}）",
            office_id=row.office_id, owner="deputy_leader", origin_kind=SUBJECT, origin_key=row.no,
        ),
        actor=actor,
        on=on,
    )  # fmt: skip


def extend(
    no: str, until: date, *, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The day moves, once more time is needed, with the reason."""

    def write(row: Complaint) -> Mapping[str, Any]:
        if row.due_on is None or not row.due_on < until or (until - row.received_on).days > 90:
            raise Refused("新的期限应在原期限以后、收到后九十天以内，请修改")
        row.due_on = until
        return {"until": until.isoformat()}

    return perform(no, "extend", actor=actor, on=on, note=note, version=version, write=write)


def reopen(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """It is looked into again; what was told before stands in the chain."""

    def write(row: Complaint) -> Mapping[str, Any]:
        row.closed_on, row.round = None, row.round + 1
        return {}

    return perform(no, "reopen", actor=actor, on=on, note=note, version=version, write=write)


@transaction.atomic
def add_file(no: str, content: bytes, *, title: str, actor: Actor, on: date) -> None:
    """A letter or picture is kept with the complaint, for those alone who may see it."""
    row = Complaint.objects.visible_to(actor).get(no=no)
    if not (actor.can(STEPS["receive"].capability) or actor.can(STEPS["find"].capability)):
        raise PermissionDenied(STEPS["receive"].label)
    attach(
        SUBJECT, row.no, "letter", content, title=title, village_id=None, office_id=None,
        actor=actor,
    )  # fmt: skip


@transaction.atomic
def register_box(
    office_id: int, kind: str, place: str, *, since: date, actor: Actor, on: date
) -> ReportBox:
    """The office's box or number is registered and made public (7.2)."""
    office = _own_office(office_id, actor)
    if kind not in ReportBox.Kind.values or not place.strip():
        raise Refused("请选择类别，写明地点或号码")
    row = ReportBox.objects.create(
        office=office, kind=kind, place=place.strip()[:100], since=since,
        registered_by_id=actor.human_id,
    )  # fmt: skip
    record("report_box", str(row.pk), "register", actor=actor, on=on, unit_id=office.pk)
    return row


def _own_office(office_id: int, actor: Actor) -> Unit:
    """The actor's own office, or one of the district for who handles complaints there."""
    if actor.reach == Reach.OFFICE and actor.can("supervision.handle"):
        return Unit.objects.offices().get(pk=office_id, id=actor.unit_id or 0)
    if not actor.can(STEPS["receive"].capability):
        raise PermissionDenied(STEPS["receive"].label)
    return Unit.objects.offices().get(pk=office_id, parent_id=actor.unit_id or 0)


@transaction.atomic
def open_box(
    pk: int, *, second_id: int, letters: int, note: str, actor: Actor, on: date
) -> BoxOpening:
    """The box was opened by the actor and a second person, with so many letters in it.

    Raises Refused for one person alone or a second opening of the day.
    """
    box = ReportBox.objects.select_for_update().get(pk=pk)
    _own_office(box.office_id, actor)
    if box.kind != ReportBox.Kind.BOX:
        raise Refused("只有举报箱需要登记开箱")
    if second_id == actor.human_id or not Person.objects.filter(pk=second_id).exists():
        raise Refused("开箱须两人在场，请选择另一人")
    if box.openings.filter(opened_on=on).exists():
        raise Refused("今天已经登记过开箱")
    row = BoxOpening.objects.create(
        box=box, opened_on=on, letters=letters, opened_by_id=actor.human_id, second_id=second_id,
        note=note[:200],
    )  # fmt: skip
    body = {"letters": letters, "second": second_id}
    record("report_box", str(box.pk), "open_box", actor=actor, on=on, unit_id=box.office_id,
           body=body)  # fmt: skip
    return row

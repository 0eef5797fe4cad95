"""Public notices: posting with proof, objections, and the robot that ends them (3(4))."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from cases.models import Case, Notice, Objection, Review
from cases.models.record import CaseRecord, rules_of
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.models.attachments import Attachment
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.workdays import WorkCalendar

from .decisions import EVIDENCE_STAGES, require_cover, settled
from .steps import perform

MOST_OPEN = 5  # unanswered objections to one notice from the public page
KINDS = {"post_review_notice": Notice.Kind.REVIEW, "post_approval_notice": Notice.Kind.APPROVAL}


def post_notice(
    no: str, code: str, *, place: str, photo: bytes | None, actor: Actor, on: date
) -> Event:
    """The notice hangs from today, with its snapshot, its days and, if given, its photo.

    Day 1 is the day after posting; a last day on a rest day moves to the next working day, since
    it is the citizens' time to object (domain 6.1.5, 6.1.6). The clock of the case skips it.
    """

    def write(case: Case) -> Mapping[str, Any]:
        require_cover(CaseRecord(case, on), EVIDENCE_STAGES)
        notice = new_notice(case, KINDS[code], place=place, actor=actor, on=on, round=case.round)
        notice.snapshot = snapshot_of(CaseRecord(case, on))
        if photo:
            notice.photo = keep_photo(notice, photo, actor)
        notice.save()
        return {"notice": notice.no, "last_day": str(notice.last_day)}

    return perform(no, code, actor=actor, on=on, write=write)


LETTERS = {"REVIEW": "SH", "APPROVAL": "PZ", "ENDING": "ZZ"}


def new_notice(
    holder: Case | Review, kind: str, *, place: str, actor: Actor, on: date, round: int
) -> Notice:
    """A notice with its number and its days; the caller gives it its snapshot and stores it."""
    if not place.strip():
        raise Refused("请填写张贴地点")
    last, is_provisional = last_day_of(on, rules_for(holder, on), work_calendar())
    return Notice(
        no=f"{holder.no}-{LETTERS[kind]}{round}",
        case=holder if isinstance(holder, Case) else None,
        review=holder if isinstance(holder, Review) else None,
        kind=kind,
        round=round,
        place=place.strip()[:100],
        posted_on=on,
        first_day=on + timedelta(days=1),
        last_day=last,
        last_day_is_provisional=is_provisional,
        posted_by_id=actor.human_id,
    )


def rules_for(holder: Case | Review, on: date) -> Rules:
    """The values that bind the notice: those of the case, of a review those of the day."""
    return rules_of(holder, on) if isinstance(holder, Case) else rules(on)


def last_day_of(posted_on: date, rulebook: Rules, calendar: WorkCalendar) -> tuple[date, bool]:
    """The notice's last day, and whether it reaches into a year that is not entered yet."""
    nominal = posted_on + timedelta(days=rulebook["notice.days"])
    last = calendar.on_or_after(nominal) if rulebook["notice.extends_to_workday"] else nominal
    return last, calendar.is_provisional(nominal, last)


def snapshot_of(record: CaseRecord) -> dict[str, Any]:
    """What may be shown (domain 7.2): name, number of people, amount, village, category."""
    case, account = record.case, settled(record)
    return {
        "applicant": case.household.head_name,
        "persons": account.insured,
        "monthly_fen": account.total_fen,
        "village": case.village.name,
        "category": case.programme_label,
        "kin": case.is_kin,
        **({"once": True} if account.once_fen else {}),
    }


def keep_photo(
    notice: Notice, photo: bytes, actor: Actor, title: str = "公示张贴照片"
) -> Attachment:
    """The picture is in the file of the case, or of the review."""
    holder = notice.holder
    return attach(
        notice.subject_kind,
        holder.no,
        "notice_photo",
        photo,
        title=title,
        village_id=holder.village_id,
        office_id=holder.office_id,
        actor=actor,
    )


def _require(actor: Actor, *capabilities: str) -> None:
    if not any(actor.can(c) for c in capabilities):
        raise PermissionDenied(capabilities[0])


@transaction.atomic
def add_notice_photo(notice_no: str, photo: bytes, *, actor: Actor) -> None:
    """The notice has its proof of posting."""
    _require(actor, "cases.post_notice")
    notice = Notice.objects.visible_to(actor).select_for_update(of=("self",)).get(no=notice_no)
    if notice.photo_id:
        raise Refused("这份公示已有张贴照片；需要更正的，请联系社救办")
    notice.photo = keep_photo(notice, photo, actor)
    notice.save(update_fields=["photo"])


@transaction.atomic
def add_removal_photo(notice_no: str, photo: bytes, *, actor: Actor, on: date) -> None:
    """The notice was taken down, with its proof; only after it has ended (3(4))."""
    _require(actor, "cases.post_notice")
    notice = Notice.objects.visible_to(actor).select_for_update(of=("self",)).get(no=notice_no)
    if not notice.closed_on:
        raise Refused("公示期还没有结束，不能撤下")
    if notice.removal_photo_id:
        raise Refused("这份公示已经登记撤下")
    notice.removed_on, notice.removal_photo = on, keep_photo(notice, photo, actor, "公示撤下照片")
    notice.save(update_fields=["removed_on", "removal_photo"])


@transaction.atomic
def object_in_public(key: str, *, content: str, contact: str, on: date) -> Objection:
    """Somebody who read the public page objects, with or without a name (3(4), 9).

    Raises Notice.DoesNotExist for a notice that no longer hangs, Refused when enough are waiting:
    the notice stands still already.
    """
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("case", "review")
        .get(public_key=key, closed_on__isnull=True, last_day__gte=on)
    )
    if not content.strip():
        raise Refused("请写明异议内容")
    if notice.objections.filter(answered_on__isnull=True).count() >= MOST_OPEN:
        raise Refused("这份公示已经收到异议，社救办正在调查；您可以打电话补充情况")
    objection = Objection.objects.create(
        notice=notice,
        received_on=on,
        channel="公开网页",
        content=content.strip()[:500],
        contact=contact.strip()[:100],
    )
    _tell(notice, "objection", objection, ROBOT, on)
    return objection


@transaction.atomic
def record_objection(
    notice_no: str, *, channel: str, content: str, actor: Actor, on: date
) -> Objection:
    """The objection is on record; the notice does not end before it is answered (9)."""
    _require(actor, "cases.post_notice", "cases.uphold_objection")
    notice = Notice.objects.visible_to(actor).get(no=notice_no)
    if notice.closed_on or not notice.posted_on <= on <= notice.last_day:
        raise Refused("公示期已过；请按来访举报登记")
    if not content.strip():
        raise Refused("请写明异议内容")
    objection = Objection.objects.create(
        notice=notice, received_on=on, channel=channel[:40], content=content.strip()[:500]
    )
    _tell(notice, "objection", objection, actor, on)
    return objection


@transaction.atomic
def dismiss_objection(objection_id: int, *, answer: str, actor: Actor, on: date) -> None:
    """The objection is answered and not upheld; the notice goes on."""
    _require(actor, "cases.uphold_objection")
    objection = Objection.objects.select_for_update().get(pk=objection_id)
    notice = Notice.objects.visible_to(actor).get(pk=objection.notice_id)
    if objection.answered_on:
        raise Refused("这件异议已经答复")
    if not answer.strip():
        raise Refused("请写明调查结果和答复内容")
    objection.answer, objection.answered_on, objection.is_upheld = answer.strip(), on, False
    objection.save()
    _tell(notice, "dismiss_objection", objection, actor, on)


def uphold_objection(no: str, *, note: str, actor: Actor, on: date) -> Event:
    """The open objections are upheld: the notice ends and the case is investigated again (9)."""

    def write(case: Case) -> Mapping[str, Any]:
        notices = Notice.objects.filter(case=case, round=case.round, closed_on__isnull=True)
        upheld = Objection.objects.filter(notice__in=notices, answered_on__isnull=True).update(
            answer=note.strip()[:500], answered_on=on, is_upheld=True
        )
        if not upheld:
            raise Refused("还没有登记待处理的异议，请先登记")
        notices.update(closed_on=on)
        return {"objections": upheld}

    return perform(no, "uphold_objection", actor=actor, on=on, note=note, write=write)


def _tell(notice: Notice, action: str, objection: Objection, actor: Actor, on: date) -> None:
    record(
        notice.subject_kind,
        notice.holder.no,
        action,
        actor=actor,
        on=on,
        unit_id=notice.holder.village_id,
        body={"objection": objection.pk, "notice": objection.notice_id},
    )


CLOSING = {"REVIEW_NOTICE": "close_review_notice", "APPROVAL_NOTICE": "close_approval_notice"}


def close_notice(no: str, *, on: date) -> Event:
    """The robot ends the notice of a case whose last day has passed with proof (3(4))."""
    state = Case.objects.values_list("state", flat=True).get(no=no)
    code = CLOSING.get(state, "close_review_notice")

    def write(case: Case) -> Mapping[str, Any]:
        Notice.objects.filter(case=case, round=case.round, closed_on__isnull=True).update(
            closed_on=on
        )
        return {}

    return perform(no, code, actor=ROBOT, on=on, write=write)


def endings_to_close(on: date) -> list[str]:
    """Numbers of cases whose notice of ending has passed its last day before `on`, with proof."""
    mine = _due(on).filter(kind=Notice.Kind.ENDING, case__isnull=False)
    return list(mine.values_list("case__no", flat=True))


def review_endings_to_close(on: date) -> list[str]:
    """As endings_to_close, numbers of reviews of those who came with the roster."""
    return list(_due(on).filter(review__isnull=False).values_list("review__no", flat=True))


def _due(on: date) -> QuerySet[Notice]:
    waiting = Objection.objects.filter(answered_on__isnull=True)
    due = Notice.objects.filter(closed_on__isnull=True, last_day__lt=on, photo__isnull=False)
    return due.exclude(objections__in=waiting)


def notices_to_close(on: date) -> list[str]:
    """Numbers of cases whose current notice has passed its last day before `on`, with proof."""
    due = _due(on)
    return list(
        due.filter(case__state="REVIEW_NOTICE", kind=Notice.Kind.REVIEW).values_list(
            "case__no", flat=True
        )
    ) + list(
        due.filter(case__state="APPROVAL_NOTICE", kind=Notice.Kind.APPROVAL).values_list(
            "case__no", flat=True
        )
    )

"""Work by kind: what came in, whom to visit, what to appraise, what to sign (ux 1.4, 1.5).

Each queue is one statement over the cases in scope; what is done leaves it by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from cases.models import Appraisal, Case, Survey
from cases.models.case import CaseQuerySet
from cases.models.record import SUBJECT
from cases.reports.clock import DeadlineTag, deadline_tag
from cases.rules.programmes import MONTHLY
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.inputs import phones
from yuquan_relief.kernel.models import Signature

MOST = 200


@dataclass(frozen=True)
class QueueRow:
    """One case that waits: what for, where, and how to reach the household."""

    no: str
    name: str
    programme: str
    village: str
    address: str
    phone: str  # masked
    what: str
    url: str
    deadline: DeadlineTag | None


@dataclass(frozen=True)
class Queue:
    """One kind of work: its cases, in which order they stand, and what to say when none waits."""

    title: str
    capability: str
    find: Callable[[CaseQuerySet], Any]
    what: Callable[[Case], tuple[str, str]]  # what is to be done, and the step that does it
    empty: str
    for_visits: bool = False  # shows where they live and their telephone


def _signers(stage: str) -> Subquery:
    """How many people have signed the stage in the case's round."""
    mine = Signature.objects.filter(
        subject_kind=SUBJECT, subject_key=OuterRef("no"), stage=stage, round=OuterRef("round")
    )
    count = mine.order_by().values("subject_key").annotate(n=Count("person", distinct=True))
    return Subquery(count.values("n"))


def _surveyed(cases: Any) -> Any:
    this_round = Survey.objects.filter(case=OuterRef("pk"), round=OuterRef("round"))
    return cases.annotate(has_survey=Exists(this_round), surveyors=_signers("survey"))


def _appraised(cases: Any) -> Any:
    this_round = Appraisal.objects.filter(case=OuterRef("pk"), round=OuterRef("round"))
    return cases.annotate(has_appraisal=Exists(this_round), witnesses=_signers("witness"))


def _to_visit(cases: CaseQuerySet) -> Any:
    """Not visited in this round, or visited and signed by one of two; an emergency needs one."""
    found = _surveyed(cases.filter(state__in=("INVESTIGATING", "URGENT")))
    alone = Q(state="INVESTIGATING") & (Q(surveyors=None) | Q(surveyors__lt=2))
    return found.filter(Q(has_survey=False) | alone)


def _to_appraise(cases: CaseQuerySet) -> Any:
    """Visited and signed by two, and not appraised or not yet signed by 主任 or 书记."""
    found = _appraised(_surveyed(cases.filter(state="INVESTIGATING", programme__in=MONTHLY)))
    return found.filter(surveyors__gte=2).filter(Q(has_appraisal=False) | Q(witnesses=None))


def _to_witness(cases: CaseQuerySet) -> Any:
    return _appraised(cases.filter(state="INVESTIGATING")).filter(
        has_appraisal=True, witnesses=None
    )


def _came_in(case: Case) -> tuple[str, str]:
    hours = int((now() - case.created_at).total_seconds()) // 3600
    waited = "刚刚提交" if not hours else f"提交 {hours} 小时"
    return (f"补正后重新提交，{waited}" if case.corrections else waited), ""


def _visit(case: Case) -> tuple[str, str]:
    if getattr(case, "has_survey", False):
        return "已入户，等第二名调查人签字", "cosign_survey"
    return "还没有入户", "record_survey"


def _appraise(case: Case) -> tuple[str, str]:
    if getattr(case, "has_appraisal", False):
        return "已评议，等主任或书记签字", ""
    return "还没有评议", "record_appraisal"


QUEUES: dict[str, Queue] = {
    "intake": Queue(
        "收件",
        "cases.accept",
        lambda cases: cases.filter(state="SUBMITTED"),
        _came_in,
        "没有待收件",
    ),
    "visits": Queue(
        "入户任务",
        "cases.investigate",
        _to_visit,
        _visit,
        "没有要入户的",
        for_visits=True,
    ),
    "reviews": Queue(
        "民主评议",
        "cases.record_appraisal",
        _to_appraise,
        _appraise,
        "没有要评议的",
    ),
    "witness": Queue(
        "待签评议",
        "cases.sign_appraisal",
        _to_witness,
        lambda case: ("请看评议记录后签字", "sign_appraisal"),
        "没有要签的",
    ),
}


def queue_rows(name: str, actor: Actor, on: date) -> list[QueueRow]:
    """The rows of one queue in the actor's scope, the nearest due date first, then the oldest."""
    queue, calendar = QUEUES[name], work_calendar()
    found = queue.find(Case.objects.visible_to(actor)).select_related("household", "village")
    rows = []
    for case in found.order_by(F("due_on").asc(nulls_last=True), "submitted_on", "pk")[:MOST]:
        what, step = queue.what(case)
        home = case.household
        rows.append(
            QueueRow(
                case.no,
                home.head_name,
                case.programme_label,
                case.village.name,
                home.address if queue.for_visits else "",
                phones.mask(home.phone) if queue.for_visits and home.phone else "",
                what,
                f"/cases/{case.no}/{step}/" if step else f"/cases/{case.no}/",
                deadline_tag(case, on, calendar),
            )
        )
    return rows

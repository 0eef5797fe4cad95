"""What must I do today: the first page of each role, emptied by doing it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from cases.models import Case, Draft, HandOver, Notice
from cases.models.case import CaseQuerySet
from cases.reports.actions import to_mend
from cases.reports.clock import DeadlineTag, deadline_tag
from cases.rules.procedures import OPEN_STATES, PROCEDURES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.workdays import WorkCalendar

MOST = 30


@dataclass(frozen=True)
class Task:
    """One thing to do."""

    label: str
    url: str
    hint: str
    status: str = ""
    tone: str = ""
    deadline: DeadlineTag | None = None


def my_states(actor: Actor) -> set[str]:
    """States in which an act of the actor's post moves or completes a case."""
    return {
        state
        for procedure in PROCEDURES.values()
        for step in procedure.values()
        if not step.by_robot and step.code != "serve_letter" and actor.can(step.capability)
        for state in step.sources & OPEN_STATES
        if state != "DRAFT"
    }


def tasks_for(actor: Actor, on: date, calendar: WorkCalendar) -> list[Task]:
    """Open cases that wait for the actor's post: those whose clock runs, the most urgent first,
    then those that wait to be accepted, the oldest first."""
    waiting = Case.objects.visible_to(actor).filter(state__in=my_states(actor)).for_list()
    running = waiting.filter(due_on__isnull=False).order_by("due_on", "pk")[:MOST]
    others = waiting.filter(due_on__isnull=True).order_by("state_since", "pk")[:MOST]
    granted = to_hand_over(actor).for_list()[:MOST] if actor.can("cases.hand_over") else []
    return [
        Task(
            label=f"{case.household.head_name}　{case.programme_label}",
            url=_first_page(case, actor),
            hint=f"{case.village.name}　{case.no}",
            status=case.state_label,
            tone="brand",
            deadline=deadline_tag(case, on, calendar),
        )
        for case in [*running, *others, *granted]
    ]


def to_hand_over(actor: Actor) -> CaseQuerySet:
    """Relief that was granted and has not reached the household whole, the oldest first."""
    handed = HandOver.objects.filter(case=OuterRef("pk")).exclude(method="REFERRAL")
    total = handed.order_by().values("case").annotate(sum=Sum("amount_fen")).values("sum")
    granted = Case.objects.visible_to(actor).filter(state="APPROVED", decision__once_fen__gt=0)
    rest = granted.annotate(handed=Coalesce(Subquery(total), 0))
    return rest.filter(handed__lt=F("decision__once_fen")).order_by("decided_on", "pk")


def _first_page(case: Case, actor: Actor) -> str:
    """Where the work is: what was sent back leads straight to what must be mended (G5)."""
    if case.mend and actor.can("cases.investigate"):
        return to_mend(case)[0][1]
    return f"/cases/{case.no}/"


def drafts_for(actor: Actor) -> list[Task]:
    """Drafts of the actor's village, the latest first."""
    if not actor.can("cases.submit"):
        return []
    drafts = Draft.objects.filter(
        village_id=actor.unit_id, discarded_at__isnull=True, case_no=""
    ).select_related("owner")
    return [
        Task(
            label=draft.answers.get("members-0-name") or "还没有填写姓名",
            url=f"/apply/{draft.key}/",
            hint=f"{draft.get_programme_display()}　{draft.owner.name} 保存",
            status="草稿",
            tone="mute",
        )
        for draft in drafts.order_by("-saved_at")[:MOST]
    ]


def notices_without_photo(actor: Actor) -> list[Notice]:
    """Notices in the actor's scope that hang without proof."""
    return list(
        Notice.objects.visible_to(actor)
        .filter(photo__isnull=True, closed_on__isnull=True)
        .order_by("last_day")[:MOST]
    )

"""Lists of cases: filtered, scoped, paged by key; two statements whatever the number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from cases.models import Case
from cases.models.case import CaseQuerySet
from cases.reports.clock import MARKS, DeadlineTag, deadline_tag
from cases.rules.procedures import STATES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.queries import key_of
from yuquan_relief.kernel.workdays import WorkCalendar

TONES = {
    "APPROVED": "ok",
    "REFUSED": "bad",
    "DECLINED": "bad",
    "CORRECTING": "warn",
    "REVIEW_NOTICE": "pause",
    "APPROVAL_NOTICE": "pause",
}
MOST_COUNTED = 2_000
SHOWN = (
    "no",
    "programme",
    "state",
    "held_until",
    "submitted_on",
    "due_on",
    "due_is_provisional",
    "household__head_name",
    "village__name",
)


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    no: str
    url: str
    name: str
    id_tail: str
    programme: str
    village: str
    submitted_on: date | None
    deadline: DeadlineTag | None
    state: str
    tone: str

    @property
    def mark(self) -> str:
        """The sign beside the state."""
        return MARKS.get(self.tone, "")


@dataclass(frozen=True)
class Page:
    """A page of rows with links to its neighbours."""

    rows: list[Row]
    caption: str
    previous_url: str = ""
    next_url: str = ""


def filtered(actor: Actor, query: Mapping[str, str], on: date) -> CaseQuerySet:
    """Cases in the actor's scope that match the filters; unknown values match nothing wrong."""
    cases = Case.objects.visible_to(actor)
    if query.get("state") in STATES:
        cases = cases.filter(state=query["state"])
    if query.get("programme"):
        cases = cases.filter(programme=query["programme"])
    if village := key_of(query.get("village")):
        cases = cases.filter(village_id=village)
    if office := key_of(query.get("office")):
        cases = cases.filter(office_id=office)
    if query.get("late"):
        cases = cases.overdue(on)
    if query.get("open"):
        cases = cases.open()
    return cases


def case_page(
    actor: Actor,
    query: Mapping[str, str],
    *,
    on: date,
    calendar: WorkCalendar,
    size: int = 50,
) -> Page:
    """The page after or before a key; newest first. `after` and `before` are case ids."""
    cases = filtered(actor, query, on)
    rows, has_next, has_previous = _around(cases.for_list().only(*SHOWN), query, size)
    count = cases.order_by()[: MOST_COUNTED + 1].count()
    words = f"{count} 件" if count <= MOST_COUNTED else f"超过 {MOST_COUNTED} 件"
    return Page(
        rows=[_row(case, on, calendar) for case in rows],
        caption=f"共 {words}，按提交先后，新的在前",
        next_url=_link(query, "after", rows[-1].pk) if has_next and rows else "",
        previous_url=_link(query, "before", rows[0].pk) if has_previous and rows else "",
    )


def _around(
    cases: QuerySet[Case], query: Mapping[str, str], size: int
) -> tuple[list[Case], bool, bool]:
    after, before = key_of(query.get("after")), key_of(query.get("before"))
    if before is not None:
        rows = list(cases.filter(pk__gt=before).order_by("pk")[: size + 1])
        return list(reversed(rows[:size])), True, len(rows) > size
    if after is not None:
        cases = cases.filter(pk__lt=after)
    rows = list(cases.order_by("-pk")[: size + 1])
    return rows[:size], len(rows) > size, after is not None


def _row(case: Case, on: date, calendar: WorkCalendar) -> Row:
    return Row(
        no=case.no,
        url=f"/cases/{case.no}/",
        name=case.household.head_name,
        id_tail=getattr(case, "head_id_tail", None) or "",
        programme=case.programme_label,
        village=case.village.name,
        submitted_on=case.submitted_on,
        deadline=deadline_tag(case, on, calendar),
        state=case.state_label,
        tone=TONES.get(case.state, "brand"),
    )


def _link(query: Mapping[str, Any], key: str, value: int) -> str:
    kept = {k: v for k, v in query.items() if k not in ("after", "before") and v}
    return f"?{urlencode({**kept, key: value})}"

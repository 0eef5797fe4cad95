"""Working days and due dates: dates in, a date and its reasons out. Standard library only.

A working day is a weekday that no notice made a rest day, or a weekend day that a notice made a
make-up workday (调休上班). A year whose notice is unknown is counted by the week alone, and
every date that touches it is provisional.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
WEEK = "一二三四五六日"


class LimitUnit(StrEnum):
    """How a limit is counted."""

    WORKDAY = "workday"
    CALENDAR_DAY = "day"


WORKDAY = LimitUnit.WORKDAY


@dataclass(frozen=True)
class Window:
    """Days that a limit does not count, both ends included, with the reason."""

    first: date
    last: date
    reason: str


@dataclass(frozen=True)
class ExplainedDay:
    """One day between the start and the due date."""

    day: date
    number: int | None  # which counted day it is; None for a day that is not counted
    reason: str


@dataclass(frozen=True)
class Due:
    """A due date. `is_provisional`: a year without a published notice was touched."""

    on: date
    is_provisional: bool


class WorkCalendar:
    """Workdays of whole years, by prefix sums.

    `changed`: day → (is a workday, note), for days that are not what their weekday says.
    `published`: the years whose notice is entered. Days outside [first, last] raise ValueError.
    """

    def __init__(
        self,
        changed: Mapping[date, tuple[bool, str]],
        published: Iterable[int],
        *,
        first_year: int = 2014,
        last_year: int = 2045,
    ) -> None:
        self.changed = dict(changed)
        self.published = frozenset(published)
        self.first = date(first_year, 1, 1)
        self.last = date(last_year, 12, 31)
        self._base = self.first.toordinal()
        self._upto: list[int] = []  # workdays in [first, day]
        self._workdays: list[int] = []  # ordinals of workdays, in order
        self._fill()
        self._upto_of, self._certain = self._certain_answers()

    def _fill(self) -> None:
        count = 0
        for ordinal in range(self._base, self.last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self._is_workday(day):
                count += 1
                self._workdays.append(ordinal)
            self._upto.append(count)

    def _certain_answers(self) -> tuple[dict[date, int], list[Due]]:
        """Ready answers for the latest run of published years: what almost every limit asks.

        Day → workdays of the run up to it, and the due date at each workday of the run.
        """
        last = max((year for year in self.published if self._has(year)), default=None)
        if last is None:
            return {}, []
        first = last
        while first - 1 in self.published and self._has(first - 1):
            first -= 1
        upto: dict[date, int] = {}
        dues: list[Due] = []
        for ordinal in range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self._is_workday(day):
                dues.append(Due(day, is_provisional=False))
            upto[day] = len(dues)
        return upto, dues

    def _has(self, year: int) -> bool:
        return self.first.year <= year <= self.last.year

    def _at(self, day: date) -> int:
        if not self.first <= day <= self.last:
            raise ValueError(
                f"{day} 不在工作日历的范围（{self.first.year} 至 {self.last.year} 年）"
            )
        return day.toordinal() - self._base

    def _workday(self, index: int) -> date:
        if not 0 <= index < len(self._workdays):
            raise ValueError(f"超出工作日历的范围（{self.first.year} 至 {self.last.year} 年）")
        return date.fromordinal(self._workdays[index])

    def _is_workday(self, day: date) -> bool:
        change = self.changed.get(day)
        return change[0] if change else day.weekday() < 5

    def is_workday(self, day: date) -> bool:
        """Whether `day` is a working day."""
        return self._is_workday(day)

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether a year without a published notice lies in [first, last]."""
        return any(year not in self.published for year in range(first.year, last.year + 1))

    def reason(self, day: date) -> str:
        """Why `day` counts or does not, in words."""
        change = self.changed.get(day)
        if change:
            return change[1]
        text = "工作日" if day.weekday() < 5 else f"星期{WEEK[day.weekday()]}"
        return text if day.year in self.published else f"{text}（{day.year} 年安排未录入）"

    def add_workdays(self, start: date, workdays: int) -> date:
        """The working day number `workdays` (1 or more) after `start`, which is not counted."""
        return self._workday(self._upto[self._at(start)] + workdays - 1)

    def workdays_between(self, after: date, upto: date) -> int:
        """Working days in (after, upto]."""
        return self._upto[self._at(upto)] - self._upto[self._at(after)]

    def on_or_before(self, day: date) -> date:
        """The last working day not after `day`: an office's duty moves earlier (domain 6.1.5)."""
        return self._workday(self._upto[self._at(day)] - 1)

    def on_or_after(self, day: date) -> date:
        """The first working day not before `day`: a citizen's right moves later (domain 6.1.5)."""
        at = self._at(day)
        return self._workday(self._upto[at] - self._is_workday(day))

    def due(
        self,
        start: date,
        limit: int,
        unit: LimitUnit = WORKDAY,
        excluded: Sequence[Window] = (),
    ) -> Due:
        """The day on which a limit of `limit` units, counted from the day after `start`, ends.

        Days inside `excluded` (notices: 4(1).1 “不含公示期”) are skipped.
        """
        if unit is WORKDAY and not excluded and limit > 0:
            try:
                return self._certain[self._upto_of[start] + limit - 1]
            except LookupError:  # touches a year that is not published
                pass
        if limit < 1:
            raise ValueError("时限至少为 1")
        on = self._due_around(start, limit, unit, merged(excluded, start))
        return Due(on, self.is_provisional(start, on))

    def _due_around(
        self, start: date, limit: int, unit: LimitUnit, windows: Sequence[tuple[date, date]]
    ) -> date:
        at, left = start, limit
        for first, last in windows:
            before = first - DAY
            counted = self.workdays_between(at, before) if unit == WORKDAY else (before - at).days
            if counted >= left:
                break
            left -= counted
            at = last
        return self.add_workdays(at, left) if unit == WORKDAY else at + left * DAY

    def explain(
        self,
        start: date,
        limit: int,
        unit: LimitUnit = WORKDAY,
        excluded: Sequence[Window] = (),
    ) -> Iterator[ExplainedDay]:
        """Every day from `start` to the due date, counted or not, with its reason (怎么算的)."""
        if limit < 1:
            raise ValueError("时限至少为 1")
        yield ExplainedDay(start, None, "起算当日，不计入")
        number, day = 0, start
        while number < limit:
            day += DAY
            window = next((w for w in excluded if w.first <= day <= w.last), None)
            if window:
                yield ExplainedDay(day, None, window.reason)
            elif unit != WORKDAY or self._is_workday(day):
                number += 1
                why = self.reason(day) if unit == WORKDAY else "自然日"
                yield ExplainedDay(day, number, why)
            else:
                yield ExplainedDay(day, None, self.reason(day))


def merged(windows: Iterable[Window], start: date) -> list[tuple[date, date]]:
    """The windows after `start` as disjoint pairs in order."""
    pairs: list[tuple[date, date]] = []
    for first, last in sorted((max(w.first, start + DAY), w.last) for w in windows):
        if last < first:
            continue
        if pairs and first <= pairs[-1][1] + DAY:
            pairs[-1] = (pairs[-1][0], max(pairs[-1][1], last))
        else:
            pairs.append((first, last))
    return pairs


def days_text(day: date) -> str:
    """`2026-12-21（周一）`."""
    return f"{day:%Y-%m-%d}（周{WEEK[day.weekday()]}）"

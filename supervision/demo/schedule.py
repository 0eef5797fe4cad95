"""When each step of a demo case was taken: forward from a day, or back from the day wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.workdays import DAY, LimitUnit, WorkCalendar

# Working days after the step before; a closing step comes when its notice is over.
GAPS = {
    "submit": 0,
    "request_corrections": 1,
    "resubmit": 3,
    "decline": 2,
    "accept": 1,
    "request_means_check": 1,
    "record_survey": 2,
    "cosign_survey": 0,
    "return_means_check": 2,
    "settle_income": 1,
    "assess_self_care": 1,
    "settle_standing": 1,
    "settle_relief": 0,
    "relieve_first": 0,
    "hand_over": 0,
    "record_appraisal": 1,
    "sign_appraisal": 0,
    "post_review_notice": 1,
    "object": 2,
    "dismiss_objection": 2,
    "uphold_objection": 2,
    "propose": 1,
    "post_approval_notice": 0,
    "approve": 1,
    "refuse": 1,
    "send_back": 1,
    "serve_letter": 2,
}
POSTING = {"post_review_notice", "post_approval_notice"}
CLOSING = {"close_review_notice", "close_approval_notice"}
LONGEST = 200


@dataclass(frozen=True)
class Planned:
    """One step and its day."""

    code: str
    on: date


@dataclass(frozen=True)
class Rhythm:
    """What the days depend on: the calendar and two values of the rulebook, read once."""

    calendar: WorkCalendar
    notice_days: int
    limit: int
    limit_unit: LimitUnit

    @classmethod
    def on(cls, day: date) -> "Rhythm":
        """As in force on `day`."""
        rulebook = rules(day)
        limit = rulebook["limit.allowance.total"]
        return cls(
            work_calendar(), rulebook["notice.days"], limit["days"], LimitUnit(limit["unit"])
        )

    def forward(self, steps: tuple[str, ...], start: date) -> list[Planned]:
        """The days of the steps when the first is taken on `start`."""
        plan: list[Planned] = []
        day, notice_over = start, start
        for code in steps:
            if code in CLOSING:
                day = notice_over
            elif gap := GAPS[code]:
                day = self.calendar.add_workdays(day, gap)
            if code in POSTING:
                last = day + timedelta(days=self.notice_days)
                notice_over = self.calendar.on_or_after(last) + DAY
            plan.append(Planned(code, day))
        return plan

    def ending_by(self, steps: tuple[str, ...], last: date) -> list[Planned]:
        """The latest plan whose last step is not after `last`."""
        return next(plan for plan in self._back_from(steps, last) if plan[-1].on <= last)

    def due_by(self, steps: tuple[str, ...], due: date) -> list[Planned]:
        """The latest plan whose case is due not after `due`, no notice posted yet."""
        return next(plan for plan in self._back_from(steps, due) if self._due(plan) <= due)

    def _due(self, plan: list[Planned]) -> date:
        accepted = next(p.on for p in plan if p.code == "accept")
        return self.calendar.due(accepted, self.limit, self.limit_unit).on

    def _back_from(self, steps: tuple[str, ...], day: date) -> Iterator[list[Planned]]:
        """Plans that begin on `day`, on the working day before, and so on."""
        for back in range(LONGEST):
            start = day - back * DAY
            if self.calendar.is_workday(start):
                yield self.forward(steps, start)


def moved(day: date, workdays: int, calendar: WorkCalendar) -> date:
    """The working day `workdays` after `day`, or before it when negative."""
    if workdays > 0:
        return calendar.add_workdays(day, workdays)
    for _ in range(-workdays):
        day = calendar.on_or_before(day - DAY)
    return day

"""The clock of a case: what is left, how it is counted, what the other rule set would say."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from cases.models import Case, PlatformFailure
from cases.models.facts import windows_of
from cases.models.limits import Limit, limit_of
from cases.models.record import CaseRecord
from cases.rules.procedures import CLOCK_STATES, LIMIT_PARAMETER
from cases.rules.programmes import Programme
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.rulebook_values import Rules
from yuquan_relief.kernel.workdays import WORKDAY, LimitUnit, Window, WorkCalendar, days_text

WARN_HOURS = 24
MARKS = {"ok": "✓", "warn": "▲", "bad": "✗", "pause": "‖"}
OTHER_RULE_SET = {"YQ-2020": "NAT-2022", "NAT-2022": "YQ-2020"}


@dataclass(frozen=True)
class DeadlineTag:
    """What is left, in a few words (IR-25)."""

    text: str
    tone: str
    date_text: str = ""
    provisional: bool = False

    @property
    def mark(self) -> str:
        """The sign beside the words, since colour never speaks alone."""
        return MARKS.get(self.tone, "")


@dataclass(frozen=True)
class Milestone:
    """One station on the way."""

    label: str
    date_text: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The clock as the page and the interface show it. Numbers are working days."""

    text: str
    tone: str
    date_text: str = ""
    due_on: date | None = None
    provisional: bool = False
    used: int = 0
    limit: int = 0
    unit: str = "个工作日"
    milestones: list[Milestone] = field(default_factory=list)
    explain: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)


def deadline_tag(case: Case, on: date, calendar: WorkCalendar) -> DeadlineTag | None:
    """The tag of a row in a list; no query."""
    if case.due_on is None:
        return None
    date_text = days_text(case.due_on)
    if case.state in ("REVIEW_NOTICE", "APPROVAL_NOTICE") and case.due_on >= on:
        return DeadlineTag("公示中 停表", "pause", date_text, case.due_is_provisional)
    text, tone = left_of(case, case.due_on, on, calendar)
    return DeadlineTag(text, tone, date_text, case.due_is_provisional)


def left_of(case: Case, due_on: date, on: date, calendar: WorkCalendar) -> tuple[str, str]:
    """Words and tone: hours for an emergency that has not been helped yet, else working days."""
    if Programme(case.programme).is_urgent and not case.relieved_on:
        return hours_text(due_on, on)
    return left_text(due_on, on, calendar)


def hours_text(due_on: date, on: date) -> tuple[str, str]:
    """Whole hours to the end of the due day (4(2)); under a day it is a warning."""
    end = datetime.combine(due_on + timedelta(days=1), time.min)
    moment = timezone.localtime(now()).replace(tzinfo=None)
    if moment.date() != on:  # a day that was asked for counts from its beginning
        moment = datetime.combine(on, time.min)
    hours = int((end - moment).total_seconds() // 3600)
    if hours < 0 or due_on < on:
        return f"已超 {max(-hours, 1)} 小时", "bad"
    return f"剩 {hours} 小时", "warn" if hours < WARN_HOURS else "brand"


def left_text(due_on: date, on: date, calendar: WorkCalendar) -> tuple[str, str]:
    """Words and tone for the working days between today and the due date."""
    if due_on < on:
        return f"已超 {max(calendar.workdays_between(due_on, on), 1)} 个工作日", "bad"
    if due_on == on:
        return "今天到期", "warn"
    left = calendar.workdays_between(on, due_on)
    return f"剩 {left} 个工作日", "warn" if left <= 5 else "mute"


def clock_of(record: CaseRecord) -> Clock:
    """The clock of one case with 怎么算的, day by day."""
    case, on, rulebook = record.case, record.on, record.rulebook
    if case.accepted_on is None:
        return Clock(text="受理后开始", tone="mute")
    calendar = record.calendar
    limit = limit_of(case, rulebook)
    windows = windows_of(record.notices)
    due = calendar.due(limit.start, limit.days, limit.unit, windows)
    in_workdays = limit.unit == WORKDAY
    text, tone = _state_text(case, due.on, on, calendar)
    return Clock(
        text=text,
        tone=tone,
        date_text=days_text(due.on),
        due_on=due.on,
        provisional=due.is_provisional,
        used=_used(case, limit, on, calendar, windows),
        limit=limit.days,
        unit="个工作日" if in_workdays else "日",
        milestones=_milestones(record, windows),
        explain=[
            _limit_words(case, limit),
            *_other_rule_set(case, calendar, windows, rulebook),
            *(
                f"{days_text(d.day)}　{f'第 {d.number} 日' if d.number else '不计'}　{d.reason}"
                for d in calendar.explain(limit.start, limit.days, limit.unit, windows)
            ),
        ],
        excused=_excused(record),
        stages=stages_of(record),
    )


def _limit_words(case: Case, limit: Limit) -> str:
    unit = "个工作日" if limit.unit == WORKDAY else "日"
    words = f"{limit.source}：{limit.days} {unit}"
    if case.relieved_on:
        return f"{words}，从先行救助之日起补办手续。"
    if Programme(case.programme).is_urgent:
        return f"{words}，从提出申请起计算；提出当日不计。"
    extended = "（已延长）" if case.extended_to else ""
    return f"{words}{extended}，不含公示期；受理当日不计。"


def _state_text(case: Case, due_on: date, on: date, calendar: WorkCalendar) -> tuple[str, str]:
    if case.state in CLOCK_STATES:
        if case.state in ("REVIEW_NOTICE", "APPROVAL_NOTICE") and due_on >= on:
            return "公示中 停表", "pause"
        return left_of(case, due_on, on, calendar)
    done = case.decided_on or on
    return ("按时办结", "ok") if done <= due_on else ("超期办结", "bad")


def _used(case: Case, limit: Limit, on: date, calendar: WorkCalendar, windows: list[Window]) -> int:
    upto = min(case.decided_on or on, on)
    if upto <= limit.start:
        return 0
    if limit.unit != WORKDAY:
        return (upto - limit.start).days
    inside = sum(
        calendar.workdays_between(_before(w.first), min(w.last, upto))
        for w in windows
        if w.first <= upto
    )
    return calendar.workdays_between(limit.start, upto) - inside


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _other_rule_set(
    case: Case, calendar: WorkCalendar, windows: list[Window], rulebook: Rules
) -> list[str]:
    """What the other rule set would say, if it was in force when the case was accepted."""
    if case.extended_to or case.relieved_on:
        return []
    other = rulebook.under(OTHER_RULE_SET[case.rule_set])
    parameter = LIMIT_PARAMETER[case.programme]
    if parameter not in other or other[parameter] == rulebook[parameter]:
        return []
    limit = limit_of(case, other)
    due = calendar.due(limit.start, limit.days, limit.unit, windows)
    return [
        f"本件按规则集 {case.rule_set} 计算，以此为准；按 {other.rule_set}"
        f"（{limit.days} 个工作日）为 {days_text(due.on)}，供参考。"
    ]


def _milestones(record: CaseRecord, windows: list[Window]) -> list[Milestone]:
    case = record.case
    begun = "提出" if Programme(case.programme).is_urgent else "受理"
    stones = [Milestone(begun, f"{case.accepted_on:%m-%d}", "done")]
    labels = {
        "cosign_survey": "入户",
        "relieve_first": "先行救助",
        "assess_self_care": "自理评估",
        "sign_appraisal": "评议",
        "propose": "审核",
    }
    dated = [
        (e.on_day, Milestone(labels[e.action], f"{e.on_day:%m-%d}", "done"))
        for e in reversed(record.events)
        if e.action in labels
    ]
    dated += [
        (
            w.first,
            Milestone(w.reason.split("期")[0], f"{w.first:%m-%d}～{w.last:%m-%d} 停表", "pause"),
        )
        for w in windows
    ]
    stones += [stone for _, stone in sorted(dated, key=lambda pair: pair[0])]
    state = "now" if case.is_open else "done"
    stones.append(Milestone(case.state_label, "", state))
    if case.is_open and Programme(case.programme).is_monthly:
        stones.append(Milestone("发放", "次月 10 日前", "todo"))
    return stones


def _excused(record: CaseRecord) -> list[str]:
    """What explains lost time under clause 20, beside the clock that it does not stop."""
    found = [
        f"核对平台用时 {(check.returned_on - check.requested_on).days} 日，"
        "只作记录，不停表（第二十条（四））。"
        for check in record.means_checks
        if check.returned_on and check.returned_on > check.requested_on
    ]
    clause = {"NO_DATA": "第二十条（三）", "SLOW": "第二十条（四）", "DOWN": "第二十条（四）"}
    labels = dict(PlatformFailure.KINDS)
    for check in record.means_checks:
        for failed in check.failed:  # type: ignore[attr-defined] # aggregated by the record
            first, last = date.fromisoformat(failed["first"]), date.fromisoformat(failed["last"])
            found.append(
                f"{labels[failed['kind']]} {(last - first).days + 1} 日"
                f"（{first:%m-%d}～{last:%m-%d}），{failed['note']}（{clause[failed['kind']]}）。"
            )
    return found


def stages_of(record: CaseRecord) -> list[str]:
    """Each stage with a limit of its own: until when, and whether it was kept (domain 3.8)."""
    case, calendar = record.case, record.calendar
    if case.accepted_on is None:
        return []
    days = {e.action: e.on_day for e in record.events}
    means = record.means_checks[0].requested_on if record.means_checks else None
    ends = {
        "survey_start": (case.accepted_on, days.get("record_survey")),
        "means_start": (case.accepted_on, means),
        "propose": (case.accepted_on, days.get("propose")),
        "decide": (days.get("propose"), case.decided_on),
        "letter": (
            case.decided_on if case.state == "REFUSED" else None,
            record.letter.served_on if case.state == "REFUSED" and record.letter else None,
        ),
    }
    found = []
    for stage in record.rulebook["stage.limits"]:
        start, end = ends[stage["code"]]
        if stage["family"] != record.family or start is None:
            continue
        skipped = windows_of(record.notices)
        due = calendar.due(start, stage["days"], LimitUnit(stage["unit"]), skipped).on
        verdict = _verdict(due, end, record.on)
        found.append(f"{stage['label']}：{days_text(due)} 前，{verdict}（{stage['source']}）。")
    return found


def _verdict(due: date, end: date | None, on: date) -> str:
    if end is not None:
        return f"{end:%m-%d} 已办" + ("" if end <= due else "，超过期限")
    return "还没有办" + ("，已超过期限" if due < on else "")

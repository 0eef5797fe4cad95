"""When the calendar is entered: due dates of cases and last days of notices follow it."""

from collections.abc import Iterator

from cases.models import Case, Notice, Review
from cases.models.facts import windows_of
from cases.models.limits import due_of
from cases.models.record import rules_of
from cases.operations.notices import last_day_of, rules_for
from cases.rules.procedures import CLOCK_STATES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendar_effects import EFFECTS, Effect, Move
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.rulebook_values import Rules
from yuquan_relief.kernel.workdays import WorkCalendar

DUE, LAST_DAY = "办理期限", "公示末日"
Pair = tuple[Case | Review, Notice | None, Move]


def _running() -> Iterator[tuple[Case, Rules]]:
    """Cases whose clock runs, with their notices and rules; a rule set of a day is read once."""
    known: dict[tuple[object, str], Rules] = {}
    cases = Case.objects.filter(state__in=CLOCK_STATES).order_by("pk").prefetch_related("notices")
    for case in cases.iterator(chunk_size=500):
        key = (case.accepted_on, case.rule_set)
        if key not in known:
            known[key] = rules_of(case, today())
        yield case, known[key]


def _pairs(calendar: WorkCalendar) -> Iterator[Pair]:
    """Notices first: the clock of their case skips the days that they have after the move."""
    for case, rulebook in _running():
        notices = list(case.notices.all())
        for notice in notices:
            if (
                notice.closed_on is None
                and not (moved := _last_day(notice, rulebook, calendar)).is_none
            ):
                notice.last_day = moved.after
                yield case, notice, moved
        due = due_of(case, rulebook, calendar, windows_of(notices))
        assert case.due_on is not None
        move = Move(DUE, case.no, case.due_on, due.on, case.due_is_provisional, due.is_provisional)
        if not move.is_none:
            yield case, None, move
    endings = Notice.objects.filter(kind=Notice.Kind.ENDING, closed_on__isnull=True)
    for notice in endings.select_related("case", "review"):
        moved = _last_day(notice, rules_for(notice.holder, today()), calendar)
        if not moved.is_none:
            yield notice.holder, notice, moved


def _last_day(notice: Notice, rulebook: Rules, calendar: WorkCalendar) -> Move:
    last, is_provisional = last_day_of(notice.posted_on, rulebook, calendar)
    before = (notice.last_day, notice.last_day_is_provisional)
    return Move(LAST_DAY, notice.no, before[0], last, before[1], is_provisional)


def hold() -> None:
    """Nobody else moves a running case until the transaction ends."""
    running = Case.objects.filter(state__in=CLOCK_STATES).order_by("pk")
    for _ in running.select_for_update(of=("self",)).values_list("pk").iterator(chunk_size=2000):
        pass


def moves(calendar: WorkCalendar) -> list[Move]:
    """Due dates and last days that differ under `calendar` from those that stand."""
    return [move for _, _, move in _pairs(calendar)]


def recompute(calendar: WorkCalendar, actor: Actor) -> int:
    """Every date stands as `calendar` says; the chain keeps the old ones. How many moved."""
    hold()
    found = list(_pairs(calendar))
    for case, notice, move in found:
        if notice is None:
            assert isinstance(case, Case)
            case.due_on, case.due_is_provisional = move.after, move.is_provisional
            case.version += 1
            case.save(update_fields=["due_on", "due_is_provisional", "version"])
        else:
            notice.last_day, notice.last_day_is_provisional = move.after, move.is_provisional
            notice.save(update_fields=["last_day", "last_day_is_provisional"])
    for case, notice, move in found:
        _tell(case, notice, move, actor)
    return len(found)


def _tell(holder: Case | Review, notice: Notice | None, move: Move, actor: Actor) -> None:
    record(
        notice.subject_kind if notice else "case",
        holder.no,
        "recompute_due",
        actor=actor,
        unit_id=holder.village_id,
        due_on=holder.due_on,
        note=f"{move.what} {move.before} 改为 {move.after}",
        body={
            "notice": notice.no if notice else "",
            "was": str(move.before),
            "is": str(move.after),
            "was_provisional": move.was_provisional,
        },
    )


EFFECTS["cases"] = Effect(hold, moves, recompute)

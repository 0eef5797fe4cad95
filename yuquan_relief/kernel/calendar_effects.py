"""What hangs on the work calendar: each app says which of its dates would move, and moves them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from .actor import Actor
from .workdays import WorkCalendar


@dataclass(frozen=True)
class Move:
    """A date that would change, or stop being provisional."""

    what: str
    key: str
    before: date
    after: date
    was_provisional: bool
    is_provisional: bool

    @property
    def is_none(self) -> bool:
        """Whether nothing changes."""
        return (self.before, self.was_provisional) == (self.after, self.is_provisional)


@dataclass(frozen=True)
class Effect:
    """The dates of one kind.

    `hold` locks the rows, so that nobody else moves them: it is called before anything is
    recorded, for an act holds its row first and the chain's head last. `moves` only looks;
    `apply` moves and records, and gives the number moved.
    """

    hold: Callable[[], None]
    moves: Callable[[WorkCalendar], list[Move]]
    apply: Callable[[WorkCalendar, Actor], int]


EFFECTS: dict[str, Effect] = {}


def hold_all() -> None:
    """Every date that hangs on the calendar stands still until the transaction ends."""
    for effect in EFFECTS.values():
        effect.hold()


def all_moves(calendar: WorkCalendar) -> list[Move]:
    """Everything that would be another date under `calendar`."""
    return [move for effect in EFFECTS.values() for move in effect.moves(calendar)]


def apply_all(calendar: WorkCalendar, actor: Actor) -> int:
    """Every date stands as `calendar` says; how many moved. Call hold_all before recording."""
    return sum(effect.apply(calendar, actor) for effect in EFFECTS.values())

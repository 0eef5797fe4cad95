"""The rulebook as read by the rules: one query, then plain values."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q

from .errors import Refused
from .models import RuleValue

DEFAULT_RULE_SET = "YQ-2020"
EVERY_SET = "*"
RULE_SET = "procedure.rule_set"  # under which set a case is accepted that day


@dataclass(frozen=True)
class Dated:
    """A value with the day it holds from, its unit and its source."""

    value: Any
    valid_from: date
    unit: str
    source: str


@dataclass(frozen=True)
class Rules:
    """The values of one rule set that are in force on a day. `*` values serve every set."""

    rule_set: str
    on: date
    values: "Values" = field(repr=False)

    def __getitem__(self, parameter: str) -> Any:
        return self.dated(parameter).value

    def __contains__(self, parameter: str) -> bool:
        return bool(self._candidates(parameter))

    def _candidates(self, parameter: str) -> list[Dated]:
        names = (self.rule_set, EVERY_SET)
        return [value for name in names if (value := self.values.get((name, parameter)))]

    def dated(self, parameter: str) -> Dated:
        """The value with its source; raises Refused when the district has not entered it.

        Of a value of this set and one for every set the later one holds, this set's on a tie.
        """
        found = self._candidates(parameter)
        if not found:
            raise Refused(
                f"规则集 {self.rule_set} 在 {self.on} 没有“{parameter}”的数值，请区局录入"
            )
        held = max(found, key=lambda value: value.valid_from)
        return replace(held, value=deepcopy(held.value))  # a caller's change is nobody else's

    def under(self, rule_set: str) -> "Rules":
        """The same day under another rule set; no query."""
        return replace(self, rule_set=rule_set)


def in_force() -> Q:
    """Values that count: delivered, or entered by one person and confirmed by another."""
    return Q(entered_by__isnull=True) | Q(confirmed_by__isnull=False)


def rules(on: date, rule_set: str = DEFAULT_RULE_SET) -> Rules:
    """The rule set as in force on `on`: for each parameter the latest value not after that day.

    One small query; the table is read again only when it changed. Rows are never changed but by
    their confirmation, so numbers, counts and the latest times tell (work_calendar does the same).
    """
    return Rules(rule_set, on, _values(_held(), on))


def rules_on(days: Iterable[date], rule_set: str = DEFAULT_RULE_SET) -> dict[date, Rules]:
    """The rules of several days, with the query of one."""
    held = _held()
    return {on: Rules(rule_set, on, _values(held, on)) for on in set(days)}


def _held() -> "Held":
    version = tuple(RuleValue.objects.aggregate(**VERSION).values())
    held = _loaded.get(version)
    if held is None:
        if len(_loaded) > MOST_VERSIONS:
            _loaded.clear()
        held = _loaded[version] = (_read(), {})
    return held


def _values(held: "Held", on: date) -> "Values":
    rows, by_day = held
    values = by_day.get(on)
    if values is None:
        if len(by_day) > MOST_DAYS:
            by_day.clear()
        values = by_day[on] = {name: dated for name, dated in rows if dated.valid_from <= on}
    return values


Named = tuple[tuple[str, str], Dated]
Values = dict[tuple[str, str], Dated]  # (rule set, parameter)
Held = tuple[list[Named], dict[date, Values]]
VERSION = {
    "newest": Max("pk"),
    "rows": Count("pk"),
    "confirmed": Count("confirmed_by"),
    "entered_at": Max("entered_at"),
    "confirmed_at": Max("confirmed_at"),
}
MOST_VERSIONS, MOST_DAYS = 8, 500
_loaded: dict[tuple[object, ...], Held] = {}


def _read() -> list[Named]:
    """Every value that counts, the older before the newer: the last one of a name holds."""
    rows = RuleValue.objects.filter(in_force()).order_by("valid_from", "pk")
    return [
        ((r.rule_set, r.parameter), Dated(r.value, r.valid_from, r.unit, r.source)) for r in rows
    ]

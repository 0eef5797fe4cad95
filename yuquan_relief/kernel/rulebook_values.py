"""The rulebook as read by the rules: one query, then plain values."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Q

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
    values: dict[tuple[str, str], Dated] = field(repr=False)  # (rule set, parameter)

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
        return max(found, key=lambda value: value.valid_from)

    def under(self, rule_set: str) -> "Rules":
        """The same day under another rule set; no query."""
        return replace(self, rule_set=rule_set)


def in_force() -> Q:
    """Values that count: delivered, or entered by one person and confirmed by another."""
    return Q(entered_by__isnull=True) | Q(confirmed_by__isnull=False)


def rules(on: date, rule_set: str = DEFAULT_RULE_SET) -> Rules:
    """The rule set as in force on `on`: for each parameter the latest value not after that day."""
    rows: Iterable[RuleValue] = (
        RuleValue.objects.filter(in_force(), valid_from__lte=on)
        .order_by("rule_set", "parameter", "-valid_from")
        .distinct("rule_set", "parameter")
    )
    values = {
        (r.rule_set, r.parameter): Dated(r.value, r.valid_from, r.unit, r.source) for r in rows
    }
    return Rules(rule_set, on, values)

"""The rulebook as read by the rules: one query, then plain values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from .errors import Refused
from .models import RuleValue

DEFAULT_RULE_SET = "YQ-2020"


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
    values: dict[str, Dated] = field(repr=False)

    def __getitem__(self, parameter: str) -> Any:
        return self.dated(parameter).value

    def dated(self, parameter: str) -> Dated:
        """The value with its source; raises Refused when the district has not entered it."""
        if parameter not in self.values:
            raise Refused(
                f"规则集 {self.rule_set} 在 {self.on} 没有“{parameter}”的数值，请区局录入"
            )
        return self.values[parameter]


def in_force() -> Q:
    """Values that count: delivered, or entered by one person and confirmed by another."""
    return Q(entered_by__isnull=True) | Q(confirmed_by__isnull=False)


def rules(on: date, rule_set: str = DEFAULT_RULE_SET) -> Rules:
    """The rule set as in force on `on`: for each parameter the latest value not after that day."""
    rows: Iterable[RuleValue] = (
        RuleValue.objects.filter(in_force(), rule_set__in=(rule_set, "*"), valid_from__lte=on)
        .order_by("parameter", "-valid_from", "rule_set")
        .distinct("parameter")
    )
    return Rules(
        rule_set,
        on,
        {r.parameter: Dated(r.value, r.valid_from, r.unit, r.source) for r in rows},
    )

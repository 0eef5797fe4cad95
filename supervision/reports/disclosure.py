"""What a client is told: no small cells, no two answers that give a third away (5(8))."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from django.db import transaction

from cases.rules.months import next_month
from supervision.models import StatQuery
from supervision.reports.figures import Filter, Value, by_group, many
from supervision.rules.disclosure import blocks, complements, cuts, gives_away, is_small
from supervision.rules.figures import FIGURES
from yuquan_relief.kernel.actor import Actor


def held_back(values: Sequence[Value], by: str) -> list[bool]:
    """Which of the values of one figure are not told."""
    small = [
        value.figure.is_people and is_small(value.numerator, value.denominator) for value in values
    ]
    if not by:
        return small
    sizes = [value.denominator if value.denominator is not None else value.numerator
             for value in values]  # fmt: skip
    return complements(small, sizes)


def differs_by_few(client: str, value: Value, asked: Filter, on: date) -> bool:
    """Whether this client was told of almost the same population of the figure already.

    Populations are remembered by figure, programme and office for each client: a period one day
    longer, whose count is one more, is refused, where asking it again is not.
    """
    if not value.figure.is_people:
        return False
    population = value.denominator if value.denominator is not None else value.numerator
    where = f"{value.code}|{asked.office_id or ''}|{asked.programme}"
    fingerprint = hashlib.sha256(f"{where}|{asked.first}|{asked.last}".encode()).hexdigest()
    key = f"{client}|{hashlib.sha256(where.encode()).hexdigest()[:16]}"[:60]
    with transaction.atomic():
        known = StatQuery.objects.filter(client_key=key).exclude(fingerprint=fingerprint)
        if value.figure.day:  # what happened in other months has nothing to do with it
            known = known.filter(first_day__lte=asked.last, last_day__gte=asked.first)
        if gives_away(list(known.values_list("population", flat=True)), population):
            return True
        StatQuery.objects.get_or_create(
            client_key=key, fingerprint=fingerprint,
            defaults={
                "population": population, "asked_on": on, "first_day": asked.first,
                "last_day": asked.last,
            },
        )  # fmt: skip
    return False


def joined_months(
    codes: Iterable[str], actor: Actor, asked: Filter, on: date
) -> dict[str, list[list[date]]]:
    """Of figures of what happened: the months since January, joined so that each may be told."""
    flows = [code for code in codes if FIGURES[code].day and FIGURES[code].is_people]
    first = date(asked.first.year, 1, 1)
    if not flows or asked.first > on:
        return {}
    months, month = [], first
    while month <= on:
        months.append(month)
        month = next_month(month)
    found = {}
    for code, values in many(flows, actor, replace(asked, first=first, last=on), "month").items():
        known, nothing = by_group(values), (0, 0 if FIGURES[code].is_share else None)
        found[code] = blocks(
            (m, *((known[m].numerator, known[m].denominator) if m in known else nothing))
            for m in months
        )
    return found


def divides(joined: list[list[date]], by: str, value: Value, asked: Filter) -> bool:
    """Whether a value is of a part of what may only be told together."""
    if by == "month" and value.group:
        return any(value.group in block and len(block) > 1 for block in joined)
    last = asked.last.replace(day=1)
    return cuts(joined, asked.first.replace(day=1), next_month(last))

"""What a client is told: no small cells, no two answers that give a third away (5(8))."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import connection, transaction

from cases.rules.months import next_month
from cases.rules.programmes import Family, Programme
from supervision.models import StatQuery
from supervision.reports.figures import Filter, Value, many, months
from supervision.reports.kept import kept, of_sums
from supervision.rules.disclosure import blocks, complements, cuts, gives_away, is_few
from supervision.rules.figures import FIGURES
from yuquan_relief.kernel.actor import Actor

# Blocks of months are the same for every question: they begin before everything that there is.
EPOCH = date(1900, 1, 1)
FIELDS = {"office": "office_id", "programme": "programme"}
Rows = dict[str, dict[Any, list["Cell"]]]  # by code, and by the group within which it is a row
Joined = Mapping[tuple[str, Any], list[list[date]]]


@dataclass(frozen=True)
class Cell:
    """A value, with the question to which it alone is the answer."""

    value: Value
    asked: Filter

    @property
    def parts(self) -> tuple[int, ...]:
        """The households of the part, and of a share also of the rest and of the whole."""
        n, d = self.value.numerator, self.value.denominator
        if self.value.behind:
            n, rest, d, _ = self.value.behind
            return (n,) if rest is None or d is None else (n, rest, d)
        return (n,) if d is None else (n, d - n, d)

    @property
    def population(self) -> int:
        """How many rows it is about: two questions that differ by a few of them tell of those."""
        return self.value.behind[3] if self.value.behind else self.parts[-1]

    @property
    def key(self) -> str:
        """Figure, office and programme: of these populations are compared."""
        return f"{self.value.code}|{self.asked.office_id or ''}|{self.asked.programme}"

    @property
    def fingerprint(self) -> str:
        """The same for the same question."""
        text = f"{self.key}|{self.asked.first}|{self.asked.last}"
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Memory:
    """What a client was told. Populations are remembered by figure, programme and office: a period
    one day longer, whose count is one more, is refused, where asking it again is not."""

    client: str
    known: dict[str, list[StatQuery]] = field(default_factory=lambda: defaultdict(list))

    def recall(self, cells: Iterable[Cell]) -> None:
        """What was told of these is known; one statement, after waiting for who asks as well."""
        if self.client:
            hold_client(self.client)
            keys = {self._key(cell) for cell in cells}
            for row in StatQuery.objects.filter(client_key__in=keys):
                self.known[row.client_key].append(row)

    def differs_by_few(self, cell: Cell) -> bool:
        """Whether this client was told of almost the same population of the figure already."""
        asked, earlier = cell.asked, self.known.get(self._key(cell), [])
        if cell.value.figure.day:  # what happened in other months has nothing to do with it
            earlier = [
                e for e in earlier if e.first_day <= asked.last and e.last_day >= asked.first
            ]
        others = [e.population for e in earlier if e.fingerprint != cell.fingerprint]
        return gives_away(others, cell.population)

    def keep(self, cells: Iterable[Cell], on: date) -> None:
        """These are told now; what was told stays as it was."""
        if self.client:
            rows = [
                StatQuery(
                    client_key=self._key(cell), fingerprint=cell.fingerprint, asked_on=on,
                    population=cell.population, first_day=cell.asked.first,
                    last_day=cell.asked.last,
                )
                for cell in cells
            ]  # fmt: skip
            StatQuery.objects.bulk_create(rows, ignore_conflicts=True)

    def _key(self, cell: Cell) -> str:
        return f"{self.client}|{hashlib.sha256(cell.key.encode()).hexdigest()[:16]}"[:60]


def hold_client(client: str) -> None:
    """Until the transaction ends, the client's other questions wait: they know this one then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"statistics{client}"]
        )


@transaction.atomic
def held_back(
    found: Mapping[str, list[Value]], actor: Actor, asked: Filter, by: str, client: str, on: date
) -> dict[str, list[bool]]:
    """Which values of each figure are not told; those that are, are remembered.

    Each group is judged like the question of it alone would be.
    """
    guarded = {code: values for code, values in found.items() if FIGURES[code].is_guarded}
    cells = {code: [_cell(v, asked, by) for v in values] for code, values in guarded.items()}
    rows = {axis: rows_of(guarded, actor, asked, by, axis) for axis in _axes(asked, by)}
    joined = joined_months(guarded, actor, asked, by, on)
    memory = Memory(client)
    memory.recall(_all(cells, rows.values()))
    held = {code: [False] * len(values) for code, values in found.items()}
    beside = {axis: beside_small(of_axis, memory) for axis, of_axis in rows.items()}
    for code, mine in cells.items():
        held[code] = [
            is_few(cell.parts)
            or memory.differs_by_few(cell)
            or any(_where(cell, by, axis) in untold for axis, untold in beside.items())
            or divides(joined, by, cell)
            for cell in mine
        ]
    memory.keep(
        [c for code in cells for c, h in zip(cells[code], held[code], strict=True) if not h], on
    )
    return held


def _all(cells: Mapping[str, list[Cell]], rows: Iterable[Rows]) -> list[Cell]:
    beside = [c for of_axis in rows for of in of_axis.values() for row in of.values() for c in row]
    return [cell for mine in cells.values() for cell in mine] + beside


def _axes(asked: Filter, by: str) -> list[str]:
    """Along which a value has others beside it, whose sum is told as well."""
    chosen = [axis for axis, name in FIELDS.items() if by == axis or getattr(asked, name)]
    return [*chosen, "month"] if by == "month" else chosen


def _cell(value: Value, asked: Filter, by: str) -> Cell:
    return Cell(value, _narrowed(asked, by, value.group))


def _narrowed(asked: Filter, by: str, group: Any) -> Filter:
    """The same question of one group."""
    if by == "month" and group:
        return replace(months(group, group), office_id=asked.office_id, programme=asked.programme)
    return replace(asked, **{FIELDS[by]: group}) if by in FIELDS and group else asked


def _where(cell: Cell, by: str, axis: str) -> tuple[str, Any, Any]:
    """The value's place in the rows of an axis: code, the row's group, and its own in the row."""
    outer = None if by in ("", axis) else cell.value.group
    inner = cell.value.group if by == axis else getattr(cell.asked, FIELDS[axis])
    return cell.value.code, outer, inner


def rows_of(
    guarded: Mapping[str, list[Value]], actor: Actor, asked: Filter, by: str, axis: str
) -> Rows:
    """The rows in which the values stand: each with the others of the axis, chosen or not."""
    wider = asked
    if axis in FIELDS:
        everywhere: dict[str, Any] = {"office": {"office_id": None}, "programme": {"programme": ""}}
        wider = replace(asked, **everywhere[axis])
    outer, values = "" if by == axis else by, guarded
    if by != axis or wider != asked:
        values = many(guarded, actor, wider, axis, within=outer, counted=True)
    found: Rows = {}
    for code, several in values.items():
        for value in several:
            narrowed = _narrowed(_narrowed(wider, outer, value.within), axis, value.group)
            row = found.setdefault(code, {}).setdefault(value.within, [])
            row.append(Cell(value, narrowed))
    return found


def beside_small(rows: Rows, memory: Memory) -> set[tuple[str, Any, Any]]:
    """Which cells of the rows stay untold: small ones, those that an earlier answer would give
    away, and beside them others, or the whole less the others would tell it."""
    untold = set()
    for code, of_code in rows.items():
        for outer, row in of_code.items():
            small = [is_few(cell.parts) or memory.differs_by_few(cell) for cell in row]
            held = complements(small, [cell.parts[-1] for cell in row])
            untold |= {
                (code, outer, cell.value.group)
                for cell, is_held in zip(row, held, strict=True)
                if is_held
            }
    return untold


def joined_months(
    codes: Iterable[str], actor: Actor, asked: Filter, by: str, on: date
) -> dict[tuple[str, Any], list[list[date]]]:
    """Of figures of what happened, and of each group by office or programme: all months up to
    today, joined so that each may be told."""
    flows = [code for code in codes if FIGURES[code].day]
    if not flows or asked.first > on:
        return {}
    ever, within = replace(asked, first=EPOCH, last=on), by if by in FIELDS else ""

    def read() -> dict[tuple[str, Any], list[list[date]]]:
        return _joined(flows, actor, ever, within)

    scope = ("months", tuple(flows), actor.reach, actor.unit_id, ever, within)
    return kept(scope, read) if of_sums(tuple(flows)) else read()


def _joined(
    flows: list[str], actor: Actor, ever: Filter, within: str
) -> dict[tuple[str, Any], list[list[date]]]:
    of_months: dict[tuple[str, Any], dict[date, tuple[int, ...]]] = defaultdict(dict)
    for code, values in many(flows, actor, ever, "month", within=within, counted=True).items():
        for value in values:
            of_months[code, value.within][value.group] = Cell(value, ever).parts
    return {
        (code, outer): blocks(
            _every_month(known, ever.last),
            comes_again=FIGURES[code].comes_again and not _is_relief(outer or ever.programme),
        )
        for (code, outer), known in of_months.items()
    }


def _every_month(
    known: Mapping[date, tuple[int, ...]], on: date
) -> list[tuple[date, tuple[int, ...]]]:
    """From the first that has something to today, those with nothing too."""
    nothing = (0,) * len(next(iter(known.values())))
    found, month = [], min(known)
    while month <= on:
        found.append((month, known.get(month, nothing)))
        month = next_month(month)
    return found


def _is_relief(programme: Any) -> bool:
    """Whether it is given once, and so each time to another household."""
    return programme in [p for p in Programme if p.kind.family is Family.RELIEF]


def divides(joined: Joined, by: str, cell: Cell) -> bool:
    """Whether a value is of a part of months that may only be told together."""
    months_ = joined.get((cell.value.code, cell.value.group if by in FIELDS else None))
    first, last = (day.replace(day=1) for day in (cell.asked.first, cell.asked.last))
    return months_ is not None and cuts(months_, first, next_month(last))

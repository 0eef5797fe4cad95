"""Reading figures: values by office, programme or month, and the rows behind a value (5(8))."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from cases.rules.months import next_month
from supervision.rules.figures import FIGURES, Figure
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.roles import Reach

ON_NOTICE = "('REVIEW_NOTICE', 'APPROVAL_NOTICE')"
IN_PROCESS_FIGURES = ("open", "late")
BY = {"office": "office", "programme": "programme", "month": "day"}


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What is asked for. `first`, `last`: days of the period, both within; None: everywhere."""

    first: date
    last: date
    office_id: int | None = None
    programme: str = ""
    # Of cases in process only: due within these days (None: no bound); whether on notice.
    due: tuple[date | None, date | None] | None = None
    paused: bool | None = None
    # And accepted (or, before that, submitted) within these days.
    since: tuple[date | None, date | None] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """As the statements name them; `month` is that of the last day."""
        return {
            "first": self.first, "last": self.last, "month": self.last.replace(day=1),
            "office": self.office_id, "programme": self.programme,
            "due_from": self.due and self.due[0], "due_to": self.due and self.due[1],
            "since_from": self.since and self.since[0], "since_to": self.since and self.since[1],
        }  # fmt: skip


def months(first: date, last: date, **rest: Any) -> Filter:
    """From the first of one month to the end of another, but not beyond today."""
    end = next_month(last.replace(day=1)) - timedelta(days=1)
    return Filter(first=first.replace(day=1), last=min(end, today()), **rest)


@dataclass(frozen=True)
class Value:
    """One value with what it is made of. `denominator` None: a plain count or sum.

    `within`: the group of the other kind, where it was asked by two. `behind`, if it was asked for
    and the figure counts no households itself: those of the part, of the rest and of the whole
    (None but for shares), and the lines in all.
    """

    code: str
    numerator: int
    denominator: int | None
    group: Any = None
    within: Any = None
    behind: tuple[int, int | None, int | None, int] | None = None

    @property
    def figure(self) -> Figure:
        """Its definition."""
        return FIGURES[self.code]

    @property
    def share(self) -> float | None:
        """Numerator through denominator; None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def is_good(self) -> bool | None:
        """Whether the target is met; None when there is none, or nothing to look at."""
        target = self.figure.target
        if self.figure.low_is_good and target is None:
            return self.numerator == 0
        if target is None or self.share is None:
            return None
        return self.share < target if self.figure.low_is_good else self.share >= target


@dataclass
class _Parts:
    where: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


def _defined(code: str, asked: Filter) -> Figure:
    """The figure's definition for the period: of a day that is over, as it stood then."""
    figure = FIGURES[code]
    return figure.as_it_was if asked.last < today() else figure


def _parts(figure: Figure, actor: Actor, asked: Filter) -> _Parts:
    """The conditions of scope, period and filter."""
    parts = _Parts([f"({figure.where})"], asked.values)
    if not actor.is_robot:
        column = {Reach.OFFICE: figure.office, Reach.DISTRICT: figure.district}.get(actor.reach)
        parts.where.append(f"{column} = %(unit)s" if column else "false")
        parts.where.append(figure.open_to)
        parts.values |= {"unit": actor.unit_id, "person": actor.person_id}
    if figure.day:
        parts.where.append(f"{figure.day} BETWEEN %(first)s::date AND %(last)s::date")
    if asked.office_id is not None:
        parts.where.append(f"{figure.office} = %(office)s")
    if asked.programme:
        named = figure.programme
        parts.where.append(f"{named} = %(programme)s" if named else "true")
    if figure.code in IN_PROCESS_FIGURES:
        parts.where += _of_clock(asked, figure.due)
    return parts


def _of_clock(asked: Filter, due: str) -> list[str]:
    """Due within days, on notice or not: the cells of the board's heat table."""
    found = []
    if asked.due and asked.due[0]:
        found.append(f"{due} >= %(due_from)s::date")
    if asked.due and asked.due[1]:
        found.append(f"{due} <= %(due_to)s::date")
    if asked.since and asked.since[0]:
        found.append("coalesce(c.accepted_on, c.submitted_on) >= %(since_from)s::date")
    if asked.since and asked.since[1]:
        found.append("coalesce(c.accepted_on, c.submitted_on) <= %(since_to)s::date")
    if asked.paused is not None:
        found.append(f"{'' if asked.paused else 'NOT '}c.state IN {ON_NOTICE}")
    return found


def statement(figure: Figure, actor: Actor, asked: Filter, by: str = "") -> tuple[str, Any]:
    """The figure's one statement: (group,) numerator, denominator."""
    parts = _parts(figure, actor, asked)
    whole_agg = figure.whole_agg or figure.agg
    numerator = f"coalesce({figure.agg} FILTER (WHERE {figure.hit}), 0)"
    denominator = (
        f"coalesce({whole_agg} FILTER (WHERE {figure.whole}), 0)" if figure.whole else "NULL"
    )
    group = _group(figure, by)
    head = f"{group}, " if group else ""
    tail = f" GROUP BY {group} ORDER BY {group}" if group else ""
    text = (
        f"SELECT {head}{numerator}, {denominator} FROM {figure.tables}"
        f" WHERE {' AND '.join(parts.where)}{tail}"
    )
    return text, parts.values


def _group(figure: Figure, by: str) -> str:
    if not by:
        return ""
    column = str(getattr(figure, BY[by]))
    if not column:
        return "''::text" if by == "programme" else "NULL::date"
    return f"date_trunc('month', {column})::date" if by == "month" else column


def figure_values(code: str, actor: Actor, asked: Filter, by: str = "") -> list[Value]:
    """The figure in the actor's scope: one value, or one for each office, programme or month."""
    text, values = statement(_defined(code, asked), actor, asked, by)
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        rows = cursor.fetchall()
    if by:
        return [Value(code, int(n), None if d is None else int(d), g) for g, n, d in rows]
    return [Value(code, int(n), None if d is None else int(d)) for n, d in rows]


def figure(code: str, actor: Actor, asked: Filter) -> Value:
    """The one value."""
    (value,) = figure_values(code, actor, asked)
    return value


def many(
    codes: Iterable[str],
    actor: Actor,
    asked: Filter,
    by: str = "",
    *,
    within: str = "",
    counted: bool = False,
) -> dict[str, list[Value]]:
    """Several figures in one statement, by code; groups in order, `within` those of another kind.

    Figures of the same rows are read together: the rows are gone through once for all of them.
    `counted`: with the households behind them, by which is judged whether they are told.
    """
    wanted = list(dict.fromkeys(codes))
    together: dict[tuple[str, ...], list[Figure]] = {}
    values = dict(asked.values)
    for code in wanted:
        one = _defined(code, asked)
        parts = _parts(one, actor, asked)
        key = (one.tables, _group(one, by), _group(one, within), *parts.where[1:])
        together.setdefault(key, []).append(one)
        values |= parts.values
    texts = [_bundle(figures, counted, *key) for key, figures in together.items()]
    found: dict[str, list[Value]] = {code: [] for code in wanted}
    if not texts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(texts), values)
        for code, group, outer, n, d, *behind in cursor.fetchall():
            found[code].append(
                Value(
                    code, int(n), None if d is None else int(d), _typed(group, by),
                    _typed(outer, within), tuple(behind) if behind[0] is not None else None,
                )
            )  # fmt: skip
    return found


def _bundle(
    figures: Sequence[Figure], counted: bool, tables: str, group: str, within: str, *shared: str
) -> str:
    """One SELECT of rows (code, groups, parts, what is behind) of figures of the same rows.

    A figure has no row for a group in which there is none of its own.
    """
    columns, rows = [], []
    for at, one in enumerate(figures):
        columns += [
            f"count(*) FILTER (WHERE {one.where}) AS c{at}",
            f"{_sum(one.agg, one.where, one.hit)} AS n{at}",
            f"{_sum(one.whole_agg or one.agg, one.where, one.whole)} AS d{at}",
        ]
        behind = [f"({part})::bigint" for part in _behind(one, counted)]
        columns += [f"{part} AS b{at}_{i}" for i, part in enumerate(behind)]
        kept = ", ".join(f"b{at}_{i}" for i in range(len(behind)))
        rows.append(f"('{one.code}', c{at}, n{at}::bigint, d{at}::bigint, {kept})")
    where = " AND ".join(["(" + " OR ".join(f"({one.where})" for one in figures) + ")", *shared])
    groups = ", ".join(filter(None, [within, group]))
    tail = f" GROUP BY {groups} ORDER BY {groups}" if groups else ""
    return (
        f"SELECT v.code, x.g::text, x.w::text, v.n, v.d, v.h, v.r, v.a, v.p FROM"
        f" (SELECT {group or 'NULL::text'} AS g, {within or 'NULL::text'} AS w,"
        f" {', '.join(columns)} FROM {tables} WHERE {where}{tail}) x"
        f" CROSS JOIN LATERAL (VALUES {', '.join(rows)}) v(code, c, n, d, h, r, a, p)"
        f"{' WHERE v.c > 0' if groups else ''}"
    )


def _behind(one: Figure, counted: bool) -> list[str]:
    """The households of the part, of the rest and of the whole, and the lines in all."""
    if not (counted and one.count):
        return ["NULL"] * 4
    rest = one.rest or f"({one.whole}) AND ({one.hit}) IS NOT TRUE"
    return [
        _sum(one.homes or one.count, one.where, one.counted or one.hit),
        _sum(one.count, one.where, rest if one.whole else ""),
        _sum(one.homes or one.count, one.where, one.whole),
        _sum(one.count, one.where, one.whole or one.hit),
    ]


def _sum(agg: str, where: str, when: str) -> str:
    if not when:
        return "NULL"
    only = f"FILTER (WHERE ({where}) AND ({when}))"
    return f"coalesce({agg.replace('{only}', only) if '{only}' in agg else f'{agg} {only}'}, 0)"


def _typed(group: str | None, by: str) -> Any:
    if group is None or not by:
        return None
    if by == "office":
        return int(group)
    return date.fromisoformat(group) if by == "month" else group


@dataclass(frozen=True)
class Row:
    """One row behind a figure."""

    key: str
    name: str
    office_id: int | None
    url: str
    amount: int = 1  # what the row adds to the number


def figure_rows(
    code: str,
    actor: Actor,
    asked: Filter,
    *,
    whole: bool = False,
    start: int = 0,
    most: int | None = None,
) -> list[Row]:
    """What is counted: the rows of the numerator, or with `whole` of the denominator."""
    wanted = _defined(code, asked)
    parts = _parts(wanted, actor, asked)
    parts.where.append(f"({(wanted.whole or 'true') if whole else wanted.hit})")
    limit = f" LIMIT {int(most)} OFFSET {int(start)}" if most is not None else ""
    key, name, link = wanted.key, wanted.name, wanted.link or wanted.key
    agg, group = (whole and wanted.whole_agg) or wanted.agg, ""
    if agg == "count(*)":
        agg = "1"
    else:  # rows that are counted together are one, with what they come to
        group = f" GROUP BY {wanted.row or key}, {wanted.office}"
        key, name, link = f"min({key})", f"min({name})", f"min({link})"
    text = (
        f"SELECT {key} AS key, {name} AS name, {wanted.office} AS office, {link} AS link,"
        f" {agg} AS amount FROM {wanted.tables} WHERE {' AND '.join(parts.where)}{group}"
        f" ORDER BY key, name{limit}"
    )
    opens = _opens(wanted, actor)
    with connection.cursor() as cursor:
        cursor.execute(text, parts.values)
        return [
            Row(str(key), str(name), office, _url(wanted, link, whole) if opens else "",
                int(amount))
            for key, name, office, link, amount in cursor.fetchall()
        ]  # fmt: skip


def _opens(wanted: Figure, actor: Actor) -> bool:
    """Whether the reader may open the pages of the rows: no link leads to a refusal."""
    if wanted.is_of_district and actor.reach != Reach.DISTRICT:
        return False
    return not wanted.opened_by or any(actor.can(name) for name in wanted.opened_by.split())


def _url(wanted: Figure, key: str, whole: bool) -> str:
    if wanted.code == "errors" and whole:
        return f"/cases/{key}/"
    return wanted.url.format(key=key) if wanted.url else ""


def total(code: str, values: Iterable[Value]) -> Value:
    """All groups together; a household is counted with its office, and no office with another."""
    found = list(values)
    whole = sum(v.denominator or 0 for v in found) if FIGURES[code].is_share else None
    return Value(code, sum(v.numerator for v in found), whole)


def by_group(values: Sequence[Value]) -> Mapping[Any, Value]:
    """Values by their group."""
    return {value.group: value for value in values}

"""What is declared beside the family: obligors, property, and the cause of a 临时救助."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yuquan_relief.kernel.inputs import counts, dates, money, names

from .destitution import OBLIGOR_GROUNDS
from .programmes import PROPERTY_KINDS, RELATIONS, Programme
from .reading import Reader, text_of
from .relief import CLASSES, EXPENSE_CAUSES, URGENT_CAUSES

MOST_OBLIGORS = 10
MOST_PROPERTY = 10
OBLIGOR_RELATIONS = {k: v for k, v in RELATIONS.items() if k != "SELF"}


@dataclass(frozen=True)
class DeclaredObligor:
    """Somebody who owes support by law and lives apart (F03). Incomes in fen."""

    name: str
    relation: str
    persons: int
    month_fen: int  # income of the obligor's own household a month
    ground: str
    support_fen: int  # paid to the applicant a year


@dataclass(frozen=True)
class DeclaredProperty:
    """One thing that the family owns; `area` in square metres for a dwelling."""

    kind: str
    note: str
    value_fen: int
    area: int


@dataclass(frozen=True)
class DeclaredClaim:
    """What happened, and what it costs (F27). Fen."""

    cause: str
    happened_on: date
    place: str
    household_class: str
    total_fen: int
    covered_fen: int
    asked_fen: int

    @property
    def own_fen(self) -> int:
        """What the family itself has to pay."""
        return max(self.total_fen - self.covered_fen, 0)


def read_obligors(reader: Reader, rows: Any) -> tuple[DeclaredObligor, ...]:
    """The obligors; rows in which nothing was typed are left out."""
    return tuple(
        found
        for i, row in enumerate(_rows(reader, "obligors", rows, MOST_OBLIGORS))
        if _is_typed(row, "name") and (found := _obligor(reader, f"obligors-{i}-", row))
    )


def _rows(reader: Reader, name: str, rows: Any, most: int) -> list[Mapping[str, Any]]:
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        reader.refuse(f"{name}-0-name", "list_expected", "请逐行填写")
        return []
    if len(rows) > most:
        reader.refuse(f"{name}-0-name", "max", f"最多填 {most} 行，请核对")
        return []
    return rows


def _is_typed(row: Mapping[str, Any], *fields: str) -> bool:
    return any(str(row.get(name) or "").strip() for name in fields)


def _obligor(reader: Reader, at: str, row: Mapping[str, Any]) -> DeclaredObligor | None:
    name = reader.read(at + "name", names.clean, row.get("name"), ask="请填写义务人姓名")
    relation = reader.choose(
        at + "relation", row.get("relation"), OBLIGOR_RELATIONS, ask="请选择义务人是申请人的什么人"
    )
    ground = reader.choose(
        at + "ground", row.get("ground", "ABLE"), OBLIGOR_GROUNDS, ask="请选择义务人的情况"
    )
    persons = reader.read(at + "persons", _count, row.get("persons") or "1")
    month = _fen(reader, at + "month", row.get("month"))
    support = _fen(reader, at + "support", row.get("support"))
    if None in (name, persons, month, support) or not (relation and ground):
        return None
    return DeclaredObligor(name, relation, persons, month, ground, support)


def _count(text: str) -> int:
    return counts.clean(text, least=1, most=30)


def _fen(reader: Reader, name: str, text: Any) -> Any:
    """An amount; nothing typed is none."""
    return reader.read(name, money.parse_lenient, text or "0")


def read_property(reader: Reader, rows: Any) -> tuple[DeclaredProperty, ...]:
    """What the family owns; rows without a kind are left out."""
    return tuple(
        found
        for i, row in enumerate(_rows(reader, "property", rows, MOST_PROPERTY))
        if _is_typed(row, "kind", "note", "value")
        and (found := _property(reader, f"property-{i}-", row))
    )


def _property(reader: Reader, at: str, row: Mapping[str, Any]) -> DeclaredProperty | None:
    kind = reader.choose(at + "kind", row.get("kind"), PROPERTY_KINDS, ask="请选择财产类别")
    note = reader.read(at + "note", text_of(100), row.get("note"), ask="请写明是什么")
    value = _fen(reader, at + "value", row.get("value"))
    area = reader.read(at + "area", _area, row.get("area") or "0")
    if not kind or None in (note, value, area):
        return None
    return DeclaredProperty(kind, note, value, area)


def _area(text: str) -> int:
    return counts.clean(text, least=0, most=9999)


def read_claim(
    reader: Reader, programme: Programme, data: Mapping[str, Any], *, today: date
) -> DeclaredClaim | None:
    """The claim of a 临时救助; None after an error."""
    causes = URGENT_CAUSES if programme.is_urgent else EXPENSE_CAUSES
    cause = reader.choose("claim_cause", data.get("claim_cause"), causes, ask="请选择困难原因")
    group = reader.choose("claim_class", data.get("claim_class"), CLASSES, ask="请选择家庭类别")
    day = reader.read(
        "claim_on",
        lambda text: dates.parse_day(text, today=today),
        data.get("claim_on"),
        ask="请填写发生日期",
    )
    place = reader.read("claim_place", text_of(100), data.get("claim_place"), ask="请填写发生地点")
    if day and day > today:
        reader.refuse("claim_on", "future", "发生日期不能晚于今天，请核对")
    total = _fen(reader, "claim_total", data.get("claim_total"))
    covered = _fen(reader, "claim_covered", data.get("claim_covered"))
    asked = _fen(reader, "claim_asked", data.get("claim_asked"))
    if None in (day, place, total, covered, asked) or not (cause and group):
        return None
    if covered > total:
        reader.refuse("claim_covered", "more_than_total", "报销和补偿不能多于总支出，请核对")
    return DeclaredClaim(cause, day, place, group, total, covered, asked)

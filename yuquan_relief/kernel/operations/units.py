"""Taking in a list of units: all of it or nothing, errors by row, twice is once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.inputs import InputError, dates, names
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.spreadsheets import Row

COLUMNS = (
    "code",
    "name",
    "short_name",
    "kind",
    "parent_code",
    "code_source",
    "valid_from",
    "valid_to",
    "synthetic",
)
KINDS = {
    **{str(kind): str(kind) for kind in Unit.Kind},
    "区": "DISTRICT",
    "镇": "OFFICE",
    "街道": "OFFICE",
    "镇、街道": "OFFICE",
    "行政村": "VILLAGE",
    "村": "VILLAGE",
    "社区": "COMMUNITY",
}
PARENT_KIND = {"OFFICE": "DISTRICT", "VILLAGE": "OFFICE", "COMMUNITY": "OFFICE"}
CODE_LENGTH = {"DISTRICT": 6, "OFFICE": 9, "VILLAGE": 12, "COMMUNITY": 12}
YES, NO = {"是", "1", "true", "yes"}, {"", "否", "0", "false", "no"}
Key = tuple[str, str, date]


@dataclass(frozen=True)
class UnitRow:
    """One unit of the list, clean; `number` is its line in the file."""

    number: int
    code: str
    name: str
    short_name: str
    kind: str
    parent_code: str
    code_source: str
    valid_from: date
    valid_to: date | None
    is_synthetic: bool

    @property
    def key(self) -> Key:
        """A code means nothing without its list and its day."""
        return (self.code_source, self.code, self.valid_from)


class RowErrors(Refused):
    """The file was not taken in; `errors` says why, line by line."""

    def __init__(self, errors: list[tuple[int, str]]) -> None:
        shown = "；".join(f"第 {number} 行：{text}" for number, text in errors[:5])
        more = f"；等 {len(errors)} 处" if len(errors) > 5 else ""
        super().__init__(f"没有导入。{shown}{more}", code="row_errors")
        self.errors = errors


@dataclass(frozen=True)
class UnitsImported:
    """What the import did."""

    added: int
    changed: int
    unchanged: int


@transaction.atomic
def import_units(rows: Iterable[Row], *, actor: Actor) -> UnitsImported:
    """The units of the list stand in the tree; raises RowErrors and changes nothing otherwise.

    The key is (code source, code, first day): the same code in another list is another unit.
    Names, last day and mark of a known unit are brought up to date; its kind and parent stay.
    """
    if not (actor.is_robot or actor.can("units.edit")):
        raise PermissionDenied("units.edit")
    clean = read_rows(rows)
    done = _Import(clean)
    for row in sorted(clean, key=lambda r: CODE_LENGTH[r.kind]):
        done.take(row)
    if done.errors:
        raise RowErrors(sorted(done.errors))
    if done.added or done.changed:
        record(
            "units",
            str(today()),
            "import_units",
            actor=actor,
            body={"added": done.added, "changed": done.changed, "unchanged": done.unchanged},
        )
    return UnitsImported(done.added, done.changed, done.unchanged)


class _Import:
    """One run: what is there, what was found wrong, what was done."""

    def __init__(self, rows: list[UnitRow]) -> None:
        self.errors: list[tuple[int, str]] = []
        self.added = self.changed = self.unchanged = 0
        self.known: dict[Key, Unit] = {
            (u.code_source, u.code, u.valid_from): u
            for u in Unit.objects.select_for_update(of=("self",)).filter(
                code__in={r.code for r in rows} | {r.parent_code for r in rows}
            )
        }

    def take(self, row: UnitRow) -> None:
        parent = self._parent(row) if row.kind in PARENT_KIND else None
        if row.kind in PARENT_KIND and parent is None:
            return
        values = {
            "name": row.name,
            "short_name": row.short_name,
            "valid_to": row.valid_to,
            "is_synthetic": row.is_synthetic,
        }
        there = self.known.get(row.key)
        if there is None:
            self._add(row, parent, values)
        elif (there.kind, there.parent_id) != (row.kind, parent and parent.pk):
            self.errors.append((row.number, f"{row.code} 已登记为另一类型或另一上级，请核对代码"))
        elif all(getattr(there, name) == value for name, value in values.items()):
            self.unchanged += 1
        else:
            for name, value in values.items():
                setattr(there, name, value)
            there.save()
            self.changed += 1

    def _add(self, row: UnitRow, parent: Unit | None, values: Mapping[str, object]) -> None:
        unit = Unit(
            code=row.code,
            code_source=row.code_source,
            valid_from=row.valid_from,
            kind=row.kind,
            parent=parent,
            **values,
        )
        unit.save(force_insert=True)
        self.known[row.key] = unit
        self.added += 1

    def _parent(self, row: UnitRow) -> Unit | None:
        wanted = PARENT_KIND[row.kind]
        found = [
            unit
            for unit in self.known.values()
            if unit.code == row.parent_code
            and unit.kind == wanted
            and unit.valid_from <= row.valid_from
            and (unit.valid_to is None or unit.valid_to >= row.valid_from)
        ]
        own = [unit for unit in found if unit.code_source == row.code_source]
        if len(own or found) == 1:
            return (own or found)[0]
        if found:
            text = f"上级代码 {row.parent_code} 在几份名单里都有，请先停用旧名单中的单位"
        else:
            text = f"找不到上级 {row.parent_code}（{row.valid_from} 有效的），请先导入上级"
        self.errors.append((row.number, text))
        return None


def read_rows(rows: Iterable[Row]) -> list[UnitRow]:
    """Clean rows; raises RowErrors with everything that is wrong with the file itself."""
    clean: list[UnitRow] = []
    errors: list[tuple[int, str]] = []
    for row in rows:
        if not clean and not errors and (missing := [c for c in COLUMNS if c not in row.cells]):
            raise Refused(f"缺少列：{'、'.join(missing)}。请按模板 units_2026.csv 的列名填写")
        try:
            clean.append(_read(row))
        except InputError as error:
            errors.append((row.number, error.message))
    seen: dict[Key, int] = {}
    for unit in clean:
        if first := seen.get(unit.key):
            errors.append((unit.number, f"与第 {first} 行是同一单位，请删去一行"))
        seen.setdefault(unit.key, unit.number)
    if errors:
        raise RowErrors(sorted(errors))
    if not clean:
        raise Refused("文件里没有单位，请核对后重新选择")
    return clean


def _read(row: Row) -> UnitRow:
    kind = KINDS.get(row.get("kind").strip())
    if kind is None:
        raise InputError("kind", "类型请填“区”“镇、街道”“行政村”或“社区”。")
    code = row.get("code").strip()
    if not (code.isascii() and code.isdigit() and len(code) == CODE_LENGTH[kind]):
        raise InputError("code", f"代码应为 {CODE_LENGTH[kind]} 位数字，请核对。")
    flag = row.get("synthetic").strip().lower()
    if flag not in YES | NO:
        raise InputError("synthetic", "“synthetic”请填“是”或“否”。")
    name = _words(row, "name", 50)
    unit = UnitRow(
        number=row.number,
        code=code,
        name=name,
        short_name=_words(row, "short_name", 20, required=False) or name[:20],
        kind=kind,
        parent_code=row.get("parent_code").strip(),
        code_source=_words(row, "code_source", 60),
        valid_from=dates.parse_day(row.get("valid_from"), today=today()),
        valid_to=_last_day(row),
        is_synthetic=flag in YES,
    )
    if unit.valid_to and unit.valid_to < unit.valid_from:
        raise InputError("valid_to", "停用日期不能早于启用日期，请核对。")
    return unit


def _last_day(row: Row) -> date | None:
    text = row.get("valid_to")
    return dates.parse_day(text, today=today()) if text.strip() else None


def _words(row: Row, column: str, most: int, *, required: bool = True) -> str:
    text = names.clean_text(row.get(column), most=most, lines=False)
    if required and not text:
        raise InputError("required", f"“{column}”没有填写。")
    return text

"""Units: one list after another, all or nothing, and a code means nothing without its list."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from tests.cast import Cast
from yuquan_relief import kernel
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Unit
from yuquan_relief.kernel.operations.units import COLUMNS, RowErrors, UnitsImported, import_units
from yuquan_relief.kernel.spreadsheets import Row, read_table

DATA = Path(kernel.__file__).parent / "data"
DISTRICT = "159901,丙区,丙区,区,,丙表,2020-01-01,,是"
OFFICE = "159901001,丙街道,丙,街道,159901,丙表,2020-01-01,,是"
VILLAGE = "159901001201,丙一村,丙一村,行政村,159901001,丙表,2020-01-01,,是"


def rows(*lines: str) -> list[Row]:
    return read_table("\n".join([",".join(COLUMNS), *lines]).encode()).rows


def take(*lines: str) -> UnitsImported:
    return import_units(rows(*lines), actor=ROBOT)


def errors(*lines: str) -> list[tuple[int, str]]:
    with pytest.raises(RowErrors) as caught:
        take(*lines)
    return caught.value.errors


def test_the_2026_list_is_the_district(db: None) -> None:
    call_command("import_units", str(DATA / "units_2026.csv"), stdout=StringIO())
    on = date(2026, 11, 23)
    assert Unit.objects.valid_on(on).offices().count() == 10
    kinds = list(Unit.objects.valid_on(on).villages().values_list("kind", flat=True))
    assert (kinds.count("COMMUNITY"), kinds.count("VILLAGE")) == (83, 50)
    assert all(Unit.objects.villages().values_list("is_synthetic", flat=True))
    assert not any(Unit.objects.offices().values_list("is_synthetic", flat=True))


def test_committee_codes_tell_communities_from_villages(db: None) -> None:
    call_command("import_units", str(DATA / "units_2026.csv"), stdout=StringIO())
    for unit in Unit.objects.villages().select_related("parent"):
        assert unit.parent is not None
        assert unit.code[:9] == unit.parent.code
        numbers = range(1, 200) if unit.kind == "COMMUNITY" else range(200, 400)
        assert int(unit.code[9:]) in numbers


def test_the_same_code_names_another_street_in_the_other_list(db: None) -> None:
    """Golden case (j) of domain.md 18."""
    for name in ("units_2023.csv", "units_2026.csv"):
        call_command("import_units", str(DATA / name), stdout=StringIO())
    named = {
        year: set(Unit.objects.valid_on(date(year, 6, 1)).filter(code="150104001"))
        for year in (2024, 2026)
    }
    assert [u.name for u in named[2024]] == ["小召前街街道"]
    assert [u.name for u in named[2026]] == ["大南街街道"]
    assert Unit.objects.filter(kind="DISTRICT", code="150104").count() == 1
    assert Unit.objects.filter(name="长和廊街道").valid_on(date(2026, 6, 1)).count() == 0


def test_the_same_file_twice_changes_nothing(db: None) -> None:
    first = take(DISTRICT, OFFICE, VILLAGE)
    before = (Event.objects.count(), Unit.history.count())
    second = take(DISTRICT, OFFICE, VILLAGE)
    assert (first.added, second.added, second.changed, second.unchanged) == (3, 0, 0, 3)
    assert (Event.objects.count(), Unit.history.count()) == before


def test_order_in_the_file_does_not_matter(db: None) -> None:
    assert take(VILLAGE, OFFICE, DISTRICT).added == 3


def test_a_new_name_and_a_last_day_are_taken_with_history(db: None) -> None:
    take(DISTRICT, OFFICE)
    done = take(DISTRICT, OFFICE.replace("丙街道", "丙新街道").replace(",,是", ",2026-12-31,是"))
    unit = Unit.objects.get(code="159901001")
    assert (done.changed, unit.name, unit.valid_to) == (1, "丙新街道", date(2026, 12, 31))
    assert unit.history.count() == 2


def test_another_parent_is_refused(db: None) -> None:
    take(DISTRICT, OFFICE, VILLAGE)
    other = "159901002,丁街道,丁,街道,159901,丙表,2020-01-01,,是"
    moved = VILLAGE.replace(",159901001,", ",159901002,")
    assert errors(DISTRICT, OFFICE, other, moved)[0][0] == 5
    assert not Unit.objects.filter(code="159901002").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (OFFICE.replace("街道,", "乡,", 2).replace(",街道", ",乡"), "类型"),
        (OFFICE.replace("159901001,丙", "15990100X,丙"), "9 位数字"),
        (OFFICE.replace("159901,丙表", "159902,丙表"), "找不到上级"),
        (OFFICE.replace("2020-01-01", "2020-02-30"), "没有这一天"),
        (OFFICE.replace(",,是", ",2019-01-01,是"), "不能早于"),
        (OFFICE.replace("丙街道", ""), "没有填写"),
        (OFFICE.replace(",是", ",也许"), "“是”或“否”"),
        (DISTRICT, "与第 2 行是同一单位"),
    ],
)
def test_row_errors(db: None, line: str, said: str) -> None:
    found = errors(DISTRICT, line)
    assert (found[0][0], said in found[0][1]) == (3, True)
    assert not Unit.objects.filter(code__startswith="159901").exists()


def test_parent_that_two_lists_in_force_name_is_asked_about(db: None) -> None:
    take(DISTRICT, OFFICE, OFFICE.replace("丙表", "丁表").replace("丙街道", "丁街道"))
    orphan = VILLAGE.replace("丙表", "戊表")
    assert "几份名单" in errors(orphan)[0][1]


def test_missing_column(db: None) -> None:
    with pytest.raises(Refused, match="缺少列：short_name、kind、parent_code"):
        import_units(read_table(b"code,name\n1,2\n").rows, actor=ROBOT)


def test_only_the_system_administrator_may_import(cast: Cast) -> None:
    table = rows(DISTRICT)
    for name in ("secadmin", "auditadmin", "supervisor", "staff"):
        with pytest.raises(PermissionDenied):
            import_units(table, actor=cast.actors[name])
    assert import_units(table, actor=cast.sysadmin).added == 1


def test_encodings_give_the_same_units(db: None) -> None:
    text = "\r\n".join([",".join(COLUMNS), DISTRICT, OFFICE])
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        import_units(read_table(text.encode(encoding)).rows, actor=ROBOT)
    assert Unit.objects.filter(code_source="丙表").count() == 2


def test_command_names_the_rows(db: None, tmp_path: Path) -> None:
    path = tmp_path / "单位.csv"
    path.write_text("\n".join([",".join(COLUMNS), OFFICE]), encoding="utf-8")
    said = StringIO()
    with pytest.raises(CommandError, match="没有导入任何单位"):
        call_command("import_units", str(path), stderr=said)
    assert "第 2 行：找不到上级" in said.getvalue()

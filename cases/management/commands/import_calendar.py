"""Enter a year of the work calendar from a file, with a look at the deadlines that move."""

from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cases.operations.deadlines import moves, recompute
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.calendars import enter_year, read_calendar, with_year, work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError, dates, typed
from yuquan_relief.kernel.models import CalendarDay, CalendarYear
from yuquan_relief.kernel.spreadsheets import Row, read_table

COMMAND_LINE = replace(ROBOT, title="命令行")
COLUMNS = ("日期", "休或班", "说明")
KINDS = {"休": False, "放假": False, "班": True, "上班": True, "调休上班": True}
Days = dict[date, tuple[bool, str]]


class Command(BaseCommand):
    help = (
        "录入一年的放假和调休安排（CSV 或 XLSX，列：日期、休或班、说明），"
        "并重算未办结案件的到期日（可重复执行）"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, help="年份，例如 2027")
        parser.add_argument("file", type=Path, help="安排文件")
        parser.add_argument("--source", required=True, help="依据文件的名称和文号")
        parser.add_argument("--preview", action="store_true", help="只看有多少到期日变动，不录入")

    def handle(self, *args: Any, **options: Any) -> None:
        path, year, source = options["file"], options["year"], options["source"]
        try:
            days = read_days(read_table(path.read_bytes(), name=path.name).rows, year)
            if is_entered(year, days, source):
                self.stdout.write(f"{year} 年的安排已经录入，内容一致，没有改动")
                return
            self._tell(year, days)
            if not options["preview"]:
                with transaction.atomic():
                    enter_year(year, days, source=source, actor=COMMAND_LINE)
                    moved = recompute(read_calendar(), actor=COMMAND_LINE)
                self.stdout.write(f"已录入 {year} 年安排 {len(days)} 天，重算 {moved} 个到期日")
        except OSError as error:
            raise CommandError(f"打不开文件：{path}") from error
        except Refused as refused:
            raise CommandError(refused.reason) from refused

    def _tell(self, year: int, days: Days) -> None:
        changed = moves(with_year(work_calendar(), year, days))
        self.stdout.write(f"录入后有 {len(changed)} 件未办结案件的到期日变动")
        for move in changed[:20]:
            self.stdout.write(f"  {move.no}：{move.before} → {move.after}")


def read_days(rows: Iterable[Row], year: int) -> Days:
    """The days of the file; raises Refused naming every row that cannot be read."""
    days: Days = {}
    errors = []
    for row in rows:
        if missing := [name for name in COLUMNS if name not in row.cells]:
            raise Refused(f"缺少列：{'、'.join(missing)}")
        try:
            day, kind = _day(row, year)
        except InputError as error:
            errors.append(f"第 {row.number} 行：{error.message}")
            continue
        if day in days:
            errors.append(f"第 {row.number} 行：日期与前面重复，请只留一行")
        days[day] = kind
    if errors:
        raise Refused("没有录入。" + "；".join(errors[:10]))
    if not days:
        raise Refused("文件里没有放假安排，请核对后重新选择")
    return days


def _day(row: Row, year: int) -> tuple[date, tuple[bool, str]]:
    day = dates.parse_day(row.get("日期"), today=date(year, 1, 1))
    if day.year != year:
        raise InputError("year", f"不是 {year} 年的日期，请核对。")
    kind = KINDS.get(typed(row.get("休或班")))
    if kind is None:
        raise InputError("kind", "“休或班”请填“休”或“班”。")
    return day, (kind, typed(row.get("说明"))[:60] or ("调休上班" if kind else "放假"))


def is_entered(year: int, days: Days, source: str) -> bool:
    """Whether the year stands exactly so, from the same document."""
    there = CalendarYear.objects.filter(pk=year, source=source.strip()).exists()
    rows = CalendarDay.objects.filter(year=year)
    now = {d.day: (d.is_workday, d.note) for d in rows}
    return there and now == {d: v for d, v in days.items() if v[0] != (d.weekday() < 5)}

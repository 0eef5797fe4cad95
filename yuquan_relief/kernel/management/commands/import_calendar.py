"""Enter a year of the work calendar from a file, with a look at the deadlines that move."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.calendar_effects import all_moves
from yuquan_relief.kernel.calendar_files import Days, read_days
from yuquan_relief.kernel.calendars import with_year, work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import CalendarYear
from yuquan_relief.kernel.operations.calendars import days_of, enter
from yuquan_relief.kernel.spreadsheets import read_table

COMMAND_LINE = replace(ROBOT, title="命令行")


class Command(BaseCommand):
    help = (
        "录入一年的放假和调休安排（CSV 或 XLSX，列：日期、休或班、说明），"
        "并重算未到的期限（可重复执行）"
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
                moved = enter(year, days, source=source, actor=COMMAND_LINE)
                self.stdout.write(f"已录入 {year} 年安排 {len(days)} 天，重算 {moved} 个到期日")
        except OSError as error:
            raise CommandError(f"打不开文件：{path}") from error
        except Refused as refused:
            raise CommandError(refused.reason) from refused

    def _tell(self, year: int, days: Days) -> None:
        changed = all_moves(with_year(work_calendar(), year, days))
        self.stdout.write(f"录入后有 {len(changed)} 个到期日变动")
        for move in changed[:20]:
            self.stdout.write(f"  {move.what} {move.key}：{move.before} → {move.after}")


def is_entered(year: int, days: Days, source: str) -> bool:
    """Whether the year stands exactly so, from the same document."""
    there = CalendarYear.objects.filter(pk=year, source=source.strip()).exists()
    return there and days_of(year) == {
        day: change for day, change in days.items() if change[0] != (day.weekday() < 5)
    }

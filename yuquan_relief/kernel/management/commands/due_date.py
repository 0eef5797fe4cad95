"""Work out a due date and explain every day of it (怎么算的)."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.inputs.dates import parse_day
from yuquan_relief.kernel.workdays import LimitUnit, Window, days_text

MOST_DAYS = 1000
UNITS = {LimitUnit.WORKDAY: "工作日", LimitUnit.CALENDAR_DAY: "自然日"}


class Command(BaseCommand):
    help = "计算到期日并逐日说明：起算当日不计入，公示期不计入，休息日按工作日历"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="start", required=True, metavar="DATE", help="起算日")
        parser.add_argument("--limit", type=int, required=True, help="时限天数")
        parser.add_argument("--unit", choices=list(LimitUnit), default=LimitUnit.WORKDAY.value)
        parser.add_argument(
            "--notice",
            action="append",
            default=[],
            metavar="FROM:TO",
            help="不计入的公示期，首日:末日，可重复",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["limit"] <= MOST_DAYS:
            raise CommandError(f"时限请填 1 至 {MOST_DAYS} 天")
        start, unit = _day(options["start"]), LimitUnit(options["unit"])
        notices = [_window(text) for text in options["notice"]]
        calendar = work_calendar()
        try:
            due = calendar.due(start, options["limit"], unit, notices)
            days = list(calendar.explain(start, options["limit"], unit, notices))
        except ValueError as error:
            raise CommandError(f"不能计算：{error}") from error
        mark = "，暂定：有年份的放假安排尚未录入" if due.is_provisional else ""
        self.stdout.write(
            f"自 {days_text(start)} 起 {options['limit']} 个{UNITS[unit]}，"
            f"到期日 {days_text(due.on)}{mark}"
        )
        for day in days:
            number = f"第 {day.number} 日" if day.number else "不计"
            self.stdout.write(f"{days_text(day.day)}\t{number}\t{day.reason}")


def _day(text: str) -> date:
    try:
        return parse_day(text, today=today())
    except InputError as error:
        raise CommandError(f"“{text}”不能用作日期。{error}") from error


def _window(text: str) -> Window:
    first, colon, last = text.partition(":")
    if not colon:
        raise CommandError(f"“{text}”不能用作公示期，应为首日:末日，例如 2026-10-09:2026-10-15")
    window = Window(_day(first), _day(last), "公示期，不计入")
    if window.last < window.first:
        raise CommandError(f"“{text}”不能用作公示期：末日早于首日，请核对")
    return window

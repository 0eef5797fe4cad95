"""Load the delivered rulebook and the known calendar years; repeatable."""

from typing import Any

from django.core.management.base import BaseCommand

from yuquan_relief.kernel.calendars import load_known_years
from yuquan_relief.kernel.operations.rulebook import load_delivered


class Command(BaseCommand):
    help = "载入随系统交付的规则值和工作日历（可重复执行）"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"规则值新增 {load_delivered()} 条")
        years = load_known_years()
        self.stdout.write(f"工作日历新增 {'、'.join(map(str, years)) or '0'} 年")

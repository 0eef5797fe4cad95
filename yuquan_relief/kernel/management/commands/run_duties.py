"""Do by hand what the clock owes on a day; the same code, any number of times."""

import logging
import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.duties import DUTIES, Duty, one_at_a_time
from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.inputs.dates import parse_day

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "办理某一天该由时钟办的各项职责（默认今天），可重复执行；有一项出错时退出码为 1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="DATE", help="日期，例如 2026-10-19；默认今天")

    def handle(self, *args: Any, **options: Any) -> None:
        on = _day(options["on"]) if options["on"] else today()
        if settings.IS_PRODUCTION and on > today():
            raise CommandError("不能办理今天以后的职责：公示会提前结束，不能退回")
        self.stdout.write(f"办理 {on} 的职责：")
        outcomes = [self._do(entry, on) for entry in DUTIES.values()]
        self.stdout.write(f"共 {len(outcomes)} 项职责。")
        if not all(outcomes):
            sys.exit(1)

    def _do(self, entry: Duty, on: date) -> bool:
        """One duty is done or said to have failed; the others go on all the same."""
        clause = f"，依据 {entry.clause}" if entry.clause else ""
        title = f"{entry.label}（{entry.name}{clause}）"
        try:
            with one_at_a_time(f"duty:{entry.name}"):
                done = entry.run(on)
        except Exception as error:  # one broken duty must not stop the others
            logger.exception("duty %s failed", entry.name)
            self.stdout.write(self.style.ERROR(f"✗ {title}：出错（{type(error).__name__}）"))
            return False
        self.stdout.write(f"✓ {title}：{f'办了 {done} 件' if done else '没有要办的'}")
        return True


def _day(text: str) -> date:
    try:
        return parse_day(text, today=today())
    except InputError as error:
        raise CommandError(f"“{text}”不能用作日期。{error}") from error

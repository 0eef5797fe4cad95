"""Check what must always be true of the data; list whatever is broken."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from yuquan_relief.kernel.invariants import checks


class Command(BaseCommand):
    help = "核对必须始终成立的事项：操作记录、签字、文件、任务、时限、资金等；有问题时退出码为 1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", action="append", metavar="NAME", help="只核对这一项，可重复")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [c for c in checks() if not options["only"] or c.name in options["only"]]
        broken = 0
        for check in chosen:
            sentences = check.sentences()
            broken += len(sentences)
            for sentence in sentences:
                self.stdout.write(self.style.ERROR(f"✗ {check.label}：{sentence}"))
            if not sentences:
                self.stdout.write(f"✓ {check.label}{check.counted()}")
        if broken or not chosen:
            self.stdout.write(f"发现 {broken} 处问题。" if broken else "没有这样的核对项目。")
            sys.exit(1)
        self.stdout.write(f"没有发现问题，共核对 {len(chosen)} 项。")

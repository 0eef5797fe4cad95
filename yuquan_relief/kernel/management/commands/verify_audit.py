"""Verify the chain of events; with --export also hand it out for the second verifier."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yuquan_relief.kernel import audit_export
from yuquan_relief.kernel.checkpoints import read_witnesses
from yuquan_relief.kernel.verification import Verdict, verify


class Command(BaseCommand):
    help = "核验操作记录：序号、摘要、各列与原文、链头、检查点、触发器和权限；有问题时退出码为 1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", dest="first", type=int, default=1, metavar="SEQ", help="从第几条开始，默认 1"
        )
        parser.add_argument(
            "--checkpoint",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="外部留存的检查点（打印件的文本），可重复；只有它能看出整段改写和末尾被删",
        )
        parser.add_argument(
            "--export",
            type=Path,
            metavar="FILE",
            help="同时导出，供 tools/verify_audit.py 独立核验",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["first"] < 1:
            raise CommandError("--from 应为 1 或更大的序号")
        try:
            slips = [path.read_text(encoding="utf-8") for path in options["checkpoint"]]
            witnesses = [witness for slip in slips for witness in read_witnesses(slip)]
        except (OSError, ValueError) as error:
            raise CommandError(f"检查点文件不能用：{error}") from error
        begin = time.monotonic()
        verdict = verify(options["first"], witnesses)
        self._tell(verdict, time.monotonic() - begin)
        if options["export"]:
            self._export(options["export"], options["first"])
        if verdict.problems:
            sys.exit(1)

    def _tell(self, verdict: Verdict, seconds: float) -> None:
        for problem in verdict.problems:
            self.stdout.write(self.style.ERROR(str(problem)))
        found = f"发现 {len(verdict.problems)} 处问题" if verdict.problems else "没有发现问题"
        self.stdout.write(
            f"{found}。核验第 {verdict.first} 至 {verdict.last} 条，共 {verdict.checked} 条，"
            f"用时 {seconds:.1f} 秒。"
        )
        if verdict.head_sha256:  # a slip for a witness: both verifiers read this line back
            self.stdout.write(f"检查点：第 {verdict.last} 条，摘要 {verdict.head_sha256}")

    def _export(self, path: Path, first: int) -> None:
        try:
            count = audit_export.export(path, first=first)
        except OSError as error:
            raise CommandError(f"不能写入 {path}：{error.strerror}") from error
        self.stdout.write(f"已导出 {count} 条到 {path}，这次导出也已留痕")

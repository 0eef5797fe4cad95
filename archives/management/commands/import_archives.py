"""Import the register of files since 2015 (16)."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archives.operations.old_files import import_archives, preview
from cases.management.commands.import_roster import place_actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused


class Command(BaseCommand):
    help = "导入 2015 年以来的档案登记表（CSV 或 XLSX；有一行不对就全部不导入；可重复执行）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="登记表文件")
        parser.add_argument("--preview", action="store_true", help="只核对，不导入")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content, actor = path.read_bytes(), place_actor("")
            found = preview(content, name=path.name, actor=actor, on=today())
            self.stdout.write(f"文件编码 {found.encoding}，共 {found.rows} 行")
            for wrong in found.errors:
                self.stderr.write(f"第 {wrong.number} 行“{wrong.column}”：{wrong.message}")
            if found.errors:
                raise CommandError(f"共 {len(found.errors)} 处需要修改，没有导入任何一卷")
            if not options["preview"]:
                import_archives(content, name=path.name, actor=actor, on=today())
            self.stdout.write(f"新增 {len(found.fresh)} 卷，已在系统中 {found.unchanged} 卷")
        except OSError as error:
            raise CommandError(f"打不开文件：{path}") from error
        except Refused as refused:
            raise CommandError(refused.reason) from refused

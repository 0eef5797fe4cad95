"""Import a list of units."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.operations.units import RowErrors, import_units
from yuquan_relief.kernel.spreadsheets import read_table

COMMAND_LINE = replace(ROBOT, title="命令行")


class Command(BaseCommand):
    help = (
        "导入单位名单（CSV 或 XLSX，列名见 yuquan_relief/kernel/data/units_2026.csv；可重复执行）"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="名单文件")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            table = read_table(path.read_bytes(), name=path.name)
            done = import_units(table.rows, actor=COMMAND_LINE)
        except OSError as error:
            raise CommandError(f"打不开文件：{path}") from error
        except RowErrors as refused:
            for number, text in refused.errors:
                self.stderr.write(f"第 {number} 行：{text}")
            raise CommandError(
                f"共 {len(refused.errors)} 处需要修改，没有导入任何单位"
            ) from refused
        except Refused as refused:
            raise CommandError(refused.reason) from refused
        self.stdout.write(
            f"文件编码 {table.encoding}，共 {len(table.rows)} 个单位："
            f"新增 {done.added}，更新 {done.changed}，无变化 {done.unchanged}"
        )

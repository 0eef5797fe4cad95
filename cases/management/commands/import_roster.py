"""Import the roster of households in benefit, for one office or for the whole district."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.operations import roster
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Unit


class Command(BaseCommand):
    help = "导入全区或一个镇、街道的在享名册（CSV 或 XLSX；有一行不对就全部不导入；可重复执行）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="名册文件")
        parser.add_argument("--office", default="", help="镇、街道代码，例如 150104100；不填为全区")
        parser.add_argument("--preview", action="store_true", help="只核对，不导入")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = path.read_bytes()
            actor = place_actor(options["office"])
            found = roster.preview(content, name=path.name, actor=actor, on=today())
            self._show(found)
            if found.errors:
                raise CommandError(f"共 {len(found.errors)} 处需要修改，没有导入任何一户")
            if not options["preview"]:
                done = roster.import_roster(content, name=path.name, actor=actor, on=today())
                self.stdout.write(f"已导入 {done.households} 户，{done.unchanged} 户原已在系统中")
        except OSError as error:
            raise CommandError(f"打不开文件：{path}") from error
        except Refused as refused:
            raise CommandError(refused.reason) from refused

    def _show(self, found: roster.Preview) -> None:
        self.stdout.write(f"文件编码 {found.encoding}，共 {found.rows} 行")
        for wrong in found.errors:
            self.stderr.write(f"第 {wrong.number} 行“{wrong.column}”：{wrong.message}")
        for warning in found.warnings[:20]:
            self.stdout.write(f"留意 第 {warning.number} 行“{warning.column}”：{warning.message}")
        for total in found.totals:
            yuan = f"{total.monthly_fen / 100:,.2f}"
            self.stdout.write(
                f"{total.village} {total.programme}："
                f"{total.households} 户 {total.persons} 人，每月 {yuan} 元"
            )
        self.stdout.write(f"新增 {found.households} 户，已在系统中 {found.unchanged} 户")


def place_actor(code: str) -> Actor:
    """Nobody in person, for the command line, within the office `code`, or the district for ""."""
    kind = Unit.objects.offices() if code else Unit.objects.filter(kind=Unit.Kind.DISTRICT)
    found = kind.valid_on(today()).order_by("-valid_from")
    unit = (found.filter(code=code) if code else found).first()
    if unit is None:
        raise Refused(f"没有代码为 {code} 的镇、街道，请先导入单位" if code else "请先导入单位")
    return Actor(
        person_id=None,
        account_id=None,
        name="系统",
        role_code="office_staff" if code else "supervisor",
        title="命令行",
        unit_id=unit.pk,
        unit_name=unit.name,
        office_id=unit.pk,
        office_code=unit.code[:9],
        district_id=unit.parent_id if code else unit.pk,
    )

"""Make the synthetic demo district; repeatable."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from supervision.demo import staff
from supervision.demo.seed import SCALES, seed
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.roles import ROLES


class Command(BaseCommand):
    help = "生成演练数据：单位、人员、各种状态的案件，全部为虚构（再次执行只补办时钟当天的事）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scale",
            choices=SCALES,
            default="demo",
            help="demo 60 户在享（默认），district 再加 6,000 户，city 再加 100,000 户",
        )
        parser.add_argument("--seed", type=int, default=2026, help="随机种子，默认 2026")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            staff.refuse_production()
            seed(number=options["seed"], scale=options["scale"], say=self._say)
        except Refused as refused:
            raise CommandError(refused.reason) from refused
        self._print_logins()

    def _say(self, text: str) -> None:
        self.stderr.write(text, style_func=str)

    def _print_logins(self) -> None:
        units = staff.units_by_code()
        self.stdout.write("\n演练账号（全部为虚构人员）")
        for one in staff.everybody():
            unit = units[one.unit_code].short_name
            role = ROLES[one.role].label
            self.stdout.write(f"  {one.username:<15}{_wide(unit, 14)}{_wide(role, 22)}{one.name}")
        self.stdout.write(f"\n登录密码（全部账号相同）：{staff.PASSWORD}")
        self.stdout.write(f"签批码（签字时填写）：{staff.SIGN_CODE}")


def _wide(text: str, width: int) -> str:
    """`text` filled with spaces; a Chinese character takes two columns."""
    taken = sum(2 if ord(char) > 0x2E80 else 1 for char in text)
    return text + " " * max(1, width - taken)

"""The first three accounts of a new house, from a file that is thrown away afterwards."""

import secrets
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError, identity_numbers, names
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.operations.people import Administrator, open_house
from yuquan_relief.kernel.roles import ADMINISTRATORS, ROLES
from yuquan_relief.kernel.spreadsheets import Row, read_table

COMMAND_LINE = replace(ROBOT, title="命令行")
COLUMNS = ("岗位", "姓名", "身份证号", "账号")
ROLE_OF = {role.label: code for code, role in ROLES.items() if code in ADMINISTRATORS}


class Command(BaseCommand):
    help = (
        "为新系统开立系统、安全、审计三个管理员的账号，打印一次初始密码；已有账号时拒绝。"
        "文件为 CSV 或 XLSX，列：岗位、姓名、身份证号、账号"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="三个管理员的名单，用后请销毁")
        parser.add_argument("--district", required=True, help="区的代码，例如 150104")

    def handle(self, *args: Any, **options: Any) -> None:
        path, on = options["file"], today()
        try:
            rows = read_table(path.read_bytes(), name=path.name).rows
            district = Unit.objects.valid_on(on).get(code=options["district"], kind="DISTRICT")
            people = [_administrator(row) for row in rows]
            open_house(people, district=district, on=on, actor=COMMAND_LINE)
        except OSError as error:
            raise CommandError(f"打不开文件：{path}") from error
        except Unit.DoesNotExist as error:
            raise CommandError("没有这个区，请先用 import_units 导入单位，再核对代码") from error
        except (Refused, InputError) as refused:
            raise CommandError(str(refused)) from refused
        for person in people:
            label = ROLES[person.role].label
            self.stdout.write(f"{label}　账号 {person.username}　初始密码 {person.password}")
        self.stdout.write("请当面交给本人；首次登录须修改。名单文件请销毁。")


def _administrator(row: Row) -> Administrator:
    if missing := [name for name in COLUMNS if not str(row.get(name)).strip()]:
        raise Refused(f"第 {row.number} 行缺少：{'、'.join(missing)}")
    role = ROLE_OF.get(str(row.get("岗位")).strip())
    if role is None:
        raise Refused(f"第 {row.number} 行“岗位”请填：{'、'.join(ROLE_OF)}")
    return Administrator(
        role=role,
        name=names.clean(str(row.get("姓名"))),
        id_no=identity_numbers.clean(str(row.get("身份证号")), today=today()).number,
        username=str(row.get("账号")).strip(),
        password=secrets.token_urlsafe(15),
    )

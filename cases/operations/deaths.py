"""Lists of the dead: one file is one act; the same file twice changes nothing (R10, R11)."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Benefit, DeathRecord, Member
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import InputError, dates, identity_numbers, names
from yuquan_relief.kernel.spreadsheets import Row, read_table

SUBJECT = "deaths"
CAPABILITY = "cases.import_deaths"
COLUMNS = ("姓名", "身份证号", "死亡日期", "来源")
MOST_SHOWN = 5


@dataclass(frozen=True)
class Imported:
    """What a file brought: its rows, those that were new, and how many are in benefit now."""

    rows: int
    new: int
    in_benefit: int


@transaction.atomic
def import_deaths(content: bytes, *, name: str, actor: Actor, on: date) -> Imported:
    """Everybody in the file is on record as dead, or nobody when a row is wrong.

    Raises Unreadable for what is no table, Refused with the rows to mend.
    """
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)
    table = read_table(content, name=name)
    if missing := [c for c in COLUMNS if c not in table.header]:
        raise Refused(f"缺少列：{'、'.join(missing)}；应有{'、'.join(COLUMNS)}")
    found, wrong = [], []
    for row in table.rows:
        try:
            found.append(_read(row, actor, on))
        except InputError as error:
            wrong.append(f"第 {row.number} 行{error.message}")
    if wrong:
        more = f"等 {len(wrong)} 处" if len(wrong) > MOST_SHOWN else ""
        raise Refused(f"没有导入：{'；'.join(wrong[:MOST_SHOWN])}{more}")
    if not found:
        raise Refused("文件里没有人员，请核对后重新选择")
    before = DeathRecord.objects.count()
    DeathRecord.objects.bulk_create(found, ignore_conflicts=True, batch_size=1000)
    digests = [row.id_digest for row in found]
    living = Member.objects.filter(
        id_digest__in=digests,
        left_on__isnull=True,
        household__benefits__in=Benefit.objects.in_month(on.replace(day=1)),
    )
    done = Imported(
        len(found),
        DeathRecord.objects.count() - before,
        living.values("id_digest").distinct().count(),
    )
    body = {"rows": done.rows, "new": done.new, "in_benefit": done.in_benefit}
    record(SUBJECT, f"{on:%Y%m%d}", "import", actor=actor, on=on, unit_id=actor.unit_id, body=body)
    return done


def _read(row: Row, actor: Actor, on: date) -> DeathRecord:
    identity = identity_numbers.clean_legacy(row.text("身份证号"), today=on)
    died_on = dates.parse_day(row.get("死亡日期"), today=on)
    if died_on > on:
        raise InputError("in_future", "“死亡日期”晚于今天，请核对")
    if died_on < identity.birth_on:
        raise InputError("before_birth", "“死亡日期”早于出生日期，请核对")
    return DeathRecord(
        district_id=actor.district_id or actor.unit_id or 0,
        name=names.clean(row.get("姓名")),
        id_digest=digest(identity.number),
        id_tail=identity.number[-4:],
        died_on=died_on,
        source=names.clean_text(row.get("来源"), most=60, lines=False) or "未注明",
        imported_on=on,
        imported_by_id=actor.human_id,
    )

"""一次性补贴 is entered by the district with its document; offices make their lists of it."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from funds.models import Supplement
from funds.models.supplement import BASES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record

from .ledger import MOST_FEN


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is given once: to those in benefit in `month`, for each household or person (fen)."""

    name: str
    document: str
    month: date
    basis: str
    amount_fen: int


def enter_supplement(measure: Measure, *, key: str, actor: Actor, on: date) -> Supplement:
    """The measure stands and can be paid by lists of its own (domain 10.2).

    `key` is the form's one-time mark: the same key again gives the measure that is there.
    """
    if not actor.can("funds.allocate"):
        raise PermissionDenied("funds.allocate")
    if reason := _why_not(measure, on):
        raise Refused(reason)
    assert actor.district_id is not None
    row = Supplement(
        district_id=actor.district_id,
        name=measure.name.strip()[:60],
        document=measure.document.strip()[:100],
        month=measure.month,
        basis=measure.basis,
        amount_fen=measure.amount_fen,
        entered_on=on,
        entered_by_id=actor.human_id,
        key=key,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _tell(row, actor, on)
    except IntegrityError:
        return Supplement.objects.get(key=key, district_id=actor.district_id)
    return row


def _why_not(measure: Measure, on: date) -> str:
    if not measure.name.strip() or not measure.document.strip():
        return "请填写补贴名称和依据文件"
    if measure.basis not in BASES or not 0 < measure.amount_fen <= MOST_FEN:
        return "补贴标准须大于 0，并请选择按户还是按人"
    if measure.month.day != 1 or abs((measure.month - on).days) > 366:
        return "按哪个月的在享对象，请选上年到下年之间的月份"
    return ""


def _tell(row: Supplement, actor: Actor, on: date) -> None:
    record(
        "supplement",
        str(row.pk),
        "enter",
        actor=actor,
        on=on,
        unit_id=row.district_id,
        note=f"{row.name}（{row.document}）",
        body={"month": row.month.isoformat(), "basis": row.basis, "amount_fen": row.amount_fen},
    )

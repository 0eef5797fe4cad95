"""盘点: every box opened, every file read with a scanner, the rest told (6.1)."""

from datetime import date

from django.db import IntegrityError, transaction

from archives.models import (
    Box,
    Dossier,
    Loan,
    PaperFile,
    Stocktake,
    StocktakeFinding,
    StocktakeScan,
    of_office,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Unit, next_number

from .shelf import require

SUBJECT = "stocktake"
Kind = StocktakeFinding.Kind


@transaction.atomic
def open_stocktake(*, actor: Actor, on: date) -> Stocktake:
    """The office takes stock; Refused while one is under way or when no file stands in a box."""
    require(actor)
    if not PaperFile.objects.filter(box__office_id=actor.unit_id).exists():
        raise Refused("还没有上架的纸质档案，不用盘点")
    office = Unit.objects.only("code").get(pk=actor.office_id or 0)
    row = Stocktake(
        no=next_number(f"PD-{office.code[:9]}-{on:%Y%m}-", digits=3), office=office, opened_on=on,
        opened_by_id=actor.human_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("上一次盘点还没有结束，请接着盘点") from None
    record(SUBJECT, row.no, "open", actor=actor, on=on, unit_id=row.office_id)
    return row


def _open(no: str, actor: Actor) -> Stocktake:
    require(actor)
    row = of_office(Stocktake, actor).select_for_update(of=("self",)).get(no=no)
    if row.closed_on:
        raise Refused("这次盘点已经结束")
    return row


@transaction.atomic
def scan(no: str, code: str, *, actor: Actor) -> str:
    """A code was read: a box is taken in hand, or a file stands in the box in hand. What to say.

    Raises Refused for no code, a file before any box, or a code that was read already.
    """
    row, text = _open(no, actor), code.strip()[:80]
    if not text:
        raise Refused("请扫描档案盒或者档案的条码")
    box = Box.objects.filter(office_id=row.office_id, no=text).first()
    if box:
        row.box = box
        row.save(update_fields=["box"])
        return f"正在盘点 {box.label}（{box.no}）"
    if row.box is None:
        raise Refused("请先扫描档案盒的条码，再扫描盒里的档案")
    try:
        with transaction.atomic():
            StocktakeScan.objects.create(stocktake=row, box=row.box, code=text)
    except IntegrityError:
        raise Refused(f"{text} 已经扫过") from None
    paper = PaperFile.objects.filter(dossier__no=text).select_related("box").first()
    if paper is None:
        return f"{text} 没有登记在任何盒里"
    if paper.box_id != row.box_id:
        return f"{text} 登记在 {paper.box.no}，放错了盒"
    return f"{text} 在位"


@transaction.atomic
def undo(no: str, *, actor: Actor) -> str:
    """The last code is as if it had not been read."""
    row = _open(no, actor)
    last = row.scans.order_by("-id").first()
    if last is None:
        raise Refused("没有可以撤销的扫码")
    last.delete()
    return f"已撤销 {last.code}"


@transaction.atomic
def close(no: str, *, actor: Actor, on: date) -> Stocktake:
    """What was found stands, one finding for everything that is not as it should be."""
    row = _open(no, actor)
    findings = _findings(row)
    StocktakeFinding.objects.bulk_create(findings)
    papers = PaperFile.objects.filter(box__office_id=row.office_id)
    away = sum(f.kind in (Kind.MISSING, Kind.LENT) for f in findings)
    row.expected, row.closed_on, row.box = papers.count(), on, None
    row.found = row.expected - away
    row.save()
    kinds = [f.kind for f in findings]
    body = {"expected": row.expected, "found": row.found}
    body |= {kind.lower(): kinds.count(kind) for kind in Kind.values if kind in kinds}
    record(SUBJECT, row.no, "close", actor=actor, on=on, unit_id=row.office_id, body=body)
    return row


def _findings(row: Stocktake) -> list[StocktakeFinding]:
    """Everything that was expected and not read, or read and not expected there."""
    scanned = dict(row.scans.values_list("code", "box_id"))
    boxes = dict(Box.objects.filter(office_id=row.office_id).values_list("pk", "no"))
    papers = {
        no: (box, dossier)
        for no, box, dossier in PaperFile.objects.filter(box__office_id=row.office_id)
        .order_by("box_id", "seat")
        .values_list("dossier__no", "box_id", "dossier_id")
    }
    out = Loan.objects.filter(returned_on=None, paper__box__office_id=row.office_id)
    lent = dict(out.values_list("paper__dossier__no", "borrower"))
    found: list[tuple[Kind, str, int | None, str]] = []
    for no, (box, dossier) in papers.items():
        kind, where = _judge(scanned.get(no), box, boxes, lent.get(no))
        if kind:
            found.append((kind, no, dossier, where))
    others = dict(Dossier.objects.filter(no__in=scanned).values_list("no", "pk"))
    found += [
        (Kind.UNKNOWN, code, others.get(code), f"在 {boxes[box]}")
        for code, box in scanned.items()
        if code not in papers
    ]
    return [
        StocktakeFinding(stocktake=row, kind=kind, code=code, dossier_id=dossier, where=where[:200])
        for kind, code, dossier, where in found
    ]


def _judge(
    seen: int | None, box: int, boxes: dict[int, str], borrower: str | None
) -> tuple[Kind | None, str]:
    """What is wrong with one file that should stand in `box`, and where it is."""
    if seen is None:
        return (Kind.LENT, f"{borrower} 借阅") if borrower else (Kind.MISSING, f"应在 {boxes[box]}")
    if borrower:
        return Kind.RETURNED, f"{borrower} 借阅，没有办归还"
    return (None, "") if seen == box else (Kind.ELSEWHERE, f"应在 {boxes[box]}，在 {boxes[seen]}")

"""The paper file: put into its box, compared, lent, given back (6.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max

from archives.models import Box, Correction, Dossier, Loan, PaperFile, of_office
from archives.operations.comparing import lines_of
from archives.rules.comparing import FACETS, RIGHT
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Unit, next_number

CAPABILITY = "archives.shelve"
PLACE = re.compile(r"[A-Z0-9]{1,6}(-[A-Z0-9]{1,6}){0,3}")
LONGEST_LOAN = 90  # days


def require(actor: Actor) -> None:
    """Raise PermissionDenied unless the post keeps the paper files."""
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)


@transaction.atomic
def open_box(label: str, place: str, *, actor: Actor, on: date) -> Box:
    """A new box of the actor's office stands at its place; its number is never used again.

    Raises Refused for a place that is not written like A3-12-07, or is taken.
    """
    require(actor)
    if not label.strip():
        raise Refused("请填写盒上的题名，例如“2026 年 城市低保 甲社区”")
    office = Unit.objects.only("code").get(pk=actor.office_id or 0)
    box = Box(
        no=next_number(f"H-{office.code[:9]}-"), office=office, label=label.strip()[:60],
        place=_place(place), opened_on=on,
    )  # fmt: skip
    _keep_place(box)
    _tell("box", box.no, "open", actor, on, office.pk, {"place": box.place})
    return box


@transaction.atomic
def move_box(no: str, place: str, *, actor: Actor, on: date) -> Box:
    """The box stands elsewhere; where it stood is on record."""
    require(actor)
    box = _box(no, actor)
    before, box.place = box.place, _place(place)
    _keep_place(box)
    body = {"from": before, "to": box.place}
    _tell("box", box.no, "move", actor, on, box.office_id, body)
    return box


def _place(text: str) -> str:
    place = text.strip().upper()
    if place and not PLACE.fullmatch(place):
        raise Refused("位置请写成“柜-层-位”，例如 A3-12-07")
    return place


def _keep_place(box: Box) -> None:
    try:
        with transaction.atomic():
            box.save()
    except IntegrityError:
        raise Refused(f"位置 {box.place} 已经放了别的盒，请核对") from None


def _box(no: str, actor: Actor) -> Box:
    return of_office(Box, actor).select_for_update(of=("self",)).get(no=no)


@dataclass(frozen=True, kw_only=True)
class OnPaper:
    """What the paper file says: pages, fen a month or once, people, first month."""

    pages: int
    amount_fen: int
    persons: int | None = None
    month: date | None = None


@transaction.atomic
def shelve(no: str, box_no: str, says: OnPaper, *, actor: Actor, on: date) -> PaperFile:
    """The paper file stands in the box, at its next seat, with what it says; or has been looked at
    again, or moved to another box. Raises Box.DoesNotExist outside the office."""
    dossier = _dossier(no, actor)
    require(actor)
    box = _box(box_no, actor)
    if box.office_id != dossier.office_id:
        raise Refused("这一盒是别的镇、街道的，请另选")
    if says.pages < 1:
        raise Refused("请填写纸质档案的页数")
    paper = PaperFile.objects.filter(dossier=dossier).first() or PaperFile(dossier=dossier)
    if paper.box_id != box.pk:
        last = PaperFile.objects.filter(box=box).aggregate(Max("seat"))["seat__max"]
        paper.box, paper.seat = box, (last or 0) + 1
    paper.pages, paper.amount_fen = says.pages, says.amount_fen
    paper.persons, paper.month = says.persons, says.month
    paper.checked_on, paper.checked_by_id = on, actor.human_id
    paper.save()
    body = {"box": box.no, "seat": paper.seat, "pages": paper.pages}
    _tell("dossier", no, "shelve", actor, on, dossier.village_id, body)
    return paper


def _dossier(no: str, actor: Actor) -> Dossier:
    found = Dossier.objects.visible_to(actor).select_for_update(of=("self",))
    return found.select_related("case").get(no=no)


def _paper(no: str, actor: Actor) -> PaperFile:
    dossier = _dossier(no, actor)
    require(actor)
    paper = PaperFile.objects.filter(dossier=dossier).select_related("box").first()
    if paper is None:
        raise Refused("本卷的纸质档案还没有上架，请先登记盒号")
    return paper


@dataclass(frozen=True, kw_only=True)
class Borrower:
    """Who takes the file, for what, and until when."""

    name: str
    unit: str
    purpose: str
    due_on: date


@transaction.atomic
def lend(no: str, to: Borrower, *, actor: Actor, on: date) -> Loan:
    """The paper file has gone out. Raises Refused when somebody has it, or without name, unit,
    purpose and a day within LONGEST_LOAN days."""
    paper = _paper(no, actor)
    if not (to.name.strip() and to.unit.strip() and to.purpose.strip()):
        raise Refused("请填写借阅人、单位和用途")
    if not 0 <= (to.due_on - on).days <= LONGEST_LOAN:
        raise Refused(f"应还日期请填今天以后 {LONGEST_LOAN} 天以内")
    loan = Loan(
        paper=paper, borrower=to.name.strip()[:50], unit=to.unit.strip()[:100],
        purpose=to.purpose.strip()[:200], lent_on=on, due_on=to.due_on, lent_by_id=actor.human_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            loan.save(force_insert=True)
    except IntegrityError:
        raise Refused("本卷已经借出，还没有归还") from None
    body = {"due_on": to.due_on.isoformat()}
    _tell("dossier", no, "lend", actor, on, paper.dossier.village_id, body)
    return loan


@transaction.atomic
def give_back(no: str, condition: str, *, actor: Actor, on: date) -> Loan:
    """The paper file is back, looked at page by page, with what was found."""
    paper = _paper(no, actor)
    loan = Loan.objects.select_for_update().filter(paper=paper, returned_on=None).first()
    if loan is None:
        raise Refused("本卷没有借出")
    if not condition.strip():
        raise Refused("请写明归还时清点的情况，例如“页数无误”")
    loan.returned_on, loan.returned_to_id = on, actor.human_id
    loan.condition = condition.strip()[:200]
    loan.save(update_fields=["returned_on", "returned_to", "condition"])
    _tell("dossier", no, "give_back", actor, on, paper.dossier.village_id, {"loan": loan.pk})
    return loan


@transaction.atomic
def correct(no: str, facet: str, right: str, reason: str, *, actor: Actor, on: date) -> Correction:
    """A difference of the three sides is judged: which is right, and why. Nothing is edited; it is
    open again as soon as one of the three values is another."""
    dossier = _dossier(no, actor)
    require(actor)
    if facet not in FACETS or right not in RIGHT or not reason.strip():
        raise Refused("请选择以哪个为准，并写明理由")
    line = next((x for x in lines_of(dossier) if x.facet == facet), None)
    if line is None or not line.differs:
        raise Refused(f"{FACETS[facet]}没有不一致，不用更正")
    made, is_new = Correction.objects.get_or_create(
        dossier=dossier,
        fingerprint=line.fingerprint,
        defaults={
            "facet": facet, "electronic": line.electronic, "paper": line.paper,
            "money": line.money, "right": right, "reason": reason.strip()[:200],
            "made_on": on, "made_by_id": actor.human_id,
        },
    )  # fmt: skip
    if not is_new:
        raise Refused(f"{FACETS[facet]}的这个不一致已经更正过")
    body = {"facet": facet, "right": right, "correction": made.pk}
    _tell("dossier", no, "correct", actor, on, dossier.village_id, body)
    return made


def _tell(  # noqa: PLR0913, PLR0917 - an event is exactly these
    kind: str, key: str, action: str, actor: Actor, on: date, unit: int, body: Mapping[str, Any]
) -> None:
    record(kind, key, action, actor=actor, on=on, unit_id=unit, body=body)

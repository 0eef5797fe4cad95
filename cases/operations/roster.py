"""Taking over the district's roster: households in benefit that were approved elsewhere.

One file is one act: everything in it or nothing. A household is known by its certificate number
and its head's identity number, so the same file twice changes nothing.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef

from cases.models import Benefit, Case, Member
from cases.models.locks import hold_roster
from cases.rules.procedures import OPEN_STATES
from cases.rules.roster import (
    RosterRow,
    RowError,
    first_month,
    header_errors,
    matched,
    read_roster,
    spellings_of,
)
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Attachment, Unit, reserve_number
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.spreadsheets import Unreadable, read_table

from .roster_rows import Newcomer, write

SUBJECT = "roster"
CHUNK = 2000
NO_SUCH_PLACE = "没有这个村（社区），请核对名称"
SAME_NAME = "几个镇、街道都有这个村（社区），请在前面写明镇、街道"
TAKEN = "系统中已有这个证号，内容与名册不一致；名册导入不改在享资料，请核对后从名册中删去这一行"
IN_BENEFIT = "这个人已在另一证号下享受救助，请先核对是否重复享受"
APPLYING = "这个人有在办的申请，请先办结后再导入"
REACHES = (Reach.OFFICE, Reach.DISTRICT)
Known = tuple[str, str, str, int, int, int, int]  # what must agree for a row to be there already
T = TypeVar("T")


@dataclass(frozen=True)
class PlaceTotal:
    """What the file brings to one village in one category."""

    village: str
    programme: str
    households: int
    persons: int
    monthly_fen: int


@dataclass(frozen=True)
class Preview:
    """What importing the file would do. Nothing is imported while there are errors."""

    sha256: str
    encoding: str
    rows: int
    newcomers: list[Newcomer] = field(repr=False)
    unchanged: int
    errors: list[RowError]
    warnings: list[RowError]
    totals: list[PlaceTotal]

    @property
    def households(self) -> int:
        """How many households would be new."""
        return len(self.newcomers)

    @property
    def persons(self) -> int:
        """How many persons in benefit the new households have."""
        return sum(n.row.persons for n in self.newcomers)

    @property
    def monthly_fen(self) -> int:
        """What the new households are paid each month together."""
        return sum(n.row.monthly_fen + n.row.supplement_fen for n in self.newcomers)

    @property
    def months(self) -> list[date]:
        """The first months of payment that occur."""
        return sorted({n.month for n in self.newcomers})


class RosterErrors(Refused):
    """The roster was not imported; `errors` has the rows to mend."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        shown = "；".join(f"第 {e.number} 行“{e.column}”{e.message}" for e in errors[:3])
        more = f" 等 {len(errors)} 处" if len(errors) > 3 else ""
        super().__init__(f"名册有误，没有导入任何一户：{shown}{more}", code="row_errors")
        self.errors = list(errors)


def preview(content: bytes, *, name: str, actor: Actor, on: date) -> Preview:
    """What the file would bring. Raises Unreadable when it is not a roster at all."""
    _require(actor)
    table = read_table(content, name=name)
    if wrong := header_errors(table.header):
        raise Unreadable("；".join(wrong))
    if not table.rows:
        raise Unreadable("名册里没有人员，请核对后重新选择")
    roster = read_roster(table.rows, today=on)
    villages, doubtful = _villages(actor, on)
    errors, unchanged = list(roster.errors), 0
    newcomers: list[Newcomer] = []
    for rows in _chunks(roster.rows, CHUNK):
        known = _Known(rows)
        for row in rows:
            village = matched(row.place, villages)
            if village is None:
                why = SAME_NAME if matched(row.place, doubtful) else NO_SUCH_PLACE
                errors.append(RowError(row.number, "地区", why))
            elif known.is_there(row, village.pk):
                unchanged += 1
            elif conflict := known.conflict(row):
                errors.append(conflict)
            else:
                newcomers.append(Newcomer(row, village, first_month(row.month, on)))
    return Preview(
        sha256=hashlib.sha256(content).hexdigest(),
        encoding=table.encoding,
        rows=len(table.rows),
        newcomers=newcomers,
        unchanged=unchanged,
        errors=sorted(errors, key=lambda e: (e.number, e.column)),
        warnings=roster.warnings,
        totals=_totals(newcomers),
    )


def _require(actor: Actor) -> None:
    if not actor.can("cases.import_roster") or actor.reach not in REACHES:
        raise PermissionDenied("cases.import_roster")


def _villages(actor: Actor, on: date) -> tuple[dict[str, Unit], dict[str, Unit]]:
    """Every way to write a village in the actor's scope; apart, those that mean more than one."""
    place = {"parent_id": actor.unit_id}
    if actor.reach == Reach.DISTRICT:
        place = {"parent__parent_id": actor.unit_id}
    found: dict[str, Unit] = {}
    doubtful: dict[str, Unit] = {}
    villages = Unit.objects.villages().valid_on(on).filter(**place)
    for unit in villages.select_related("parent__parent"):
        assert unit.parent is not None
        assert unit.parent.parent is not None
        for village in {unit.name, unit.short_name}:
            for text in spellings_of(village, unit.parent.name, unit.parent.parent.name):
                if found.setdefault(text, unit) != unit:
                    doubtful[text] = unit
    return {text: unit for text, unit in found.items() if text not in doubtful}, doubtful


class _Known:
    """What the database already has of some rows, read in three statements."""

    def __init__(self, rows: Sequence[RosterRow]) -> None:
        self.digests = {row.number: digest(row.identity.number) for row in rows}
        benefits = list(
            Benefit.objects.filter(certificate_no__in=[row.certificate_no for row in rows])
        )
        self.taken = {b.certificate_no for b in benefits}
        heads = dict(
            Member.objects.filter(
                household_id__in={b.household_id for b in benefits},
                relation="SELF",
                left_on__isnull=True,
            ).values_list("household_id", "id_digest")
        )
        self.there = {
            _identity_of(b, heads.get(b.household_id, "")) for b in benefits if b.end_month is None
        }
        self.applying, self.in_benefit = self._busy()

    def _busy(self) -> tuple[set[str], set[str]]:
        members = Member.objects.filter(
            id_digest__in=set(self.digests.values()), left_on__isnull=True
        )
        cases = Case.objects.filter(household=OuterRef("household"), state__in=OPEN_STATES)
        benefits = Benefit.objects.filter(household=OuterRef("household"), end_month__isnull=True)
        found = members.annotate(applying=Exists(cases), in_benefit=Exists(benefits)).values_list(
            "id_digest", "applying", "in_benefit"
        )
        rows = list(found)
        return {d for d, applying, _ in rows if applying}, {d for d, _, got in rows if got}

    def is_there(self, row: RosterRow, village_id: int) -> bool:
        """Whether exactly this household is in benefit already."""
        return (
            row.certificate_no,
            self.digests[row.number],
            row.programme.value,
            row.persons,
            row.monthly_fen,
            row.supplement_fen,
            village_id,
        ) in self.there

    def conflict(self, row: RosterRow) -> RowError | None:
        """Why the row cannot be taken over beside what is in the system."""
        number = self.digests[row.number]
        if row.certificate_no in self.taken:
            return RowError(row.number, "低保证号", TAKEN)
        if number in self.in_benefit:
            return RowError(row.number, "身份证号", IN_BENEFIT)
        if number in self.applying:
            return RowError(row.number, "身份证号", APPLYING)
        return None


def _identity_of(benefit: Benefit, head_digest: str) -> Known:
    return (
        benefit.certificate_no,
        head_digest,
        benefit.programme,
        benefit.persons,
        benefit.monthly_fen,
        benefit.supplement_fen,
        benefit.village_id,
    )


def _totals(newcomers: Sequence[Newcomer]) -> list[PlaceTotal]:
    households: Counter[tuple[str, str]] = Counter()
    persons: Counter[tuple[str, str]] = Counter()
    amounts: Counter[tuple[str, str]] = Counter()
    offices = len({n.village.parent_id for n in newcomers})
    for one in newcomers:
        key = (_place_of(one.village, offices > 1), one.row.programme.label)
        households[key] += 1
        persons[key] += one.row.persons
        amounts[key] += one.row.monthly_fen + one.row.supplement_fen
    return [
        PlaceTotal(*key, households[key], persons[key], amounts[key]) for key in sorted(households)
    ]


def _place_of(village: Unit, with_office: bool) -> str:
    office = village.parent.name if with_office and village.parent else ""
    return office + village.name


@dataclass(frozen=True)
class Imported:
    """What the import did: `households` new, `unchanged` there before."""

    households: int
    persons: int
    monthly_fen: int
    unchanged: int


@transaction.atomic
def import_roster(
    content: bytes, *, name: str, actor: Actor, on: date, expected: int | None = None
) -> Imported:
    """The roster's households are in benefit and will be paid with their first month's list.

    Raises RosterErrors with row numbers and changes nothing when any row is wrong. `expected`:
    the number of new households that the person confirmed. The same file again changes nothing.
    """
    hold_roster()  # imports and submissions wait for each other: each sees the one before
    found = preview(content, name=name, actor=actor, on=on)
    if found.errors:
        raise RosterErrors(found.errors)
    if expected is not None and expected != found.households:
        raise Refused(
            f"填写的户数与本次新增的 {found.households} 户不一致，请看清后重新填写",
            code="count_differs",
        )
    done = Imported(found.households, found.persons, found.monthly_fen, found.unchanged)
    if found.newcomers:
        file_store.keep(content)
        for newcomers in _chunks(found.newcomers, CHUNK):
            write(newcomers, actor=actor, on=on, sha256=found.sha256)
        _reserve_certificates(found.newcomers)
        _record(found, actor, on)
    return done


CERTIFICATE = re.compile(r"([A-Z]\d{13})(\d{5})")  # letter, office, year; running number


def _reserve_certificates(newcomers: Iterable[Newcomer]) -> None:
    """New certificates are numbered on from those that the roster brought (domain 9.3)."""
    highest: dict[str, int] = {}
    for newcomer in newcomers:
        if match := CERTIFICATE.fullmatch(newcomer.row.certificate_no):
            highest[match[1]] = max(highest.get(match[1], 0), int(match[2]))
    for prefix, last in sorted(highest.items()):
        reserve_number(prefix, last)


def _record(found: Preview, actor: Actor, on: date) -> None:
    record(
        SUBJECT,
        found.sha256[:32],
        "import_roster",
        actor=actor,
        on=on,
        unit_id=actor.unit_id,
        body={
            "file_sha256": found.sha256,
            "rows": found.rows,
            "households": found.households,
            "unchanged": found.unchanged,
            "persons": found.persons,
            "monthly_fen": found.monthly_fen,
            "months": [str(month) for month in found.months],
            "rows_sha256": _rows_digest(found.newcomers),
        },
    )


def _rows_digest(newcomers: Iterable[Newcomer]) -> str:
    """SHA-256 of what was taken over, in order; identity and account numbers as digests."""
    sha = hashlib.sha256()
    for n in newcomers:
        row = n.row
        parts = (
            row.certificate_no,
            digest(row.identity.number),
            digest(row.account_number),
            row.programme,
            row.persons,
            row.monthly_fen,
            row.supplement_fen,
            n.month,
        )
        sha.update("|".join(map(str, parts)).encode() + b"\n")
    return sha.hexdigest()


@transaction.atomic
def keep_upload(content: bytes, *, name: str, actor: Actor) -> str:
    """The uploaded file is kept as it came, for the actor's unit; its SHA-256 names it."""
    _require(actor)
    read_table(content, name=name)
    sha256 = file_store.keep(content)
    _, is_new = Attachment.objects.get_or_create(
        subject_kind=SUBJECT,
        subject_key=str(actor.unit_id),
        slot="roster",
        sha256=sha256,
        withdrawn_at=None,
        defaults={
            "title": name[-100:],
            "office_id": actor.office_id,
            "size": len(content),
            "content_type": "application/octet-stream",
            "uploaded_by_id": actor.person_id,
        },
    )
    if is_new:
        record(
            SUBJECT,
            sha256[:32],
            "upload_roster",
            actor=actor,
            unit_id=actor.unit_id,
            body={"file_sha256": sha256, "size": len(content)},
        )
    return sha256


def uploaded(sha256: str, *, actor: Actor) -> Attachment:
    """The unit's uploaded roster; raises Attachment.DoesNotExist for anybody else's."""
    _require(actor)
    return Attachment.objects.get(
        subject_kind=SUBJECT,
        subject_key=str(actor.unit_id),
        sha256=sha256,
        withdrawn_at__isnull=True,
    )


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk

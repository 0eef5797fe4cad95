"""Every file since 2015: taken over from the register, given out, looked at, mended (16)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.models import OldFile, OldFileLine
from archives.rules.old_files import STEPS, OldFileFacts
from archives.rules.old_register import OldRow, header_errors, read_rows
from cases.rules.roster import RowError
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Person, Post, Unit, next_numbers
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.spreadsheets import Unreadable, read_table

from .road import Road

SUBJECT = "old_file"
CHECK_DAYS, MEND_DAYS = 30, 15  # usual deadlines, to be changed by who gives out
LONGEST = 365


@dataclass(frozen=True)
class Preview:
    """What importing the register would do. Nothing is imported while there are errors."""

    sha256: str
    encoding: str
    rows: int
    unchanged: int
    errors: list[RowError]
    fresh: list[tuple[OldRow, Unit]] = field(repr=False)


def preview(content: bytes, *, name: str, actor: Actor, on: date) -> Preview:
    """What the file would bring. Raises Unreadable when it is no register at all."""
    if not actor.can("archives.check_old"):
        raise PermissionDenied("archives.check_old")
    table = read_table(content, name=name)
    if wrong := header_errors(table.header):
        raise Unreadable("；".join(wrong))
    if not table.rows:
        raise Unreadable("登记表里没有档案，请核对后重新选择")
    rows, errors = read_rows(table.rows, today=on)
    offices = _offices(actor)
    there = set(
        OldFile.objects.visible_to(actor).values_list("office_id", "old_no", "year", "head_name")
    )
    taken = {(office, old_no) for office, old_no, *_ in there}
    fresh, unchanged = [], 0
    for row in rows:
        office = offices.get(row.office)
        if office is None:
            errors.append(RowError(row.number, "镇街道", "没有这个镇、街道，请核对名称"))
        elif (office.pk, row.old_no, row.year, row.head_name) in there:
            unchanged += 1
        elif (office.pk, row.old_no) in taken:
            text = "系统里已有这个档号，年度或户主不同，请核对后从表里删去这一行"
            errors.append(RowError(row.number, "档号", text))
        else:
            fresh.append((row, office))
    errors.sort(key=lambda e: (e.number, e.column))
    sha256 = hashlib.sha256(content).hexdigest()
    return Preview(sha256, table.encoding, len(table.rows), unchanged, errors, fresh)


def _offices(actor: Actor) -> dict[str, Unit]:
    """Every way to write an office of the district."""
    units = Unit.objects.offices().filter(parent_id=actor.district_id or 0)
    return {text: unit for unit in units for text in (unit.name, unit.short_name)}


@transaction.atomic
def import_archives(content: bytes, *, name: str, actor: Actor, on: date) -> Preview:
    """The register's files stand, each with its year's checklist; all or nothing, and the same file
    twice changes nothing. Raises Refused with the first rows to mend."""
    found = preview(content, name=name, actor=actor, on=on)
    if found.errors:
        shown = "；".join(f"第 {e.number} 行“{e.column}”{e.message}" for e in found.errors[:3])
        raise Refused(
            f"登记表有 {len(found.errors)} 处需要修改，没有导入：{shown}", code="row_errors"
        )
    files = _numbered(found.fresh)
    OldFile.objects.bulk_create(files, batch_size=2000)
    lists = {year: rules(date(year, 12, 31))["checklist.old"] for year in {f.year for f in files}}
    OldFileLine.objects.bulk_create(
        (
            OldFileLine(file=file, slot=line["slot"], title=line["title"])
            for file in files
            for line in lists[file.year]
        ),
        batch_size=5000,
    )
    if files:
        body = {"sha256": found.sha256, "files": len(files)}
        record(SUBJECT, found.sha256[:40], "import", actor=actor, on=on, unit_id=actor.unit_id,
               body=body)  # fmt: skip
    return found


def _numbered(fresh: list[tuple[OldRow, Unit]]) -> list[OldFile]:
    by_place: dict[tuple[str, int], list[tuple[OldRow, Unit]]] = defaultdict(list)
    for row, office in fresh:
        by_place[office.code[:9], row.year].append((row, office))
    files = []
    for (code, year), some in sorted(by_place.items(), key=lambda item: item[0]):
        numbers = next_numbers(f"JD-{code}-{year}-", len(some), 5)
        files += [_file(no, row, office) for no, (row, office) in zip(numbers, some, strict=True)]
    return files


def _file(no: str, row: OldRow, office: Unit) -> OldFile:
    return OldFile(
        no=no, district_id=office.parent_id or 0, office=office, village_name=row.village,
        year=row.year, programme=row.programme, old_no=row.old_no, head_name=row.head_name,
        pages=row.pages, old_box=row.box, approved_on=row.approved_on,
    )  # fmt: skip


def facts_of(row: OldFile, actor: Actor, on: date) -> OldFileFacts:
    """The plain facts that the table's needs look at."""
    lines = list(row.lines.all())
    lacking = [line for line in lines if line.is_there is False]
    return OldFileFacts(
        on=on,
        is_checker=actor.person_id == row.checker_id,
        is_other=actor.person_id != row.mended_by_id,
        unanswered=sum(line.is_there is None for line in lines),
        lacking=len(lacking),
        unmended=sum(not line.mended for line in lacking),
    )


ROAD = Road(
    "档案核查", SUBJECT, OldFile, STEPS, facts_of, lambda row: {}, lambda row: row.office_id
)
perform = ROAD.perform


@transaction.atomic
def assign(
    office_id: int, year: int, checker_id: int, *, due_on: date, actor: Actor, on: date
) -> int:
    """All files of the office and year that nobody has begun are the checker's until the day; how
    many. Raises Refused when there are none, or the person has no post in that office."""
    step = STEPS["assign"]
    if not actor.can(step.capability):
        raise PermissionDenied(step.label)
    _refuse_day(due_on, on)
    holds = Post.objects.filter(
        person_id=checker_id, unit_id=office_id, role="office_staff"
    ).held_on(on)
    if not holds.exists():
        raise Refused("核查人须是这个镇、街道社救办的人，请另选")
    files = OldFile.objects.visible_to(actor).filter(
        office_id=office_id, year=year, state__in=step.sources
    )
    waiting = files.exclude(lines__is_there__isnull=False)
    chosen = list(waiting.select_for_update(of=("self",)).values_list("pk", flat=True))
    if not chosen:
        raise Refused("这个镇、街道这一年没有待派的档案")
    OldFile.objects.filter(pk__in=chosen).update(
        state="ASSIGNED", checker_id=checker_id, due_on=due_on
    )
    body = {"office": office_id, "year": year, "checker": checker_id, "files": len(chosen)}
    record(SUBJECT, f"{office_id}-{year}", "assign", actor=actor, on=on, unit_id=office_id,
           due_on=due_on, body=body)  # fmt: skip
    return len(chosen)


def _refuse_day(day: date, on: date) -> None:
    if not 0 <= (day - on).days <= LONGEST:
        raise Refused("期限请填今天以后一年以内")


def answer(
    no: str,
    found: Mapping[str, tuple[bool, str]],
    *,
    actor: Actor,
    on: date,
    version: int | None = None,
) -> Event:
    """Lines of the checklist are there, or lack with words: slot → (is there, what lacks)."""

    def write(row: OldFile) -> Mapping[str, Any]:
        lines = {line.slot: line for line in row.lines.filter(slot__in=found)}
        if not found or len(lines) != len(found):
            raise Refused("请至少核查一项")
        for slot, (is_there, lack) in found.items():
            if not is_there and not lack.strip():
                raise Refused(f"“{lines[slot].title}”缺少或不符的，请写明缺什么、哪里不符")
            lines[slot].is_there = is_there
            lines[slot].lack = "" if is_there else lack.strip()[:200]
        OldFileLine.objects.bulk_update(lines.values(), ["is_there", "lack"])
        return {"lines": len(lines)}

    return perform(no, "answer", actor=actor, on=on, version=version, write=write)


def whole(no: str, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """Everything is there: the file is verified."""
    return perform(no, "whole", actor=actor, on=on, version=version, write=_done(on))


def _done(on: date) -> Any:
    def write(row: OldFile) -> Mapping[str, Any]:
        row.done_on, row.due_on = on, None
        return {}

    return write


def problem(
    no: str, *, due_on: date | None = None, actor: Actor, on: date, version: int | None = None
) -> Event:
    """Something lacks; the office mends it by the day (usually within MEND_DAYS days)."""

    def write(row: OldFile) -> Mapping[str, Any]:
        row.due_on, row.had_problem = due_on or on + timedelta(days=MEND_DAYS), True
        _refuse_day(row.due_on, on)
        return {"due_on": row.due_on.isoformat()}

    return perform(no, "problem", actor=actor, on=on, version=version, write=write)


def mend(
    no: str, said: Mapping[str, str], *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """What lacked was put in, or why it cannot be: slot → words."""

    def write(row: OldFile) -> Mapping[str, Any]:
        lines = {line.slot: line for line in row.lines.filter(slot__in=said, is_there=False)}
        if not said or len(lines) != len(said) or not all(text.strip() for text in said.values()):
            raise Refused("请写明怎样整改的；不能补的，写明原因")
        for slot, text in said.items():
            lines[slot].mended, lines[slot].mended_on = text.strip()[:200], on
        OldFileLine.objects.bulk_update(lines.values(), ["mended", "mended_on"])
        row.mended_by_id = actor.person_id
        return {"lines": len(lines)}

    return perform(no, "mend", actor=actor, on=on, version=version, write=write)


def passed(no: str, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The district looked again, and the file is verified."""
    return perform(no, "pass", actor=actor, on=on, version=version, write=_done(on))


def refuse(
    no: str,
    *,
    note: str,
    due_on: date | None = None,
    actor: Actor,
    on: date,
    version: int | None = None,
) -> Event:
    """It is not mended yet: again by the day, and what was said is asked anew."""

    def write(row: OldFile) -> Mapping[str, Any]:
        row.round += 1
        row.due_on = due_on or on + timedelta(days=MEND_DAYS)
        _refuse_day(row.due_on, on)
        row.lines.filter(is_there=False).update(mended="", mended_on=None)
        return {"due_on": row.due_on.isoformat()}

    return perform(no, "refuse", actor=actor, on=on, note=note, version=version, write=write)


def extend(
    no: str,
    *,
    note: str,
    due_on: date | None = None,
    actor: Actor,
    on: date,
    version: int | None = None,
) -> Event:
    """The office has until the day, with the reason."""

    def write(row: OldFile) -> Mapping[str, Any]:
        before = row.due_on
        row.due_on = due_on or on + timedelta(days=MEND_DAYS)
        _refuse_day(row.due_on, on)
        return {"from": before and before.isoformat(), "to": row.due_on.isoformat()}

    return perform(no, "extend", actor=actor, on=on, note=note, version=version, write=write)


def scan(no: str, slot: str, files: list[bytes], *, actor: Actor, on: date) -> int:
    """Scans of the paper file stand beside their line of the checklist; how many.

    One transaction for each, as archives.operations.building.supplement. Raises Refused for no file
    or a slot that the file's year does not have.
    """
    row = OldFile.objects.visible_to(actor).get(no=no)
    if not actor.can("archives.shelve"):
        raise PermissionDenied("archives.shelve")
    line = row.lines.filter(slot=slot).first()
    if line is None or not files:
        raise Refused("请先选择材料和扫描件")
    for content in files:
        attach(
            SUBJECT, no, slot, content, title=line.title, village_id=None,
            office_id=row.office_id, actor=actor,
        )  # fmt: skip
    return len(files)


def checkers(office_ids: Iterable[int], on: date) -> list[tuple[Person, int]]:
    """Who may be given files: (person, office)."""
    posts = Post.objects.filter(unit_id__in=list(office_ids), role="office_staff").held_on(on)
    return [(post.person, post.unit_id) for post in posts.select_related("person").order_by("id")]

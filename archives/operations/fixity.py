"""Every file of the store is read again within thirty days: changed, missing, untracked (6.3).

The store has 256 shelves, named by the first two digits of a digest. Each night the shelves that
wait longest are read, so that all have been read after `NIGHTS`; after nights without a clock
more are read at once.
"""

import hashlib
import math
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from archives.models import FixityProblem, FixityShelf
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.events import record

SHELVES = tuple(f"{n:02x}" for n in range(256))
NIGHTS = 25  # goal 14: every file within thirty days, with some to spare
A_NIGHT = math.ceil(len(SHELVES) / NIGHTS)
GRACE = timedelta(days=7)  # a file is written first and referred to afterwards
KNOWN = frozenset({"hand-over-book.jsonl"})  # funds.models.handed_over
SUBJECT = "fixity"
Kind = FixityProblem.Kind

# Everything that refers to a file of the store, and what it is. What belongs to a household file
# that was destroyed is not looked for any more: if it is still there, it is one too many.
GONE = "SELECT FROM archives_dossier g WHERE g.state = 'DESTROYED' AND "
OF_PEOPLE = f"""kernel_attachment a
      WHERE NOT EXISTS ({GONE} a.subject_kind = 'dossier' AND g.no = a.subject_key)
        AND NOT EXISTS (SELECT FROM cases_case c JOIN archives_dossier g ON g.case_id = c.id
                         WHERE g.state = 'DESTROYED' AND a.subject_kind = 'case'
                           AND c.no = a.subject_key)
        AND NOT EXISTS (SELECT FROM cases_review r JOIN cases_benefit b ON b.id = r.benefit_id
                          JOIN archives_dossier g ON g.case_id = b.source_case_id
                         WHERE g.state = 'DESTROYED' AND a.subject_kind = 'review'
                           AND r.no = a.subject_key)"""
NAMED = f"""
    SELECT sha256, '附件 ' || title AS what FROM {OF_PEOPLE}
    UNION ALL SELECT view_sha256, '附件显示件 ' || title FROM {OF_PEOPLE}
    UNION ALL SELECT thumb_sha256, '附件缩略图 ' || title FROM {OF_PEOPLE}
    UNION ALL SELECT file_sha256, '银行文件 ' || no FROM funds_payoutbatch
    UNION ALL SELECT r.sha256, '银行结果 ' || b.no FROM funds_bankresult r
                JOIN funds_payoutbatch b ON b.id = r.batch_id
    UNION ALL SELECT e.body->>'file_sha256', '银行文件旧版 ' || e.subject_key FROM kernel_event e
               WHERE e.subject_kind = 'payout' AND e.action = 'lock'
    UNION ALL SELECT e.body->>'file_sha256', '在享名册' FROM kernel_event e
               WHERE e.subject_kind = 'roster' AND e.action = 'import_roster'
    UNION ALL SELECT i.sha256, '卷内文件 ' || d.no FROM archives_dossieritem i
                JOIN archives_dossier d ON d.id = i.dossier_id AND d.state <> 'DESTROYED'
    UNION ALL SELECT jsonb_array_elements_text(pieces || to_jsonb(sha256)), '成批打印 ' || no
                FROM archives_printrun WHERE state <> 'EXPIRED'
    UNION ALL SELECT package_sha256, '封存包 ' || no FROM archives_dossier
               WHERE state <> 'DESTROYED'
"""
TRACKED = f"""
SELECT sha256, min(what) FROM ({NAMED}) x
 WHERE left(sha256, 2) = ANY(%s) GROUP BY sha256
"""


def still_named(digests: Collection[str]) -> set[str]:
    """Those of the digests that something refers to."""
    with connection.cursor() as cursor:
        sql = f"SELECT DISTINCT sha256 FROM ({NAMED}) x WHERE sha256 = ANY(%s)"
        cursor.execute(sql, [list(digests)])
        return {sha256 for (sha256,) in cursor.fetchall()}


@dataclass
class Read:
    """What was read of some shelves, and what was not as it must be: kind → name → what it is."""

    files: int = 0
    bytes: int = 0
    by_shelf: dict[str, tuple[int, int]] = field(default_factory=dict)
    wrong: dict[str, tuple[str, str]] = field(default_factory=dict)  # name → (kind, what)


def check_due(on: date) -> int:
    """Tonight's shelves have been read; how many files. Again on the same day: nothing."""
    shelves = _due(on)
    return check(shelves, on=on).files if shelves else 0


def _due(on: date) -> list[str]:
    read = dict(FixityShelf.objects.values_list("prefix", "checked_on"))
    if sum(day >= on for day in read.values()) >= A_NIGHT:
        return []
    waiting = sorted(SHELVES, key=lambda p: (read.get(p, date.min), p))
    began = min(read.values(), default=on)  # what was never read has its first cycle from here
    late = [p for p in waiting if read.get(p, began) < on - timedelta(days=NIGHTS)]
    return late if len(late) > A_NIGHT else waiting[:A_NIGHT]


def check(shelves: Iterable[str], *, on: date) -> Read:
    """These shelves have been read; what is wrong is on record, and what is right again too."""
    wanted = list(shelves)
    found = read(wanted, at=timezone.now())
    _keep(found, wanted, on)
    return found


def read(shelves: list[str], *, at: datetime) -> Read:
    """Every file of the shelves, byte by byte, against its name and against what refers to it."""
    with connection.cursor() as cursor:
        cursor.execute(TRACKED, [shelves])
        tracked = dict(cursor.fetchall())
    found = Read()
    there: set[str] = set()
    for shelf in shelves:
        files = size = 0
        for path in _files(shelf):
            files, size = files + 1, size + path.stat().st_size
            name = path.name
            if not _is_place_of(path, name):
                _untracked(found, path, at)
                continue
            there.add(name)
            if _digest(path) != name:
                found.wrong[name] = (Kind.CHANGED, tracked.get(name, ""))
            elif name not in tracked:
                _untracked(found, path, at)
        found.by_shelf[shelf] = (files, size)
        found.files, found.bytes = found.files + files, found.bytes + size
    for name, what in tracked.items():
        if name not in there:
            found.wrong[name] = (Kind.MISSING, what)
    return found


def _files(shelf: str) -> Iterator[Path]:
    """Files of the shelf; of the first one also what lies beside the shelves."""
    root = Path(settings.ATTACHMENT_STORE)
    for folder, _, names in os.walk(root / shelf):
        yield from (Path(folder, name) for name in sorted(names))
    if shelf == SHELVES[0] and root.is_dir():
        for entry in sorted(root.iterdir()):
            if entry.is_file() and entry.name not in KNOWN:
                yield entry
            elif entry.is_dir() and entry.name not in SHELVES:
                yield from (p for p in sorted(entry.rglob("*")) if p.is_file())


def _is_place_of(path: Path, name: str) -> bool:
    return len(name) == 64 and path.parts[-3:-1] == (name[:2], name[2:4])


def _untracked(found: Read, path: Path, at: datetime) -> None:
    """A young one may be referred to in a moment: written first, named afterwards."""
    if datetime.fromtimestamp(path.stat().st_mtime, tz=at.tzinfo) < at - GRACE:
        name = str(path.relative_to(settings.ATTACHMENT_STORE))
        found.wrong[name[-200:]] = (Kind.UNTRACKED, "")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@transaction.atomic
def _keep(found: Read, shelves: list[str], on: date) -> None:
    before = dict(FixityShelf.objects.values_list("prefix", "checked_on"))
    FixityShelf.objects.bulk_create(
        [
            FixityShelf(prefix=shelf, checked_on=on, files=files, bytes=size)
            for shelf, (files, size) in found.by_shelf.items()
        ],
        update_conflicts=True,
        unique_fields=["prefix"],
        update_fields=["checked_on", "files", "bytes"],
    )
    open_now = {
        p.name: p
        for p in FixityProblem.objects.filter(mended_on__isnull=True)
        if _shelf_of(p.name) in shelves
    }
    for name, (kind, what) in sorted(found.wrong.items()):
        if name not in open_now:
            _open(name, kind, what, before.get(_shelf_of(name)), on)
    for name, problem in open_now.items():
        if name not in found.wrong:
            problem.mended_on = on
            problem.save(update_fields=["mended_on"])
            _tell(problem, "mended", on)


def _shelf_of(name: str) -> str:
    """The shelf with which a name is read; what lies beside the shelves is with the first."""
    first = name.partition("/")[0]
    if "/" not in name and len(name) == 64:
        first = name[:2]
    return first if first in SHELVES else SHELVES[0]


def _open(name: str, kind: str, what: str, sound_on: date | None, on: date) -> None:
    problem = FixityProblem.objects.create(
        name=name, kind=kind, what=what[:200], found_on=on,
        sound_on=None if kind == Kind.UNTRACKED else sound_on,
    )  # fmt: skip
    _tell(problem, kind.lower(), on)


def _tell(problem: FixityProblem, action: str, on: date) -> None:
    record(
        SUBJECT,
        problem.name[:60],
        action,
        actor=ROBOT,
        on=on,
        body={"kind": problem.kind, "file": problem.name},
    )

"""交接簿: which bank files have left the house, kept beside the store and outside the database.

A database that was restored from yesterday's backup does not know that a month's file has gone to
the bank, and would pay the month again. The book does: what it holds and no list accounts for
stops every further list of that office and programme until somebody has looked (security.md C27).
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, models

from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_store import NO_ROOM
from yuquan_relief.kernel.models import Person, Unit

from .batch import PayoutBatch

GONE = ("SENT", "CLOSED")


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """One bank file that was handed over (fen), and where the chain of events stood then."""

    no: str
    office: str
    programme: str
    month: str
    file_sha256: str
    total_fen: int
    lines: int
    on: str
    seq: int
    hash: str


class SettledHandOver(models.Model):
    """A file of the book that no list accounts for was looked into, and how. Append-only."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    no = models.CharField("批次号", max_length=40)
    file_sha256 = models.CharField("银行文件摘要", max_length=64, unique=True)
    note = models.CharField("核对结果", max_length=300)
    settled_on = models.DateField("登记日期")
    settled_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "交接簿核对"
        constraints = [models.CheckConstraint(condition=~models.Q(note=""), name="settled_note")]

    def __str__(self) -> str:
        return self.no


def book_path() -> Path:
    """Where the book stands."""
    return Path(settings.ATTACHMENT_STORE) / "hand-over-book.jsonl"


def entries() -> list[HandOver]:
    """Every entry that can be read, oldest first; none while no file has left the house."""
    return [e for e in map(_read, _lines()) if e is not None]


def unreadable() -> list[int]:
    """Numbers of lines that are no entries: the book was tampered with, or its disk is bad."""
    return [number for number, line in enumerate(_lines(), start=1) if _read(line) is None]


def _lines() -> list[bytes]:
    path = book_path()
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def _read(line: bytes) -> HandOver | None:
    try:
        return HandOver(**json.loads(line))
    except (ValueError, TypeError):
        return None  # told by unreadable()


def write_down(batch: PayoutBatch) -> bool:
    """The list's file stands in the book, on the disk, once; whether it is new there.

    Raises Refused when the disk has no room: half a line is no entry, and no byte may leave then.
    """
    with _held() as book:
        if any((e.no, e.file_sha256) == (batch.no, batch.file_sha256) for e in entries()):
            return False
        line = json.dumps(asdict(_entry(batch)), ensure_ascii=False) + "\n"
        _append(book, line.encode())
    return True


def _append(book: int, line: bytes) -> None:
    try:
        is_whole = os.write(book, line) == len(line)
        os.fsync(book)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        is_whole = False
    if not is_whole:
        raise Refused("存放文件的磁盘满了，银行文件没有交出，请联系系统管理员", code="disk_full")


@contextmanager
def _held() -> Iterator[int]:
    """The book, open for appending; nobody else writes until the end of the block."""
    path = book_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    book = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        fcntl.flock(book, fcntl.LOCK_EX)
        # Half a line is of a process that died before its bytes could leave.
        os.ftruncate(book, path.read_bytes().rfind(b"\n") + 1)
        yield book
    finally:
        os.close(book)


def _entry(batch: PayoutBatch) -> HandOver:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(hash, 'hex') FROM kernel_event_head")
        seq, digest = cursor.fetchone()
    return HandOver(
        no=batch.no,
        office=batch.office.code,
        programme=batch.programme,
        month=f"{batch.month:%Y-%m}",
        file_sha256=batch.file_sha256,
        total_fen=batch.total_fen,
        lines=batch.line_count,
        on=str(batch.sent_on),
        seq=seq,
        hash=digest,
    )


def unaccounted() -> list[HandOver]:
    """Files of the book that no list that has gone accounts for, and nobody has settled."""
    found = entries()
    if not found:
        return []
    gone = PayoutBatch.objects.filter(state__in=GONE, no__in={e.no for e in found})
    known = set(gone.values_list("no", "file_sha256"))
    settled = set(SettledHandOver.objects.values_list("file_sha256", flat=True))
    return [e for e in found if (e.no, e.file_sha256) not in known and e.file_sha256 not in settled]


def unaccounted_of(office_code: str, programme: str) -> list[HandOver]:
    """Those of one office and programme."""
    return [e for e in unaccounted() if (e.office, e.programme) == (office_code, programme)]


def unaccounted_in(district_id: int | None) -> list[HandOver]:
    """Those of the offices of one district."""
    codes = set(
        Unit.objects.offices().filter(parent_id=district_id or 0).values_list("code", flat=True)
    )
    return [e for e in unaccounted() if e.office in codes]


def why_not_accounted(found: HandOver) -> str:
    """What to say of a list that the bank has and the database does not."""
    return (
        f"交接簿记着名单 {found.no} 在 {found.on} 已经报送银行，系统里却没有报送的记录"
        "（可能恢复过备份）。请先重新生成、签批这份名单并登记已报送，或者请区局核对后登记"
    )


def lost_tail() -> HandOver | None:
    """The latest entry whose place in the chain of events is not there any more: the database is
    older than the book."""
    found = entries()
    if not found:
        return None
    last = max(found, key=lambda e: e.seq)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM kernel_event WHERE seq = %s AND encode(hash, 'hex') = %s)",
            [last.seq, last.hash],
        )
        (is_there,) = cursor.fetchone()
    return None if is_there else last

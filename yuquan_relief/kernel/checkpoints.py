"""Anchoring the chain: hourly verification, a daily checkpoint, and the slip for a witness.

A rewrite to the end, a cut tail or a restored backup agrees with itself; only a number and hash
that somebody else has kept shows it (security.md 5.3). Imported by kernel/apps.py, so that the
clock knows its duties.
"""

import logging
import re
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from .actor import ROBOT
from .duties import duty
from .events import record
from .models import Checkpoint, Event
from .verification import Verdict, Witness, verify

logger = logging.getLogger(__name__)

SUBJECT = ("audit", "chain")
MOST_PROBLEMS = 20
_WITNESS = re.compile(r"(?<!\d)(\d{1,18})\D{1,12}?(?<![0-9a-f])([0-9a-f]{64})(?![0-9a-f])")


@duty("verify_chain", label="核验操作记录", clause="6.3")
def verify_chain(on: date) -> int:
    """The chain is verified once a day in full, and every hour from where that ended."""
    last = latest_verification()
    is_full = last is None or last.action != "verify" or last.on_day != on
    first = 1 if is_full or last is None else last.body["last"] + 1
    if last is not None and not is_full and last.seq == _head()[0]:
        return 0  # nothing but our own note has been added
    verdict = verify(first)
    if verdict.problems and last is not None and _said(verdict) == last.body.get("problems"):
        return 0  # already in the chain, word for word
    note(verdict, on=on, is_full=is_full)
    return 1


def note(verdict: Verdict, *, on: date, is_full: bool) -> Event:
    """The outcome of a verification stands in the chain itself; a broken one is logged too."""
    body: dict[str, Any] = {"first": verdict.first, "last": verdict.last, "full": is_full}
    if verdict.problems:
        body["problems"] = _said(verdict)
        logger.error("the chain of events is broken: %s", "; ".join(body["problems"]))
    with transaction.atomic():
        action = "verify_failed" if verdict.problems else "verify"
        return record(*SUBJECT, action, actor=ROBOT, on=on, body=body)


def _said(verdict: Verdict) -> list[str]:
    return [str(problem) for problem in verdict.problems[:MOST_PROBLEMS]]


def latest_verification() -> Event | None:
    """The event of the last verification; its body has `last`, and `problems` if it failed."""
    of_chain = Event.objects.of(*SUBJECT)
    return of_chain.filter(action__in=("verify", "verify_failed")).first()


@duty("checkpoint", label="留存检查点", clause="6.3")
def make_checkpoint(on: date) -> int:
    """A checkpoint of `on` stands in the append-only table, unless nothing has happened since."""
    seq, digest = _head()
    latest = Checkpoint.objects.order_by("-id").first()
    if seq == 0 or (latest and (latest.seq == seq or _day_of(latest) >= on)):
        return 0
    Checkpoint.objects.create(seq=seq, hash=digest)
    return 1


def _day_of(checkpoint: Checkpoint) -> date:
    return timezone.localtime(checkpoint.at).date()


def _head() -> tuple[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM kernel_event_head")
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, b"")


def witness_text(checkpoint: Checkpoint) -> str:
    """The slip to print, sign and keep elsewhere; both verifiers read it back as a file."""
    at = timezone.localtime(checkpoint.at)
    return (
        "玉泉区社会救助操作记录检查点\n"
        f"时间：{at:%Y-%m-%d %H:%M:%S}\n"
        f"记录总数：{checkpoint.seq}\n"
        f"摘要：{bytes(checkpoint.hash).hex()}\n"
        "请打印并交系统以外的人保管。日后核验时，这一行数字和摘要能证明此前的记录没有被删改。\n"
    )


def latest_slip() -> str:
    """The slip of the last checkpoint; "" before the first."""
    latest = Checkpoint.objects.order_by("-id").first()
    return witness_text(latest) if latest else ""


def read_witnesses(text: str) -> list[Witness]:
    """Every checkpoint on the slips in `text`; raises ValueError when there is none."""
    found = [Witness(int(seq), sha256) for seq, sha256 in _WITNESS.findall(text.lower())]
    if not found:
        raise ValueError("文件里没有检查点，应有记录总数和 64 位摘要")
    return found

"""The chain as a file of lines, for the second verifier and for those who supervise us.

First line: what the file holds, the head, the checkpoints and the state of the triggers. Then
one event a line, in order: the columns, the hashed text `canon`, `prev` and `hash` in hex.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from .actor import ROBOT
from .clock import now
from .events import record
from .models import Event
from .verification import GENESIS, trigger_states

FORMAT = "yuquan-audit/1"
TERMINAL = replace(ROBOT, title="命令行")

# `at` in the very form in which it was hashed; nothing else needs one of its own.
LINE = """(to_jsonb(kernel_event) || jsonb_build_object(
    'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'prev', encode(prev, 'hex'), 'hash', encode(hash, 'hex')))::text"""

# One statement sees one moment: what is appended later is neither counted nor written.
AS_OF_NOW = """
SELECT (SELECT count(*) FROM kernel_event WHERE %(first)s = 1 OR seq >= %(first)s),
       (SELECT coalesce(max(seq), 0) FROM kernel_event),
       (SELECT json_build_object('seq', seq, 'hash', encode(hash, 'hex'))::text
          FROM kernel_event_head),
       (SELECT coalesce(json_agg(json_build_object('seq', seq, 'hash', encode(hash, 'hex'))
                                 ORDER BY seq), '[]')::text
          FROM kernel_checkpoint WHERE seq >= %(first)s)
"""


def export(path: Path, *, first: int = 1) -> int:
    """The chain from event `first` on stands in `path`; the number of events.

    That it was exported is an event of its own, recorded before and therefore in the file.
    """
    with transaction.atomic():
        record("audit", "chain", "export", actor=TERMINAL, body={"first": first, "file": path.name})
    return write(path, first=first)


def write(path: Path, *, first: int = 1) -> int:
    """Write the file whole or not at all, for its owner's eyes only; the number of events."""
    partial = path.with_name(f"{path.name}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            header, last = _header(first)
            file.write(json.dumps(header, ensure_ascii=False) + "\n")
            for line in _lines(first, last):
                file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return int(header["count"])


def _header(first: int) -> tuple[dict[str, Any], int]:
    """The first line, and the last number in the table, all as of one moment."""
    with connection.cursor() as cursor:
        cursor.execute(AS_OF_NOW, {"first": first})
        count, last, head, checkpoints = cursor.fetchone()
    header = {
        "format": FORMAT,
        "exported_at": now().isoformat(),
        "first": first,
        "count": count,
        "genesis": GENESIS.hex(),
        "head": json.loads(head or "null"),
        "checkpoints": json.loads(checkpoints),
        "triggers": trigger_states(),
    }
    return header, last


def _lines(first: int, last: int) -> Iterator[str]:
    # A chain that somebody has tampered with may have numbers below 1; they belong in the file.
    events = Event.objects.filter(seq__gte=first) if first > 1 else Event.objects.all()
    line = RawSQL(LINE, (), output_field=TextField())
    told = events.filter(seq__lte=last).order_by("seq").annotate(line=line)
    with transaction.atomic():
        yield from told.values_list("line", flat=True).iterator(chunk_size=2000)

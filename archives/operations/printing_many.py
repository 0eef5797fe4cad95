"""成批打印: the worker makes ten at a time, and the page shows how far it is."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from archives.copies import merged
from archives.models import Dossier, PrintRun
from archives.papers.dossier import make_cover
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import next_number

from .fixity import still_named

SUBJECT = "print_run"
A_PIECE = 10  # papers of one job: a few seconds, well within its lease
MOST = 500
KEPT_DAYS = 7
State = PrintRun.State


@transaction.atomic
def ask(title: str, files: Any, *, actor: Actor, on: date) -> PrintRun:
    """Covers of these files (a queryset) are being made; Refused for none, or for too many."""
    if not actor.can("archives.view"):
        raise PermissionDenied("archives.view")
    keys = list(files.values_list("no", flat=True)[: MOST + 1])
    if not keys:
        raise Refused("没有可以打印的档案")
    if len(keys) > MOST:
        raise Refused(f"一次最多打印 {MOST} 卷，请缩小范围")
    row = PrintRun.objects.create(
        no=next_number(f"DY-{on:%Y%m}-"), title=title[:100], keys=keys, asked_on=on,
        asked_by_id=actor.human_id,
    )  # fmt: skip
    _tell(row, "ask", actor, on, {"files": len(keys)})
    return row


@transaction.atomic
def go_on(no: str, on: date) -> int:
    """The next papers are made; how many. The last piece makes the whole. Repeatable."""
    row = PrintRun.objects.select_for_update().get(no=no)
    if row.state != State.RUNNING:
        return 0
    keys = row.keys[row.made : row.made + A_PIECE]
    found = Dossier.objects.filter(no__in=keys).select_related(
        "case", "household", "district", "office", "village"
    )
    by_no = {dossier.no: dossier for dossier in found}
    papers = []
    for key in keys:
        try:
            papers.append(make_cover(by_no[key], on).content)
        except Refused as refused:
            row.lacks.append(f"{key}：{refused.reason}")
    if papers:
        row.pieces.append(file_store.keep(merged(papers)))
    row.made += len(keys)
    if row.made == row.total:
        _finish(row)
    row.save()
    _tell(row, "done" if row.state == State.DONE else "piece", ROBOT, on, {"made": row.made})
    return len(keys)


def _finish(row: PrintRun) -> None:
    row.state = State.DONE
    if row.pieces:
        row.sha256 = file_store.keep(merged([file_store.read(s) for s in row.pieces]))


def expire(on: date) -> int:
    """The bytes of runs older than KEPT_DAYS days are gone; how many runs."""
    old = PrintRun.objects.filter(asked_on__lt=on - timedelta(days=KEPT_DAYS), state=State.DONE)
    gone = list(old)
    PrintRun.objects.filter(pk__in=[row.pk for row in gone]).update(state=State.EXPIRED)
    digests = {s for row in gone for s in (*row.pieces, row.sha256) if s}
    for sha256 in digests - still_named(digests):
        file_store.remove(sha256)
    return len(gone)


def _tell(row: PrintRun, code: str, actor: Actor, on: date, body: dict[str, object]) -> None:
    record(SUBJECT, row.no, code, actor=actor, on=on, body=body)

"""Files whose term has passed, the list of them, its five signatures, the destruction."""

import os
import time
from datetime import date, timedelta
from typing import Any

from archives.models import Disposal, Dossier
from archives.operations import disposal, keeping
from archives.operations.sealing import seal
from tests.archives.conftest import day, opened
from tests.cast import Cast
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.clock import today

SIGNED = (
    ("appraise", "supervisor"),
    ("approve_office", "leader"),
    ("approve", "bureau"),
    ("watch", "staff"),
    ("watch_too", "auditor"),
)


def expired(cast: Cast, serial: int = 1) -> Dossier:
    """A sealed file whose term has passed yesterday, by the server's clock."""
    dossier = opened(cast, serial)
    dossier = seal(
        dossier.no, actor=cast.actors["surveyor"], on=day(dossier), proof=cast.proof("surveyor")
    )
    Dossier.objects.filter(pk=dossier.pk).update(retain_until=today() - timedelta(days=1))
    for sha256 in disposal.files_of(dossier):
        month_ago = time.time() - 30 * 86400
        os.utime(file_store.place(sha256), (month_ago, month_ago))
    return Dossier.objects.select_related("case").get(pk=dossier.pk)


def listed(cast: Cast) -> Disposal:
    """The office's list, every file found not worth keeping."""
    row = disposal.open_disposal(cast.office.pk, actor=cast.supervisor, on=today())
    ids = list(row.items.values_list("pk", flat=True))
    disposal.destroyable(
        row.no, ids, note="已过保管期，无留存价值", actor=cast.supervisor, on=today()
    )
    return row


def sign(cast: Cast, row: Disposal, code: str, who: str) -> None:
    """One signature of the five."""
    given: dict[str, Any] = {"actor": cast.actors[who], "on": today(), "proof": cast.proof(who)}
    if code == "watch_too":
        disposal.watch_too(row.no, **given)
    else:
        disposal.perform(row.no, code, **given)


def ready(cast: Cast, *without: str) -> Disposal:
    """The list with its five signatures."""
    row = listed(cast)
    for code, who in SIGNED:
        if code not in without:
            sign(cast, row, code, who)
    return row


LATER = timedelta(days=3)


def destroy(cast: Cast, row: Disposal, files: int = 1, on: date | None = None) -> None:
    """The files of a signed list are gone; three days after it was signed, if no day is given."""
    disposal.destroy(
        row.no, files=files, actor=cast.supervisor, on=on or today() + LATER,
        proof=cast.proof("supervisor"),
    )  # fmt: skip


def hold(cast: Cast, dossier: Dossier) -> None:
    """A complaint holds the file."""
    keeping.place_hold(dossier.no, "COMPLAINT", "信访第 3 号", actor=cast.supervisor, on=today())

"""Many papers at once: made by the worker piece by piece, with progress, and gone after a week."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from archives import invariants
from archives.copies import page_count
from archives.models import Dossier, FixityProblem, PrintRun
from archives.operations import fixity, printing_many
from archives.pdf import UnprintableCharacters
from tests.archives import test_shelf as shelves
from tests.archives.conftest import opened
from tests.archives.test_fixity import old
from tests.cast import Cast
from yuquan_relief.kernel import file_store, outbox
from yuquan_relief.kernel.errors import Refused

pytestmark = pytest.mark.usefixtures("quick_pdf")
DAY = date(2026, 11, 27)


def asked(cast: Cast) -> PrintRun:
    files = Dossier.objects.filter(office=cast.office).order_by("no")
    return printing_many.ask("档案清单", files, actor=cast.staff, on=DAY)


def test_the_worker_goes_on_piece_by_piece(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing_many, "A_PIECE", 2)
    for serial in (1, 2, 3):
        opened(cast, serial)
    row = asked(cast)
    seen = []
    while outbox.sweep():
        row.refresh_from_db()
        seen.append((row.state, row.made))
    assert seen == [("RUNNING", 2), ("DONE", 3)]
    assert page_count(file_store.read(row.sha256)) >= 3
    assert printing_many.go_on(row.no, DAY) == 0  # a job that comes twice
    fixity.check(fixity.SHELVES, on=DAY)
    assert not FixityProblem.objects.exists()


def test_what_cannot_be_printed_is_told_and_the_rest_comes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(cast, 1)
    opened(cast, 2)
    real = printing_many.make_cover

    def cover(dossier: Dossier, on: date) -> object:
        if dossier.no == first.no:
            raise UnprintableCharacters("\U00030000")
        return real(dossier, on)

    monkeypatch.setattr(printing_many, "make_cover", cover)
    row = asked(cast)
    outbox.sweep()
    row.refresh_from_db()
    assert (row.state, len(row.lacks)) == ("DONE", 1)
    assert row.lacks[0].startswith(first.no)


def test_bounds(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="没有可以打印"):
        asked(cast)
    opened(cast, 1)
    monkeypatch.setattr(printing_many, "MOST", 0)
    with pytest.raises(Refused, match="最多打印 0 卷"):
        asked(cast)
    files = Dossier.objects.all()
    with pytest.raises(PermissionDenied):
        printing_many.ask("x", files, actor=cast.clerk, on=DAY)


def test_the_bytes_go_after_a_week(cast: Cast) -> None:
    opened(cast, 1)
    row = asked(cast)
    outbox.sweep()
    row.refresh_from_db()
    for sha256 in (*row.pieces, row.sha256):
        old(file_store.place(sha256))
    assert printing_many.expire(DAY + timedelta(days=7)) == 0
    assert printing_many.expire(DAY + timedelta(days=8)) == 1
    assert not file_store.place(row.sha256).exists()
    assert list(invariants.broken()) == []
    fixity.check(fixity.SHELVES, on=DAY)
    assert not FixityProblem.objects.exists()


def test_on_the_pages(cast: Cast) -> None:
    dossier = shelves.shelved(cast)
    staff = cast.client("staff")
    started = staff.post("/archive/print/", {"box": dossier.paper.box.no})
    running = staff.get(started.url).content.decode()
    assert ("正在生成" in running, 'hx-trigger="every 2s"' in running) == (True, True)
    outbox.sweep()
    done = staff.get(started.url).content.decode()
    assert ("打开并打印" in done, "hx-trigger" in done) == (True, False)
    answer = staff.get(f"{started.url}file.pdf")
    assert answer["Content-Type"] == "application/pdf"
    for who in ("surveyor", "foreign_staff", "leader"):  # what somebody asked for is theirs
        assert cast.client(who).get(started.url).status_code == 404
    listed = staff.post("/archive/print/", {"state": "SEALED"}, follow=True).content.decode()
    assert "没有可以打印的档案" in listed
    assert staff.post("/archive/print/", {}).status_code == 302
    assert staff.post("/archive/print/", {"box": "H-0"}).status_code == 404

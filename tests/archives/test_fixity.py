"""Every file of the store is read again within thirty days: changed, missing, untracked."""

import os
import random
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from archives.inbox import files_wrong
from archives.models import FixityProblem, FixityShelf
from archives.operations import fixity
from archives.operations.fixity import A_NIGHT, NIGHTS, SHELVES, check, check_due
from tests import road
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import PAID
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.models import Attachment, Event

DAY = date(2026, 11, 27)


def kept(cast: Cast, count: int) -> list[str]:
    """So many files that attachments refer to."""
    found = [file_store.keep(f"演练文件 {n}".encode()) for n in range(count)]
    Attachment.objects.bulk_create(
        Attachment(
            subject_kind="演练", subject_key=str(n), slot="x", title=f"材料 {n}", sha256=sha256,
            size=1, content_type="image/jpeg", uploaded_by_id=cast.staff.human_id,
        )
        for n, sha256 in enumerate(found)
    )  # fmt: skip
    return found


def flip(path: Path) -> None:
    """One bit is another; name, size and time are as before."""
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def old(path: Path) -> Path:
    """The file has been there for a month."""
    month_ago = time.time() - 30 * 86400
    os.utime(path, (month_ago, month_ago))
    return path


def harmed(cast: Cast, store: Path, seed: int, each: int) -> dict[str, str]:
    """So many flips, removals and additions at random; name → what must be said of it."""
    chance, files = random.Random(seed), kept(cast, 4 * each)
    chosen = chance.sample(files, 2 * each)
    for sha256 in chosen[:each]:
        flip(file_store.place(sha256))
    for sha256 in chosen[each:]:
        file_store.place(sha256).unlink()
    told = dict.fromkeys(chosen[:each], "CHANGED") | dict.fromkeys(chosen[each:], "MISSING")
    for n in range(each):
        place = file_store.place(file_store.keep(f"没有登记 {seed} {n}".encode()))
        if n % 3 == 0:  # under a name that is none
            place = place.rename(place.with_name(f"copy-{n}.jpg"))
        elif n % 3 == 1:  # in the place of another
            (store / "ff").mkdir(parents=True, exist_ok=True)
            place = place.rename(store / "ff" / place.name)
        told[str(old(place).relative_to(store))] = "UNTRACKED"
    return told


@pytest.mark.clause("6.3")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_hundred_harms_are_found_and_nothing_else(
    cast: Cast, own_store: Path, seed: int
) -> None:
    told = harmed(cast, own_store, seed, 100)
    check(SHELVES, on=DAY)
    found = dict(FixityProblem.objects.values_list("name", "kind"))
    assert len(found) == 300
    assert found == told
    assert Event.objects.filter(subject_kind="fixity").count() == 300


def test_names_and_sizes_alone_would_miss_a_flip(
    cast: Cast, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: a check that does not read the bytes finds only what is missing or too much."""
    told = harmed(cast, own_store, 4, 10)
    monkeypatch.setattr(fixity, "_digest", lambda path: path.name)
    check(SHELVES, on=DAY)
    found = dict(FixityProblem.objects.values_list("name", "kind"))
    assert found == {name: kind for name, kind in told.items() if kind != "CHANGED"}


def test_within_its_nights_every_shelf_is_read(cast: Cast, own_store: Path) -> None:
    files = kept(cast, 300)
    read = 0
    for night in range(NIGHTS):
        read += check_due(DAY + timedelta(night))
        assert check_due(DAY + timedelta(night)) == 0  # once a night, however often the clock asks
    assert len(files) <= read <= len(files) * 1.2  # the last night begins the next round
    assert FixityShelf.objects.count() == len(SHELVES)
    flip(file_store.place(files[7]))
    days = [DAY + timedelta(NIGHTS + n) for n in range(NIGHTS)]
    assert max(check_due(day) for day in days) < len(files) / 5  # and none of them reads all
    problem = FixityProblem.objects.get()
    assert (problem.name, problem.kind) == (files[7], "CHANGED")
    assert problem.sound_on is not None
    assert (problem.found_on - problem.sound_on).days <= 30


def test_after_nights_without_a_clock_all_that_is_late_is_read(cast: Cast, own_store: Path) -> None:
    kept(cast, 50)
    check(SHELVES, on=DAY)
    assert check_due(DAY + timedelta(60)) == 50
    assert not FixityShelf.objects.filter(checked_on=DAY).exists()


def test_what_is_put_back_is_right_again(cast: Cast, own_store: Path) -> None:
    sha256 = kept(cast, 3)[0]
    place = file_store.place(sha256)
    sound = place.read_bytes()
    flip(place)
    check(SHELVES, on=DAY)
    assert [m.text for m in files_wrong(cast.auditor, DAY)] == ["内容被改动：附件 材料 0"]
    assert files_wrong(cast.staff, DAY) == []
    check(SHELVES, on=DAY)
    assert FixityProblem.objects.count() == 1  # told once
    place.write_bytes(sound)
    check(SHELVES, on=DAY + timedelta(1))
    assert FixityProblem.objects.get().mended_on == DAY + timedelta(1)
    assert files_wrong(cast.auditor, DAY) == []
    acts = Event.objects.filter(subject_kind="fixity").order_by("seq")
    assert list(acts.values_list("action", flat=True)) == ["changed", "mended"]


def test_a_young_file_is_no_stranger_yet(cast: Cast, own_store: Path) -> None:
    """Written first, referred to afterwards; half a file of a process that died grows old."""
    place = file_store.place(file_store.keep(b"in a moment"))
    half = place.with_name(".new-abc")
    half.write_bytes(b"half")
    assert check(SHELVES, on=DAY).wrong == {}
    old(half)
    assert [kind for kind, _ in check(SHELVES, on=DAY).wrong.values()] == ["UNTRACKED"]


def test_everything_that_the_product_keeps_is_tracked(
    cast: Cast, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case to its file, a month to the bank's answer: no file that nothing refers to."""
    road.approved(cast)
    payouts.through(cast, payouts.opened(cast), PAID)
    monkeypatch.setattr(fixity, "GRACE", timedelta(days=-1))
    found = check(SHELVES, on=DAY)
    assert found.files > 5
    assert found.wrong == {}
    monkeypatch.setattr(
        fixity,
        "TRACKED",
        fixity.TRACKED.replace("funds_bankresult", "(SELECT NULL::text AS sha256, 0 AS batch_id)"),
    )
    assert {kind for kind, _ in check(SHELVES, on=DAY).wrong.values()} == {"UNTRACKED"}  # the twin


def test_the_command_fails_while_something_is_wrong(
    cast: Cast, own_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sha256 = kept(cast, 2)[0]
    call_command("check_files")
    assert "没有发现问题。读了 2 个文件" in capsys.readouterr().out
    file_store.place(sha256).unlink()
    with pytest.raises(CommandError, match="有 1 个问题"):
        call_command("check_files")
    assert f"文件丢失：{sha256}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("who", "status"), [("auditor", 200), ("auditadmin", 200), ("sysadmin", 200), ("staff", 403)]
)
def test_the_page(cast: Cast, own_store: Path, who: str, status: int) -> None:
    client = cast.client(who)
    assert client.get("/audit/fixity/").status_code == status
    if status == 403:
        return
    assert "还没有核验过" in client.get("/audit/fixity/").content.decode()
    sha256 = kept(cast, 3)[0]
    flip(file_store.place(sha256))
    page = client.post("/audit/fixity/", follow=True).content.decode()
    assert "已读完 3 个文件，发现 1 个问题" in page
    assert "内容被改动" in page
    assert "附件 材料 0" in page


def test_a_night_is_bounded() -> None:
    assert len(SHELVES) <= A_NIGHT * NIGHTS
    assert NIGHTS < 30

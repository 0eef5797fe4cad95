"""A list of files whose term has passed goes its way, and nobody else moves it (6.4)."""

import os
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from archives import invariants
from archives.inbox import disposals_waiting
from archives.models import Disposal, DossierItem, FixityProblem
from archives.operations import disposal, fixity
from archives.operations.sealing import hand_out
from tests.archives.conftest import opened
from tests.archives.disposing import LATER, SIGNED, destroy, expired, listed, ready, sign
from tests.cast import SIGN_CODE, Cast
from yuquan_relief.kernel import file_store, outbox
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Signature

pytestmark = pytest.mark.usefixtures("quick_pdf")


@pytest.mark.clause("6.4")
def test_five_people_sign_and_the_bytes_are_gone(cast: Cast) -> None:
    dossier = expired(cast)
    files = disposal.files_of(dossier)
    row = ready(cast)
    destroy(cast, row)
    outbox.sweep()
    dossier.refresh_from_db()
    assert (dossier.state, dossier.destroyed_on) == ("DESTROYED", today() + LATER)
    assert not any(file_store.place(sha256).exists() for sha256 in files)
    # What outlives the file: its directory, the digests, who signed, and the trail.
    assert DossierItem.objects.filter(dossier=dossier).exists()
    assert Signature.objects.filter(subject_key=dossier.case.no).exists()
    assert Event.objects.of("dossier", dossier.no).filter(action="destroy").count() == 1
    five = Signature.objects.filter(subject_kind="disposal", subject_key=row.no)
    assert five.values("person_id").distinct().count() == 5
    assert list(invariants.broken()) == []
    fixity.check(fixity.SHELVES, on=today())
    assert not FixityProblem.objects.exists()
    with pytest.raises(Refused, match="按规定销毁"):
        hand_out(dossier.no, actor=cast.staff, on=today())


def test_what_somebody_else_still_names_stays(cast: Cast) -> None:
    dossier = expired(cast)
    shared = DossierItem.objects.filter(dossier=dossier, source="photo").first()
    assert shared is not None
    other = opened(cast, 2)
    row = DossierItem.objects.get(pk=shared.pk)
    row.pk, row.dossier, row.key = None, other, "file:elsewhere"
    row._state.adding = True
    row.save()
    destroy(cast, ready(cast))
    outbox.sweep()
    assert file_store.is_sound(shared.sha256)
    assert not file_store.place(dossier.package_sha256).exists()


def test_what_is_kept_again_in_the_last_moment_stays() -> None:
    sha256 = file_store.keep(b"one and the same")
    assert not file_store.remove(sha256)  # young
    month_ago = time.time() - 30 * 86400
    os.utime(file_store.place(sha256), (month_ago, month_ago))
    file_store.keep(b"one and the same")
    assert not file_store.remove(sha256)
    os.utime(file_store.place(sha256), (month_ago, month_ago))
    assert file_store.remove(sha256)
    assert not file_store.remove(sha256)
    assert not list(file_store.place(sha256).parent.iterdir())


def test_bytes_that_are_left_are_told(cast: Cast) -> None:
    dossier = expired(cast)
    destroy(cast, ready(cast))  # and no worker came
    assert any("还有" in text and "存放中" in text for text in invariants.broken())
    outbox.sweep()
    assert list(invariants.broken()) == []
    assert not file_store.place(dossier.package_sha256).exists()


@pytest.mark.parametrize("who", ["sysadmin", "secadmin", "auditadmin", "clerk", "staff", "leader"])
def test_others_may_not(cast: Cast, who: str) -> None:
    expired(cast)
    row = ready(cast)
    with pytest.raises((PermissionDenied, Disposal.DoesNotExist)):
        disposal.destroy(
            row.no, files=1, actor=cast.actors[who], on=today() + LATER, proof=cast.proof(who)
        )


def test_days_to_think_and_the_right_number(cast: Cast) -> None:
    expired(cast)
    row = ready(cast)
    with pytest.raises(Refused, match="起才能销毁"):
        destroy(cast, row, on=today() + LATER - timedelta(days=1))
    with pytest.raises(Refused, match="您填的是 2 卷，清册里是 1 卷"):
        destroy(cast, row, files=2)
    destroy(cast, row)


def test_nobody_signs_twice(cast: Cast) -> None:
    expired(cast)
    row = ready(cast, "watch", "watch_too")
    sign(cast, row, "watch", "staff")
    with pytest.raises(Refused, match="签过字"):
        sign(cast, row, "watch_too", "staff")


def test_sent_back_all_sign_again(cast: Cast) -> None:
    expired(cast)
    row = ready(cast)
    disposal.send_back(row.no, note="有一卷还有人查", actor=cast.bureau, on=today())
    row.refresh_from_db()
    assert (row.state, row.round, row.ready_on) == ("OPEN", 2, None)
    for code, who in SIGNED:
        sign(cast, row, code, who)
    destroy(cast, row)


def test_signed_lists_stay(cast: Cast) -> None:
    expired(cast)
    row = ready(cast)
    with pytest.raises(DatabaseError, match="签过字的清册不能改"), transaction.atomic():
        row.items.update(verdict="KEEP")
    destroy(cast, row)
    with pytest.raises(DatabaseError, match="办结的销毁清册"), transaction.atomic():
        Disposal.objects.update(state="OPEN", done_on=None)


def test_a_file_worth_keeping_leaves_the_list(cast: Cast) -> None:
    dossier = expired(cast)
    row = disposal.open_disposal(cast.office.pk, actor=cast.supervisor, on=today())
    ids = list(row.items.values_list("pk", flat=True))
    disposal.keep(row.no, ids, years=10, note="典型案例", actor=cast.supervisor, on=today())
    dossier.refresh_from_db()
    assert dossier.retain_until is not None
    assert dossier.retain_until.year == today().year + 10
    assert dossier.retain_reason == "鉴定延长"
    with pytest.raises(Refused, match="没有保管期满"):
        disposal.open_disposal(cast.office.pk, actor=cast.supervisor, on=today())
    with pytest.raises(Refused, match="清册里没有档案"):
        sign(cast, row, "appraise", "supervisor")


def test_a_file_stands_in_one_list(cast: Cast) -> None:
    expired(cast)
    listed(cast)
    with pytest.raises(Refused, match="没有保管期满"):
        disposal.open_disposal(cast.office.pk, actor=cast.supervisor, on=today())
    disposal.cancel(Disposal.objects.get().no, note="列错", actor=cast.supervisor, on=today())
    assert listed(cast).items.count() == 1


def test_the_list_goes_its_way_on_the_pages(cast: Cast) -> None:
    expired(cast)
    supervisor = cast.client("supervisor")
    page = supervisor.get("/archive/keeping/")
    assert "（1 卷）" in page.content.decode()
    made = supervisor.post("/archive/keeping/", {"office": cast.office.pk})
    row = Disposal.objects.get()
    assert made.url == f"/archive/keeping/{row.no}/"
    root = f"/archive/keeping/{row.no}/"
    item = row.items.get()
    empty = supervisor.post(f"{root}destroyable/", {"note": "无价值"})
    assert (empty.status_code, "请先勾选" in empty.content.decode()) == (409, True)
    unsaid = supervisor.post(f"{root}keep/", {"item": item.pk, "note": "典型"})
    assert (unsaid.status_code, "请填延长几年" in unsaid.content.decode()) == (422, True)
    assert (
        supervisor.post(f"{root}destroyable/", {"item": item.pk, "note": "无价值"}).status_code
        == 302
    )
    for code, who in SIGNED:
        assert any(m.hint == row.no for m in disposals_waiting(cast.actors[who], today()))
        client = cast.client(who)
        act = client.get(root).context["acts"][0]
        assert act["code"] == code
        given = {
            "version": act["form"]["version"].value(),
            "content_sha256": act["form"]["content_sha256"].value(),
            "sign_code": SIGN_CODE,
        }
        assert client.post(f"{root}{code}/", given).status_code == 302
    early = supervisor.post(f"{root}destroy/", {"count": 1, "sign_code": SIGN_CODE})
    assert (early.status_code, "起才能销毁" in early.content.decode()) == (409, True)
    destroy(cast, Disposal.objects.get())
    outbox.sweep()
    printed = supervisor.get(f"{root}?as=print").content.decode()
    assert "档案销毁证明" in printed
    assert "存放中的文件已全部删去" in printed


def test_a_wrong_person_behind_the_code(cast: Cast) -> None:
    expired(cast)
    row = ready(cast)
    with pytest.raises(Refused, match="签批码与签字人不符"):
        disposal.destroy(
            row.no, files=1, actor=cast.supervisor, on=today() + LATER,
            proof=replace(cast.proof("leader")),
        )  # fmt: skip
    given: dict[str, Any] = {"actor": cast.supervisor, "on": today() + LATER}
    with pytest.raises(Refused, match="没有这个环节"):
        disposal.perform(row.no, "burn", **given)

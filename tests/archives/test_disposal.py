"""Files whose term has passed go, and no others, whoever asks (6.4)."""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from archives import invariants
from archives.inbox import disposals_waiting
from archives.models import Disposal, Dossier, DossierItem, FixityProblem, LegalHold
from archives.operations import disposal, fixity, keeping, shelf, stocktaking
from archives.operations.sealing import hand_out, seal
from cases.models import Benefit, Review
from funds.models import Recovery
from tests import databases
from tests.archives.conftest import day, opened
from tests.cast import SIGN_CODE, Cast, make_cast
from yuquan_relief.kernel import file_store, outbox
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Signature

pytestmark = pytest.mark.usefixtures("quick_pdf")

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
    disposal.destroy(
        row.no, files=files, actor=cast.supervisor, on=on or today() + LATER,
        proof=cast.proof("supervisor"),
    )  # fmt: skip


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


# Too early: nothing goes


def hold(cast: Cast, dossier: Dossier) -> None:
    keeping.place_hold(dossier.no, "COMPLAINT", "信访第 3 号", actor=cast.supervisor, on=today())


def owe(cast: Cast, dossier: Dossier) -> None:
    benefit = Benefit.objects.get(source_case=dossier.case)
    Recovery.objects.create(
        no="ZJ-1", office_id=dossier.office_id, district_id=dossier.district_id, state="OPEN",
        state_since=today(), opened_on=today(), benefit=benefit,
        household_id=dossier.household_id, reason="多发", amount_fen=100,
    )  # fmt: skip


def term_runs(cast: Cast, dossier: Dossier) -> None:
    Dossier.objects.filter(pk=dossier.pk).update(retain_until=today() + timedelta(days=400))


EARLY: dict[str, Callable[[Cast, Dossier], None]] = {
    "held": hold,
    "owing": owe,
    "in its term": term_runs,
}


@pytest.mark.parametrize("why", EARLY)
def test_the_step_is_refused(cast: Cast, why: str) -> None:
    dossier = expired(cast)
    row = ready(cast)
    EARLY[why](cast, dossier)
    with pytest.raises(Refused, match="不能销毁"):
        destroy(cast, row)
    assert Dossier.objects.get(pk=dossier.pk).state == "SEALED"


@pytest.mark.parametrize("why", EARLY)
def test_the_database_refuses_for_itself(
    cast: Cast, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first lock is taken away; the second one holds, and nothing of the step stays."""
    dossier = expired(cast)
    row = ready(cast)
    EARLY[why](cast, dossier)
    monkeypatch.setattr(disposal, "why_not_free", lambda dossier, on: "")
    with pytest.raises(Refused, match="数据库没有放行"):
        destroy(cast, row)
    assert Dossier.objects.get(pk=dossier.pk).state == "SEALED"
    assert Disposal.objects.get().state == "READY"


def test_four_signatures_are_not_five(cast: Cast) -> None:
    dossier = expired(cast)
    row = ready(cast, "watch_too")
    Disposal.objects.filter(pk=row.pk).update(
        state="DONE", ready_on=today(), done_on=today()
    )  # what a hand at the shell might try
    gone = Dossier.objects.filter(pk=dossier.pk)
    with pytest.raises(DatabaseError, match="没有五人签字"), transaction.atomic():
        gone.update(state="DESTROYED", destroyed_on=today())


@pytest.mark.parametrize("who", ["owner", "application"])
def test_sql_destroys_nothing(own_database: str, who: str) -> None:
    dossier = expired(make_cast())
    sql = "UPDATE archives_dossier SET state = 'DESTROYED', destroyed_on = current_date"
    url = {"owner": databases.owner_url, "application": databases.app_url}[who](own_database)
    with contextlib.closing(psycopg2.connect(url)) as session, session.cursor() as cursor:
        for statement in (sql, "DELETE FROM archives_dossier"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)
            session.rollback()
    assert Dossier.objects.get(pk=dossier.pk).state == "SEALED"


def test_without_the_guard_it_goes(own_database: str) -> None:
    expired(make_cast())
    databases.as_owner(
        "ALTER TABLE archives_dossier DISABLE TRIGGER archives_dossier_stays",
        database=own_database,
    )
    assert Dossier.objects.update(state="DESTROYED", destroyed_on=today()) == 1
    assert any("不在任何办结的销毁清册里" in text for text in invariants.broken())


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


# Holds


def test_a_hold_is_placed_by_one_and_lifted_by_another(cast: Cast) -> None:
    dossier = expired(cast)
    hold(cast, dossier)
    found = LegalHold.objects.get()
    with pytest.raises(PermissionDenied):
        keeping.lift_hold(dossier.no, found.pk, "已办结", actor=cast.supervisor, on=today())
    with pytest.raises(Refused, match="没有保管期满"):
        disposal.open_disposal(cast.office.pk, actor=cast.supervisor, on=today())
    keeping.lift_hold(dossier.no, found.pk, "已办结", actor=cast.bureau, on=today())
    with pytest.raises(Refused, match="已经解除"):
        keeping.lift_hold(dossier.no, found.pk, "已办结", actor=cast.bureau, on=today())
    assert listed(cast).items.count() == 1


def test_a_hold_is_not_taken_back(cast: Cast) -> None:
    dossier = expired(cast)
    hold(cast, dossier)
    for change in ({"reason": "别的"}, {"cause": "AUDIT"}, {"placed_on": date(2020, 1, 1)}):
        with pytest.raises(DatabaseError, match="只能解除一次"), transaction.atomic():
            LegalHold.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        LegalHold.objects.all().delete()


# By the longest rule


def ended(dossier: Dossier, month: date) -> None:
    Benefit.objects.filter(source_case=dossier.case).update(end_month=month)


def reviewed(cast: Cast, dossier: Dossier, ended_on: date) -> None:
    """A review of the benefit that has ended on the day."""
    benefit = Benefit.objects.get(source_case=dossier.case)
    row = Review(
        no="FH-1", benefit=benefit, district_id=benefit.district_id, office_id=benefit.office_id,
        village_id=benefit.village_id, opened_on=ended_on, due_on=ended_on, state="WITHDRAWN",
        ended_on=ended_on,
    )  # fmt: skip
    Review.objects.bulk_create([row])


@pytest.mark.parametrize(
    ("end", "review", "until", "reason"),
    [
        (None, None, None, ""),
        (date(2026, 12, 1), None, date(2036, 12, 31), "停止保障"),
        (date(2026, 12, 1), date(2027, 3, 3), date(2036, 12, 31), "停止保障"),
        (date(2026, 12, 1), date(2033, 2, 28), date(2038, 2, 28), "末次复核办结"),
        (date(2028, 2, 1), date(2028, 2, 29), date(2038, 2, 28), "停止保障"),
    ],
)
def test_each_file_is_kept_by_the_longest_rule(
    cast: Cast, end: date | None, review: date | None, until: date | None, reason: str
) -> None:
    dossier = opened(cast)
    if end:
        ended(dossier, end)
    if review:
        reviewed(cast, dossier, review)
    keeping.move_ends(today())
    dossier.refresh_from_db()
    assert dossier.retain_until == until
    if until:
        assert dossier.retain_reason == reason
    from archives.rules.retention import longest

    found = longest(keeping.terms_of(dossier, today()))  # the same in Python, for the page
    assert (found.until, found.until and found.reason) == (until, until and reason)
    with connection.cursor() as cursor:
        assert keeping.move_ends(today()) == 0
        cursor.execute("SELECT 1")


# On the pages


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


def test_holds_on_the_page(cast: Cast) -> None:
    dossier = expired(cast)
    url = f"/archive/{dossier.no}/hold/"
    auditor, bureau = cast.client("auditor"), cast.client("bureau")
    assert auditor.post(url, {"cause": "AUDIT"}, follow=True).status_code == 200
    assert not LegalHold.objects.exists()
    auditor.post(url, {"cause": "AUDIT", "reason": "专项审计", "document": "审〔2026〕3 号"})
    found = LegalHold.objects.get()
    shown = bureau.get(f"/archive/{dossier.no}/").content.decode()
    assert "专项审计" in shown
    assert auditor.post(url, {"hold": found.pk, "lifted_reason": "完"}).status_code == 403
    bureau.post(url, {"hold": found.pk, "lifted_reason": "审计结束"})
    assert LegalHold.objects.get().lifted_on == today()
    assert bureau.post(url, {"hold": 987654, "lifted_reason": "x"}).status_code == 404


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


# What the database keeps by itself, and that nothing else does


GUARDED = {
    "archives_legalhold_stays": "UPDATE archives_legalhold SET reason = '别的'",
    "archives_disposal_stays": "DELETE FROM archives_disposal WHERE no = 'XH-bare'",
    "archives_disposalitem_stays": "UPDATE archives_disposalitem SET note = '改过'",
    "archives_loan_stays": "UPDATE archives_loan SET purpose = '别的'",
    "archives_stocktake_stays": "DELETE FROM archives_stocktake",
    "archives_dossieritem_before_sealing": "INSERT INTO archives_dossieritem"
    " (dossier_id, key, slot, position, title, responsible, formed_on, pages, sha256, size,"
    "  content_type, source, made_from, attachment_id, is_removed, added_at)"
    " SELECT dossier_id, 'late', slot, position, title, responsible, formed_on, pages, sha256,"
    " size, content_type, source, made_from, attachment_id, is_removed, added_at"
    " FROM archives_dossieritem LIMIT 1",
}


def test_each_guard_of_the_database_refuses_and_nothing_else_does(own_database: str) -> None:
    """The owner meets it; without it the same statement goes through."""
    cast = make_cast()
    dossier = expired(cast)
    hold(cast, dossier)
    keeping.lift_hold(dossier.no, LegalHold.objects.get().pk, "完", actor=cast.bureau, on=today())
    ready(cast)
    Disposal.objects.create(no="XH-bare", office=cast.office, opened_on=today())
    where = shelf.open_box("演练", "A1", actor=cast.staff, on=today())
    says = shelf.OnPaper(pages=1, amount_fen=1)
    shelf.shelve(dossier.no, where.no, says, actor=cast.staff, on=today())
    to = shelf.Borrower(name="甲", unit="乙", purpose="丙", due_on=today())
    shelf.lend(dossier.no, to, actor=cast.staff, on=today())
    stocktaking.open_stocktake(actor=cast.staff, on=today())
    url = databases.owner_url(own_database)
    with contextlib.closing(psycopg2.connect(url)) as session, session.cursor() as cursor:
        for trigger, sql in GUARDED.items():
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(sql)
            session.rollback()
            cursor.execute("SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = %s", [trigger])
            (table,) = cursor.fetchone()
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            cursor.execute(sql)
            assert cursor.rowcount == 1, trigger
            session.rollback()


def test_nothing_comes_into_a_file_that_was_destroyed(cast: Cast) -> None:
    dossier = expired(cast)
    destroy(cast, ready(cast))
    row = DossierItem.objects.filter(dossier=dossier).first()
    assert row is not None
    row.pk, row._state.adding = None, True
    with pytest.raises(DatabaseError, match="不能再归入文件"), transaction.atomic():
        row.save()

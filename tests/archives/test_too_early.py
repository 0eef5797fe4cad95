"""Before its time no file goes, whoever asks: the step refuses, and so does the database (6.4)."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

import psycopg2
import pytest
from django.db import DatabaseError, transaction

from archives import invariants
from archives.models import Disposal, Dossier, DossierItem, LegalHold
from archives.operations import disposal, keeping, shelf, stocktaking
from cases.models import Benefit
from funds.models import Recovery
from tests import databases
from tests.archives.disposing import destroy, expired, hold, ready
from tests.cast import Cast, make_cast
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused

pytestmark = pytest.mark.usefixtures("quick_pdf")


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

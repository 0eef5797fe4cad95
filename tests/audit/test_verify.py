"""The first verifier: a sound chain, where it starts, its head, and the guards around it."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from tests import databases, road
from tests.audit.chains import add_events, owner
from tests.cast import Cast
from yuquan_relief.kernel import checkpoints
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Checkpoint, Event
from yuquan_relief.kernel.verification import Witness, promises, trigger_states, verify

TODAY = date(2026, 9, 21)


def test_the_chain_of_a_whole_road_is_sound(cast: Cast) -> None:
    road.approved(cast)
    verdict = verify()
    assert verdict.problems == ()
    assert verdict.last == verdict.checked == Event.objects.count()
    assert verdict.head_sha256 == bytes(Event.objects.latest("seq").hash).hex()


@pytest.mark.parametrize("first", [2, 5, 10])
def test_it_can_begin_anywhere(db: None, first: int) -> None:
    add_events(10)
    verdict = verify(first)
    assert verdict.problems == ()
    assert verdict.checked == verdict.last - first + 1


def test_beginning_after_the_end_finds_nothing_and_checks_nothing(db: None) -> None:
    verdict = verify(Event.objects.count() + 1)
    assert (verdict.problems, verdict.checked) == ((), 0)


def test_an_empty_chain_is_sound(own_database: str) -> None:
    with owner(own_database) as cursor:
        cursor.execute("ALTER TABLE kernel_event DISABLE TRIGGER ALL")
        cursor.execute("TRUNCATE kernel_event")
        cursor.execute("UPDATE kernel_event_head SET seq = 0, hash = sha256('')")
        for trigger in ("no_change", "no_truncate"):
            cursor.execute(f"ALTER TABLE kernel_event ENABLE ALWAYS TRIGGER kernel_event_{trigger}")
    assert verify().problems == ()
    with owner(own_database) as cursor:
        cursor.execute("UPDATE kernel_event_head SET seq = 7")
    assert [str(p) for p in verify().problems] == ["第 7 条：链头指向的记录已经不在"]


# A witness


def test_a_witness_of_the_past_and_of_a_future_that_never_was(db: None) -> None:
    add_events(5)
    event = Event.objects.get(seq=3)
    past = Witness(3, bytes(event.hash).hex())
    assert verify(witnesses=[past]).problems == ()
    assert [p.seq for p in verify(witnesses=[Witness(3, "ab" * 32), past]).problems] == [3]
    assert [p.seq for p in verify(witnesses=[Witness(999, "ab" * 32)]).problems] == [999]


def test_the_slip_is_read_back(db: None) -> None:
    add_events(3)
    assert checkpoints.make_checkpoint(TODAY) == 1
    checkpoint = Checkpoint.objects.get()
    text = checkpoints.witness_text(checkpoint)
    assert checkpoints.read_witnesses(text) == [
        Witness(checkpoint.seq, bytes(checkpoint.hash).hex())
    ]
    with pytest.raises(ValueError, match="没有检查点"):
        checkpoints.read_witnesses("今天没有打印")


# The duties


def test_a_checkpoint_a_day_and_none_without_news(db: None) -> None:
    add_events(3)
    assert checkpoints.make_checkpoint(today()) == 1
    add_events(1)
    assert checkpoints.make_checkpoint(today()) == 0
    tomorrow = today() + timedelta(days=1)
    assert checkpoints.make_checkpoint(tomorrow) == 1
    assert checkpoints.make_checkpoint(tomorrow) == 0


def test_verification_is_recorded_once_and_goes_on_from_there(db: None) -> None:
    add_events(6)
    assert checkpoints.verify_chain(TODAY) == 1
    assert checkpoints.verify_chain(TODAY) == 0
    full = checkpoints.latest_verification()
    assert full is not None
    assert (full.action, full.body["first"], full.body["full"]) == ("verify", 1, True)
    add_events(2)
    assert checkpoints.verify_chain(TODAY) == 1
    hourly = checkpoints.latest_verification()
    assert hourly is not None
    assert (hourly.body["first"], hourly.body["full"]) == (full.seq, False)
    assert checkpoints.verify_chain(TODAY + timedelta(days=1)) == 1
    nightly = checkpoints.latest_verification()
    assert nightly is not None
    assert nightly.body["full"]


def test_a_broken_chain_is_recorded_once_by_the_duty(
    own_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    add_events(6)
    with owner(own_database) as cursor:
        cursor.execute("DROP TRIGGER kernel_event_no_truncate ON kernel_event")
    assert checkpoints.verify_chain(TODAY) == 1
    assert checkpoints.verify_chain(TODAY) == 0
    failed = checkpoints.latest_verification()
    assert failed is not None
    assert failed.action == "verify_failed"
    assert failed.body["problems"] == ["保护触发器 kernel_event_no_truncate 不在"]
    assert "the chain of events is broken" in caplog.text


# The guards: each is taken away by the owner, and missed


GUARDS_GONE = {
    "DROP TRIGGER kernel_event_no_change ON kernel_event": "kernel_event_no_change 不在",
    "ALTER TABLE cases_decision DISABLE TRIGGER cases_decision_no_change": "被停用",
    "ALTER TABLE kernel_signature ENABLE TRIGGER kernel_signature_no_change": "始终启用",
    """DROP TRIGGER kernel_event_no_change ON kernel_event;
       CREATE TRIGGER kernel_event_no_change BEFORE DELETE ON kernel_event
           FOR EACH ROW EXECUTE FUNCTION refuse_change();
       ALTER TABLE kernel_event ENABLE ALWAYS TRIGGER kernel_event_no_change""": "定义被改动",
    """DROP TRIGGER kernel_event_no_change ON kernel_event;
       CREATE TRIGGER kernel_event_no_change BEFORE UPDATE OR DELETE ON kernel_event
           FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_change();
       ALTER TABLE kernel_event ENABLE ALWAYS TRIGGER kernel_event_no_change""": "定义被改动",
    """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RETURN NEW; END $$""": "函数 refuse_change 不在，或与交付的不同",
    "ALTER FUNCTION event_append(jsonb) RENAME TO event_append_old": "函数 event_append 不在",
    """CREATE FUNCTION event_append(payload json) RETURNS bigint LANGUAGE sql AS
       $$ SELECT 1::bigint $$""": "函数 event_append 不在，或与交付的不同",
    "GRANT UPDATE ON kernel_event TO relief_app": "对 kernel_event 有 UPDATE 权限",
    "GRANT UPDATE (note) ON kernel_event TO relief_app": "对 kernel_event 有 UPDATE 权限",
    "GRANT INSERT ON kernel_event TO PUBLIC": "对 kernel_event 有 INSERT 权限",
    "GRANT DELETE ON kernel_signature TO relief_app": "对 kernel_signature 有 DELETE 权限",
    "GRANT TRUNCATE ON kernel_checkpoint TO relief_app": "有 TRUNCATE 权限",
    "GRANT UPDATE ON kernel_event_head TO relief_app": "对 kernel_event_head 有 UPDATE 权限",
    "GRANT TRIGGER ON kernel_event TO relief_app": "有 TRIGGER 权限",
    "REVOKE EXECUTE ON FUNCTION event_append(jsonb) FROM relief_app": "不能调用 event_append",
    "REVOKE SELECT ON kernel_event_head FROM relief_app": "无法核验链头",
    "REVOKE SELECT ON kernel_event FROM relief_app": "无法核验",
    "ALTER TABLE kernel_checkpoint RENAME TO kernel_checkpoint_old": "无法核验",
    "DELETE FROM kernel_event_head": "链头不是恰好一行",
}


EACH = [
    pytest.param(change, marks=[pytest.mark.deep] if i % 3 else [])
    for i, change in enumerate(GUARDS_GONE)
]


@pytest.mark.parametrize("change", EACH)
def test_a_guard_that_is_gone_is_missed(own_database: str, change: str) -> None:
    assert verify().problems == ()
    with owner(own_database) as cursor:
        cursor.execute(change)
    assert GUARDS_GONE[change] in "；".join(str(p) for p in verify().problems)


def test_owning_anything_is_found(own_database: str) -> None:
    databases.as_owner("GRANT CREATE ON SCHEMA public TO relief_app", database=own_database)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (one int)")
    assert [p.what for p in verify().problems] == [
        "数据库角色 relief_app 拥有数据库对象，能绕过保护"
    ]


def test_coming_as_another_role_is_found(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "USER", "relief_owner")
    assert [p.what for p in verify().problems] == [
        "正以数据库角色 relief_owner 连接，应为 relief_app"
    ]
    connection.close()


def test_every_append_only_table_of_the_migrations_is_watched() -> None:
    watched = promises()
    assert {"kernel_event_no_change", "kernel_signature_no_truncate"} <= watched.always
    assert ("cases_decision", "DELETE") in watched.denied
    assert "event_append" in watched.functions


def test_all_promised_triggers_stand(db: None) -> None:
    assert "" not in trigger_states().values()
    assert trigger_states()["kernel_event_no_change"] == "A"


# The database's own order


def test_time_never_runs_backwards_along_the_chain(own_database: str) -> None:
    with owner(own_database) as cursor:
        cursor.execute("UPDATE kernel_event_head SET at = now() + interval '1 day'")
    with transaction.atomic():
        first = record("case", "X", "probe", actor=ROBOT)
    with transaction.atomic():
        second = record("case", "X", "probe", actor=ROBOT)
    assert second.at >= first.at > now() + timedelta(hours=23)
    with owner(own_database) as cursor:
        cursor.execute("UPDATE kernel_event_head SET at = now() - interval '1 day'")
    with transaction.atomic():
        record("case", "X", "probe", actor=ROBOT)
    assert "时间早于前一条" in str(verify().problems[0])

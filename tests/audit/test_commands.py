"""due_date, run_duties and check_invariants at the terminal."""

import importlib
import importlib.util
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import CommandError, call_command

from cases.operations import notices
from tests import road
from tests.audit.chains import owner
from tests.cast import Cast, make_cast
from yuquan_relief.kernel import duties, file_store
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.models import Attachment, Job, Reminder, Signature
from yuquan_relief.kernel.tasks import run_duties


def run(command: str, *arguments: str) -> tuple[int, str]:
    """Exit status and output."""
    out = StringIO()
    try:
        call_command(command, *arguments, stdout=out)
    except SystemExit as leave:
        return int(str(leave.code)), out.getvalue()
    return 0, out.getvalue()


# due_date


@pytest.mark.clause("4(1).1")
def test_due_date_explains_every_day(db: None) -> None:
    _, text = run("due_date", "--from", "2026-09-21", "--limit", "30",
                  "--notice", "2026-10-09:2026-10-15")  # fmt: skip
    lines = text.splitlines()
    assert lines[0] == "自 2026-09-21（周一） 起 30 个工作日，到期日 2026-11-17（周二）"
    assert lines[1] == "2026-09-21（周一）\t不计\t起算当日，不计入"
    assert lines[-1].startswith("2026-11-17（周二）\t第 30 日")
    assert len(lines) == 2 + (date(2026, 11, 17) - date(2026, 9, 21)).days
    assert sum("公示期，不计入" in line for line in lines) == 7
    assert any(line.startswith("2026-10-01") and "国庆" in line for line in lines)


def test_due_date_in_calendar_days_and_in_an_unknown_year(db: None) -> None:
    assert (
        "到期日 2026-10-03（周六）"
        in run("due_date", "--from", "20260930", "--limit", "3", "--unit", "day")[1]
    )
    assert "暂定" in run("due_date", "--from", "2026-12-21", "--limit", "30")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "2026-02-30", "--limit", "3"], "日历上没有这一天"),
        (["--from", "26-02-03", "--limit", "3"], "年份请写满四位"),
        (["--from", "2026-09-21", "--limit", "0"], "时限请填 1 至"),
        (["--from", "2026-09-21", "--limit", "9", "--notice", "2026-10-09"], "首日:末日"),
        (["--from", "2026-09-21", "--limit", "9", "--notice", "2026-10-09:2026-10-01"], "末日早于"),
        (["--from", "1999-01-01", "--limit", "9"], "范围"),
    ],
)
def test_due_date_explains_mistakes(db: None, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("due_date", *arguments, stdout=StringIO())


# run_duties


@pytest.mark.clause("3(4)")
def test_run_duties_says_what_it_did_and_does_it_once(cast: Cast) -> None:
    case = road.investigated(cast)
    notices.post_notice(
        case.no, "post_review_notice", place="公示栏", photo=road.photo(), actor=cast.clerk,
        on=road.START,
    )  # fmt: skip
    day = str(road.START + timedelta(days=30))
    status, text = run("run_duties", "--on", day)
    assert status == 0
    assert "结束期满的公示（close_notices，依据 3(4)）：办了 1 件" in text
    assert (
        "结束期满的公示（close_notices，依据 3(4)）：没有要办的"
        in run("run_duties", "--on", day)[1]
    )
    assert road.fresh(case).state == "TO_PROPOSE"


@pytest.fixture
def done(db: None, monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """A duty that breaks and one that works are all there is; the days that the second did."""
    days: list[date] = []

    def broken(on: date) -> int:
        raise RuntimeError

    def good(on: date) -> int:
        days.append(on)
        return 1

    both = {
        "broken": duties.Duty("broken", "坏的", "1", broken),
        "good": duties.Duty("good", "好的", "2", good),
    }
    monkeypatch.setattr(duties, "DUTIES", both)
    monkeypatch.setattr("yuquan_relief.kernel.management.commands.run_duties.DUTIES", both)
    return days


def test_a_duty_that_fails_does_not_stop_the_others(done: list[date]) -> None:
    status, text = run("run_duties", "--on", "2026-10-01")
    assert status == 1
    assert "✗ 坏的（broken，依据 1）：出错（RuntimeError）" in text
    assert done == [date(2026, 10, 1)]


def test_neither_does_it_for_the_clock_which_says_so_after_the_last(
    done: list[date], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(duties.DutyFailed, match=r"^broken$"):
        run_duties()
    assert done == [today()]
    assert "duty broken failed" in caplog.text
    duties.DUTIES.pop("broken")
    run_duties()  # the control: with the good one alone nothing is said


def test_run_duties_explains_a_bad_day(db: None) -> None:
    with pytest.raises(CommandError, match="不能用作日期"):
        call_command("run_duties", "--on", "明天", stdout=StringIO())


# check_invariants


def test_a_whole_road_leaves_nothing_broken(cast: Cast) -> None:
    road.approved(cast)
    status, text = run("check_invariants")
    assert status == 0, text
    assert "没有发现问题" in text
    assert f"✓ 签字（已核对 {Signature.objects.count()} 个）" in text
    assert f"✓ 附件（已核对 {Attachment.objects.count()} 份）" in text


def test_a_lost_and_a_changed_file_are_found(cast: Cast) -> None:
    case = road.submitted(cast)
    lost, changed = Attachment.objects.filter(subject_key=case.no).order_by("id")[:2]
    file_store.place(lost.sha256).unlink()
    file_store.place(changed.sha256).write_bytes(b"something else")
    status, text = run("check_invariants", "--only", "files")
    assert status == 1
    assert f"附件 {lost.pk} 缺失或内容已变" in text
    assert f"附件 {changed.pk} 缺失或内容已变" in text


def test_forgotten_and_failed_jobs_are_found(db: None) -> None:
    fresh = {"listener": "x", "payload": {}}
    Job.objects.create(key="1", run_after=now() - timedelta(minutes=5), **fresh)
    assert run("check_invariants", "--only", "jobs")[0] == 0
    Job.objects.create(key="2", run_after=now() - timedelta(minutes=7), **fresh)
    Job.objects.create(key="3", run_after=now(), state="FAILED", attempts=5, fence=5,
                       error="ValueError", **fresh)  # fmt: skip
    status, text = run("check_invariants", "--only", "jobs")
    assert status == 1
    assert "任务 x 2 自" in text
    assert "任务 x 3 试了 5 次未成（ValueError），须人工处理" in text
    assert "任务 x 1" not in text


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("opinion = '同意'", "与签字时的摘要不符"),
        ("content = content || ' '", "与签字时的摘要不符"),
        ("prev = repeat('a', 64)", "接不上"),
    ],
)
def test_an_altered_signature_is_found(own_database: str, change: str, sentence: str) -> None:
    road.approved(make_cast())
    assert run("check_invariants", "--only", "signatures")[0] == 0
    with owner(own_database) as cursor:
        cursor.execute("ALTER TABLE kernel_signature DISABLE TRIGGER USER")
        cursor.execute(
            f"UPDATE kernel_signature SET {change}"
            " WHERE id = (SELECT max(id) FROM kernel_signature)"
        )
    status, text = run("check_invariants", "--only", "signatures")
    assert status == 1
    assert sentence in text


def test_a_broken_chain_is_found(own_database: str) -> None:
    with owner(own_database) as cursor:
        cursor.execute("DROP TRIGGER kernel_event_no_change ON kernel_event")
    status, text = run("check_invariants", "--only", "chain")
    assert status == 1
    assert "保护触发器 kernel_event_no_change 不在" in text


def test_a_check_that_nobody_has_is_not_sound(db: None) -> None:
    assert run("check_invariants", "--only", "nothing")[0] == 1


def test_what_cannot_be_checked_is_broken(own_database: str) -> None:
    with owner(own_database) as cursor:
        cursor.execute("REVOKE SELECT ON kernel_job FROM relief_app")
    status, text = run("check_invariants", "--only", "jobs")
    assert status == 1
    assert "无法核对" in text


def test_reminders_are_made_once_whoever_runs_the_duties(cast: Cast) -> None:
    road.accepted(cast)
    day = str(road.START + timedelta(days=45))
    run("run_duties", "--on", day)
    before = Reminder.objects.count()
    assert before > 0
    run("run_duties", "--on", day)
    assert Reminder.objects.count() == before


def test_plug_ins_of_the_apps_are_called(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug_in = ModuleType("supervision.invariants")
    plug_in.broken = lambda: iter(["监督事项有问题"])  # type: ignore[attr-defined]
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: name == "supervision.invariants" or None,
    )
    monkeypatch.setattr(importlib, "import_module", lambda name: plug_in)
    status, text = run("check_invariants", "--only", "supervision")
    assert status == 1
    assert "监督事项有问题" in text

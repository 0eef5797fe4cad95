"""A rule that breaks, a run that dies: nothing else stops; what is not known is not told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DataError

from supervision.models import CheckCount, CheckRun, Finding
from supervision.models import check_values as check_reads
from supervision.operations import checking
from supervision.rules.checks import CHECKS
from supervision.rules.checks.shape import Part, Population
from supervision.views import findings
from tests.cast import Cast
from tests.supervision.ground import Ground
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.outbox import sweep

PAGE = "/supervise/rules/"
RUN = "/supervise/rules/run/"
SECRET = "不可外传"
LATE = "R43"


@pytest.fixture
def late(cast: Cast) -> str:
    """A case past its day, which a sound rule finds."""
    return Ground(cast).case(state="INVESTIGATING", due_on=today() - timedelta(days=3)).no


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, late: str) -> str:
    """A rule of the first piece that the database cannot run; its error quotes a value."""
    rule = next(iter(CHECKS))
    cases = Population(
        kind="case", label="", key="c.no", office="c.office_id", tables="cases_case c"
    )
    part = Part(
        of=cases, when=f"('{SECRET}' || c.no)::int > 0", what="'x'", evidence="'due_on', c.due_on"
    )
    monkeypatch.setitem(CHECKS, rule, replace(CHECKS[rule], parts=(part,)))
    return rule


def night() -> None:
    """The nightly duty, which says that something broke."""
    with pytest.raises(Refused, match="有 1 条规则没有核查成功"):
        checking.check_everything(today())


def test_one_rule_that_breaks_stops_no_other(broken: str, late: str) -> None:
    night()
    assert Finding.objects.filter(rule=LATE, subject_key=late).exists()
    assert list(CheckCount.objects.filter(is_broken=True).values_list("rule", flat=True)) == [
        broken
    ]
    assert CheckCount.objects.count() == len(CHECKS)


def test_control_without_catching_the_first_that_breaks_stops_the_night(
    broken: str, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(check: object, run: object) -> CheckCount:
        raise  # noqa: PLE0704 - what the rule said

    monkeypatch.setattr(checking, "_broken", give_up)
    with pytest.raises(DataError):
        checking.check_everything(today())
    assert not Finding.objects.filter(rule=LATE).exists()


def test_a_broken_rule_is_tried_again_and_a_sound_night_is_not(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    night()
    night()
    assert CheckRun.objects.count() == 2
    monkeypatch.undo()
    checking.check_everything(today())
    checking.check_everything(today())
    assert CheckRun.objects.count() == 3


def test_what_the_error_quotes_is_not_kept(broken: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Refused) as told:
        checking.check_everything(today())
    kept = Event.objects.get(subject_kind="check_run", action="run").body["broken"]
    assert kept == [f"{broken}：DataError"]
    assert SECRET in caplog.text  # or the error would have had nothing to keep silent about
    assert SECRET not in told.value.reason + str(kept)


def test_the_page_says_that_a_rule_did_not_run(cast: Cast, broken: str) -> None:
    night()
    page = cast.client("supervisor").get(PAGE).content.decode()
    assert page.count("没有核查成功") == 1


def test_a_run_that_somebody_asked_for_says_it_too(cast: Cast, broken: str) -> None:
    cast.client("supervisor").post(RUN)
    while sweep():
        pass
    assert CheckRun.objects.get().ended_at
    page = cast.client("supervisor").get(PAGE).content.decode()
    assert page.count("没有核查成功") == 1


def test_nobody_is_told_nought_before_anything_was_looked_at(cast: Cast) -> None:
    row = cast.client("supervisor").get(PAGE).context["table"].rows[0]
    assert [cell.text for cell in row[2:5]] == ["—", "—", "—"]


def dead_run(cast: Cast, **values: object) -> CheckRun:
    """A run of which the process died."""
    begun = {"started_at": now(), "asked_by_id": cast.supervisor.person_id} | values
    return CheckRun.objects.create(district=cast.district, on_day=today(), **begun)


def test_a_night_that_died_does_not_stand_in_the_way(cast: Cast) -> None:
    dead_run(cast, asked_by_id=None)
    assert checking.running(cast.district.pk) is None
    cast.client("supervisor").post(RUN)
    assert CheckRun.objects.count() == 2


def test_a_run_that_goes_on_is_not_begun_twice(cast: Cast) -> None:
    run = dead_run(cast)
    cast.client("supervisor").post(RUN)
    assert checking.running(cast.district.pk) == run
    assert CheckRun.objects.count() == 1


def test_a_run_that_has_not_ended_for_long_is_over(cast: Cast) -> None:
    dead_run(cast, started_at=now() - checking.LONGEST - timedelta(seconds=1))
    assert "正在核查" not in cast.client("supervisor").get(PAGE).content.decode()
    cast.client("supervisor").post(RUN)
    assert CheckRun.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "instead", "runs"),
    [("LONGEST", timedelta(days=9), 1), ("running", lambda district_id: None, 2)],
)
def test_control_what_is_taken_for_running_decides(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str, instead: object, runs: int
) -> None:
    """Without its bound a dead run stops the next for ever; without looking each click begins
    one."""
    old = timedelta(hours=2) if name == "LONGEST" else timedelta()
    dead_run(cast, started_at=now() - old)
    monkeypatch.setattr(checking, name, instead)
    cast.client("supervisor").post(RUN)
    assert CheckRun.objects.count() == runs


def test_a_broken_rule_is_said_where_one_case_is_looked_at(
    cast: Cast, broken: str, late: str
) -> None:
    answer = cast.client("supervisor").post(f"/supervise/cases/{late}/", follow=True)
    assert answer.status_code == 200
    assert "条规则没有核查成功" in answer.content.decode()
    assert Finding.objects.filter(rule=LATE, subject_key=late).exists()


def test_control_without_catching_nobody_is_told_what_did_not_run(
    cast: Cast, broken: str, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "Refused", ZeroDivisionError)
    with pytest.raises(Refused):
        cast.client("supervisor").post(f"/supervise/cases/{late}/")


def test_where_one_case_is_looked_at_nobody_elses_texts_are_opened(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground, opened = Ground(cast), []
    mine, other = ground.case(), ground.case()
    assert other.no != mine.no
    unseal = check_reads.unseal_all
    monkeypatch.setattr(
        check_reads, "unseal_all", lambda texts: unseal(opened.extend(kept := list(texts)) or kept)
    )
    cast.client("supervisor").post(f"/supervise/cases/{mine.no}/")
    scoped = len(opened)
    opened.clear()
    checking.check_everything(today())  # the twin
    assert len(opened) > scoped

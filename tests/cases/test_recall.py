"""The leader's answer for five minutes: it waits, is recalled, takes effect, or falls (4(1).1)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from cases.models import Benefit, Case, Decision, HeldAnswer
from cases.models.record import CaseRecord
from cases.operations import answers, bureau, decisions
from cases.operations.answers import answer, release
from cases.reports.desk import numbers_on
from cases.reports.timeline import timeline_of
from cases.rules.procedures import PROCEDURES
from cases.tasks import release_answers
from tests import road
from tests.cases.days import at
from tests.cases.held import (
    AGREED,
    LATER,
    NOTHING,
    ONE,
    answered,
    followed,
    last,
    minutes,
    recalled,
    traces,
    waiting,
)
from tests.cases.stages import late
from tests.cases.test_bureau import found, without
from tests.cast import Cast
from yuquan_relief.celery import app
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.duties import run_all
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Signature

WAITS = "本件已经签字，几分钟内生效"


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case that the leader has just agreed to."""
    return waiting(cast)


@pytest.fixture
def other_leader(cast: Cast) -> str:
    """A second leader of the same office."""
    cast.add("leader2", "deputy_leader", cast.office, "另一分管副主任")
    return "leader2"


# ------------------------------------------------------------------ it waits


def test_nothing_follows_from_an_answer_that_waits(cast: Cast, case: Case) -> None:
    assert followed(case) == NOTHING
    assert (case.state, case.state_label, case.decided_on) == ("TO_DECIDE", "已签字，待生效", None)
    assert numbers_on(cast.leader) == []
    held = last(case)
    assert (held.state, held.ended_at, held.code) == ("WAITING", None, "approve")
    assert (held.person_id, held.signed_on) == (cast.leader.person_id, late(case))
    assert held.takes_effect_at == case.held_until
    assert held.takes_effect_at - held.proved_at >= timedelta(minutes=5)
    event = Event.objects.of("case", case.no)[0]
    assert (event.action, event.before, event.after) == ("hold", "TO_DECIDE", "TO_DECIDE")
    assert (event.note, event.body["answer"]) == (AGREED, "approve")


def test_twin_without_minutes_to_wait_everything_follows_at_once(cast: Cast) -> None:
    minutes(cast, 0)
    case = road.to_decide(cast)
    assert answered(cast, case).action == "approve"
    assert followed(case) == ONE
    assert not HeldAnswer.objects.exists()
    assert road.fresh(case).state_label == "已批准"


def sent_back(cast: Cast, case: Case) -> None:
    """The leader wants it mended."""
    decisions.send_back(case.no, note="请补充", actor=cast.leader, on=late(case))


def visited(cast: Cast, case: Case) -> None:
    """The bureau was at the home."""
    seen = found(late(case))
    bureau.record_bureau_visit(case.no, seen, actor=cast.supervisor, on=late(case))


def agreed(cast: Cast, case: Case) -> None:
    """The leader agrees."""
    answered(cast, case)


def turned_down(cast: Cast, case: Case) -> None:
    """The leader refuses."""
    answered(cast, case, "refuse", ground="OTHER", note="不属实")


OTHERS: dict[str, Callable[[Cast, Case], None]] = {
    "approve": agreed,
    "refuse": turned_down,
    "send_back": sent_back,
    "bureau_visit": visited,
}


@pytest.mark.parametrize("code", OTHERS)
def test_while_it_waits_every_other_step_is_refused(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    before = traces()
    with pytest.raises(Refused, match=WAITS):
        OTHERS[code](cast, case)
    assert traces() == before
    steps = PROCEDURES[case.programme]
    monkeypatch.setitem(steps, code, replace(steps[code], recalls=True))
    if code in ("approve", "refuse"):  # the twin: without the rule only the second look is left
        with pytest.raises(Refused, match="刚刚由别人办理"):
            OTHERS[code](cast, case)
    else:
        OTHERS[code](cast, case)


# ------------------------------------------------------------------ it takes effect


@pytest.mark.parametrize(("moment", "done"), [(-1, 0), (0, 1), (1, 1)])
def test_it_takes_effect_at_its_moment_and_not_before(case: Case, moment: int, done: int) -> None:
    assert case.held_until is not None
    assert release(case.held_until + timedelta(microseconds=moment)) == done
    assert followed(case) == (ONE if done else NOTHING)
    assert road.fresh(case).state == ("APPROVED" if done else "TO_DECIDE")
    assert last(case).state == ("DONE" if done else "WAITING")


def test_what_took_effect_is_the_signers_own_act(cast: Cast, case: Case) -> None:
    held = last(case)
    case = road.in_effect(case)
    assert (case.state, case.held_until, case.held_note) == ("APPROVED", None, "")
    signature = Signature.objects.get(subject_key=case.no, stage="decide")
    assert (signature.person_id, signature.post) == (held.person_id, "分管副主任")
    assert (signature.opinion, signature.proved_at) == (AGREED, held.proved_at)
    assert signature.content_sha256 == held.content_sha256
    event = Event.objects.of("case", case.no).get(action="approve")
    assert (event.person_id, event.actor_post) == (cast.leader.person_id, "分管副主任")
    assert release(now() + LATER) == 0
    assert followed(case) == ONE


def carried_out_on(day: date) -> Callable[..., Event]:
    """What carries an answer out, but on another day than that of the signature."""
    real = answers._carry_out
    return lambda *args, **kwargs: real(*args, **kwargs | {"on": day})


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize("by_the_day_of_release", [False, True])
def test_signed_on_the_twentieth_it_counts_from_the_twentieth(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, by_the_day_of_release: bool
) -> None:
    case, twentieth = road.to_decide(cast), date(2026, 11, 20)
    proof = cast.proof("leader", AGREED)
    answer(case.no, "approve", actor=cast.leader, on=twentieth, proof=proof)
    if by_the_day_of_release:  # the twin: a day later the money is late by a month
        monkeypatch.setattr(answers, "_carry_out", carried_out_on(date(2026, 11, 21)))
    with at(date(2026, 11, 21)):
        case = road.in_effect(case)
    decision = Decision.objects.get(case=case)
    assert (decision.decided_on == twentieth) is not by_the_day_of_release
    month = date(2027, 1, 1) if by_the_day_of_release else date(2026, 12, 1)
    assert (decision.paid_with, Benefit.objects.get().paid_with) == (month, month)
    approved = Event.objects.of("case", case.no).get(action="approve")
    assert approved.on_day == case.decided_on == decision.decided_on


def later() -> datetime:
    """An instant at which the time for recall is over."""
    return now() + LATER


CLOCKS: dict[str, Callable[[date], object]] = {
    "every minute": lambda on: release_answers(),
    "the duties": run_all,
    "by hand": lambda on: call_command("run_duties", on=str(on)),
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_each_clock_finds_what_is_due_and_only_that(
    case: Case, monkeypatch: pytest.MonkeyPatch, clock: str
) -> None:
    CLOCKS[clock](late(case))
    assert followed(case) == NOTHING
    monkeypatch.setattr("cases.tasks.now", later)
    CLOCKS[clock](late(case))
    assert followed(case) == ONE
    CLOCKS[clock](late(case))
    assert followed(case) == ONE


def test_the_clock_comes_every_minute() -> None:
    beat = app.conf.beat_schedule["answers"]
    assert (beat["task"], beat["schedule"]) == (release_answers.name, 60.0)
    assert release_answers.name in app.tasks


# ------------------------------------------------------------------ it is recalled


def test_who_signed_takes_it_back_and_signs_again(cast: Cast, case: Case) -> None:
    event = recalled(cast, case)
    assert (event.action, event.body["answer"]) == ("recall", "approve")
    case = road.fresh(case)
    assert (case.state_label, case.held_until) == ("待审批", None)
    assert numbers_on(cast.leader) == [case.no]
    assert release(now() + LATER) == 0
    assert followed(case) == NOTHING
    answered(cast, case)
    assert road.in_effect(case).state == "APPROVED"
    assert followed(case) == ONE
    assert list(case.held_answers.order_by("id").values_list("state", flat=True)) == [
        "RECALLED",
        "DONE",
    ]
    titles = [entry.title for entry in timeline_of(CaseRecord(case, late(case)))][:4]
    assert [title.partition("，进入")[0] for title in titles] == [
        *("签字同意", "签字，待生效", "取回签字", "签字，待生效"),
    ]


def test_nobody_else_takes_it_back(cast: Cast, case: Case, other_leader: str) -> None:
    with pytest.raises(Refused, match="只有签字人本人可以取回"):
        recalled(cast, case, who=other_leader)
    for who in ("staff", "chief", "bureau"):
        with pytest.raises(PermissionDenied):
            recalled(cast, case, who=who)
    with pytest.raises(Case.DoesNotExist):
        recalled(cast, case, who="foreign_leader")
    assert last(case).state == "WAITING"
    HeldAnswer.objects.get()
    signer = replace(cast.actors[other_leader], person_id=cast.leader.person_id)
    answers.recall(
        case.no, actor=signer, on=late(case)
    )  # the control: it is the person that counts
    assert last(case).state == "RECALLED"


@pytest.mark.parametrize(("microseconds", "is_taken"), [(-1, True), (0, False), (1, False)])
def test_it_is_taken_back_until_its_moment(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch, microseconds: int, is_taken: bool
) -> None:
    assert case.held_until is not None
    moment = case.held_until + timedelta(microseconds=microseconds)
    monkeypatch.setattr(answers, "now", lambda: moment)
    if is_taken:
        recalled(cast, case)
        assert last(case).ended_at == moment
    else:
        with pytest.raises(Refused, match="可以取回的时间已过"):
            recalled(cast, case)
        assert road.in_effect(case).state == "APPROVED"


def test_it_is_taken_back_once(cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    recalled(cast, case)
    with pytest.raises(Refused, match="没有可以取回的签字"):
        recalled(cast, case)
    assert Event.objects.of("case", case.no).filter(action="recall").count() == 1
    without(monkeypatch, case, "recall", "held")
    with pytest.raises(HeldAnswer.DoesNotExist):  # the twin: the last net
        recalled(cast, case)


def test_what_is_in_effect_is_not_taken_back(cast: Cast, case: Case) -> None:
    road.in_effect(case)
    with pytest.raises(Refused, match="现在是“已批准”，不能取回签字"):
        recalled(cast, case)
    assert followed(case) == ONE

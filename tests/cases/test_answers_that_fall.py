"""What the rules refuse is refused at once, what changed meanwhile falls; refusals, the bureau."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Case, Decision, IncomeLine
from cases.operations import answers, decisions
from cases.operations.answers import answer, release
from cases.reports.desk import numbers_on
from tests import road
from tests import road_relief as roads
from tests.cases.held import (
    AGREED,
    LATER,
    NOTHING,
    answered,
    followed,
    last,
    minutes,
    recalled,
    traces,
    waiting,
)
from tests.cases.stages import late
from tests.cast import Cast
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case that the leader has just agreed to."""
    return waiting(cast)


# ------------------------------------------------------------------ the rehearsal


def spoiled(case: Case) -> None:
    """What was proposed is no longer what stands."""
    IncomeLine.objects.filter(case=case).update(adopted_fen=1)


def test_what_the_rules_would_refuse_is_refused_at_once(cast: Cast) -> None:
    case = road.to_decide(cast)
    spoiled(case)
    before = traces()
    with pytest.raises(Refused, match="签字不再覆盖现在的内容"):
        answered(cast, case)
    assert traces() == before


def test_twin_without_the_rehearsal_it_is_found_out_too_late(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.to_decide(cast)
    spoiled(case)
    with monkeypatch.context() as patched:
        patched.setattr(answers, "_carry_out", lambda *args, **kwargs: None)
        answered(cast, case)
    assert road.in_effect(case).state == "TO_DECIDE"
    assert last(case).state == "FELL"


@pytest.mark.parametrize("is_held", [True, False])
def test_the_rehearsal_leaves_no_trace(cast: Cast, is_held: bool) -> None:
    if not is_held:  # the twin: carried out, it is seen in each of them
        minutes(cast, 0)
    case = road.to_decide(cast)
    before = traces()
    answered(cast, case)
    after = traces()
    for kind in ("signatures", "numbers"):
        assert (after[kind] == before[kind]) is is_held, kind
    (added,) = after["events"][len(before["events"]) :]
    assert added[0] == before["events"][-1][0] + 1
    assert Event.objects.get(seq=added[0]).action == ("hold" if is_held else "approve")
    (was,), (became,) = before["cases"], after["cases"]
    changed = {name for name in was if was[name] != became[name]}
    assert (changed == {"held_until", "version"}) is is_held
    assert became["version"] == was["version"] + 1


@pytest.mark.parametrize("who", ["staff", "chief", "supervisor"])
def test_who_may_not_decide_holds_nothing(cast: Cast, who: str) -> None:
    case = road.to_decide(cast)
    before = traces()
    with pytest.raises(PermissionDenied):
        answered(cast, case, who=who)
    assert traces() == before


# ------------------------------------------------------------------ it falls


def test_what_changed_meanwhile_makes_it_fall_with_its_reason(cast: Cast, case: Case) -> None:
    spoiled(case)
    case = road.in_effect(case)
    assert followed(case) == NOTHING
    assert (case.state, case.state_label, case.held_until) == ("TO_DECIDE", "待审批", None)
    assert case.held_note.startswith("上次签字没有生效：")
    held = last(case)
    assert held.state == "FELL"
    assert "签字不再覆盖现在的内容" in held.note
    assert held.note in case.held_note
    event = Event.objects.of("case", case.no)[0]
    assert (event.action, event.note) == ("answer_fell", held.note)
    assert numbers_on(cast.leader) == [case.no]
    client = cast.client("leader")
    for url in (f"/desk/sign/{case.no}/", f"/cases/{case.no}/decision/"):
        assert case.held_note in client.get(url).content.decode()


def unchecked(*args: object) -> None:
    """Nothing is looked at."""


@pytest.mark.parametrize(("is_read", "said"), [(True, "内容有变化"), (False, "")])
def test_what_was_read_is_asked_for_beside_the_earlier_signatures(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, is_read: bool, said: str
) -> None:
    """Without the look at the earlier signatures the digest stops it; without both nothing."""
    case = road.to_decide(cast)
    proof = cast.proof("leader", AGREED)
    if is_read:
        answered(cast, case)
    else:
        answer(case.no, "approve", actor=cast.leader, on=late(case), proof=proof)
    spoiled(case)
    monkeypatch.setattr(decisions, "require_sound", unchecked)
    case = road.in_effect(case)
    assert case.state == ("TO_DECIDE" if said else "APPROVED")
    assert said in last(case).note
    assert bool(last(case).note) == bool(said)


def test_after_a_fall_it_is_signed_anew_and_the_reason_is_gone(cast: Cast, case: Case) -> None:
    adopted = IncomeLine.objects.get(case=case).adopted_fen
    spoiled(case)
    road.in_effect(case)
    IncomeLine.objects.filter(case=case).update(adopted_fen=adopted)
    answered(cast, road.fresh(case))
    assert road.fresh(case).held_note == ""
    assert road.in_effect(case).state == "APPROVED"


def test_one_that_falls_holds_up_no_other(cast: Cast, case: Case) -> None:
    other = road.to_decide(cast, 2)
    answered(cast, other)
    spoiled(case)
    assert release(now() + LATER) == 2
    assert (road.fresh(case).state, road.fresh(other).state) == ("TO_DECIDE", "APPROVED")


# ------------------------------------------------------------------ refusals, and the bureau


def test_a_refusal_keeps_ground_and_reason(cast: Cast) -> None:
    case = road.to_decide(cast)
    answered(cast, case, "refuse", ground="OTHER", note="申报不属实")
    held = last(case)
    assert (held.code, held.ground, held.opinion) == ("refuse", "OTHER", "申报不属实")
    assert not Decision.objects.exists()
    case = road.in_effect(case)
    decision = Decision.objects.get(case=case)
    assert (case.state, decision.outcome) == ("REFUSED", "REFUSED")
    assert decision.reason == decisions.ground_text(case, late(case), "OTHER") + "申报不属实"
    event = Event.objects.of("case", case.no).get(action="refuse")
    assert (event.note, event.body["ground"]) == ("申报不属实", "OTHER")


@pytest.mark.parametrize(("ground", "note"), [("NO_SUCH", "不属实"), ("OTHER", " ")])
def test_a_refusal_without_ground_or_reason_is_refused_at_once(
    cast: Cast, ground: str, note: str
) -> None:
    case = road.to_decide(cast)
    before = traces()
    with pytest.raises(Refused):
        answered(cast, case, "refuse", ground=ground, note=note)
    assert traces() == before


@pytest.fixture
def large(cast: Cast) -> Case:
    """A sum above the office's limit, on the bureau's desk."""
    case = roads.expense_to_decide(cast, amount_fen=20_000_00)
    assert case.above_office
    return case


@pytest.mark.parametrize(
    ("code", "more", "state"),
    [
        ("approve_large", {}, "APPROVED"),
        ("refuse_large", {"ground": "OTHER", "note": "不属实"}, "REFUSED"),
    ],
)
def test_the_bureaus_answer_waits_and_is_recalled_too(
    cast: Cast, large: Case, code: str, more: dict[str, Any], state: str
) -> None:
    answered(cast, large, code, who="bureau", **more)
    assert numbers_on(cast.bureau) == []
    with pytest.raises(PermissionDenied):
        recalled(cast, large, code="recall_large")  # by the office's leader
    with pytest.raises(Refused, match="只有签字人本人可以取回"):
        recalled(cast, large)
    recalled(cast, large, who="bureau", code="recall_large")
    assert numbers_on(cast.bureau) == [large.no]
    answered(cast, road.fresh(large), code, who="bureau", **more)
    assert road.in_effect(large).state == state
    assert Decision.objects.get(case=large).outcome == state

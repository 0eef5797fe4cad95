"""A leader's answer that waits: given on what was read, recalled, released, and what followed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cases.models import Benefit, Case, Decision, HeldAnswer
from cases.models.record import CaseRecord
from cases.operations.answers import answer, recall
from cases.operations.content import content_of
from tests import road
from tests.cases.days import at
from tests.cases.stages import late
from tests.cast import Cast
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.models.numbers import Counter
from yuquan_relief.kernel.operations.rulebook import confirm_value, enter_value
from yuquan_relief.kernel.signing import content_digest

AGREED = "同意按审核意见办理。"
LATER = timedelta(minutes=6)  # the time for recall is over
NOTHING = {"decisions": 0, "benefits": 0, "signatures": 0, "approve": 0}
ONE = dict.fromkeys(NOTHING, 1)


def answered(
    cast: Cast, case: Case, code: str = "approve", *, who: str = "leader", **more: Any
) -> Event:
    """The person has answered, on the content as it stands."""
    seen = content_digest(content_of(CaseRecord(case, late(case)), "decide"))
    proof = replace(cast.proof(who, more.get("note", AGREED)), content_sha256=seen)
    return answer(case.no, code, actor=cast.actors[who], on=late(case), proof=proof, **more)


def waiting(cast: Cast, serial: int = 1) -> Case:
    """A case that the leader has just agreed to."""
    case = road.to_decide(cast, serial)
    answered(cast, case)
    return road.fresh(case)


def recalled(cast: Cast, case: Case, *, who: str = "leader", code: str = "recall") -> Event:
    """The person takes the answer back, now."""
    return recall(case.no, actor=cast.actors[who], on=late(case), code=code)


def last(case: Case) -> HeldAnswer:
    """The answer that was given last."""
    return HeldAnswer.objects.filter(case=case).latest("id")


def followed(case: Case) -> dict[str, int]:
    """What a decision leaves, counted."""
    return {
        "decisions": Decision.objects.filter(case=case).count(),
        "benefits": Benefit.objects.filter(source_case=case).count(),
        "signatures": Signature.objects.filter(subject_key=case.no, stage="decide").count(),
        "approve": Event.objects.of("case", case.no).filter(action="approve").count(),
    }


def traces() -> dict[str, Any]:
    """Everything that an act could leave anywhere."""
    return {
        "events": list(Event.objects.order_by("seq").values_list("seq", "hash")),
        "signatures": Signature.objects.count(),
        "numbers": sorted(Counter.objects.values_list("prefix", "last")),
        "held": HeldAnswer.objects.count(),
        "cases": list(Case.objects.order_by("pk").values()),
    }


def minutes(cast: Cast, value: int) -> None:
    """Who is accepted from road.START on has so many minutes for recall, by two people's word."""
    with at(road.START - timedelta(days=5)):
        made = enter_value(
            "decision.recall_minutes", rule_set="*", valid_from=road.START, value=value,
            unit="分钟", source="演练", note="", actor=cast.supervisor,
        )  # fmt: skip
        confirm_value(made.pk, actor=cast.supervisor2)

"""One review as its page shows it: before and after, sentences, who signed, what can be done."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.models.review_record import SUBJECT, ReviewRecord
from cases.rules.reviews import STEPS, ReviewFacts, Step
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.event_words import action_label
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.signing import content_digest

STAGES = {"propose": "复核意见", "decide": "签批"}


@dataclass(frozen=True)
class Action:
    """A step that the actor's post carries, with every reason why it may not be taken now."""

    step: Step
    reasons: list[str]


def actions(record: ReviewRecord, actor: Actor) -> list[Action]:
    """The steps of the review's state that the actor's post carries."""
    facts = record.judged()
    state = record.review.state
    found = [s for s in STEPS.values() if state in s.sources and actor.can(s.capability)]
    shown = [s for s in found if not _is_other_answer(s, facts)]
    return [Action(step, step.reasons(state, facts)) for step in shown]


def _is_other_answer(step: Step, facts: ReviewFacts) -> bool:
    """签字维持 is offered for 保持, 签字调整 for the rest; 提出终止意见 where the notice is to hang
    on the review, 提出复核意见 everywhere else; 异议成立 when there is one."""
    hangs_here = facts.must_be_noticed and facts.hangs_here
    offered = {
        "keep": facts.outcome == "KEEP",
        "agree": facts.outcome != "KEEP",
        "propose": not hangs_here,
        "propose_ending": hangs_here,
        "post_ending_notice": facts.notice is None,
        "uphold_ending_objection": facts.notice is not None and facts.notice.open_objections > 0,
    }
    return not offered.get(step.code, True)


def content_sha256(record: ReviewRecord, stage: str) -> str:
    """The digest of what a signature of the stage would bind now."""
    return content_digest(record.content(stage)) if stage else ""


def opinions(record: ReviewRecord) -> list[dict[str, Any]]:
    """The signatures in order, as components/opinions shows them."""
    mine = Signature.objects.filter(subject_kind=SUBJECT, subject_key=record.review.no)
    return [
        {
            "stage": STAGES.get(s.stage, s.stage),
            "who": f"{s.unit}{s.post} {s.name}",
            "at": s.signed_at,
            "text": s.opinion,
            "verdict": "已签字",
            "tone": "ok",
        }
        for s in mine.order_by("id")
    ]


def entries(record: ReviewRecord) -> list[dict[str, Any]]:
    """What happened, newest first."""
    return [
        {
            "at": event.at,
            "title": action_label(SUBJECT, event.action),
            "who": f"{event.actor_unit} {event.actor_name}",
            "note": event.note,
            "is_system": event.person_id is None,
        }
        for event in Event.objects.of(SUBJECT, record.review.no)[:20]
    ]


def effect_text(record: ReviewRecord, on: date) -> str:
    """From when the change counts, in words."""
    review = record.review
    if review.from_month and review.last_month and review.outcome == "STOP":
        return f"发放到 {review.last_month:%Y年%m月}，{review.from_month:%Y年%m月}起停发"
    if review.from_month:
        last = f"，发放到 {review.last_month:%Y年%m月}" if review.last_month else ""
        return f"从 {review.from_month:%Y年%m月}执行{last}"
    if review.outcome in ("", "KEEP"):
        return ""
    if review.changed_on:
        return "告知家庭以后生效，追溯到变化发生的次月"
    return "告知家庭以后生效；告知以前按原额发放"

"""A leader's answer: held for a few minutes, recalled, or in effect (4(1).1)."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Case, HeldAnswer
from cases.models.record import SUBJECT
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record as tell
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.posts import actor_in
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.signing import Proof

from .decisions import approve, refuse
from .steps import perform

logger = logging.getLogger(__name__)
RECALL_MINUTES = "decision.recall_minutes"


class _Rehearsed(Exception):
    """Thrown to take back a rehearsal."""


def answer(  # noqa: PLR0913 - what a refusal brings beside what every act brings
    no: str, code: str, *, actor: Actor, on: date, proof: Proof, ground: str = "", note: str = ""
) -> Event:
    """The leader has answered; it takes effect after so many minutes and can be recalled before.

    `code`: approve, refuse, or with _large the bureau's. Everything that would refuse the answer
    refuses it now: it is carried out once and taken back. With 0 minutes it is in effect at once.
    """
    case = Case.objects.visible_to(actor).get(no=no)
    minutes = int(rules(on, case.rule_set)[RECALL_MINUTES])  # of the day of signing
    if not minutes:
        return _carry_out(no, code, actor=actor, on=on, proof=proof, ground=ground, note=note)
    try:
        with transaction.atomic():
            _carry_out(no, code, actor=actor, on=on, proof=proof, ground=ground, note=note)
            raise _Rehearsed
    except _Rehearsed:
        words = replace(proof, opinion=proof.opinion or note.strip())
        return _hold(no, code, actor=actor, on=on, proof=words, ground=ground, minutes=minutes)


def _carry_out(  # noqa: PLR0913 - one fact each
    no: str, code: str, *, actor: Actor, on: date, proof: Proof, ground: str, note: str
) -> Event:
    if code.startswith("refuse"):
        return refuse(no, ground=ground, note=note, actor=actor, on=on, proof=proof, code=code)
    return approve(no, actor=actor, on=on, proof=proof, code=code)


@transaction.atomic
def _hold(  # noqa: PLR0913 - one fact each
    no: str, code: str, *, actor: Actor, on: date, proof: Proof, ground: str, minutes: int
) -> Event:
    case = Case.objects.visible_to(actor).select_for_update(of=("self",)).get(no=no)
    if case.state != "TO_DECIDE" or case.held_until:
        raise Refused("本件刚刚由别人办理，请刷新页面看清后再办", code="stale")
    assert actor.post_id is not None
    assert actor.account_id is not None
    at = now() + timedelta(minutes=minutes)
    HeldAnswer.objects.create(
        case=case,
        code=code,
        ground=ground,
        opinion=proof.opinion[:500],
        person_id=actor.human_id,
        post_id=actor.post_id,
        account_id=actor.account_id,
        address=actor.address,
        content_sha256=proof.content_sha256,
        proved_at=proof.proved_at,
        signed_on=on,
        takes_effect_at=at,
    )
    case.held_until, case.held_note = at, ""
    case.version += 1
    case.save(update_fields=["held_until", "held_note", "version"])
    body = {
        "answer": code,
        "ground": ground,
        "content_sha256": proof.content_sha256,
        "takes_effect_at": at.isoformat(),
    }
    return _tell(case, "hold", actor, on, proof.opinion, body)


def recall(no: str, *, actor: Actor, on: date, code: str = "recall") -> Event:
    """The answer is taken back by the one who gave it, before it takes effect.

    `code`: recall_large for the bureau's. Raises Refused for another person, and after the time.
    """

    def write(case: Case) -> dict[str, object]:
        held = HeldAnswer.objects.filter(case=case, state=HeldAnswer.State.WAITING).get()
        if held.person_id != actor.person_id:
            raise Refused("只有签字人本人可以取回")
        if held.takes_effect_at <= now():
            raise Refused("可以取回的时间已过；确需更正的，请在文书送达前告知区民政局复核")
        _end(held, HeldAnswer.State.RECALLED)
        case.held_until = None
        return {"answer": held.code, "proved_at": held.proved_at.isoformat()}

    return perform(no, code, actor=actor, on=on, write=write)


def _end(held: HeldAnswer, state: str, note: str = "") -> None:
    held.state, held.ended_at, held.note = state, now(), note[:300]
    held.save(update_fields=["state", "ended_at", "note"])


def release(at: datetime) -> int:
    """Every answer whose time has come by `at` is in effect, or has fallen; how many ended.

    One that breaks is logged and waits (check_invariants names it); it holds up no other.
    """
    due = HeldAnswer.objects.filter(state=HeldAnswer.State.WAITING, takes_effect_at__lte=at)
    ended = 0
    for pk in due.order_by("pk").values_list("pk", flat=True):
        try:
            ended += take_effect(pk)
        except Exception:
            logger.exception("answer %s did not take effect", pk)
    return ended


@transaction.atomic
def take_effect(pk: int) -> bool:
    """One held answer has ended: in effect, or fallen with its reason. False if it had already."""
    held = HeldAnswer.objects.select_related(
        "account__person", "post__unit__parent", "post__person"
    ).get(pk=pk)
    case = Case.objects.select_for_update(of=("self",)).get(pk=held.case_id)
    held.refresh_from_db(fields=["state"])
    if held.state != HeldAnswer.State.WAITING:
        return False
    Case.objects.filter(pk=case.pk).update(held_until=None)
    actor = actor_in(held.account, held.post, address=held.address)
    proof = Proof(
        held.person_id,
        held.proved_at,
        held.opinion,
        held.content_sha256,
        signed_at=held.proved_at,  # signed then, in effect now
    )
    try:
        with transaction.atomic():
            _carry_out(
                case.no,
                held.code,
                actor=actor,
                on=held.signed_on,
                proof=proof,
                ground=held.ground,
                note=held.opinion,
            )
    except (Refused, PermissionDenied) as error:
        _fall(case, held, actor, str(getattr(error, "reason", error)))
        return True
    except Case.DoesNotExist:
        _fall(case, held, actor, "本件已不在签字人的辖区")
        return True
    _end(held, HeldAnswer.State.DONE)
    return True


def _fall(case: Case, held: HeldAnswer, actor: Actor, reason: str) -> None:
    """The answer has no effect; the case waits on the desk again and says why."""
    logger.warning("answer %s of %s fell", held.pk, case.no)
    _end(held, HeldAnswer.State.FELL, reason)
    case.held_until, case.held_note = None, f"上次签字没有生效：{reason}"[:300]
    case.version += 1
    case.save(update_fields=["held_until", "held_note", "version"])
    _tell(case, "answer_fell", actor, held.signed_on, reason, {"answer": held.code})


def _tell(
    case: Case, action: str, actor: Actor, on: date, note: str, body: Mapping[str, object]
) -> Event:
    return tell(
        SUBJECT,
        case.no,
        action,
        actor=actor,
        on=on,
        unit_id=case.village_id,
        before=case.state,
        after=case.state,
        due_on=case.due_on,
        note=note,
        body={"round": case.round, **body},
    )

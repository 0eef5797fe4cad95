"""Who signs, what is signed, and what a signature covers."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from cases.models import (
    IncomeLine,
    Member,
    Survey,
)
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation
from cases.operations.content import content_of
from cases.operations.steps import perform
from tests import road
from tests.cases.acts import ACTS
from tests.cases.stages import (
    ON,
    late,
    recorded,
)
from tests.cast import SIGN_CODE, Cast
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.models import Account, Post, Signature
from yuquan_relief.kernel.signing import content_digest, prove


def test_one_investigator_cannot_be_both(cast: Cast) -> None:
    case = recorded(cast)
    with pytest.raises(Refused, match="您已在这一环节签过字"):
        investigation.cosign_survey(case.no, actor=cast.clerk, on=ON, proof=cast.proof("clerk"))


@pytest.mark.parametrize("who", ["surveyor", "staff2"])
def test_who_surveyed_cannot_propose_whatever_the_account(cast: Cast, who: str) -> None:
    case = road.to_propose(cast)
    post = Post.objects.select_related("unit__parent").get(pk=cast.surveyor.post_id or 0)
    account = Account.objects.create_user(f"second-{who}", "临河观星-2026-绿灯", person=post.person)
    actor = cast.surveyor if who == "surveyor" else replace(cast.surveyor, account_id=account.pk)
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        decisions.propose(case.no, actor=actor, on=late(case), proof=cast.proof("surveyor"))


def test_database_refuses_two_stages_of_one_person_by_itself(cast: Cast) -> None:
    case = road.to_propose(cast)
    first = Signature.objects.filter(subject_key=case.no, stage="survey").first()
    assert first is not None
    first.pk, first.stage = None, "decide"
    with pytest.raises(IntegrityError, match="signature_one_stage_a_person"), transaction.atomic():
        first.save(force_insert=True)


def test_proof_of_somebody_else_does_not_sign(cast: Cast) -> None:
    case = road.to_decide(cast)
    with pytest.raises(Refused, match="不符"):
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("staff"))


@pytest.mark.parametrize("name", ["propose", "approve", "record_survey", "sign_appraisal"])
def test_without_a_code_nothing_is_signed(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    with pytest.raises(Refused, match="签批码"):
        perform(case.no, name, actor=cast.actors[act.who], on=late(road.fresh(case)))


def test_content_changed_after_signing_is_not_covered(cast: Cast) -> None:
    case = road.to_decide(cast)
    Survey.objects.filter(case=case).update(living="改过的生活情况")
    with pytest.raises(Refused, match="不再覆盖") as refusal:
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))
    assert refusal.value.code == "signature_uncovered"
    assert road.fresh(case).state == "TO_DECIDE"


@pytest.mark.parametrize("change", ["income", "member", "file", "account"])
def test_any_change_of_what_was_proposed_is_seen(cast: Cast, change: str) -> None:
    case = road.to_decide(cast)
    if change == "income":
        IncomeLine.objects.filter(case=case).update(adopted_fen=1)
    elif change == "member":
        Member.objects.filter(household=case.household).update(is_insured=False)
    elif change == "account":
        case.household.accounts.update(number_digest="0" * 64)
    else:
        road.add_file(cast, case, "other", "后来的材料", (250, 0, 0))
    with pytest.raises(Refused, match="不再覆盖"):
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))


def test_what_was_read_must_be_what_is_signed(cast: Cast) -> None:
    case = road.to_decide(cast)
    seen = content_digest(content_of(CaseRecord(case, road.START), "decide"))
    right = replace(cast.proof("leader"), content_sha256=seen)
    wrong = replace(right, content_sha256="0" * 64)
    with pytest.raises(ContentChanged):
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=wrong)
    decisions.approve(case.no, actor=cast.leader, on=late(case), proof=right)
    signature = Signature.objects.get(subject_key=case.no, stage="decide")
    assert signature.content_sha256 == seen
    assert signature.prev == Signature.objects.get(subject_key=case.no, stage="propose").hash


def test_stale_version_is_refused(cast: Cast) -> None:
    case = road.to_decide(cast)
    with pytest.raises(Refused, match="刷新") as refusal:
        decisions.approve(
            case.no,
            actor=cast.leader,
            on=late(case),
            proof=cast.proof("leader"),
            version=case.version - 1,
        )
    assert refusal.value.code == "stale"


def test_five_wrong_codes_lock_and_a_right_one_in_between_starts_anew(cast: Cast) -> None:
    for _ in range(4):
        with pytest.raises(Refused, match="签批码不对"):
            prove(cast.leader, "000000")
    prove(cast.leader, SIGN_CODE)
    for _ in range(5):
        with pytest.raises(Refused, match="签批码不对"):
            prove(cast.leader, "000000")
    with pytest.raises(Refused, match="已锁定"):
        prove(cast.leader, SIGN_CODE)

"""The acts on a review: the signing code is proved, then the step is taken."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from cases.benefit_forms import ReviewStepForm, SettleReviewForm, TellForm, photo_of
from cases.operations import review_notices, review_settlement, reviews, telling
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.signing import Proof, prove

Act = Callable[[ReviewStepForm, str, Actor, date], str]


def carry_out(code: str, form: ReviewStepForm, *, actor: Actor, on: date) -> str:
    """The step has been taken with what the form says; a sentence says what is so now.

    Call it outside a transaction: a wrong signing code must count even when nothing else stands.
    """
    reviews.require(reviews.known_step(code), actor)
    return ACTS[code](form, form.review.no, actor, on)


def _more(form: ReviewStepForm) -> Mapping[str, Any]:
    return {"version": form.cleaned_data.get("version")}


def _proof(form: ReviewStepForm, actor: Actor) -> Proof:
    data = form.cleaned_data
    return prove(
        actor,
        data.get("sign_code") or "",
        opinion=data.get("opinion") or "",
        content_sha256=data.get("content_sha256") or "",
    )


def _settle(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    assert isinstance(form, SettleReviewForm)
    review_settlement.settle(no, form.found(), actor=actor, on=on, **_more(form))
    return "已核算，请看清结果后提出复核意见"


def _propose(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    reviews.propose(no, actor=actor, on=on, proof=_proof(form, actor), **_more(form))
    return "已提出复核意见，转分管领导签批"


def _propose_ending(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    proof = _proof(form, actor)
    review_notices.propose_ending(no, actor=actor, on=on, proof=proof, **_more(form))
    return "已提出终止意见，请村（社区）张贴拟终止公示，期满自动转签批"


def _post_ending(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    data = form.cleaned_data
    review_notices.post_ending_notice(
        no, place=data["place"], photo=photo_of(data), actor=actor, on=on, **_more(form)
    )
    return "已登记张贴，期满次日自动转分管领导签批"


def _uphold_ending(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    note = form.cleaned_data["note"]
    review_notices.uphold_ending_objection(no, note=note, actor=actor, on=on, **_more(form))
    return "异议成立，公示已结束，请重新复核"


def _withdraw_ending(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    note = form.cleaned_data["note"]
    review_notices.withdraw_ending(no, note=note, actor=actor, on=on, **_more(form))
    return "已撤回拟终止，请重新复核"


def _send_back(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    note = form.cleaned_data["note"]
    reviews.send_back(no, note=note, actor=actor, on=on, **_more(form))
    return "已退回社救办复核"


def _keep(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    reviews.keep(no, actor=actor, on=on, proof=_proof(form, actor), **_more(form))
    return "已签字维持，原待遇继续发放"


def _agree(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    reviews.agree(no, actor=actor, on=on, proof=_proof(form, actor), **_more(form))
    return "已签字；告知家庭以后才执行，请经办人打印告知书、登记送达"


def _tell(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    assert isinstance(form, TellForm)
    telling.tell(no, form.told(), actor=actor, on=on, **_more(form))
    return "已登记告知，调整按期执行"


def _withdraw(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    reviews.withdraw(no, note=form.cleaned_data["note"], actor=actor, on=on, **_more(form))
    return "已撤回复核"


def _reopen(form: ReviewStepForm, no: str, actor: Actor, on: date) -> str:
    reviews.reopen(no, note=form.cleaned_data["note"], actor=actor, on=on, **_more(form))
    return "已重新复核，请再核算、再签字"


ACTS: dict[str, Act] = {
    "reopen": _reopen,
    "settle": _settle,
    "propose": _propose,
    "propose_ending": _propose_ending,
    "post_ending_notice": _post_ending,
    "uphold_ending_objection": _uphold_ending,
    "withdraw_ending": _withdraw_ending,
    "send_back": _send_back,
    "keep": _keep,
    "agree": _agree,
    "tell": _tell,
    "withdraw": _withdraw,
}

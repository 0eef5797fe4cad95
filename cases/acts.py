"""From a clean form to its operation: web and interface take the same road, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases import (
    bureau_forms,
    destitute_forms,
    forms,
    household_forms,
    income_forms,
    relief_forms,
)
from cases.operations import (
    answers,
    bureau,
    care,
    decisions,
    deferrals,
    destitution,
    endings,
    extension,
    family,
    investigation,
    notices,
    relief,
    settlement,
)
from cases.operations.steps import perform
from cases.rules.procedures import Step
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.signing import Proof, prove

Act = Callable[[str, Any, Actor, date, Proof | None], object]


@dataclass(frozen=True)
class StepAct:
    """The form of a step and the operation that its clean values go to."""

    form: type[forms.StepForm]
    act: Act


def _plain(code: str) -> StepAct:
    return StepAct(
        forms.StepForm,
        lambda no, form, actor, on, proof: perform(no, code, actor=actor, on=on),
    )


def _noted(code: str) -> StepAct:
    return StepAct(
        forms.NoteForm,
        lambda no, form, actor, on, proof: perform(
            no, code, actor=actor, on=on, note=form.cleaned_data["note"]
        ),
    )


def _photo(form: Any) -> bytes | None:
    photo = form.cleaned_data.get("photo")
    return read_upload(photo) if photo else None


def _posting(code: str) -> StepAct:
    def act(no: str, form: Any, actor: Actor, on: date, proof: Proof | None) -> object:
        return notices.post_notice(
            no,
            code,
            place=form.cleaned_data["place"],
            photo=_photo(form),
            actor=actor,
            on=on,
        )

    return StepAct(forms.PostNoticeForm, act)


def _approving(code: str) -> StepAct:
    return StepAct(
        forms.DecideForm,
        lambda no, form, actor, on, proof: answers.answer(
            no, code, actor=actor, on=on, proof=_given(proof)
        ),
    )


def _sending_back(code: str) -> StepAct:
    return StepAct(
        forms.MendForm,
        lambda no, form, actor, on, proof: decisions.send_back(
            no,
            note=form.words(),
            actor=actor,
            on=on,
            mend=form.cleaned_data["mend"],
            code=code,
        ),
    )


def _refusing(code: str) -> StepAct:
    return StepAct(
        forms.RefuseForm,
        lambda no, form, actor, on, proof: answers.answer(
            no,
            code,
            ground=form.cleaned_data["ground"],
            note=form.cleaned_data["opinion"],
            actor=actor,
            on=on,
            proof=_given(proof),
        ),
    )


def _recalling(code: str) -> StepAct:
    return StepAct(
        forms.StepForm,
        lambda no, form, actor, on, proof: answers.recall(no, actor=actor, on=on, code=code),
    )


ACTS: dict[str, StepAct] = {
    "accept": _plain("accept"),
    "resubmit": _plain("resubmit"),
    "request_means_check": StepAct(
        forms.StepForm,
        lambda no, form, actor, on, proof: investigation.request_means_check(
            no, actor=actor, on=on
        ),
    ),
    "decline": _noted("decline"),
    "request_corrections": StepAct(
        forms.CorrectionsForm,
        lambda no, form, actor, on, proof: investigation.request_corrections(
            no, items=form.cleaned_data["note"], actor=actor, on=on
        ),
    ),
    "restate_family": StepAct(
        household_forms.FamilyForm,
        lambda no, form, actor, on, proof: family.restate_family(
            no, form.family(), note=form.cleaned_data["note"], actor=actor, on=on
        ),
    ),
    "record_survey": StepAct(
        forms.SurveyForm,
        lambda no, form, actor, on, proof: investigation.record_survey(
            no, form.findings(), actor=actor, on=on, proof=_given(proof)
        ),
    ),
    "cosign_survey": StepAct(
        forms.CosignForm,
        lambda no, form, actor, on, proof: investigation.cosign_survey(
            no, actor=actor, on=on, proof=_given(proof)
        ),
    ),
    "return_means_check": StepAct(
        income_forms.MeansReportForm,
        lambda no, form, actor, on, proof: investigation.return_means_check(
            no, form.report(), actor=actor, on=on
        ),
    ),
    "recheck_means": StepAct(
        income_forms.RecheckForm,
        lambda no, form, actor, on, proof: investigation.request_recheck(
            no, objection=form.cleaned_data["note"], actor=actor, on=on
        ),
    ),
    "record_failure": StepAct(
        income_forms.FailureForm,
        lambda no, form, actor, on, proof: investigation.record_failure(
            no, form.failure(), actor=actor, on=on
        ),
    ),
    "settle_income": StepAct(
        income_forms.IncomeForm,
        lambda no, form, actor, on, proof: settlement.settle_income(
            no, form.adoption(), actor=actor, on=on
        ),
    ),
    "assess_self_care": StepAct(
        destitute_forms.SelfCareForm,
        lambda no, form, actor, on, proof: destitution.assess_self_care(
            no, form.assessed(), actor=actor, on=on
        ),
    ),
    "arrange_care": StepAct(
        destitute_forms.ArrangeCareForm,
        lambda no, form, actor, on, proof: care.arrange_care(
            no, form.arranged(), actor=actor, on=on
        ),
    ),
    "end_care": StepAct(
        destitute_forms.EndCareForm,
        lambda no, form, actor, on, proof: care.end_care(
            no,
            ended_on=form.cleaned_data["ended_on"],
            note=form.cleaned_data["note"],
            actor=actor,
            on=on,
        ),
    ),
    "report_care_change": StepAct(
        destitute_forms.CareChangeForm,
        lambda no, form, actor, on, proof: care.report_care_change(
            no,
            reported_on=form.cleaned_data["reported_on"],
            what=form.cleaned_data["note"],
            actor=actor,
            on=on,
        ),
    ),
    "reassess_self_care": StepAct(
        destitute_forms.SelfCareForm,
        lambda no, form, actor, on, proof: care.reassess_self_care(
            no, form.assessed(), actor=actor, on=on
        ),
    ),
    "propose_ending": StepAct(
        destitute_forms.EndingForm,
        lambda no, form, actor, on, proof: endings.propose_ending(
            no,
            ground=form.cleaned_data["ground"],
            note=form.cleaned_data["note"],
            actor=actor,
            on=on,
        ),
    ),
    "withdraw_ending": StepAct(
        forms.NoteForm,
        lambda no, form, actor, on, proof: endings.withdraw_ending(
            no, note=form.cleaned_data["note"], actor=actor, on=on
        ),
    ),
    "post_ending_notice": StepAct(
        forms.PostNoticeForm,
        lambda no, form, actor, on, proof: endings.post_ending_notice(
            no, place=form.cleaned_data["place"], photo=_photo(form), actor=actor, on=on
        ),
    ),
    "uphold_ending_objection": StepAct(
        forms.NoteForm,
        lambda no, form, actor, on, proof: endings.uphold_ending_objection(
            no, note=form.cleaned_data["note"], actor=actor, on=on
        ),
    ),
    "settle_standing": StepAct(
        destitute_forms.StandingForm,
        lambda no, form, actor, on, proof: destitution.settle_standing(
            no, form.standing(), actor=actor, on=on
        ),
    ),
    "settle_relief": StepAct(
        relief_forms.ReliefForm,
        lambda no, form, actor, on, proof: relief.settle_relief(
            no, form.proposed(), actor=actor, on=on
        ),
    ),
    "relieve_first": StepAct(
        relief_forms.FirstReliefForm,
        lambda no, form, actor, on, proof: relief.relieve_first(
            no, form.agreed(), actor=actor, on=on, proof=_given(proof)
        ),
    ),
    "hand_over": StepAct(
        relief_forms.HandOverForm,
        lambda no, form, actor, on, proof: relief.hand_over(no, form.handed(), actor=actor, on=on),
    ),
    "defer_document": StepAct(
        relief_forms.DeferForm,
        lambda no, form, actor, on, proof: deferrals.defer_document(
            no,
            slot=form.cleaned_data["slot"],
            promised_on=form.cleaned_data["promised_on"],
            reason=form.cleaned_data["note"],
            actor=actor,
            on=on,
        ),
    ),
    "extend": StepAct(
        relief_forms.ExtendForm,
        lambda no, form, actor, on, proof: extension.extend(
            no, actor=actor, on=on, **form.cleaned_data
        ),
    ),
    "record_appraisal": StepAct(
        forms.AppraisalForm,
        lambda no, form, actor, on, proof: investigation.record_appraisal(
            no, form.meeting(), actor=actor, on=on
        ),
    ),
    "sign_appraisal": StepAct(
        forms.CosignForm,
        lambda no, form, actor, on, proof: investigation.sign_appraisal(
            no, actor=actor, on=on, proof=_given(proof)
        ),
    ),
    "post_review_notice": _posting("post_review_notice"),
    "post_approval_notice": _posting("post_approval_notice"),
    "uphold_objection": StepAct(
        forms.NoteForm,
        lambda no, form, actor, on, proof: notices.uphold_objection(
            no, note=form.cleaned_data["note"], actor=actor, on=on
        ),
    ),
    "propose": StepAct(
        forms.ProposeForm,
        lambda no, form, actor, on, proof: decisions.propose(
            no, actor=actor, on=on, proof=_given(proof)
        ),
    ),
    "approve": _approving("approve"),
    "approve_large": _approving("approve_large"),
    "refuse": _refusing("refuse"),
    "bureau_visit": StepAct(
        bureau_forms.BureauForm,
        lambda no, form, actor, on, proof: bureau.record_bureau_visit(
            no, form.found(), actor=actor, on=on
        ),
    ),
    "recheck": StepAct(
        bureau_forms.BureauForm,
        lambda no, form, actor, on, proof: bureau.recheck(no, form.found(), actor=actor, on=on),
    ),
    "refuse_large": _refusing("refuse_large"),
    "send_back_large": _sending_back("send_back_large"),
    "send_back": _sending_back("send_back"),
    "reopen": StepAct(
        forms.NoteForm,
        lambda no, form, actor, on, proof: decisions.reopen(
            no, note=form.cleaned_data["note"], actor=actor, on=on
        ),
    ),
    "propose_refusal": StepAct(
        forms.RefusalProposalForm,
        lambda no, form, actor, on, proof: decisions.propose_refusal(
            no, note=form.cleaned_data["opinion"], actor=actor, on=on, proof=_given(proof)
        ),
    ),
    "recall": _recalling("recall"),
    "recall_large": _recalling("recall_large"),
    "serve_letter": StepAct(
        forms.LetterForm,
        lambda no, form, actor, on, proof: decisions.serve_letter(
            no,
            served_on=form.cleaned_data["served_on"],
            method=form.cleaned_data["method"],
            receiver=form.cleaned_data["receiver"],
            proof=_photo(form),
            actor=actor,
            on=on,
        ),
    ),
}


def _given(proof: Proof | None) -> Proof:
    if proof is None:
        raise Refused("请输入签批码")
    return proof


def carry_out(step: Step, no: str, form: Any, *, actor: Actor, on: date, seen: str) -> None:
    """The step's operation with the form's clean values; the code is checked first.

    `seen`: digest of the content that was read before signing. Raises Refused, also when a step
    signs what was read and nothing was.
    """
    proof = None
    if step.stage:
        proof = prove(
            actor,
            form.cleaned_data["code"],
            opinion=form.cleaned_data.get("opinion") or "",
            content_sha256=seen if step.signs_what_was_read else None,
        )
    ACTS[step.code].act(no, form, actor, on, proof)

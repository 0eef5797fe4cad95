"""What this person can do with a case now, and why not where they cannot."""

from dataclasses import dataclass, replace

from cases.models import Case
from cases.rules.clause_words import clause_text
from cases.rules.facts import Facts
from cases.rules.needs import MENDABLE, NEEDS
from cases.rules.procedures import PROCEDURES, Step, step_of
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.roles import ROLES


@dataclass(frozen=True)
class Action:
    """One act that the person's post carries; `why_not` says what is missing."""

    code: str
    label: str
    url: str
    why_not: str
    clause: str
    signs: str = ""  # the stage whose content must have been read before signing


@dataclass(frozen=True)
class Check:
    """One thing that the system has checked (clause 8)."""

    text: str
    tone: str
    detail: str = ""
    url: str = ""  # where the data is


def actions_for(case: Case, actor: Actor, facts: Facts) -> list[Action]:
    """The acts of the actor's post that belong to the present state, allowed ones first."""
    found = [
        Action(
            step.code,
            step.label,
            f"/cases/{case.no}/{step.code}/",
            step.why_not(case.state, facts),
            clause_text(step.cites),
            step.stage if step.signs_what_was_read else "",
        )
        for step in PROCEDURES[case.programme].values()
        if case.state in step.sources and not step.by_robot and actor.can(step.capability)
        if not step.recalls or (case.held_until and _is_the_bureaus(step) == case.above_office)
    ]
    return sorted(found, key=lambda action: bool(action.why_not))


def _is_the_bureaus(step: Step) -> bool:
    return step.code.endswith("_large")


WHERE = {
    "documents": "evidence/",
    "deferred_here": "evidence/",
    "survey_by_two": "field/",
    "survey_photo": "evidence/",
    "means_returned": "field/",
    "means_if_unknown": "field/",
    "self_care": "field/",
    "survey": "field/",
    "income": "family/",
    "standing": "family/",
    "settled": "family/",
    "eligible": "family/",
    "appraisal_signed": "field/",
    "kin_visited": "decision/",
    "review_notice_over": "notice/",
    "approval_notice_over": "notice/",
}


MEND_AT = {
    "documents": "evidence/",
    "survey": "record_survey/",
    "means": "request_means_check/",
    "income": "settle_income/",
    "appraisal": "record_appraisal/",
    "notice": "notice/",
    "self_care": "assess_self_care/",
    "sum": "settle_relief/",
}


def to_mend(case: Case) -> list[tuple[str, str]]:
    """(what, address) of each thing that the leader sent the case back for."""
    return [(MENDABLE[code], f"/cases/{case.no}/{MEND_AT[code]}") for code in case.mend.split()]


def evidence_checks(case: Case, facts: Facts) -> list[Check]:
    """The evidence that a decision needs, passed or not, each with the page of its data.

    Whether the household is eligible is asked only once its income is settled; what is missing
    while the case is still on its way is not yet wrong.
    """
    left_out = () if facts.income_settled else ("eligible",)
    needed = step_of(case.programme, "approve").needs
    papers = {"deferred_here"} if facts.deferred else {"documents"}
    wanted = {*papers, *needed} - set(left_out) - ({"documents"} if facts.deferred else set())
    codes = [code for code in WHERE if not code.endswith("_over") and code in wanted]
    checks = [check_of(code, case, facts) for code in codes]
    if case.state == "TO_DECIDE":
        return checks
    return [replace(check, tone="todo") if check.tone == "bad" else check for check in checks]


def check_of(code: str, case: Case, facts: Facts) -> Check:
    """One need of the procedure as a check."""
    missing = NEEDS[code].missing(facts)
    text = missing or NEEDS[code].label + _figures(code, facts)
    return Check(text, "bad" if missing else "ok", url=f"/cases/{case.no}/{WHERE[code]}")


def kin_text(case: Case) -> str:
    """Why the file is kept among those of kin; empty when it is not."""
    found = "成员中有在岗工作人员或其备案近亲属" if case.kin_found else ""
    declared = "已申报近亲属关系" if case.kin_declared else ""
    return "，".join(part for part in (found, declared) if part)


def _figures(code: str, facts: Facts) -> str:
    if code == "survey_by_two":
        return f"（{facts.survey_signers} 人）"
    return f"（{facts.survey_photos} 张）" if code == "survey_photo" else ""


def holder_of(case: Case) -> list[str]:
    """Who has the case now: the roles whose act moves it on."""
    if case.held_until:
        return []
    names: list[str] = []
    for step in PROCEDURES[case.programme].values():
        if case.state in step.sources and step.target and not step.by_robot:
            if case.above_office != step.code.endswith("_large") and case.state == "TO_DECIDE":
                continue
            names += [r.label for r in ROLES.values() if step.capability in r.can]
    return list(dict.fromkeys(names))


def step_for(case: Case, code: str) -> Step | None:
    """The step of the case's procedure, if it has it."""
    return PROCEDURES[case.programme].get(code)

"""Every act of the procedure: the case that it fits, who takes it, and how."""

from cases.operations import decisions, investigation, notices, settlement
from tests import road
from tests.cases.stages import (
    FINDINGS,
    MEETING,
    Act,
    adopted,
    appraised,
    asked,
    checked,
    objected,
    photographed,
    posting,
    proposed,
    recorded,
    report,
    surveyed,
)

ACTS: dict[str, Act] = {
    "accept": Act(
        road.submitted, "staff", lambda c, a, p, on: investigation.accept(c.no, actor=a, on=on)
    ),
    "request_corrections": Act(
        road.submitted,
        "staff",
        lambda c, a, p, on: investigation.request_corrections(c.no, items="户口簿", actor=a, on=on),
    ),
    "record_survey": Act(
        photographed,
        "clerk",
        lambda c, a, p, on: investigation.record_survey(c.no, FINDINGS, actor=a, on=on, proof=p),
    ),
    "cosign_survey": Act(
        recorded,
        "surveyor",
        lambda c, a, p, on: investigation.cosign_survey(c.no, actor=a, on=on, proof=p),
    ),
    "request_means_check": Act(
        road.accepted,
        "staff",
        lambda c, a, p, on: investigation.request_means_check(c.no, actor=a, on=on),
    ),
    "return_means_check": Act(
        asked,
        "verifier",
        lambda c, a, p, on: investigation.return_means_check(c.no, report(c), actor=a, on=on),
    ),
    "settle_income": Act(
        checked,
        "staff",
        lambda c, a, p, on: settlement.settle_income(c.no, adopted(c), actor=a, on=on),
        again=False,
    ),
    "record_appraisal": Act(
        surveyed,
        "clerk",
        lambda c, a, p, on: investigation.record_appraisal(c.no, MEETING, actor=a, on=on),
    ),
    "sign_appraisal": Act(
        appraised,
        "head",
        lambda c, a, p, on: investigation.sign_appraisal(c.no, actor=a, on=on, proof=p),
    ),
    "post_review_notice": Act(road.investigated, "clerk", posting("post_review_notice")),
    "uphold_objection": Act(
        objected,
        "staff",
        lambda c, a, p, on: notices.uphold_objection(c.no, note="属实", actor=a, on=on),
    ),
    "propose": Act(
        road.to_propose,
        "staff",
        lambda c, a, p, on: decisions.propose(c.no, actor=a, on=on, proof=p),
    ),
    "propose_refusal": Act(
        checked,
        "staff",
        lambda c, a, p, on: decisions.propose_refusal(
            c.no, note="月人均收入高于标准", actor=a, on=on, proof=p
        ),
    ),
    "reopen": Act(
        road.to_propose,
        "staff",
        lambda c, a, p, on: decisions.reopen(c.no, note="补查租金", actor=a, on=on),
        again=False,
    ),
    "post_approval_notice": Act(proposed, "clerk", posting("post_approval_notice")),
    "approve": Act(
        road.to_decide,
        "leader",
        lambda c, a, p, on: decisions.approve(c.no, actor=a, on=on, proof=p),
    ),
    "refuse": Act(
        road.to_decide,
        "leader",
        lambda c, a, p, on: decisions.refuse(
            c.no, ground="INCOME", note="不符", actor=a, on=on, proof=p
        ),
    ),
    "send_back": Act(
        road.to_decide,
        "leader",
        lambda c, a, p, on: decisions.send_back(c.no, note="补充", actor=a, on=on),
    ),
    "serve_letter": Act(
        road.approved,
        "staff",
        lambda c, a, p, on: decisions.serve_letter(
            c.no, served_on=on, method="DIRECT", receiver="演练甲", actor=a, on=on
        ),
    ),
}

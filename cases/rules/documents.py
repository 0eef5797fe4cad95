"""When a case takes papers, and when what was signed closes a slot."""

GATHERING_STATES = frozenset({"SUBMITTED", "CORRECTING", "INVESTIGATING", "URGENT"})
# The office has not signed its opinion yet, which covers every file.
WAITING_STATES = frozenset({"REVIEW_NOTICE", "TO_PROPOSE"})
# The photos of the visit belong to what the investigators sign.
SIGNED_WITH_SURVEY = "survey_photo"


def why_closed(state: str, slot: str, *, survey_this_round: bool, is_promised: bool = False) -> str:
    """Why no file may come or go in this slot now; "" if it may.

    From the review notice on, what was published and signed must stay as it was (6.3); a document
    that was promised for a later day (容缺) may still come until the office has given its opinion.
    """
    if is_promised and state in WAITING_STATES:
        return ""
    if state not in GATHERING_STATES:
        return "本件已进入公示、审批或已办结，材料不能增减；确需更正的，请退回重新调查"
    if slot == SIGNED_WITH_SURVEY and survey_this_round:
        return "入户调查已经签字，照片不能增减；确需更正的，请“重新调查”后再登记"
    return ""

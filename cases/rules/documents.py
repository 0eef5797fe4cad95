"""When a case takes papers, and when what was signed closes a slot."""

GATHERING_STATES = frozenset({"SUBMITTED", "CORRECTING", "INVESTIGATING", "URGENT"})
# The photos of the visit belong to what the investigators sign.
SIGNED_WITH_SURVEY = "survey_photo"


def why_closed(state: str, slot: str, *, survey_this_round: bool) -> str:
    """Why no file may come or go in this slot now; "" if it may.

    From the review notice on, what was published and signed must stay as it was (6.3).
    """
    if state not in GATHERING_STATES:
        return "本件已进入公示、审批或已办结，材料不能增减；确需更正的，请退回重新调查"
    if slot == SIGNED_WITH_SURVEY and survey_this_round:
        return "入户调查已经签字，照片不能增减；确需更正的，请“重新调查”后再登记"
    return ""

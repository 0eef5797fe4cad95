"""Reading the record of a case into plain facts."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from cases.rules.facts import Facts
from cases.rules.programmes import Family, Programme
from cases.rules.relief import KNOWN_CLASSES
from yuquan_relief.kernel.rulebook_values import Rules
from yuquan_relief.kernel.workdays import Window

from .case import Case
from .deferral import Deferral
from .notice import Notice, notice_facts
from .record import CaseRecord


def required_documents(rulebook: Rules, programme: str) -> list[tuple[str, str]]:
    """(slot, title) of each document that an application for the programme must have."""
    checklist = rulebook[Programme(programme).kind.checklist]
    return [(d["slot"], d["title"]) for d in checklist if d["required"]]


MANDATE = ("mandate", "委托书")


def by_mandate(*, is_by_proxy: bool, for_incapable: bool) -> list[tuple[str, str]]:
    """Who applies for another shows a mandate; by duty of the committee there is none (3(3))."""
    return [MANDATE] if is_by_proxy and not for_incapable else []


def missing_slots(record: CaseRecord) -> list[tuple[str, str]]:
    """(slot, title) of required documents without a file that are not promised for a later day."""
    there = {file.slot for file in record.files} | {d.slot for d in record.deferrals}
    case = record.case
    wanted = [
        *required_documents(record.rulebook, case.programme),
        *by_mandate(is_by_proxy=case.is_by_proxy, for_incapable=case.for_incapable),
    ]
    return [(slot, title) for slot, title in wanted if slot not in there]


def open_deferrals(record: CaseRecord) -> list[Deferral]:
    """Documents that were promised and have not come."""
    there = {file.slot for file in record.files}
    return [d for d in record.deferrals if d.slot not in there]


PARTS = frozenset({"documents", "evidence", "notices", "letter"})
BEFORE_DECISION = PARTS - {"letter"}


def facts_of(record: CaseRecord, parts: Collection[str] = PARTS) -> Facts:
    """The evidence of the case as it stands on the record's day.

    Parts that are not asked for are not read, and look as if there were nothing.
    """
    found: dict[str, Any] = {
        "on": record.on,
        "corrections_asked": bool(record.case.corrections),
        "is_relieved": record.case.relieved_on is not None,
        "is_extended": bool(record.case.extension),
        "is_opposed": record.case.is_opposed,
        "care_reported": record.case.care_reported_on is not None,
        "ending_proposed": bool(record.case.ending),
        "is_ending_noticed": record.case.ending_noticed_on is not None,
        "is_held": record.case.held_until is not None,
        "is_kin": record.case.is_kin,
        "bureau_visited": record.case.bureau_visited_on is not None,
        "is_rechecked": record.case.rechecked_on is not None,
    }
    if "documents" in parts:
        slots = [file.slot for file in record.files]
        found["missing_documents"] = tuple(title for _, title in missing_slots(record))
        found["deferred"] = tuple(d.title for d in open_deferrals(record))
        found["survey_photos"] = slots.count("survey_photo")
    if "notices" in parts:
        now = {n.kind: n for n in record.notices if n.round == record.case.round}
        found["review_notice"] = notice_facts(now.get(Notice.Kind.REVIEW))
        hanging = [n for n in record.notices if n.kind == Notice.Kind.ENDING and not n.closed_on]
        found["ending_notice"] = notice_facts(hanging[-1] if hanging else None)
        found["approval_notice"] = notice_facts(now.get(Notice.Kind.APPROVAL))
    if "evidence" in parts:
        found |= _evidence(record) | _of_programme(record)
    if "letter" in parts:
        found["letter_served"] = record.letter is not None
    return Facts(**found)


def _evidence(record: CaseRecord) -> dict[str, Any]:
    survey, appraisal, means = record.survey, record.appraisal, record.means
    account, round = record.account, record.case.round
    signers = record.signatures_of("survey", survey.round) if survey else []
    return {
        "is_first_round": round == 1,
        "survey_recorded": survey is not None,
        "survey_this_round": survey is not None and survey.round == round,
        "survey_signers": len({s.person_id for s in signers}),
        "means_this_round": means is not None and means.round == round,
        "means_requested": means is not None,
        "means_returned": means is not None and means.returned_on is not None,
        "income_settled": account is not None and not record.case.must_resettle,
        "income_this_round": account is not None and account.round == round,
        "income_eligible": account is not None and account.is_eligible,
        "appraisal_recorded": appraisal is not None,
        "appraisal_this_round": appraisal is not None and appraisal.round == round,
        "appraisal_signed": bool(appraisal and record.signatures_of("witness", appraisal.round)),
    }


def _of_programme(record: CaseRecord) -> dict[str, Any]:
    """What only one family of programmes has; no statement for the others."""
    family = Programme(record.case.programme).family
    if family == Family.DESTITUTE:
        care = record.self_care
        return {
            "self_care_assessed": care is not None,
            "self_care_this_round": care is not None and care.round == record.case.round,
        }
    if family != Family.RELIEF:
        return {}
    claim = record.claim
    return {
        "is_known_class": claim is not None
        and claim.household_class in KNOWN_CLASSES
        and record.is_in_benefit,
        "needs_bureau": record.case.above_office,
        "to_hand_over_fen": left_fen(record),
    }


# Case id → what lists that are not answered hold for it (fen); the floor that keeps lists adds it.
ON_THE_WAY: list[Callable[[int], int]] = []


def left_fen(record: CaseRecord) -> int:
    """What may still be handed over: neither handed over nor on its way through the bank (fen)."""
    on_the_way = sum(held(record.case.pk) for held in ON_THE_WAY)
    return granted_fen(record) - handed_fen(record) - on_the_way


def granted_fen(record: CaseRecord) -> int:
    """What may be handed over: the decided sum, or without one the first help (fen)."""
    decision = getattr(record.case, "decision", None)
    if decision is not None and decision.outcome == "APPROVED":
        return int(decision.once_fen)
    return record.first_relief.amount_fen if record.first_relief else 0


def handed_fen(record: CaseRecord) -> int:
    """What has been handed over in money or goods (fen)."""
    return sum(h.amount_fen for h in record.hand_overs if h.method != "REFERRAL")


def notice_windows(case: Case) -> list[Window]:
    """The days of the case's notices, which the clock does not count (4(1).1)."""
    return windows_of(Notice.objects.filter(case=case))


def windows_of(notices: Iterable[Notice]) -> list[Window]:
    """The days of these notices, in order."""
    return [
        Window(
            n.first_day,
            min(n.last_day, n.closed_on) if n.closed_on else n.last_day,
            f"{n.get_kind_display()}期，不计入",
        )
        for n in sorted(notices, key=lambda n: n.first_day)
    ]

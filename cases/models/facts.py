"""Reading the evidence of a case into plain facts: three statements, whatever the case holds."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from cases.rules.facts import Facts, NoticeFacts
from yuquan_relief.kernel.models import Attachment, Signature
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.workdays import Window

from .case import Case
from .decision import Letter
from .evidence import Appraisal, IncomeAccount, MeansCheck, Survey
from .notice import Notice

SUBJECT = "case"


def rules_of(case: Case, on: date) -> Rules:
    """The rules under which the case was accepted, or those of today before that."""
    return rules(case.accepted_on or on, case.rule_set)


def required_documents(rulebook: Rules) -> list[tuple[str, str]]:
    """(slot, title) of each document that an application must have."""
    return [(d["slot"], d["title"]) for d in rulebook["checklist.allowance"] if d["required"]]


def slots_of(no: str) -> list[str]:
    """The slots in which the case has a file, once for each file."""
    return list(
        Attachment.objects.filter(
            subject_kind=SUBJECT, subject_key=no, withdrawn_at__isnull=True
        ).values_list("slot", flat=True)
    )


def missing_documents(rulebook: Rules, slots: Sequence[str]) -> tuple[str, ...]:
    """Titles of required documents without a file."""
    return tuple(title for slot, title in required_documents(rulebook) if slot not in slots)


PARTS = frozenset({"documents", "evidence", "notices"})


def facts_of(
    case: Case, on: date, rulebook: Rules | None = None, parts: Collection[str] = PARTS
) -> Facts:
    """The evidence of the case as it stands on `on`; one statement for each part asked for.

    Parts that are not asked for read as if there were nothing.
    """
    found: dict[str, Any] = {"on": on, "corrections_asked": bool(case.corrections)}
    if "documents" in parts:
        slots = slots_of(case.no)
        found["missing_documents"] = missing_documents(rulebook or rules_of(case, on), slots)
        found["survey_photos"] = slots.count("survey_photo")
    if "notices" in parts:
        notices = {n.kind: _notice_facts(n) for n in _notices(case)}
        found["review_notice"] = notices.get("REVIEW")
        found["approval_notice"] = notices.get("APPROVAL")
    if "evidence" in parts:
        found |= _evidence(case)
    return Facts(**found)


def _notices(case: Case) -> list[Notice]:
    return list(
        Notice.objects.filter(case=case, round=case.round).annotate(
            open_objections=Count("objections", filter=Q(objections__answered_on__isnull=True))
        )
    )


def _notice_facts(notice: Notice) -> NoticeFacts:
    return NoticeFacts(
        posted_on=notice.posted_on,
        last_day=notice.last_day,
        has_photo=notice.photo_id is not None,
        open_objections=notice.open_objections,  # type: ignore[attr-defined] # annotated above
    )


def _evidence(case: Case) -> dict[str, Any]:
    mine = OuterRef("pk")
    signed = Signature.objects.filter(subject_kind=SUBJECT, subject_key=OuterRef("no"))
    signers = (
        signed.filter(stage="survey", round=OuterRef("survey_round"))
        .order_by()
        .values("subject_key")
        .annotate(n=Count("person", distinct=True))
        .values("n")
    )
    latest = Survey.objects.filter(case=mine).order_by("-round").values("round")[:1]
    appraised = Appraisal.objects.filter(case=mine).order_by("-round").values("round")[:1]
    return dict(
        Case.objects.filter(pk=case.pk)
        .annotate(survey_round=Subquery(latest), appraisal_round=Subquery(appraised))
        .annotate(
            survey_recorded=Exists(Survey.objects.filter(case=mine)),
            survey_signers=Coalesce(Subquery(signers, output_field=IntegerField()), 0),
            means_requested=Exists(MeansCheck.objects.filter(case=mine)),
            means_returned=Exists(MeansCheck.objects.filter(case=mine, returned_on__isnull=False)),
            income_settled=Exists(IncomeAccount.objects.filter(case=mine)),
            appraisal_recorded=Exists(Appraisal.objects.filter(case=mine)),
            appraisal_signed=Exists(
                signed.filter(stage="witness", round=OuterRef("appraisal_round"))
            ),
            letter_served=Exists(Letter.objects.filter(case=mine)),
        )
        .values(
            "survey_recorded",
            "survey_signers",
            "means_requested",
            "means_returned",
            "income_settled",
            "appraisal_recorded",
            "appraisal_signed",
            "letter_served",
        )
        .get()
    )


def notice_windows(case: Case) -> list[Window]:
    """The days of the case's notices, which the clock does not count (4(1).1)."""
    return [
        Window(
            n.first_day,
            min(n.last_day, n.closed_on) if n.closed_on else n.last_day,
            f"{n.get_kind_display()}期，不计入",
        )
        for n in Notice.objects.filter(case=case).order_by("first_day")
    ]

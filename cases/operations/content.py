"""What a signature covers: the exact content of each stage, as canonical data."""

from typing import Any

from cases.models import Appraisal, Case, IncomeAccount, MeansCheck, Survey
from yuquan_relief.kernel.models import Attachment

SUBJECT = "case"


def content_of(case: Case, stage: str) -> dict[str, Any]:
    """The content that a signature of `stage` binds, as it stands now.

    Identity numbers appear as digests: the signature proves them without showing them.
    """
    build = {"survey": survey_content, "witness": appraisal_content}.get(stage, whole_content)
    return {"case": case.no, "programme": case.programme, "stage": stage, **build(case)}


def survey_content(case: Case) -> dict[str, Any]:
    """The latest survey and its photos."""
    survey = Survey.objects.filter(case=case).latest("round")
    return {
        "survey": _row(survey, "round visited_on present housing living neighbours is_true note"),
        "photos": _hashes(case, "survey_photo"),
    }


def appraisal_content(case: Case) -> dict[str, Any]:
    """The latest appraisal with its votes."""
    appraisal = Appraisal.objects.filter(case=case).latest("round")
    return {
        "appraisal": _row(
            appraisal, "round held_on place host expected attended agree oppose abstain opinion"
        )
    }


def whole_content(case: Case) -> dict[str, Any]:
    """Everything on which the decision rests."""
    account = IncomeAccount.objects.filter(case=case).order_by("-round", "-id").first()
    means = MeansCheck.objects.filter(case=case).order_by("-round").first()
    household = case.household
    return {
        "round": case.round,
        "household": household.key,
        "members": [
            {
                "name": m.name,
                "id": m.id_digest,
                "insured": m.is_insured,
                "counted": m.counts_for_income,
            }
            for m in household.members.filter(left_on__isnull=True).order_by("id")
        ],
        "account": [a.number_digest for a in household.accounts.filter(is_current=True)],
        "income": [
            _row(line, "member_id kind declared_fen checked_fen adopted_fen is_counted reason")
            for line in case.income_lines.order_by("id")
        ],
        "assessment": account
        and _row(
            account,
            "persons insured annual_fen deductions_fen per_capita_fen standard_fen monthly_fen",
        ),
        "means_check": means and _row(means, "report_no returned_on data_upto conclusion"),
        "rule_set": case.rule_set,
        **survey_content(case),
        **appraisal_content(case),
        "notices": [
            _row(n, "no kind posted_on first_day last_day")
            for n in case.notices.filter(round=case.round, kind="REVIEW")
        ],
        "files": _hashes(case),
    }


def _row(row: Any, fields: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in fields.split()}
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in values.items()}


def _hashes(case: Case, slot: str = "") -> list[str]:
    files = Attachment.objects.filter(
        subject_kind=SUBJECT, subject_key=case.no, withdrawn_at__isnull=True
    ).exclude(slot="notice_photo")
    if slot:
        files = files.filter(slot=slot)
    return sorted(files.values_list("sha256", flat=True))

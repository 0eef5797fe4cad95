"""What the system kept by itself for the exemptions of 20: waits, faults, corrections."""

from django.db.models import Sum

from cases.models import Case, MeansCheck, PlatformFailure
from funds.models import Recovery
from yuquan_relief.kernel.calendars import work_calendar

from .finding import Finding
from .liability import Liability

SLOW_DAYS = 10  # working days for a report: longer is the platform's slowness


def evidence_of(row: Liability) -> dict[str, list[str]]:
    """Clause of 20 → what speaks for it, in sentences with days and sums; [] where nothing does."""
    case = case_of(row.finding)
    return {
        "20(1)": _corrected(row.finding),
        "20(2)": [],
        "20(3)": _wrong_data(case),
        "20(4)": _slow(case),
        "20(5)": [],
    }


def case_of(finding: Finding | None) -> Case | None:
    """The case that a finding is about, by itself or by the benefit it opened."""
    if finding is None:
        return None
    if finding.subject_kind == "case":
        return Case.objects.filter(no=finding.subject_key).first()
    if finding.subject_kind == "benefit":
        return Case.objects.filter(benefit__key=finding.subject_key).first()
    return None


def _corrected(finding: Finding | None) -> list[str]:
    """Mended when, and whether everything was paid back (20(1))."""
    if finding is None:
        return []
    said = []
    if finding.outcome == "MENDED" and finding.judged_on:
        said.append(f"{finding.opened_on} 发现，{finding.judged_on} 判定已整改")
    mending = getattr(finding, "mending", None)
    if mending is not None and mending.passed_on:
        said.append(f"{mending.passed_on} 复查通过，原期限 {mending.first_due_on}")
    case = case_of(finding)
    if case is not None:
        said += _recovered(case)
    return said


def _recovered(case: Case) -> list[str]:
    mine = Recovery.objects.filter(benefit__source_case=case)
    sums = mine.aggregate(asked=Sum("amount_fen"), back=Sum("received_fen"))
    if not sums["asked"]:
        return []
    left = sums["asked"] - (sums["back"] or 0)
    words = "已全额追回" if not left else f"还有 {left / 100:.2f} 元没有追回"
    return [f"追缴 {sums['asked'] / 100:.2f} 元，收回 {(sums['back'] or 0) / 100:.2f} 元，{words}"]


def _wrong_data(case: Case | None) -> list[str]:
    """Reports that found nothing or failed, as they were returned (20(3))."""
    if case is None:
        return []
    failures = PlatformFailure.objects.filter(check_of__case=case, kind="NO_DATA")
    said = [f"{f.first_day} 至 {f.last_day} 平台没有返回数据：{f.note}" for f in failures]
    within = MeansCheck.objects.filter(case=case, conclusion="WITHIN", returned_on__isnull=False)
    said += [
        f"{c.returned_on} 返回的核对报告 {c.report_no} 结论为“未超标”，数据截止 {c.data_upto}"
        for c in within.order_by("id")
    ]
    return said


def _slow(case: Case | None) -> list[str]:
    """How long the platform took, and its recorded faults (20(4))."""
    if case is None:
        return []
    calendar, said = work_calendar(), []
    for check in MeansCheck.objects.filter(case=case, returned_on__isnull=False).order_by("id"):
        assert check.returned_on is not None
        days = calendar.workdays_between(check.requested_on, check.returned_on)
        if days > SLOW_DAYS:
            said.append(
                f"{check.requested_on} 委托核对，{check.returned_on} 返回，共 {days} 个工作日"
            )
    faults = PlatformFailure.objects.filter(check_of__case=case, kind__in=("SLOW", "DOWN"))
    said += [f"{f.first_day} 至 {f.last_day} 登记平台故障或迟缓：{f.note}" for f in faults]
    return said

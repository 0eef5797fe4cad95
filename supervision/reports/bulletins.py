"""The tables and bars of a bulletin: each office beside the others (10, 14, 16)."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from supervision.models import Bulletin, Finding
from supervision.reports.figures import Filter, by_group, many
from supervision.rules.checks import CHECKS, SEVERITIES
from supervision.rules.findings import SOURCES
from supervision.rules.sheets import KINDS
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.models import Unit

CODES = ("decided_in_time", "paid_in_time", "visited", "errors", "files_complete",
         "petitions_in_time", "old_files")  # fmt: skip
LABELS = ("按时办结", "按时发放", "入户", "认定不准", "档案齐全", "信访按期", "2015 年以来核查")


def tables_of(row: Bulletin, on: date) -> dict[str, Any]:
    """What the bulletin shows of each office, as it is now: plain values, to be frozen."""
    offices = list(Unit.objects.offices().filter(parent=row.district).order_by("code"))
    items = list(row.items.select_related("finding").order_by("finding__no"))
    counts: dict[int | None, Counter[str]] = defaultdict(Counter)
    for item in items:
        counts[item.finding.office_id][item.finding.source] += 1
        counts[item.finding.office_id][item.finding.severity] += 1
    asked = Filter(first=row.period_from, last=min(row.period_to, on))
    values = many(CODES, ROBOT, asked, "office")
    return {
        "made_on": on.isoformat(),
        "heads": ["镇、街道", "发现", *(SEVERITIES[s] for s in "BHM"), *LABELS],
        "rows": [_office(unit, counts[unit.pk], values) for unit in offices],
        "sources": _sources(items),
        "bars": [{"label": unit.short_name, "value": _count(counts[unit.pk])} for unit in offices],
        "findings": [
            {
                "no": i.finding.no,
                "office": i.finding.office.short_name if i.finding.office else "全区",
                "what": public_words(i.finding),
                "cites": i.finding.cites,
                "mend_by": i.mend_by.isoformat(),
            }
            for i in items
        ],
    }


def public_words(finding: Finding) -> str:
    """What everybody may read of a finding: the rule or question that was not kept, no name."""
    if finding.rule in CHECKS:
        return f"没有做到：{CHECKS[finding.rule].label}"
    if finding.source in KINDS:
        for question in KINDS[finding.source].questions:
            if question.code == finding.mark:
                return f"没有做到：{question.text}"
    return f"{SOURCES[finding.source]}发现的问题"


def _count(counts: Counter[str]) -> int:
    return sum(counts[source] for source in SOURCES)


def _office(unit: Unit, counts: Counter[str], values: Any) -> list[str]:
    row = [unit.short_name, str(_count(counts)), *(str(counts[s]) for s in "BHM")]
    for code in CODES:
        value = by_group(values[code]).get(unit.pk)
        if value is None or not value.denominator:
            row.append("—")
        elif code == "errors":
            row.append(f"{value.numerator}/{value.denominator}")
        else:
            row.append(f"{100 * value.numerator / value.denominator:.1f}%")
    return row


def _sources(items: list[Any]) -> list[list[str]]:
    counts = Counter(item.finding.source for item in items)
    return [[SOURCES[source], str(n)] for source, n in sorted(counts.items())]

"""Who may be drawn: the frame of each kind of sample, by one query (4(1).2, 10)."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from supervision.rules.sampling import OUTSIDE_BENEFIT, FrameRow

from .sample import Sample

# Each: number, stratum, why it must be in ("" for most), case, benefit, household, office, village.
NEW = """
SELECT c.no, o.short_name || CASE WHEN c.programme LIKE '%%DESTITUTE' THEN '特困' ELSE '低保' END,
       CASE WHEN c.kin_declared OR c.kin_found THEN '近亲属'
            WHEN EXISTS (SELECT FROM supervision_complaint q WHERE q.case_id = c.id
                            AND q.kind <> 'ENQUIRY') THEN '被举报' ELSE '' END,
       c.id, NULL::bigint, c.household_id, c.office_id, c.village_id
  FROM cases_case c
  JOIN cases_decision d ON d.case_id = c.id AND d.outcome = 'APPROVED'
  JOIN kernel_unit o ON o.id = c.office_id
 WHERE c.district_id = %(district)s AND d.decided_on BETWEEN %(first)s AND %(last)s
   AND c.programme NOT IN ('URGENT_RELIEF', 'EXPENSE_RELIEF')
"""
# 临时救助 of those who are in no 低保, 特困 (五保) or orphan's benefit (4(1).2).
RELIEF = f"""
SELECT c.no, o.short_name,
       CASE WHEN c.kin_declared OR c.kin_found THEN '近亲属'
            WHEN EXISTS (SELECT FROM supervision_complaint q WHERE q.case_id = c.id
                            AND q.kind <> 'ENQUIRY') THEN '被举报' ELSE '' END,
       c.id, NULL::bigint, c.household_id, c.office_id, c.village_id
  FROM cases_case c
  JOIN cases_decision d ON d.case_id = c.id AND d.outcome = 'APPROVED'
  JOIN kernel_unit o ON o.id = c.office_id
 WHERE c.district_id = %(district)s AND d.decided_on BETWEEN %(first)s AND %(last)s
   AND c.programme IN ('URGENT_RELIEF', 'EXPENSE_RELIEF')
   AND {OUTSIDE_BENEFIT}
"""
PHONE = """
SELECT b.key, o.short_name, '', NULL::bigint, b.id, b.household_id, b.office_id, b.village_id
  FROM cases_benefit b
  JOIN kernel_unit o ON o.id = b.office_id
 WHERE b.district_id = %(district)s AND b.start_month <= %(last)s
   AND (b.end_month IS NULL OR b.end_month >= date_trunc('month', %(first)s::date))
"""
FRAMES = {"NEW": NEW, "RELIEF": RELIEF, "PHONE": PHONE}
KEYS = ("case_id", "benefit_id", "household_id", "office_id", "village_id")


@dataclass(frozen=True)
class FrameThing:
    """A row of the frame with the keys of what it is about."""

    row: FrameRow
    keys: dict[str, Any]


def frame_of(sample: Sample) -> list[FrameThing]:
    """Everybody who may be drawn; one statement."""
    values: dict[str, Any] = {
        "district": sample.district_id, "first": sample.period_from, "last": sample.period_to,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FRAMES[sample.kind], values)
        return [
            FrameThing(FrameRow(*found[:3]), dict(zip(KEYS, found[3:], strict=True)))
            for found in cursor.fetchall()
        ]

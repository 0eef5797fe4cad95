"""What must always be true of cases; called by manage.py check_invariants (kernel.invariants)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from cases.models import Case, Notice
from cases.operations.deadlines import moves
from cases.operations.notices import notices_to_close
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today

# The state of a case is what the last event that moved it says.
STATE_WITHOUT_EVENT = """
SELECT c.no, c.state FROM cases_case c
 WHERE c.state <> 'DRAFT' AND c.state IS DISTINCT FROM (
    SELECT e.after FROM kernel_event e
     WHERE e.subject_kind = 'case' AND e.subject_key = c.no AND e.after <> ''
     ORDER BY e.seq DESC LIMIT 1)
 ORDER BY c.no
"""
# What the leader signed is what the chain says was signed.
DECISION_UNSIGNED = """
SELECT c.no FROM cases_case c
 WHERE c.state IN ('APPROVED', 'REFUSED') AND NOT EXISTS (
    SELECT FROM kernel_signature s
      JOIN kernel_event e ON e.subject_kind = s.subject_kind AND e.subject_key = s.subject_key
       AND e.after = c.state AND (e.body->>'signature')::bigint = s.id
       AND e.body->>'content_sha256' = s.content_sha256
     WHERE s.subject_kind = 'case' AND s.subject_key = c.no AND s.stage = 'decide')
 ORDER BY c.no
"""
DECISION_MISSING = """
SELECT c.no FROM cases_case c LEFT JOIN cases_decision d ON d.case_id = c.id
 WHERE c.state IN ('APPROVED', 'REFUSED') AND d.outcome IS DISTINCT FROM c.state
 ORDER BY c.no
"""
IN_TWO_HOUSEHOLDS = """
SELECT string_agg(DISTINCT h.key, '、' ORDER BY h.key)
  FROM cases_member m JOIN cases_household h ON h.id = m.household_id
 WHERE m.left_on IS NULL AND (
       EXISTS (SELECT FROM cases_case c WHERE c.household_id = h.id
                  AND c.state NOT IN ('DRAFT', 'DECLINED', 'APPROVED', 'REFUSED'))
    OR EXISTS (SELECT FROM cases_benefit b WHERE b.household_id = h.id AND b.end_month IS NULL))
 GROUP BY m.id_digest HAVING count(DISTINCT h.id) > 1
"""


def counted() -> str:
    """What was gone through."""
    return f"{Case.objects.count()} 件案件、{Notice.objects.count()} 份公示"


def broken() -> Iterator[str]:
    """A sentence for everything that is not as it must be."""
    for no, state in _rows(STATE_WITHOUT_EVENT):
        yield f"{no} 的状态 {state} 没有对应的操作记录"
    for (no,) in _rows(DECISION_UNSIGNED):
        yield f"{no} 已有决定，却没有与操作记录一致的审批签字"
    for (no,) in _rows(DECISION_MISSING):
        yield f"{no} 的决定与状态不符"
    for (keys,) in _rows(IN_TWO_HOUSEHOLDS):
        yield f"同一人同时在两个在办或在享家庭：{keys}"
    for no in notices_to_close(today() - timedelta(days=1)):
        yield f"{no} 的公示期满超过一天仍未结束"
    for move in moves(work_calendar()):
        yield f"{move.key} 的到期日 {move.before} 与重新计算的 {move.after} 不符"


def _rows(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[str, ...]] = cursor.fetchall()
    return rows

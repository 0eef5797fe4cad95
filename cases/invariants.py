"""What must always be true of cases; called by manage.py check_invariants (kernel.invariants)."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from cases.models import Case, Notice
from cases.models.replaying import differences, settled_accounts
from cases.operations.deadlines import moves
from cases.operations.notices import endings_to_close, notices_to_close
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today

CHECKS = {
    # The state of a case is what the last event that moved it says.
    "{0} 的状态 {1} 没有对应的操作记录": """
        SELECT c.no, c.state FROM cases_case c
         WHERE c.state <> 'DRAFT' AND c.state IS DISTINCT FROM (
            SELECT e.after FROM kernel_event e
             WHERE e.subject_kind = 'case' AND e.subject_key = c.no AND e.after <> ''
             ORDER BY e.seq DESC LIMIT 1)
         ORDER BY c.no""",
    # What the leader signed is what the chain says was signed.
    "{0} 已有决定，却没有与操作记录一致的审批签字": """
        SELECT c.no FROM cases_case c
         WHERE c.state IN ('APPROVED', 'REFUSED') AND NOT EXISTS (
            SELECT FROM kernel_signature s
              JOIN kernel_event e
                ON (e.subject_kind, e.subject_key) = (s.subject_kind, s.subject_key)
               AND e.after = c.state AND (e.body->>'signature')::bigint = s.id
               AND e.body->>'content_sha256' = s.content_sha256
             WHERE s.subject_kind = 'case' AND s.subject_key = c.no AND s.stage = 'decide')
         ORDER BY c.no""",
    "{0} 的决定与状态不符": """
        SELECT c.no FROM cases_case c LEFT JOIN cases_decision d ON d.case_id = c.id
         WHERE c.state IN ('APPROVED', 'REFUSED') AND d.outcome IS DISTINCT FROM c.state
         ORDER BY c.no""",
    # What is paid is what was decided, and what was decided is what was settled (4(1)).
    "保障 {0} 的金额、人口或月份与批准决定不符": """
        SELECT b.key FROM cases_benefit b JOIN cases_decision d ON d.case_id = b.source_case_id
         WHERE (b.monthly_fen, b.supplement_fen, b.persons, b.start_month, b.paid_with)
            <> (d.monthly_fen, d.supplement_fen, d.persons, d.start_month, d.paid_with)
         ORDER BY b.key""",
    "{0} 的批准决定与核算结果不符": """
        SELECT c.no FROM cases_decision d JOIN cases_case c ON c.id = d.case_id
          LEFT JOIN LATERAL (
            SELECT a.monthly_fen, a.supplement_fen, a.once_fen, a.insured FROM cases_incomeaccount a
             WHERE a.case_id = c.id ORDER BY a.round DESC, a.id DESC LIMIT 1) a ON true
         WHERE d.outcome = 'APPROVED'
           AND (d.monthly_fen, d.supplement_fen, d.once_fen, d.persons) IS DISTINCT FROM
               (a.monthly_fen, a.supplement_fen, a.once_fen, a.insured)
         ORDER BY c.no""",
    # A continuing application and the benefit that it will take the place of are one (domain 3.10).
    "同一人同时在两个在办或在享家庭：{0}": """
        WITH active AS (
            SELECT h.id, h.key, c.id IS NOT NULL AND b.id IS NULL AS only_applies,
                   ch.household_id AS before, ch.other_id AS other
              FROM cases_household h
              LEFT JOIN cases_householdchange ch ON ch.id = h.change_id
              LEFT JOIN LATERAL (SELECT id FROM cases_case c WHERE c.household_id = h.id
                    AND c.state NOT IN ('DRAFT', 'DECLINED', 'APPROVED', 'REFUSED')
                    AND c.programme NOT IN ('URGENT_RELIEF', 'EXPENSE_RELIEF') LIMIT 1) c ON true
              LEFT JOIN LATERAL (SELECT id FROM cases_benefit b
                    WHERE b.household_id = h.id AND b.end_month IS NULL LIMIT 1) b ON true
             WHERE c.id IS NOT NULL OR b.id IS NOT NULL)
        SELECT DISTINCT least(h.key, o.key) || '、' || greatest(h.key, o.key)
          FROM cases_member m JOIN active h ON h.id = m.household_id
          JOIN cases_member n ON n.id_digest = m.id_digest AND n.household_id <> m.household_id
          JOIN active o ON o.id = n.household_id
         WHERE m.left_on IS NULL AND n.left_on IS NULL
           AND NOT (h.only_applies AND coalesce(o.id IN (h.before, h.other), false))
           AND NOT (o.only_applies AND coalesce(h.id IN (o.before, o.other), false))""",
    "{0} 已由接续的户取代，却还有在享待遇或成员": """
        SELECT h.key FROM cases_household h WHERE h.closed_on IS NOT NULL AND (
               EXISTS (SELECT FROM cases_benefit b
                        WHERE b.household_id = h.id AND b.end_month IS NULL)
            OR EXISTS (SELECT FROM cases_member m
                        WHERE m.household_id = h.id AND m.left_on IS NULL))
         ORDER BY h.key""",
    # Nothing is given otherwise than was signed, and before the family was told (4(1).2).
    "待遇 {0} 自 {1} 起的调整没有签批，或者没有告知家庭": """
        SELECT b.key, to_char(e.from_month, 'YYYY-MM')
          FROM cases_entitlement e JOIN cases_benefit b ON b.id = e.benefit_id
          LEFT JOIN cases_review r ON r.id = e.review_id
          LEFT JOIN cases_standardline l ON l.id = e.line_id
          LEFT JOIN cases_standardrun s ON s.id = l.run_id
         WHERE CASE WHEN e.review_id IS NOT NULL THEN
                    r.state <> 'ENDED' OR r.told_on IS NULL OR r.benefit_id <> b.id
                    OR (r.monthly_fen, r.supplement_fen, r.persons)
                       <> (e.monthly_fen, e.supplement_fen, e.persons)
                    OR NOT EXISTS (SELECT FROM kernel_signature g WHERE g.subject_kind = 'review'
                                      AND g.subject_key = r.no AND g.stage = 'decide')
               ELSE s.state NOT IN ('TO_TELL', 'ENDED') OR l.benefit_id <> b.id
                    OR (l.monthly_fen, l.supplement_fen, l.persons)
                       <> (e.monthly_fen, e.supplement_fen, e.persons)
                    OR NOT EXISTS (SELECT FROM cases_standardtelling t
                                    WHERE t.run_id = s.id AND t.village_id = l.village_id)
                    OR NOT EXISTS (SELECT FROM kernel_signature g WHERE g.subject_kind = 'standard'
                                      AND g.subject_key = s.no AND g.stage = 'decide') END
         ORDER BY b.key""",
    "复核 {0} 的状态 {1} 没有对应的操作记录": """
        SELECT r.no, r.state FROM cases_review r WHERE r.state IS DISTINCT FROM (
            SELECT e.after FROM kernel_event e
             WHERE e.subject_kind = 'review' AND e.subject_key = r.no AND e.after <> ''
             ORDER BY e.seq DESC LIMIT 1)
         ORDER BY r.no""",
    "保障 {0} 终止于 {1}，却没有已告知的停发或渐退，也没有接续": """
        SELECT b.key, to_char(b.end_month, 'YYYY-MM') FROM cases_benefit b
         WHERE b.end_month IS NOT NULL
           AND NOT EXISTS (SELECT FROM cases_review r WHERE r.benefit_id = b.id
                              AND r.state = 'ENDED' AND r.last_month = b.end_month)
           AND NOT EXISTS (SELECT FROM cases_household h
                             JOIN cases_householdchange c ON h.id IN (c.household_id, c.other_id)
                            WHERE h.id = b.household_id AND h.closed_on IS NOT NULL)
         ORDER BY b.key""",
    "签批 {0} 超过十分钟仍未生效": """
        SELECT c.no FROM cases_heldanswer a JOIN cases_case c ON c.id = a.case_id
         WHERE a.state = 'WAITING' AND a.takes_effect_at < now() - interval '10 minutes'
         ORDER BY c.no""",
}


def counted() -> str:
    """What was gone through."""
    return f"{Case.objects.count()} 件案件、{Notice.objects.count()} 份公示"


def broken() -> Iterator[str]:
    """A sentence for everything that is not as it must be."""
    for sentence, sql in CHECKS.items():
        yield from (sentence.format(*row) for row in _rows(sql))
    yield from differences(settled_accounts())
    day_ago = today() - timedelta(days=1)
    for no in [*notices_to_close(day_ago), *endings_to_close(day_ago)]:
        yield f"{no} 的公示期满超过一天仍未结束"
    for move in moves(work_calendar()):
        yield f"{move.key} 的到期日 {move.before} 与重新计算的 {move.after} 不符"


def _rows(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[str, ...]] = cursor.fetchall()
    return rows

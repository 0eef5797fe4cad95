"""What must hold in funds at any moment; each broken thing is one sentence (security.md 4)."""

import hashlib
from collections.abc import Iterator

from django.db import connection

from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.signing import covers

from .models import BankResult, PayoutBatch
from .models.facts import content_of
from .models.handed_over import lost_tail, unaccounted, unreadable, why_not_accounted
from .models.selection import GIVEN, LOOK_BACK
from .operations.bank_files import bank_file
from .operations.batches import signatures_of

CHECKS = {
    "记账凭证组 {0} 的分录合计为 {1} 分，不为零": """
        SELECT group_id, sum(amount_fen) FROM funds_ledgerentry
         GROUP BY group_id HAVING sum(amount_fen) <> 0""",
    "{0} {1} {2} 年的可用资金为 {3} 分，小于零": """
        SELECT u.name, a.programme, a.year, sum(e.amount_fen)
          FROM funds_fundaccount a JOIN funds_ledgerentry e ON e.account_id = a.id
          JOIN kernel_unit u ON u.id = a.office_id
         WHERE a.kind = 'AVAILABLE'
         GROUP BY a.id, u.name HAVING sum(e.amount_fen) < 0""",
    "名单 {0} 的合计是 {1} 笔 {2} 分，明细是 {3} 笔 {4} 分": """
        SELECT b.no, b.line_count, b.total_fen, count(l.id), coalesce(sum(l.amount_fen), 0)
          FROM funds_payoutbatch b LEFT JOIN funds_payoutline l ON l.batch_id = b.id
         GROUP BY b.id
        HAVING b.line_count <> count(l.id) OR b.total_fen <> coalesce(sum(l.amount_fen), 0)""",
    "名单 {0} 的到账、退回金额 {1}、{2} 分与明细不符": """
        SELECT b.no, b.paid_fen, b.returned_fen
          FROM funds_payoutbatch b LEFT JOIN funds_payoutline l ON l.batch_id = b.id
         GROUP BY b.id
        HAVING b.paid_fen <> coalesce(sum(l.amount_fen) FILTER (WHERE l.state = 'PAID'), 0)
            OR b.returned_fen
               <> coalesce(sum(l.amount_fen) FILTER (WHERE l.state = 'RETURNED'), 0)""",
    "名单 {0} 已结清，但到账加退回不等于合计": """
        SELECT no FROM funds_payoutbatch
         WHERE state = 'CLOSED' AND paid_fen + returned_fen <> total_fen""",
    "名单 {0} 的到账、退回与支付凭证不符": """
        SELECT b.no FROM funds_payoutbatch b LEFT JOIN funds_voucher v ON v.batch_id = b.id
         GROUP BY b.id
        HAVING coalesce(sum(v.paid_fen), 0) <> b.paid_fen
            OR coalesce(sum(v.returned_fen), 0) <> b.returned_fen""",
    "名单 {0} 已签批，占用资金与合计不符": """
        SELECT b.no FROM funds_payoutbatch b
          LEFT JOIN funds_ledgergroup g ON g.batch_id = b.id AND g.kind = 'COMMITMENT'
          LEFT JOIN funds_ledgerentry e ON e.group_id = g.id AND e.amount_fen > 0
         WHERE b.state IN ('APPROVED', 'SENT', 'CLOSED')
         GROUP BY b.id HAVING coalesce(sum(e.amount_fen), 0) <> b.total_fen""",
    "保障 {0} 的 {1} 有 {2} 笔有效发放": """
        SELECT b.key, to_char(l.month, 'YYYY-MM'), count(*)
          FROM funds_payoutline l JOIN cases_benefit b ON b.id = l.benefit_id
         WHERE l.is_effective AND l.kind IN ('NORMAL', 'BACK_PAY', 'CARE')
         GROUP BY b.key, l.month, l.kind = 'CARE' HAVING count(*) > 1""",
    "名单 {0} 第 {1} 笔没有经签字的批准决定，也没有名册来源": """
        SELECT t.no, l.line_no
          FROM funds_payoutline l
          JOIN funds_payoutbatch t ON t.id = l.batch_id
          JOIN cases_benefit b ON b.id = l.benefit_id
          LEFT JOIN cases_case c ON c.id = b.source_case_id
         WHERE l.is_effective
           AND (CASE WHEN b.source_case_id IS NULL THEN b.source = ''
                ELSE NOT EXISTS (SELECT 1 FROM cases_decision d
                                  WHERE d.case_id = c.id AND d.outcome = 'APPROVED')
                  OR NOT EXISTS (SELECT 1 FROM kernel_signature s
                                  WHERE s.subject_kind = 'case' AND s.subject_key = c.no
                                    AND s.stage = 'decide') END)""",
    "名单 {0} 第 {1} 笔 {2} 分，当时有效的待遇是 {3} 分": f"""
        SELECT n.no, l.line_no, l.amount_fen, d.fen
          FROM funds_payoutline l JOIN funds_payoutbatch n ON n.id = l.batch_id
          JOIN cases_benefit b ON b.id = l.benefit_id
         CROSS JOIN LATERAL ({GIVEN.format(m="l.month").replace("%(month)s", "n.month")}) g
         CROSS JOIN LATERAL (
               SELECT CASE WHEN l.kind = 'CARE' THEN g.supplement_fen
                           WHEN l.month >= n.care_from THEN g.monthly_fen
                           ELSE g.monthly_fen + g.supplement_fen END AS fen) d
         WHERE l.kind IN ('NORMAL', 'BACK_PAY', 'CARE') AND l.reissues_id IS NULL
           AND n.kind <> 'ADVANCE' -- a change before its months come is made good, or asked back
           AND n.state <> 'OPEN' AND l.amount_fen <> d.fen""",
    "保障 {0} 的 {1} 没有发放，以后的名单也没有补发": f"""
        SELECT DISTINCT b.key, to_char(t.month, 'YYYY-MM')
          FROM funds_payoutbatch t
          JOIN funds_payoutbatch n ON (n.office_id, n.programme) = (t.office_id, t.programme)
           AND n.month = t.month + interval '{LOOK_BACK} months'
           AND n.state IN ('APPROVED', 'SENT', 'CLOSED')
          JOIN cases_benefit b ON (b.office_id, b.programme) = (t.office_id, t.programme)
           AND b.start_month <= t.month AND coalesce(b.end_month, t.month) >= t.month
           AND b.paid_with <= n.month
         WHERE NOT EXISTS (SELECT 1 FROM funds_payoutline l
                            WHERE l.benefit_id = b.id AND l.month = t.month)""",
    "保障 {0} 的 {1} 照料护理费没有发放，以后的名单也没有补发": f"""
        SELECT DISTINCT b.key, to_char(q.month, 'YYYY-MM')
          FROM funds_payoutbatch q
          JOIN funds_payoutbatch n ON (n.office_id, n.programme) = (q.office_id, q.programme)
           AND n.month = q.month + interval '{LOOK_BACK} months'
           AND n.state IN ('APPROVED', 'SENT', 'CLOSED')
          JOIN cases_benefit b ON (b.office_id, b.programme) = (q.office_id, q.programme)
           AND b.start_month <= q.month AND coalesce(b.end_month, q.month) >= q.month
           AND b.paid_with <= q.month
         CROSS JOIN LATERAL ({GIVEN.format(m="q.month").replace("%(month)s", "q.month")}) g
         WHERE q.kind = 'NORMAL' AND q.month >= q.care_from AND g.supplement_fen > 0
           AND NOT EXISTS (SELECT 1 FROM funds_payoutline l
                            WHERE l.benefit_id = b.id AND l.month = q.month AND l.kind = 'CARE')""",
    "名单 {0} 第 {1} 笔重发 {2} 分，被重发的一笔是 {3}、{4} 分": """
        SELECT n.no, l.line_no, l.amount_fen, o.state, o.amount_fen
          FROM funds_payoutline l JOIN funds_payoutline o ON o.id = l.reissues_id
          JOIN funds_payoutbatch n ON n.id = l.batch_id
         WHERE o.state <> 'RETURNED' OR o.amount_fen <> l.amount_fen
            OR (o.benefit_id, o.case_id, o.month, o.kind)
               IS DISTINCT FROM (l.benefit_id, l.case_id, l.month, l.kind)""",
    "{0} {1} {2} 年退回待重发是 {3} 分，没有重发的退回明细是 {4} 分": """
        SELECT u.name, t.programme, t.year, t.owed, t.waiting FROM (
            SELECT office_id, programme, year, sum(owed)::bigint AS owed,
                   sum(waiting)::bigint AS waiting
              FROM (
                SELECT a.office_id, a.programme, a.year, e.amount_fen AS owed, 0 AS waiting
                  FROM funds_ledgerentry e JOIN funds_fundaccount a ON a.id = e.account_id
                 WHERE a.kind = 'OWED'
                UNION ALL
                SELECT n.office_id, n.programme, n.fund_year, 0, l.amount_fen
                  FROM funds_payoutline l JOIN funds_payoutbatch n ON n.id = l.batch_id
                 WHERE l.state = 'RETURNED'
                   AND NOT EXISTS (SELECT FROM funds_givenupreturn g WHERE g.line_id = l.id)
                   AND NOT EXISTS (
                       SELECT FROM funds_payoutline r JOIN funds_payoutbatch b ON b.id = r.batch_id
                        WHERE r.reissues_id = l.id AND b.state NOT IN ('OPEN', 'LOCKED'))) x
             GROUP BY office_id, programme, year) t
          JOIN kernel_unit u ON u.id = t.office_id
         WHERE t.owed <> t.waiting""",
    "{0} 关账时的试算平衡表与台账不符：{1} 个科目": """
        SELECT to_char(c.month, 'YYYY-MM'), count(*)
          FROM funds_ledgerclose c
         CROSS JOIN LATERAL (
               SELECT o.code, a.programme, a.source, a.year, a.kind, sum(e.amount_fen) AS fen
                 FROM funds_ledgerentry e
                 JOIN funds_ledgergroup g ON g.id = e.group_id
                 JOIN funds_fundaccount a ON a.id = e.account_id
                 JOIN kernel_unit o ON o.id = a.office_id
                WHERE o.parent_id = c.district_id AND g.on_day < c.month + interval '1 month'
                GROUP BY o.code, a.programme, a.source, a.year, a.kind
               HAVING sum(e.amount_fen) <> 0) t
         WHERE NOT c.trial @> jsonb_build_array(jsonb_build_array(
               t.code, t.programme, t.source, t.year, t.kind, t.fen))
         GROUP BY c.month""",
    "追缴 {0} 已收回 {1} 分，收款记录合计 {2} 分": """
        SELECT r.no, r.received_fen, coalesce(sum(x.fen), 0)
          FROM funds_recovery r LEFT JOIN funds_recoveryreceipt x ON x.recovery_id = r.id
         GROUP BY r.id HAVING r.received_fen <> coalesce(sum(x.fen), 0)""",
    "追缴 {0} 核销没有两个人的签字": """
        SELECT r.no FROM funds_recovery r
         WHERE r.written_off_fen > 0
           AND (SELECT count(DISTINCT s.person_id) FROM kernel_signature s
                 WHERE s.subject_kind = 'recovery' AND s.subject_key = r.no) < 2""",
    "{0}追缴收回的分录是 {1} 分，收款记录是 {2} 分": """
        SELECT u.name, t.posted, t.received FROM (
            SELECT office_id, sum(posted)::bigint AS posted, sum(received)::bigint AS received
              FROM (
                SELECT g.office_id, e.amount_fen AS posted, 0 AS received
                  FROM funds_ledgergroup g JOIN funds_ledgerentry e ON e.group_id = g.id
                 WHERE g.kind = 'RECOVERY' AND e.amount_fen > 0
                UNION ALL
                SELECT r.office_id, 0, x.fen
                  FROM funds_recoveryreceipt x JOIN funds_recovery r ON r.id = x.recovery_id) y
             GROUP BY office_id) t JOIN kernel_unit u ON u.id = t.office_id
         WHERE t.posted <> t.received""",
    "一次性补贴 {0} 对保障 {1} 有 {2} 笔有效发放": """
        SELECT s.name, b.key, count(*)
          FROM funds_payoutline l JOIN funds_supplement s ON s.id = l.supplement_id
          JOIN cases_benefit b ON b.id = l.benefit_id
         WHERE l.is_effective GROUP BY s.name, b.key HAVING count(*) > 1""",
    "案件 {0} 发放 {1} 分，超过批准的 {2} 分": """
        SELECT c.no, sum(h.amount_fen), coalesce(max(d.once_fen), max(f.amount_fen))
          FROM cases_case c
          LEFT JOIN cases_decision d ON d.case_id = c.id AND d.outcome = 'APPROVED'
          LEFT JOIN cases_firstrelief f ON f.case_id = c.id
          JOIN (SELECT case_id, amount_fen FROM cases_handover WHERE method <> 'REFERRAL'
                UNION ALL
                SELECT l.case_id, l.amount_fen FROM funds_payoutline l
                 WHERE l.kind = 'SINGLE' AND l.state = 'PENDING') h ON h.case_id = c.id
         GROUP BY c.no HAVING sum(h.amount_fen) > coalesce(max(d.once_fen), max(f.amount_fen))""",
    "名单 {0} 是“{1}”，事件里没有对应的记录": """
        SELECT b.no, b.state FROM funds_payoutbatch b
         WHERE NOT EXISTS (SELECT 1 FROM kernel_event e
                            WHERE e.subject_kind = 'payout' AND e.subject_key = b.no
                              AND e.after = b.state)""",
}


def broken() -> Iterator[str]:
    """A sentence for everything in funds that is not as it must be; nothing when all holds."""
    with connection.cursor() as cursor:
        for sentence, sql in CHECKS.items():
            cursor.execute(sql)
            for row in cursor.fetchall():
                yield sentence.format(*row)
    for batch in PayoutBatch.objects.exclude(state="OPEN").order_by("id"):
        yield from _broken_file(batch)
        yield from _broken_signatures(batch)
    yield from _broken_book()
    for no, sha256 in BankResult.objects.values_list("batch__no", "sha256"):
        if not file_store.is_sound(sha256):
            yield f"名单 {no} 的银行结果文件缺失或被改动（{sha256[:8]}）"


def _broken_book() -> Iterator[str]:
    """What the book of bank files, outside the database, knows better (C27)."""
    for entry in unaccounted():
        yield why_not_accounted(entry)
    for number in unreadable():
        yield f"交接簿第 {number} 行不能读取，可能被改动"
    if last := lost_tail():
        yield f"交接簿 {last.on} 记下的操作记录第 {last.seq} 条不在系统里，数据库比交接簿旧"


def _broken_file(batch: PayoutBatch) -> Iterator[str]:
    if not file_store.is_sound(batch.file_sha256):
        yield f"名单 {batch.no} 的银行文件缺失或被改动（{batch.file_sha256[:8]}）"
        return
    if hashlib.sha256(bank_file(batch)).hexdigest() != batch.file_sha256:
        yield f"名单 {batch.no} 的明细重新生成的银行文件与签批的不同"


def _broken_signatures(batch: PayoutBatch) -> Iterator[str]:
    stages = ["prepare"] if batch.state == "LOCKED" else ["prepare", "approve"]
    found = {stage: signatures_of(batch, stage)[-1:] for stage in stages}
    for stage, signed in found.items():
        if not signed or not covers(signed[0], content_of(batch)):
            yield f"名单 {batch.no} 缺少覆盖现有内容的签字（{stage}）"
    people = [signature.person_id for signed in found.values() for signature in signed]
    if len(set(people)) != len(people):
        yield f"名单 {batch.no} 的制单人和签批人是同一人"

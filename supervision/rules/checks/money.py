"""Lists, bank, ledger, purses: R60-R66."""

from .populations import ALL_BENEFITS, BATCHES, LINES, OFFICES
from .procedure import workdays
from .shape import Check, Part, day, month, yuan

OF_THE_TENTH = "('NORMAL', 'ADVANCE', 'CARE')"  # lists of a month, due by its tenth
LIVE = "a.state NOT IN ('OPEN')"
# What a benefit gives in the line's month, by the rule of the lists (funds.models.selection).
GIVEN = """
JOIN cases_benefit b ON b.id = l.benefit_id
LEFT JOIN LATERAL (SELECT t.* FROM cases_entitlement t
                    WHERE t.benefit_id = b.id AND t.from_month <= l.month AND t.paid_with <= a.month
                    ORDER BY t.id DESC LIMIT 1) t ON true
"""
# By the month table where the year's sum is given (funds.models.selection.GIVEN).
DUE = """(CASE WHEN coalesce(t.year_fen, b.year_fen) = 0 THEN coalesce(t.monthly_fen, b.monthly_fen)
 ELSE (coalesce(t.year_fen, b.year_fen) * extract(month FROM l.month)::int + 6) / 12
 - (coalesce(t.year_fen, b.year_fen) * (extract(month FROM l.month)::int - 1) + 6) / 12 END)"""
BESIDE = """(CASE WHEN l.month >= a.care_from THEN 0
 ELSE coalesce(t.supplement_fen, b.supplement_fen) END)"""
SNAPSHOT = """(SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws('|',
 l.line_no, coalesce(l.benefit_id, -l.case_id), l.household_id, l.month, l.kind, l.amount_fen,
 l.base_fen, l.supplement_fen, l.persons, l.certificate_no, l.village_name, l.holder, l.bank,
 l.account_digest, l.id_tail), E'\\n' ORDER BY l.line_no), ''), 'UTF8')), 'hex')
 FROM funds_payoutline l WHERE l.batch_id = a.id)"""
BAD_ACCOUNT = "账户|账号|户名|销户|冻结"
OF_MONTH = "l.kind IN ('NORMAL', 'BACK_PAY') AND l.is_effective"
SUMS = """
LEFT JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(l.amount_fen), 0) AS fen
                     FROM funds_payoutline l WHERE l.batch_id = a.id) l ON true
"""
PURSE = """
JOIN LATERAL (
     SELECT x.programme, x.year, sum(x.fen) AS fen, min(x.fen) AS least, sum(x.old) AS old_fen,
            max(x.spent_on) AS spent_on, min(x.first_on) AS first_on, max(x.given_on) AS given_on
       FROM (SELECT f.id, f.programme, f.year, sum(e.amount_fen) AS fen,
                    coalesce(sum(e.amount_fen) FILTER (WHERE g.on_day < %(on)s::date - 90), 0) AS old,
                    max(g.on_day) FILTER (WHERE g.kind = 'COMMITMENT') AS spent_on,
                    min(g.on_day) AS first_on,
                    max(g.on_day) FILTER (WHERE g.kind IN ('ALLOCATION', 'CARRY_OVER')) AS given_on
               FROM funds_fundaccount f
               JOIN funds_ledgerentry e ON e.account_id = f.id
               JOIN funds_ledgergroup g ON g.id = e.group_id
              WHERE f.office_id = o.id AND f.kind = 'AVAILABLE'
              GROUP BY f.id) x
      GROUP BY x.programme, x.year) f ON true
"""
# Of the last three whole months: the month that goes on has not had its lists yet.
SPENT = """
LEFT JOIN LATERAL (
     SELECT coalesce(sum(a.total_fen), 0) AS fen FROM funds_payoutbatch a
      WHERE a.office_id = o.id AND a.programme = f.programme AND a.kind <> 'REISSUE'
        AND a.state IN ('APPROVED', 'SENT', 'CLOSED')
        AND a.month >= %(month)s::date - interval '3 months' AND a.month < %(month)s::date) a
  ON true
"""

CHECKS = (
    Check(
        id="R60", severity="B", cites="11 4(1).3", label="名单不重不漏，金额与待遇一致",
        owner="office_staff", advice="退回名单重新生成",
        parts=(
            Part(
                of=LINES, joins="JOIN funds_payoutline n ON n.id_tail = l.id_tail"
                " AND n.head_name = l.head_name AND n.month = l.month AND n.id < l.id"
                " AND n.is_effective AND n.kind IN ('NORMAL', 'BACK_PAY')"
                " JOIN cases_member m ON m.household_id = l.household_id AND m.relation = 'SELF'"
                " JOIN cases_member w ON w.household_id = n.household_id AND w.relation = 'SELF'"
                " AND w.id_digest = m.id_digest"
                " JOIN funds_payoutbatch e ON e.id = n.batch_id AND e.programme = a.programme",
                when=f"{OF_MONTH} AND {LIVE}", mark="'TWICE:' || l.id",
                what="l.head_name || ' ' || " + month("l.month")
                + " || ' 在两份名单里（另一份 ' || e.no || '）'",
                evidence="'line_no', l.line_no, 'other_batch', e.no, 'amount_fen', l.amount_fen",
            ),
            Part(
                of=LINES, joins=GIVEN,
                when=f"{OF_MONTH} AND {LIVE} AND a.kind IN ('NORMAL', 'ADVANCE', 'BACK_PAY')"
                f" AND (l.base_fen <> {DUE} OR l.supplement_fen <> {BESIDE})",
                mark="'AMOUNT:' || l.id",
                what="l.head_name || ' ' || " + month("l.month") + " || ' 名单金额 ' || "
                + yuan("l.amount_fen") + " || ' 元，待遇是 ' || "
                + yuan(f"({DUE} + {BESIDE})") + " || ' 元'",
                evidence="'line_no', l.line_no, 'base_fen', l.base_fen,"
                f" 'supplement_fen', l.supplement_fen, 'due_fen', {DUE}, 'beside_fen', {BESIDE}",
            ),
            Part(
                of=LINES, joins="JOIN cases_benefit b ON b.id = l.benefit_id",
                when=f"{LIVE} AND l.is_effective"
                " AND (l.month > b.end_month OR l.month < b.start_month)"
                " AND NOT EXISTS (SELECT FROM funds_recoverymonth r WHERE r.benefit_id = b.id"
                " AND r.month = l.month)",
                mark="'STOPPED:' || l.id",
                what="l.head_name || ' ' || " + month("l.month") + " || ' 不在保障期内，仍在名单里'",
                evidence="'line_no', l.line_no, 'start_month', b.start_month,"
                " 'end_month', b.end_month",
            ),
            Part(
                of=BATCHES, joins=SUMS,
                when=LIVE + " AND (l.fen <> a.total_fen OR l.n <> a.line_count)", mark="'TOTAL'",
                what="'名单各笔合计 ' || " + yuan("l.fen") + " || ' 元，签批总额 ' || "
                + yuan("a.total_fen") + " || ' 元'",
                evidence="'lines_fen', l.fen, 'total_fen', a.total_fen, 'lines', l.n,"
                " 'line_count', a.line_count",
            ),
            Part(
                of=BATCHES,
                when=LIVE + " AND a.snapshot_sha256 <> ''"
                " AND a.month > %(month)s::date - interval '12 months'"
                f" AND a.snapshot_sha256 <> {SNAPSHOT}",
                mark="'SNAPSHOT'", what="'名单明细与锁定时不同，有锁定时没有的收款人或改动'",
                evidence=f"'locked_sha256', a.snapshot_sha256, 'sha256', {SNAPSHOT}",
            ),
            Part(
                of=LINES,
                joins="JOIN LATERAL (SELECT n.failure, n.answered_on FROM funds_payoutline n"
                " WHERE n.household_id = l.household_id AND n.account_digest = l.account_digest"
                " AND n.id < l.id AND n.state <> 'PENDING' ORDER BY n.id DESC LIMIT 1) n ON true",
                when="l.state = 'PENDING' AND a.state IN ('LOCKED', 'APPROVED')"
                f" AND l.account_digest <> '' AND n.failure ~ '{BAD_ACCOUNT}'",
                mark="'STATE:' || l.id",
                what="l.head_name || '的收款账户不正常：' || " + day("n.answered_on")
                + " || ' 因“' || n.failure || '”退回，没有更换'",
                evidence="'line_no', l.line_no, 'failure', n.failure,"
                " 'answered_on', n.answered_on, 'account_tail', l.account_tail",
            ),
            Part(
                of=LINES,
                when="l.state = 'PENDING' AND a.state IN ('LOCKED', 'APPROVED')"
                " AND (l.account_tail = '' OR l.holder = '')",
                mark="'ACCOUNT:' || l.id", what="l.head_name || '没有可用的收款账户'",
                evidence="'line_no', l.line_no, 'amount_fen', l.amount_fen",
            ),
        ),
    ),
    Check(
        id="R61", severity="H", cites="4(1).3 11 15", label="每月 10 日前到户，按时有结果和流水",
        owner="deputy_leader", days=2, advice="催银行和核算中心，查明原因",
        parts=(
            Part(
                of=LINES, when=f"a.kind IN {OF_THE_TENTH} AND l.state = 'PAID' AND l.paid_on > a.pay_by",
                mark="'LATE:' || l.paid_on",
                what="'' || " + day("l.paid_on") + " || ' 才到户，应在 ' || " + day("a.pay_by")
                + " || ' 以前'",
                evidence="'paid_on', l.paid_on, 'pay_by', a.pay_by",
            ),
            Part(
                of=BATCHES,
                when=f"a.kind IN {OF_THE_TENTH} AND a.state <> 'CLOSED'"
                " AND a.pay_by < %(on)s::date AND EXISTS (SELECT FROM funds_payoutline l"
                " WHERE l.batch_id = a.id AND l.state = 'PENDING')",
                mark="'UNPAID'",
                what="'' || " + day("a.pay_by") + " || ' 以前应到户，现在是“' || (%(batch_states)s::jsonb"
                " ->> a.state) || '”'",
                evidence="'pay_by', a.pay_by, 'state', a.state, 'total_fen', a.total_fen",
            ),
            Part(
                of=BATCHES,
                when="a.state = 'SENT' AND a.sent_on < %(on)s::date - 3 AND NOT EXISTS (SELECT"
                " FROM funds_bankresult r WHERE r.batch_id = a.id)",
                mark="'NO_RESULT'", what="'' || " + day("a.sent_on") + " || ' 报送，三天没有银行结果'",
                evidence="'sent_on', a.sent_on, 'total_fen', a.total_fen",
            ),
            Part(
                of=OFFICES, joins="JOIN funds_flowproof r ON r.office_id = o.id",
                when="r.state IN ('DRAWN', 'BACK') AND r.due_on < %(on)s::date", mark="r.no",
                what="" + month("r.month") + " || ' 的' || CASE r.family WHEN 'DESTITUTE' THEN '特困'"
                " ELSE '低保' END || '流水凭证应在 ' || " + day("r.due_on") + " || ' 以前上报'",
                evidence="'proof', r.no, 'due_on', r.due_on, 'state', r.state",
            ),
        ),
    ),
    Check(
        id="R62", severity="H", cites="4(1).3 18(7)", label="退回的钱及时重发",
        owner="office_staff", advice="联系本人更正账户后重发",
        parts=(
            Part(
                of=LINES,
                when="l.state = 'RETURNED'"
                " AND NOT EXISTS (SELECT FROM funds_payoutline n WHERE n.reissues_id = l.id)"
                " AND NOT EXISTS (SELECT FROM funds_givenupreturn n WHERE n.line_id = l.id)"
                f" AND {workdays('l.answered_on', '%(on)s::date')} > %(reissue_days)s::int",
                mark="l.id || CASE WHEN l.answered_on < %(on)s::date - 30 THEN ':30' ELSE '' END",
                what="l.head_name || ' ' || " + month("l.month") + " || ' 的 ' || "
                + yuan("l.amount_fen") + " || ' 元 ' || " + day("l.answered_on")
                + " || ' 退回，还没有重发'",
                evidence="'line_no', l.line_no, 'amount_fen', l.amount_fen,"
                " 'answered_on', l.answered_on, 'failure', l.failure",
            ),
        ),
    ),
    Check(
        id="R63", severity="H", cites="11 6.1", label="名单、银行结果、台账一致",
        owner="accounting", advice="逐笔核对差异，处理后关闭",
        parts=(
            Part(
                of=BATCHES,
                joins="JOIN LATERAL (SELECT coalesce(sum(l.amount_fen), 0) AS fen"
                " FROM funds_payoutline l WHERE l.batch_id = a.id AND l.state = 'PAID') l ON true"
                " JOIN LATERAL (SELECT coalesce(sum(e.amount_fen), 0) AS fen"
                " FROM funds_ledgergroup g JOIN funds_ledgerentry e ON e.group_id = g.id"
                " JOIN funds_fundaccount f ON f.id = e.account_id WHERE g.batch_id = a.id"
                " AND g.kind = 'PAYMENT' AND f.kind = 'PAID') g ON true",
                when="a.state IN ('SENT', 'CLOSED') AND (l.fen <> g.fen OR l.fen <> a.paid_fen)",
                mark="l.fen || ':' || g.fen",
                what="'银行发放成功 ' || " + yuan("l.fen") + " || ' 元，台账记 ' || " + yuan("g.fen")
                + " || ' 元，名单记 ' || " + yuan("a.paid_fen") + " || ' 元'",
                evidence="'paid_lines_fen', l.fen, 'ledger_fen', g.fen, 'batch_fen', a.paid_fen",
            ),
            Part(
                of=BATCHES, joins="JOIN funds_resultexception x ON x.batch_id = a.id"
                " JOIN funds_bankresult r ON r.id = x.result_id",
                when="x.resolved_on IS NULL AND r.imported_on < %(on)s::date - 3", mark="x.id",
                what="'银行结果第 ' || x.row_number || ' 行有差异，' || " + day("r.imported_on")
                + " || ' 起没有处理'",
                evidence="'exception', x.id, 'kind', x.kind, 'detail', x.detail",
            ),
            Part(
                of=LINES, joins="JOIN funds_payoutline n ON n.serial = l.serial"
                " AND n.paid_on = l.paid_on AND n.bank = l.bank AND n.id < l.id",
                when="l.serial <> '' AND l.state = 'PAID' AND n.state = 'PAID'", mark="l.id",
                what="'银行流水号 ' || l.serial || ' 对应两笔'",
                evidence="'line_no', l.line_no, 'other_line_no', n.line_no, 'serial', l.serial",
            ),
        ),
    ),
    Check(
        id="R64", severity="M", cites="4(2) 11", label="备用金和可用资金不透支、不过多、按月对账",
        owner="office_staff", advice="补报请款或退回结余",
        parts=(
            Part(
                of=OFFICES, joins=PURSE, when="f.least < 0", mark="f.programme || ':' || f.year",
                what="'可用资金透支 ' || " + yuan("(-f.least)") + " || ' 元'",
                evidence="'programme', f.programme, 'year', f.year, 'fen', f.fen",
            ),
            Part(
                of=OFFICES, joins=PURSE + SPENT,
                when="f.programme LIKE '%%RELIEF' AND a.fen > 0"
                " AND f.fen > a.fen",
                # found again when more was given, not with every month
                mark="f.programme || ':' || f.year || ':' || coalesce(f.given_on, f.first_on)",
                what="'备用金 ' || " + yuan("f.fen") + " || ' 元，超过三个月用量（每月 ' || "
                + yuan("(a.fen / 3)") + " || ' 元）'",
                evidence="'programme', f.programme, 'fen', f.fen, 'three_months_fen', a.fen",
            ),
            Part(
                of=OFFICES,
                joins="LEFT JOIN funds_ledgerclose r ON r.district_id = o.parent_id"
                " AND r.month = (%(month)s::date - interval '1 month')::date",
                when="r.id IS NULL AND extract(day FROM %(on)s::date) > 15"
                " AND EXISTS (SELECT FROM funds_ledgergroup g WHERE g.office_id = o.id"
                " AND g.on_day < %(month)s::date)",
                mark="'CLOSE:' || %(month)s",
                what="to_char(%(month)s::date - interval '1 month', 'YYYY-MM') || ' 的台账还没有对账关账'",
                evidence="'month', (%(month)s::date - interval '1 month')::date",
            ),
        ),
    ),
    Check(
        id="R65", severity="M", cites="5(2) 18(7)", label="应发的发出，下拨的不闲置",
        owner="deputy_leader", advice="查明应发未发的家庭；闲置资金调剂使用",
        parts=(
            Part(
                of=ALL_BENEFITS,
                when="b.paid_with <= (%(month)s::date - interval '1 month')::date"
                " AND (b.end_month IS NULL"
                " OR b.end_month >= (%(month)s::date - interval '1 month')::date) AND NOT EXISTS ("
                "SELECT FROM funds_payoutline l WHERE l.benefit_id = b.id"
                " AND l.month = (%(month)s::date - interval '1 month')::date"
                " AND l.kind IN ('NORMAL', 'BACK_PAY')"
                " AND (l.is_effective OR l.state = 'RETURNED'))"
                " AND EXISTS (SELECT FROM funds_payoutbatch a WHERE a.office_id = b.office_id"
                # where lists were ever made: a second month without one is no excuse
                " AND a.programme = b.programme AND a.kind = 'NORMAL'"
                " AND a.month < %(month)s::date)",
                mark="to_char(%(month)s::date - interval '1 month', 'YYYY-MM')",
                what="to_char(%(month)s::date - interval '1 month', 'YYYY-MM') || ' 应发未发'",
                evidence="'month', (%(month)s::date - interval '1 month')::date,"
                " 'monthly_fen', b.monthly_fen",
            ),
            Part(
                of=OFFICES, joins=PURSE,
                when="f.fen > 0 AND f.old_fen > 0 AND coalesce(f.spent_on, f.first_on) < %(on)s::date - 90",
                mark="f.programme || ':' || f.year || ':' || coalesce(f.spent_on, f.first_on)",
                what="'资金 ' || " + yuan("f.fen") + " || ' 元自 ' || "
                + day("coalesce(f.spent_on, f.first_on)") + " || ' 起没有使用，超过 90 天'",
                evidence="'programme', f.programme, 'year', f.year, 'fen', f.fen,"
                " 'spent_on', f.spent_on",
            ),
        ),
    ),
    Check(
        id="R66", severity="H", cites="18(8) 18(9)", label="待遇没有先升后降，没有流程以外的改动",
        owner="supervisor", advice="调阅两次复核的证据，核实是否应付检查",
        parts=(
            Part(
                of=ALL_BENEFITS,
                joins="JOIN LATERAL (SELECT t.id, t.recorded_on, t.monthly_fen,"
                " lag(t.monthly_fen, 1, b.monthly_fen) OVER w AS before_fen,"
                " lead(t.monthly_fen) OVER w AS after_fen, lead(t.recorded_on) OVER w AS next_on"
                " FROM cases_entitlement t WHERE t.benefit_id = b.id WINDOW w AS (ORDER BY t.id)) t"
                " ON true",
                when="t.monthly_fen > t.before_fen AND t.after_fen < t.monthly_fen"
                " AND t.next_on - t.recorded_on <= 92"
                " AND abs(t.after_fen - t.before_fen) * 10 <= abs(t.monthly_fen - t.before_fen)",
                mark="t.id",
                what="'待遇 ' || " + day("t.recorded_on") + " || ' 由 ' || " + yuan("t.before_fen")
                + " || ' 元变为 ' || " + yuan("t.monthly_fen") + " || ' 元，' || " + day("t.next_on")
                + " || ' 又变回 ' || " + yuan("t.after_fen") + " || ' 元'",
                evidence="'entitlement', t.id, 'before_fen', t.before_fen,"
                " 'changed_fen', t.monthly_fen, 'after_fen', t.after_fen",
            ),
            Part(
                of=ALL_BENEFITS,
                joins="JOIN cases_historicalbenefit h ON h.id = b.id"
                " JOIN LATERAL (SELECT g.monthly_fen, g.supplement_fen, g.year_fen"
                " FROM cases_historicalbenefit g"
                " WHERE g.id = b.id AND g.history_id < h.history_id"
                " ORDER BY g.history_id DESC LIMIT 1) g ON true",
                when="(h.monthly_fen, h.supplement_fen, h.year_fen)"
                " <> (g.monthly_fen, g.supplement_fen, g.year_fen)",
                mark="'EDIT:' || h.history_id",
                what="'' || " + day("h.history_date") + " || ' 直接改动了保障金：' || "
                + yuan("(g.monthly_fen + g.supplement_fen)") + " || ' 改为 ' || "
                + yuan("(h.monthly_fen + h.supplement_fen)") + " || ' 元'",
                evidence="'before_fen', g.monthly_fen, 'after_fen', h.monthly_fen,"
                " 'before_supplement_fen', g.supplement_fen,"
                " 'after_supplement_fen', h.supplement_fen, 'history_date', h.history_date",
            ),
            Part(
                of=ALL_BENEFITS,
                joins="JOIN LATERAL (SELECT g.monthly_fen, g.supplement_fen, g.year_fen"
                " FROM cases_historicalbenefit g WHERE g.id = b.id"
                " ORDER BY g.history_id DESC LIMIT 1) g ON true",
                when="(b.monthly_fen, b.supplement_fen, b.year_fen)"
                " <> (g.monthly_fen, g.supplement_fen, g.year_fen)",
                mark="'WRITTEN:' || b.monthly_fen || ':' || b.supplement_fen",
                what="'保障金在数据库里被改动：' || "
                + yuan("(g.monthly_fen + g.supplement_fen)") + " || ' 改为 ' || "
                + yuan("(b.monthly_fen + b.supplement_fen)") + " || ' 元，没有留下经过'",
                evidence="'before_fen', g.monthly_fen, 'after_fen', b.monthly_fen,"
                " 'before_supplement_fen', g.supplement_fen,"
                " 'after_supplement_fen', b.supplement_fen",
            ),
            Part(
                of=ALL_BENEFITS,
                joins="JOIN cases_decision d ON d.case_id = b.source_case_id",
                when="(b.monthly_fen, b.supplement_fen) <> (d.monthly_fen, d.supplement_fen)",
                mark="'DECISION:' || b.monthly_fen || ':' || b.supplement_fen",
                what="'保障金 ' || " + yuan("(b.monthly_fen + b.supplement_fen)")
                + " || ' 元，与决定的 ' || " + yuan("(d.monthly_fen + d.supplement_fen)")
                + " || ' 元不同'",
                evidence="'benefit_fen', b.monthly_fen, 'decided_fen', d.monthly_fen,"
                " 'benefit_supplement_fen', b.supplement_fen,"
                " 'decided_supplement_fen', d.supplement_fen",
            ),
        ),
    ),
)  # fmt: skip

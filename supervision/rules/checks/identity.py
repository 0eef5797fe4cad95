"""Identity, duplication, death and status: R01-R07, R10-R15."""

from .populations import (
    ALL_BENEFITS,
    BENEFITS,
    CASES,
    IN_BENEFIT,
    IN_PROCESS,
    LINES,
    LIVE_CASES,
    MONTHLY,
)
from .shape import Check, Part, day, month, yuan

# Another benefit of the same person at the same time; `y` is the other one.
ANOTHER = f"""
JOIN cases_member n ON n.id_digest = m.id_digest AND n.left_on IS NULL AND {{whose}}
JOIN cases_benefit y ON y.household_id = n.household_id AND y.id < b.id
 AND y.programme IN {MONTHLY}
 AND y.start_month <= %(month)s::date AND (y.end_month IS NULL OR y.end_month >= %(month)s::date)
"""
DIED = """
JOIN LATERAL (SELECT x.died_on, x.source, min(x.imported_on) OVER () AS imported_on
                FROM cases_deathrecord x
               WHERE x.id_digest = m.id_digest ORDER BY x.died_on, x.id LIMIT 1) x ON true
"""
# The latest report of the platform that came back for the case.
LATEST_REPORT = """
JOIN LATERAL (SELECT k.id, k.requested_on, k.returned_on, k.conclusion, k.valid_until, k.data_upto
                FROM cases_meanscheck k WHERE k.case_id = c.id AND k.returned_on IS NOT NULL
               ORDER BY k.round DESC, k.attempt DESC LIMIT 1) k ON true
"""
# What it found (g). By the report to its case: else every case is gone through for each finding.
LATEST_FINDINGS = (
    "JOIN cases_meanscheck z ON z.case_id = c.id"
    " JOIN cases_meansfinding g ON g.check_of_id = z.id"
    + LATEST_REPORT.replace(") k ON true", ") k ON k.id = z.id")
)
# The person of a finding or an income as the household has them now: a corrected role is another row.
PERSON_NOW = """
JOIN cases_member q ON q.id = {of}.member_id
JOIN cases_member m ON m.household_id = q.household_id AND m.id_digest = q.id_digest
 AND m.left_on IS NULL
"""
# Paid for months after the death, with the amount of before: no change of the family was told since,
# and nothing of it is asked back.
# Joined and grouped, not LATERAL: the lines have no index by benefit, and are read once.
PAID_AFTER = """
JOIN funds_payoutline l ON l.benefit_id = b.id AND l.state = 'PAID' AND l.month > x.died_on
 AND NOT (m.left_on IS NOT NULL AND EXISTS (
     SELECT FROM cases_entitlement e WHERE e.benefit_id = b.id
     AND e.review_id IS NOT NULL AND e.from_month > x.died_on AND e.from_month <= l.month))
 AND NOT EXISTS (SELECT FROM funds_recoverymonth r
     WHERE r.benefit_id = b.id AND r.month = l.month)
"""
CURRENT = "u.is_current AND u.household_id = b.household_id"
# Whoever went on into the continuing household, or died (told by a part of its own), is known.
STRANGER = (
    "NOT EXISTS (SELECT FROM cases_member m WHERE m.household_id = b.household_id"
    " AND m.name = u.holder AND (m.left_on IS NULL OR m.left_reason IN ('DIED', 'CHANGED')))"
)
IN_POST = "o.starts_on <= %(on)s::date AND coalesce(o.ends_on, %(on)s::date) >= %(on)s::date"

CHECKS = (
    Check(
        id="R01", severity="B", cites="8", label="证号、出生日期、性别相符",
        owner="office_staff", advice="核对身份证原件，更正成员登记",
        parts=(
            Part(
                of=LIVE_CASES, joins="JOIN cases_member m ON m.household_id = c.household_id",
                when="m.left_on IS NULL AND m.id = ANY(%(misfits)s::bigint[])", mark="m.id",
                what="m.name || '的证号与出生日期或性别不符'",
                evidence="'member', m.id, 'id_tail', m.id_tail, 'birth_on', m.birth_on,"
                " 'is_male', m.is_male",
            ),
            Part(
                of=IN_BENEFIT, mark="m.id",
                when="b.source_case_id IS NULL AND m.id = ANY(%(misfits)s::bigint[])",
                what="m.name || '的证号与出生日期或性别不符'",
                evidence="'member', m.id, 'id_tail', m.id_tail, 'birth_on', m.birth_on,"
                " 'is_male', m.is_male",
            ),
        ),
    ),
    Check(
        id="R02", severity="B", cites="8", label="一人没有同时享受两份救助",
        owner="office_staff", advice="核实后停发其中一份，多发的追缴",
        parts=(
            Part(
                of=IN_BENEFIT, joins=ANOTHER.format(whose="n.is_insured"), when="m.is_insured",
                mark="m.id || ':' || y.id",
                what="m.name || '同时在两份保障中，另一份是 ' || y.certificate_no",
                evidence="'member', m.id, 'other_benefit', y.key, 'other_programme', y.programme,"
                " 'other_start', y.start_month",
            ),
        ),
    ),
    Check(
        id="R03", severity="H", cites="8", label="一人没有同时是两个在享家庭的成员",
        owner="office_staff", advice="核实共同生活的家庭，更正其中一户",
        parts=(
            Part(
                of=IN_BENEFIT, joins=ANOTHER.format(
                    whose="n.household_id <> m.household_id AND n.counts_for_income"
                    " AND NOT (n.is_insured AND m.is_insured)"
                ),
                when="m.counts_for_income", mark="m.id || ':' || y.id",
                what="m.name || '同时是另一在享家庭的成员（' || y.certificate_no || '）'",
                evidence="'member', m.id, 'other_benefit', y.key",
            ),
        ),
    ),
    Check(
        id="R04", severity="H", cites="8 4(3)", label="没有不能同时享受的待遇",
        owner="office_staff", advice="按排斥关系核实，只保留一项",
        parts=(
            Part(
                of=LIVE_CASES,
                joins=LATEST_FINDINGS + PERSON_NOW.format(of="g") + " LEFT JOIN LATERAL (SELECT t.tier FROM cases_selfcare t WHERE t.case_id = c.id"
                " ORDER BY t.id DESC LIMIT 1) t ON true",
                when="(%(exclusive)s::jsonb -> CASE WHEN c.programme LIKE '%%DESTITUTE'"
                " THEN 'DESTITUTE' WHEN c.programme LIKE '%%ALLOWANCE' THEN 'ALLOWANCE'"
                " ELSE 'RELIEF' END) ? g.kind"
                " AND (g.kind <> 'NURSING' OR t.tier IN ('PARTIAL', 'FULL'))"
                " AND m.is_insured",
                mark="g.id",
                what="m.name || '还领取' || CASE g.kind WHEN 'ORPHAN' THEN"
                " '孤儿、事实无人抚养儿童基本生活费' ELSE '重度残疾人护理补贴' END || '，不能同时享受'",
                evidence="'member', m.id, 'kind', g.kind, 'report_returned', k.returned_on,"
                " 'note', g.note",
            ),
            Part(
                of=IN_BENEFIT,
                joins="JOIN cases_member n ON n.id_digest = m.id_digest AND n.left_on IS NULL"
                " AND n.is_insured JOIN cases_benefit y ON y.household_id = n.household_id"
                " AND y.id <> b.id AND y.start_month <= %(month)s::date"
                " AND (y.end_month IS NULL OR y.end_month >= %(month)s::date)",
                when="m.is_insured AND b.programme LIKE '%%DESTITUTE'"
                " AND y.programme LIKE '%%ALLOWANCE'",
                mark="m.id || ':' || y.id",
                what="m.name || '享受特困供养，同时享受低保（' || y.certificate_no || '）'",
                evidence="'member', m.id, 'other_benefit', y.key",
            ),
        ),
    ),
    Check(
        id="R05", severity="M", cites="8", label="半年内没有被别处不予批准",
        owner="office_staff", advice="查看原来不予批准的理由是否还在",
        parts=(
            Part(
                of=CASES,
                joins="JOIN cases_member m ON m.household_id = c.household_id AND m.left_on IS NULL"
                " JOIN cases_member n ON n.id_digest = m.id_digest"
                " JOIN cases_case e ON e.household_id = n.household_id AND e.id <> c.id"
                " JOIN cases_decision r ON r.case_id = e.id AND r.outcome = 'REFUSED'",
                when="r.decided_on >= c.submitted_on - 180 AND (r.decided_on <= c.submitted_on"
                f" OR r.decided_on < c.decided_on OR c.state IN {IN_PROCESS})"
                " AND (e.office_id <> c.office_id OR e.programme <> c.programme)",
                mark="m.id || ':' || e.id",
                what=f"m.name || ' ' || {day('r.decided_on')} || ' 曾不予批准（' || e.no || '）：'"
                " || r.reason",
                evidence="'member', m.id, 'refused_case', e.no, 'refused_on', r.decided_on,"
                " 'submitted_on', c.submitted_on",
            ),
        ),
    ),
    Check(
        id="R06", severity="M", cites="8", label="没有同名、同日出生、证号不同的两人",
        owner="office_staff", advice="核对是否同一人有两个证号",
        parts=(
            Part(
                of=IN_BENEFIT,
                joins="JOIN cases_member n ON n.birth_on = m.birth_on AND n.name = m.name"
                " AND n.id_digest <> m.id_digest AND n.left_on IS NULL"
                " JOIN cases_benefit y ON y.household_id = n.household_id"
                " AND (y.end_month IS NULL OR y.end_month >= %(month)s::date)",
                when="true", mark="least(m.id, n.id) || ':' || greatest(m.id, n.id)",
                what="m.name || '与另一在享人员同名、同日出生，证号不同（' || y.certificate_no"
                " || '）'",
                evidence="'member', m.id, 'other_member', n.id, 'other_benefit', y.key,"
                " 'birth_on', m.birth_on",
            ),
        ),
    ),
    Check(
        id="R07", severity="H", cites="8 18(5)", label="户主和成员没有在别处死亡、结婚、迁出",
        owner="office_staff", advice="核实后变更户主或成员，重新核算",
        parts=(
            Part(
                of=IN_BENEFIT,
                joins="JOIN cases_member n ON n.id_digest = m.id_digest"
                " AND n.household_id <> m.household_id",
                when="n.left_reason = 'DIED'"
                " OR n.left_reason IN ('MARRIED', 'MOVED') AND n.left_on > m.joined_on",
                mark="m.id || ':' || n.id",
                what="m.name || ' ' || " + day("n.left_on") + " || ' 在另一户登记为'"
                " || CASE n.left_reason WHEN 'DIED' THEN '死亡' WHEN 'MARRIED' THEN '结婚离家'"
                " ELSE '户籍迁出' END || '，本户还没有变更'",
                evidence="'member', m.id, 'left_on', n.left_on, 'left_reason', n.left_reason",
            ),
            Part(
                of=IN_BENEFIT,
                joins="JOIN cases_member n ON n.id_digest = m.id_digest"
                " AND n.household_id <> m.household_id",
                when="n.relation IN ('SELF', 'SPOUSE') AND n.left_on IS NULL"
                " AND m.relation NOT IN ('SELF', 'SPOUSE') AND n.joined_on > m.joined_on"
                " AND m.counts_for_income",
                mark="m.id || ':' || n.id",
                what="m.name || ' ' || " + day("n.joined_on")
                + " || ' 起是另一户的户主或配偶，本户还没有变更'",
                evidence="'member', m.id, 'joined_on', n.joined_on, 'relation', n.relation",
            ),
        ),
    ),
    Check(
        id="R10", severity="B", cites="11", label="名单里没有上月底以前死亡的收款人",
        owner="office_staff", advice="从名单中移出，停发后按规定办理",
        parts=(
            Part(
                of=LINES,
                joins="JOIN cases_member m ON m.household_id = l.household_id"
                " AND m.name IN (l.holder, l.head_name)"
                " AND (m.name <> l.head_name OR m.id_tail = l.id_tail)" + DIED,
                when="l.is_effective AND l.state = 'PENDING' AND x.died_on < a.month",
                mark="l.id",
                what="m.name || ' ' || " + day("x.died_on") + " || ' 死亡，仍在 ' || "
                + month("a.month") + " || ' 的名单中'",
                evidence="'member', m.id, 'died_on', x.died_on, 'source', x.source,"
                " 'line_no', l.line_no, 'amount_fen', l.amount_fen",
            ),
        ),
    ),
    Check(
        id="R11", severity="H", cites="18(5)", label="知道死亡以后及时复核",
        owner="office_staff", advice="三个月内办结复核：停发、变更户主或调整",
        parts=(
            Part(
                of=IN_BENEFIT, joins=DIED,
                when="x.imported_on <= %(on)s::date - 30 AND NOT EXISTS (SELECT FROM cases_review v"
                " WHERE v.benefit_id = b.id AND v.state = 'ENDED' AND v.ended_on >= x.imported_on)",
                mark="m.id || ':' || CASE WHEN x.imported_on <= %(on)s::date - 90 THEN 90"
                " WHEN x.imported_on <= %(on)s::date - 60 THEN 60 ELSE 30 END",
                what="m.name || ' ' || " + day("x.died_on") + " || ' 死亡（' || x.source"
                " || '），知道后已 ' || (%(on)s::date - x.imported_on) || ' 天没有复核'",
                evidence="'member', m.id, 'died_on', x.died_on, 'known_on', x.imported_on,"
                " 'days', %(on)s::date - x.imported_on",
            ),
        ),
    ),
    Check(
        id="R12", severity="H", cites="18(5) 20(1)", label="死亡次月以后没有继续发放",
        owner="office_staff", advice="发起追缴，金额为死亡次月起各月之和",
        parts=(
            Part(
                of=ALL_BENEFITS,
                joins="JOIN cases_member m ON m.household_id = b.household_id AND m.is_insured"
                + DIED + PAID_AFTER,
                when="m.left_on IS NULL OR m.left_reason = 'DIED' OR m.left_on >= x.died_on",
                rest="GROUP BY b.id, m.id, x.died_on, x.source",
                mark="m.id || ':' || max(l.month)",
                what="m.name || ' ' || " + day("x.died_on") + " || ' 死亡，以后仍发放 ' || count(*)"
                " || ' 个月共 ' || " + yuan("sum(l.amount_fen)") + " || ' 元，没有追缴'",
                evidence="'member', m.id, 'died_on', x.died_on, 'source', x.source,"
                " 'months', count(*), 'fen', sum(l.amount_fen), 'last_month', max(l.month)",
            ),
        ),
    ),
    Check(
        id="R13", severity="H", cites="8 18(5)", label="在享人员没有服刑、失踪、户籍迁出",
        owner="office_staff", advice="核实后调整保障人口或终止",
        parts=(
            Part(
                of=IN_BENEFIT, mark="m.id || ':' || m.not_counted",
                when="m.is_insured AND m.not_counted IN ('IMPRISONED', 'MISSING')",
                what="m.name || CASE m.not_counted WHEN 'MISSING' THEN '已宣告失踪'"
                " ELSE '正在服刑或者强制隔离戒毒' END || '，仍在保障人口中'",
                evidence="'member', m.id, 'not_counted', m.not_counted",
            ),
            Part(
                of=LIVE_CASES,
                joins=LATEST_FINDINGS + PERSON_NOW.format(of="g"),
                when="g.kind IN ('PRISON', 'DEAD', 'MOVED', 'MARRIED') AND m.not_counted = ''",
                mark="g.id",
                what="'核对发现' || m.name || CASE g.kind WHEN 'PRISON' THEN '服刑或者强制隔离戒毒'"
                " WHEN 'DEAD' THEN '死亡或者殡葬登记' WHEN 'MARRIED' THEN '婚姻登记与申报不同'"
                " ELSE '户籍登记与申报不同' END",
                evidence="'member', m.id, 'kind', g.kind, 'report_returned', k.returned_on",
            ),
            Part(
                of=BENEFITS,
                joins="JOIN LATERAL (SELECT string_agg(DISTINCT m.registered, ',') AS places,"
                " bool_or(m.registered IN ('HERE', 'PERMIT')) AS here FROM cases_member m"
                " WHERE m.household_id = b.household_id AND m.left_on IS NULL"
                " AND m.counts_for_income) m ON true",
                when="NOT m.here", mark="'HUKOU:' || m.places",
                what="'全家户籍都不在本区，也没有本区居住证'", evidence="'registered', m.places",
            ),
        ),
    ),
    Check(
        id="R14", severity="H", cites="4(1).3 18(7)", label="收款账户是本户人员的，没有共用、可疑变更",
        owner="office_staff", advice="见到本人核对账户，必要时更换",
        parts=(
            Part(
                of=BENEFITS,
                joins=f"JOIN cases_payeeaccount u ON {CURRENT}"
                " JOIN cases_payeeaccount w ON w.number_digest = u.number_digest AND w.is_current"
                " AND w.household_id <> u.household_id"
                " JOIN cases_benefit y ON y.household_id = w.household_id"
                " AND y.continues_id IS DISTINCT FROM b.id AND b.continues_id IS DISTINCT FROM y.id"
                " AND (y.end_month IS NULL OR y.end_month >= %(month)s::date)",
                when="true", mark="'SHARED:' || u.number_tail || ':' || y.id",
                what="'收款账户（尾号 ' || u.number_tail || '）同时是另一户的（' || y.certificate_no"
                " || '）'",
                evidence="'account_tail', u.number_tail, 'other_benefit', y.key",
            ),
            Part(
                of=BENEFITS, joins=f"JOIN cases_payeeaccount u ON {CURRENT}",
                when=STRANGER, mark="'NAME:' || u.id",
                what="'收款账户的户名“' || u.holder || '”不是本户人员'",
                evidence="'account_tail', u.number_tail, 'holder', u.holder",
            ),
            Part(
                of=LINES,
                joins="JOIN cases_payeeaccount u ON u.household_id = l.household_id"
                " AND u.number_digest = l.account_digest",
                when="l.is_effective AND u.valid_from BETWEEN coalesce(l.paid_on, a.pay_by) - 30"
                " AND coalesce(l.paid_on, a.pay_by)"
                " AND EXISTS (SELECT FROM cases_payeeaccount w"
                " WHERE w.household_id = u.household_id AND w.id < u.id)",
                mark="'CHANGED:' || u.id",
                what="l.head_name || '的收款账户 ' || " + day("u.valid_from")
                + " || ' 刚刚变更（尾号 ' || u.number_tail || '）'",
                evidence="'account_tail', u.number_tail, 'valid_from', u.valid_from,"
                " 'line_no', l.line_no, 'amount_fen', l.amount_fen",
            ),
            Part(
                of=BENEFITS,
                joins=f"JOIN cases_payeeaccount u ON {CURRENT} JOIN cases_member m"
                " ON m.household_id = b.household_id AND m.name = u.holder LEFT " + DIED.strip(),
                when="x.died_on IS NOT NULL OR m.left_reason = 'DIED'", mark="'DEAD:' || u.id",
                what="'收款账户的户主' || m.name || ' ' || "
                + day("coalesce(x.died_on, m.left_on)") + " || ' 已死亡'",
                evidence="'account_tail', u.number_tail,"
                " 'died_on', coalesce(x.died_on, m.left_on)",
            ),
            Part(
                of=BENEFITS,
                joins=f"JOIN cases_payeeaccount u ON {CURRENT}"
                " JOIN kernel_person p ON p.name = u.holder"
                " JOIN kernel_post o ON o.person_id = p.id AND o.starts_on <= %(on)s::date"
                " AND coalesce(o.ends_on, %(on)s::date) >= %(on)s::date",
                when=STRANGER, mark="'STAFF:' || u.id || ':' || p.id",
                what="'收款账户的户名“' || u.holder || '”与在岗工作人员相同'",
                evidence="'account_tail', u.number_tail, 'staff', p.id",
            ),
            Part(
                of=BENEFITS,
                joins=f"JOIN cases_payeeaccount u ON {CURRENT}"
                " JOIN cases_staffrelative e ON e.name = u.holder AND e.withdraws_id IS NULL"
                " AND EXISTS (SELECT FROM kernel_post o WHERE o.person_id = e.staff_id"
                f" AND {IN_POST})"
                " AND NOT EXISTS (SELECT FROM cases_staffrelative i WHERE i.withdraws_id = e.id)",
                when=STRANGER, mark="'KIN:' || u.id || ':' || e.id",
                what="'收款账户的户名“' || u.holder || '”与工作人员的备案近亲属相同'",
                evidence="'account_tail', u.number_tail, 'relative', e.id",
            ),
        ),
    ),
    Check(
        id="R15", severity="M", cites="3(2) 4(1).2", label="收款人证件有效，按期签到认证",
        owner="office_staff", advice="通知换证，上门或视频认证",
        parts=(
            Part(
                of=IN_BENEFIT, joins=f"LEFT JOIN cases_payeeaccount u ON {CURRENT}",
                when="m.papers_until < %(on)s::date"
                " AND (m.relation = 'SELF' OR m.name = u.holder)",
                mark="'PAPERS:' || m.id || ':' || m.papers_until",
                what="m.name || '的证件 ' || " + day("m.papers_until") + " || ' 到期'",
                evidence="'member', m.id, 'papers_until', m.papers_until",
            ),
            Part(
                of=BENEFITS,
                joins="LEFT JOIN LATERAL (SELECT max(t.on_day) AS day FROM cases_contact t"
                " WHERE t.benefit_id = b.id AND t.kind IN ('CERTIFY', 'SIGN_IN', 'VISIT')) t"
                " ON true",
                when="coalesce(t.day, b.start_month)"
                " < %(on)s::date - make_interval(months => %(certify)s::int)",
                mark="'CERTIFY:' || coalesce(t.day, b.start_month)",
                what="'自 ' || " + day("coalesce(t.day, b.start_month)")
                + " || ' 起没有签到、认证，超过 ' || %(certify)s || ' 个月'",
                evidence="'last', t.day, 'start_month', b.start_month, 'months', %(certify)s::int",
            ),
        ),
    ),
    Check(
        id="R16", severity="H", cites="9 18(9)", label="没有疑似虚构的家庭",
        owner="supervisor", advice="由其他镇、街道人员上门核实，见人见证见房",
        parts=(
            Part(
                of=BENEFITS,
                joins="JOIN jsonb_to_recordset(%(ghosts)s::jsonb)"
                " AS z(household bigint, signs int, what text) ON z.household = b.household_id",
                when="z.signs >= 2", mark="'GHOST'", what="z.what",
                evidence="'signs', z.signs",
            ),
        ),
    ),
)  # fmt: skip

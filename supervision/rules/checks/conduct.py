"""Offices, samples, complaints, looks, errors, what is missed: R70-R76."""

from cases.rules.programmes import CHOICES

from .populations import (
    BENEFITS,
    COMPLAINTS,
    FAMILY,
    IN_PROCESS,
    LEADS,
    MONTHLY,
    OFFICES,
    RELIEF,
    RUNS,
    SAMPLES,
    STAFF,
)
from .procedure import is_rest
from .shape import Check, Part, Population, day, yuan

YEAR = "interval '12 months'"
ILL = (
    "EXISTS (SELECT FROM cases_member m WHERE m.household_id = {of}.household_id"
    " AND m.left_on IS NULL AND m.condition IN ('ILL', 'DISABLED_1', 'DISABLED_2', 'DISABLED_3M'))"
)
# Each application is a household of its own: people are known by their numbers.
PEOPLE = "cases_member m JOIN cases_member n ON n.id_digest = m.id_digest AND n.left_on IS NULL"
OF_HOME = "m.household_id = {of}.household_id AND m.left_on IS NULL"
# Nobody of the family is paid, waits for an answer, or was refused within the year; an approval
# of before is its benefit, which may be over.
UNASKED = (
    f"NOT EXISTS (SELECT FROM {PEOPLE} JOIN cases_case e ON e.household_id = n.household_id"
    f" WHERE {OF_HOME} AND e.programme IN {MONTHLY} AND (e.state IN {IN_PROCESS}"
    " OR e.state = 'REFUSED' AND e.decided_on > %(on)s::date - 365))"
    f" AND NOT EXISTS (SELECT FROM {PEOPLE} JOIN cases_benefit y"
    f" ON y.household_id = n.household_id WHERE {OF_HOME} AND y.programme IN {MONTHLY}"
    " AND (y.end_month IS NULL OR y.end_month >= %(month)s::date))"
)
# 临时救助 of families on the edge, with somebody gravely ill or disabled, without 低保.
MISSED_RELIEF = Population(
    kind="case",
    label="临时救助对象",
    key="c.no",
    office="c.office_id",
    tables="cases_case c JOIN cases_claim q ON q.case_id = c.id",
    where=f"c.programme IN {RELIEF} AND c.state = 'APPROVED' AND q.household_class"
    " IN ('EDGE', 'RIGID', 'ORDINARY') AND c.decided_on > %(on)s::date - 365"
    f" AND {ILL.format(of='c')} AND {UNASKED.format(of='c')}",
)
MISSED_EXIT = Population(
    kind="review", label="已停发的复核", key="v.no", office="v.office_id",
    tables="cases_review v JOIN cases_benefit b ON b.id = v.benefit_id",
    where="v.state = 'ENDED' AND v.outcome IN ('STOP', 'EXIT') AND v.ground IN ('INCOME', 'PROPERTY')"
    " AND v.ended_on BETWEEN %(on)s::date - 365 AND %(on)s::date - 30"
    f" AND {ILL.format(of='b')} AND {UNASKED.format(of='b')}",
)  # fmt: skip
# Each office's share of something beside that of the whole district, within one programme (who
# gives more of a better paid one is not strange): further from it than two standard errors.
# `yes` and `n` are counts in an alias s.
SHARES = """
JOIN ({counts}) s ON s.office_id = o.id
JOIN (SELECT s.programme, sum(s.yes)::numeric AS yes, sum(s.n)::numeric AS n
        FROM ({counts}) s GROUP BY s.programme) w ON w.programme = s.programme
"""
APPROVALS = f"""
SELECT c.office_id, c.programme, count(*) AS n,
       count(*) FILTER (WHERE d.outcome = 'APPROVED') AS yes
  FROM cases_case c JOIN cases_decision d ON d.case_id = c.id
 WHERE d.decided_on > %(on)s::date - {YEAR} AND c.district_id = %(district)s
 GROUP BY c.office_id, c.programme
"""
BEYOND = "abs(s.yes::numeric / s.n - w.yes / w.n) > 2 * sqrt(w.yes / w.n * (1 - w.yes / w.n) / s.n)"
# What each benefit gives a person in the month, after reviews and raised standards.
EACH = f"""
SELECT b.office_id, b.programme, coalesce(t.monthly_fen, b.monthly_fen)::numeric
       / coalesce(t.persons, b.persons) AS fen
  FROM cases_benefit b
  LEFT JOIN LATERAL (SELECT t.monthly_fen, t.persons FROM cases_entitlement t
                      WHERE t.benefit_id = b.id AND t.from_month <= %(month)s::date
                      ORDER BY t.id DESC LIMIT 1) t ON true
 WHERE b.programme IN {MONTHLY} AND {RUNS} AND b.district_id = %(district)s
"""
# Its name in words, in SQL.
NAMED = (
    "(CASE s.programme " + " ".join(f"WHEN '{code}' THEN '{name}'" for code, name in CHOICES)
    + " END)"
)  # fmt: skip
# Families, not applications: who applied again is one of them (18(4)).
ERRORS = f"""
JOIN LATERAL (SELECT count(DISTINCT {FAMILY.format(of="f")}) AS wrong
                FROM supervision_finding f WHERE f.office_id = o.id AND f.is_error AND f.outcome IN ('TRUE', 'MENDED')
                 AND f.error_year = extract(year FROM %(on)s::date)) f ON true
JOIN LATERAL (SELECT count(DISTINCT {FAMILY.format(of="c")}) AS approved FROM cases_case c
                JOIN cases_decision d ON d.case_id = c.id
               WHERE c.office_id = o.id AND d.outcome = 'APPROVED'
                 AND d.decided_on >= date_trunc('year', %(on)s::date)
                 AND d.decided_on <= %(on)s::date) c ON c.approved > 0
"""
HELD = (
    "JOIN kernel_post o ON o.person_id = p.id AND o.starts_on <= %(on)s::date"
    " AND coalesce(o.ends_on, %(on)s::date) >= %(on)s::date"
)

# The draw once more, from the frame and the seed (rules.sampling.draw): who stands in the list
# without being drawn, and who was drawn and does not stand in it.
AGAIN = """
JOIN LATERAL (
     SELECT count(*) AS n FROM (
            SELECT y.number, y.must, y.place, y.many FROM (
                   SELECT y.number, y.must, count(*) OVER w AS many,
                          row_number() OVER (w ORDER BY encode(sha256(convert_to(
                              s.seed || ':' || y.number, 'UTF8')), 'hex') COLLATE "C") AS place
                     FROM supervision_frameline y WHERE y.sample_id = s.id
                   WINDOW w AS (PARTITION BY y.stratum, y.must <> '')) y
             WHERE y.must <> '' OR y.place <= ceil(y.many * s.percent / 100.0)) y
       FULL JOIN (SELECT i.number, i.why FROM supervision_sampleitem i
                   WHERE i.sample_id = s.id AND i.why <> 'REPLACEMENT') i ON i.number = y.number
      WHERE i.number IS NULL OR y.number IS NULL OR (i.why = 'FORCED') <> (y.must <> '')) i ON true
"""

CHECKS = (
    Check(
        id="R70", severity="M", cites="7.1 8", label="各镇街的批准率、平均金额、退出没有异常",
        owner="deputy_leader", advice="说明差异的原因，必要时专项抽查",
        parts=(
            Part(
                of=OFFICES, joins=SHARES.format(counts=APPROVALS),
                when=f"s.n >= 20 AND w.n > s.n AND {BEYOND}",
                mark="'RATE:' || s.programme || ':' || to_char(%(month)s::date, 'YYYY-MM')",
                what=NAMED + " || '近一年批准率 ' || round(100.0 * s.yes / s.n, 1) || '%%，全区 '"
                " || round(100 * w.yes / w.n, 1) || '%%'",
                evidence="'programme', s.programme, 'approved', s.yes, 'decided', s.n,"
                " 'all_approved', w.yes, 'all_decided', w.n",
            ),
            Part(
                of=OFFICES,
                joins="JOIN (SELECT x.office_id, x.programme, count(*) AS n, avg(x.fen) AS mean"
                f" FROM ({EACH}) x GROUP BY x.office_id, x.programme) s ON s.office_id = o.id"
                " JOIN (SELECT x.programme, avg(x.fen) AS mean, stddev_samp(x.fen) AS spread"
                f" FROM ({EACH}) x GROUP BY x.programme) w ON w.programme = s.programme",
                when="s.n >= 20 AND abs(s.mean - w.mean) > 3 * w.spread / sqrt(s.n)"
                " AND abs(s.mean - w.mean) > w.mean / 10",
                mark="'MEAN:' || s.programme || ':' || to_char(%(month)s::date, 'YYYY-MM')",
                what=NAMED + " || '人均补助 ' || " + yuan("s.mean") + " || ' 元，全区 ' || " + yuan("w.mean")
                + " || ' 元'",
                evidence="'programme', s.programme, 'mean_fen', round(s.mean),"
                " 'all_mean_fen', round(w.mean), 'benefits', s.n",
            ),
            Part(
                of=OFFICES,
                joins=f"JOIN LATERAL (SELECT count(*) AS n FROM cases_benefit b"
                f" WHERE b.office_id = o.id AND b.programme IN {MONTHLY}"
                " AND b.start_month <= %(on)s::date - interval '6 months'"
                " AND (b.end_month IS NULL OR b.end_month >= %(month)s::date)) s ON true",
                when=f"s.n >= 20 AND NOT EXISTS (SELECT FROM cases_benefit b"
                f" WHERE b.office_id = o.id AND b.programme IN {MONTHLY}"
                " AND b.end_month >= (%(month)s::date - interval '6 months')::date)",
                mark="'NO_EXIT:' || to_char(%(month)s::date, 'YYYY-MM')",
                what="'六个月没有一户退出（在享 ' || s.n || ' 户）'", evidence="'in_benefit', s.n",
            ),
            Part(
                of=OFFICES,
                joins="JOIN (SELECT s.office_id, sum(s.n) AS n, sum(s.yes) AS yes"
                f" FROM ({APPROVALS}) s GROUP BY s.office_id) s ON s.office_id = o.id",
                when="s.n >= 20 AND s.yes = s.n",
                mark="'NO_REFUSAL:' || to_char(%(month)s::date, 'YYYY-MM')",
                what="'近一年 ' || s.n || ' 件决定，没有一件不予批准'", evidence="'decided', s.n",
            ),
        ),
    ),
    Check(
        id="R71", severity="M", cites="4(1).2 13", label="抽查随机、够数、回避",
        owner="supervisor", advice="按种子重抽，补足比例，换人检查",
        parts=(
            Part(
                of=SAMPLES,
                when="s.drawn_count < s.target_count OR s.kind <> 'PHONE'"
                " AND s.drawn_on IS NOT NULL AND s.drawn_count * 100 < 30 * s.frame_count",
                mark="'FEW'",
                what="'抽查 ' || s.drawn_count || ' 户，应抽 ' || s.target_count || ' 户，范围内共 '"
                " || s.frame_count || ' 户'",
                evidence="'drawn', s.drawn_count, 'target', s.target_count,"
                " 'frame', s.frame_count",
            ),
            Part(
                of=SAMPLES,
                joins=AGAIN, when="s.drawn_on IS NOT NULL AND i.n > 0", mark="'PICKED'",
                what="'名单与种子抽出的不一致，有 ' || i.n || ' 户不在抽中位置'",
                evidence="'picked', i.n, 'seed', s.seed",
            ),
            Part(
                of=SAMPLES,
                when="NOT EXISTS (SELECT FROM kernel_event e WHERE e.seq = s.seed_event"
                " AND e.subject_kind = 'sample' AND e.subject_key = s.no"
                " AND encode(e.hash, 'hex') = s.seed)",
                mark="'SEED'", what="'种子不是立项时审计链上的摘要，可能是挑选的'",
                evidence="'seed', s.seed, 'seed_event', s.seed_event",
            ),
            Part(
                of=SAMPLES,
                joins="JOIN supervision_sampleitem i ON i.sample_id = s.id"
                " JOIN supervision_sheet t ON t.item_id = i.id"
                " JOIN kernel_post o ON o.person_id IN (t.checked_by_id, t.second_id)"
                " AND o.starts_on <= t.checked_on AND coalesce(o.ends_on, t.checked_on)"
                " >= t.checked_on AND o.unit_id IN (i.office_id, i.village_id)",
                when="true", mark="'CHECKER:' || t.id",
                what="'检查人是被检查单位的人员（' || i.number || '）'",
                evidence="'check', t.id, 'person', o.person_id, 'unit', o.unit_id",
            ),
        ),
    ),
    Check(
        id="R72", severity="H", cites="7.2 5(7)", label="举报按期办结，不集中、不被当事人查看",
        owner="supervisor", days=3, advice="督办；集中的派人核查；查看的调取痕迹",
        parts=(
            Part(
                of=COMPLAINTS, when="q.state <> 'CLOSED' AND q.due_on < %(on)s::date",
                mark="'LATE:' || q.due_on", what="'应在 ' || " + day("q.due_on") + " || ' 以前办结'",
                evidence="'due_on', q.due_on, 'state', q.state",
            ),
            Part(
                of=COMPLAINTS,
                joins="JOIN (SELECT q.village_id, count(*) AS n, max(q.id) AS last"
                " FROM supervision_complaint q WHERE q.is_anonymous"
                " AND q.kind <> 'ENQUIRY' AND q.received_on > %(on)s::date - 90 AND q.village_id IS NOT NULL"
                " GROUP BY q.village_id HAVING count(*) >= 3) w ON w.last = q.id",
                when="true", mark="'CLUSTER:' || w.n",
                what="'九十天内同一村（社区）有 ' || w.n || ' 件匿名举报'",
                evidence="'village', w.village_id, 'complaints', w.n",
            ),
            Part(
                of=COMPLAINTS,
                joins="JOIN kernel_look k ON k.kind = 'complaint' AND k.key = q.no"
                " JOIN supervision_complaintsubject x ON x.complaint_id = q.id"
                " AND x.person_id = k.person_id",
                when="true", mark="'SEEN:' || k.person_id",
                what="'被举报人查看了举报件（' || " + day("k.at AT TIME ZONE 'Asia/Shanghai'") + " || '）'",
                evidence="'look', k.id, 'person', k.person_id, 'at', k.at",
            ),
        ),
    ),
    Check(
        id="R73", severity="M", cites="6.3", label="没有成批查看、非工作时间查看、长期不用的高权限账号",
        owner="supervisor", advice="向本人核实查看的理由，停用不用的账号",
        parts=(
            Part(
                of=STAFF,
                joins="JOIN (SELECT k.person_id, (k.at AT TIME ZONE 'Asia/Shanghai')::date AS day,"
                " count(DISTINCT k.key) AS n FROM kernel_look k"
                " WHERE k.at > %(on)s::date - interval '7 days' GROUP BY 1, 2) k"
                " ON k.person_id = p.id",
                when="k.n > %(most_looks)s::int", mark="'BULK:' || k.day",
                what="p.name || ' ' || " + day("k.day") + " || ' 查看了 ' || k.n || ' 件'",
                evidence="'day', k.day, 'looks', k.n",
            ),
            Part(
                of=STAFF,
                joins="JOIN (SELECT k.person_id, k.day, count(DISTINCT k.key) AS n FROM ("
                "SELECT k.person_id, k.key, (k.at AT TIME ZONE 'Asia/Shanghai' - CASE WHEN"
                " extract(hour FROM k.at AT TIME ZONE 'Asia/Shanghai') < 6 THEN interval '1 day'"
                " ELSE interval '0' END)::date AS day,"
                " extract(hour FROM k.at AT TIME ZONE 'Asia/Shanghai') AS hour FROM kernel_look k"
                " WHERE k.at > %(on)s::date - interval '8 days') k"
                f" WHERE k.hour NOT BETWEEN 6 AND 21 OR {is_rest('k.day')}"
                " GROUP BY 1, 2) k ON k.person_id = p.id",
                when="k.n >= 10", mark="'NIGHT:' || k.day",
                what="p.name || ' ' || " + day("k.day") + " || ' 非工作时间查看了 ' || k.n || ' 件'",
                evidence="'day', k.day, 'looks', k.n",
            ),
            Part(
                of=STAFF,
                joins="JOIN (SELECT k.person_id, date_trunc('hour', k.at) AS hour,"
                " count(DISTINCT k.address) AS n FROM kernel_look k WHERE k.address <> ''"
                " AND k.at > %(on)s::date - interval '7 days' GROUP BY 1, 2) k"
                " ON k.person_id = p.id",
                when="k.n >= 3", mark="'SHARED:' || k.hour",
                what="p.name || '的账号一小时内在 ' || k.n || ' 个地址使用，可能多人共用'",
                evidence="'hour', k.hour, 'addresses', k.n",
            ),
            Part(
                of=STAFF,
                joins="JOIN (SELECT DISTINCT k.person_id, c.no, c.office_id,"
                " (k.at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM kernel_look k"
                " JOIN cases_case c ON k.kind = 'case' AND c.no = k.key"
                " WHERE k.at > %(on)s::date - interval '7 days') k ON k.person_id = p.id",
                when="EXISTS (SELECT FROM kernel_post o WHERE o.person_id = p.id"
                " AND o.starts_on <= k.day AND coalesce(o.ends_on, k.day) >= k.day)"
                " AND NOT EXISTS (SELECT FROM kernel_post o JOIN kernel_unit u ON u.id = o.unit_id"
                " WHERE o.person_id = p.id AND o.starts_on <= k.day"
                " AND coalesce(o.ends_on, k.day) >= k.day AND (u.kind = 'DISTRICT'"
                " OR u.id = k.office_id OR u.parent_id = k.office_id))",
                mark="'AREA:' || k.no || ':' || k.day",
                what="p.name || ' ' || " + day("k.day") + " || ' 查看了不在本辖区的 ' || k.no",
                evidence="'day', k.day, 'case', k.no",
            ),
            Part(
                of=STAFF, joins=HELD + " JOIN kernel_account n ON n.person_id = p.id",
                when="n.is_active AND o.role IN ('bureau_leader', 'supervisor', 'system_admin',"
                " 'security_admin', 'audit_admin', 'auditor', 'accounting')"
                " AND coalesce(n.last_login, n.password_set_at)::date < %(on)s::date - 90",
                mark="'DORMANT:' || n.id || ':' || coalesce(n.last_login, n.password_set_at)::date",
                what="p.name || '的高权限账号九十天没有登录'",
                evidence="'account', n.id, 'last_login', n.last_login, 'role', o.role",
            ),
        ),
    ),
    Check(
        id="R74", severity="H", cites="18(4)", label="全年认定不准不到 5%",
        owner="deputy_leader", advice="达到 4% 预警；达到 5% 依第十八条（四）追责",
        parts=(
            Part(
                of=OFFICES, joins=ERRORS, when="f.wrong * 100 >= 4 * c.approved",
                mark="extract(year FROM %(on)s::date) || CASE WHEN f.wrong * 100 >= 5 * c.approved"
                " THEN ':5' ELSE ':4' END",
                what="'全年批准 ' || c.approved || ' 户，认定不准 ' || f.wrong || ' 户，占 '"
                " || round(100.0 * f.wrong / c.approved, 2) || '%%，' || CASE WHEN f.wrong * 100"
                " >= 5 * c.approved THEN '已达 5%%' ELSE '接近 5%%' END",
                evidence="'wrong', f.wrong, 'approved', c.approved",
            ),
        ),
    ),
    Check(
        id="R75", severity="M", cites="3(3) 10", label="困难群众没有漏保",
        owner="office_staff", advice="上门了解，符合条件的帮助申请",
        parts=(
            Part(
                of=LEADS, when="w.result = 'OPEN' AND w.found_on < %(on)s::date - 30",
                mark="'OPEN'", what="'' || " + day("w.found_on") + " || ' 发现，一个月还没有结果'",
                evidence="'found_on', w.found_on, 'source', w.source",
            ),
            Part(
                of=MISSED_RELIEF, when="true", mark="'RELIEF'",
                what="'低收入家庭（' || (%(classes)s::jsonb ->> q.household_class)"
                " || '）有重病或重度残疾成员，没有申请低保'",
                evidence="'household_class', q.household_class, 'decided_on', c.decided_on",
            ),
            Part(
                of=MISSED_EXIT, when="true", mark="'EXIT'",
                what="'停保（' || " + day("v.ended_on") + " || '）的家庭有重病或重度残疾成员，没有再申请'",
                evidence="'ended_on', v.ended_on, 'ground', v.ground",
            ),
        ),
    ),
    Check(
        id="R76", severity="M", cites="4(1).2 5(1)", label="标准调整后在享家庭都重新核算",
        owner="office_staff", advice="按新标准测算并签批",
        parts=(
            Part(
                of=OFFICES,
                joins="JOIN jsonb_to_recordset(%(standards)s::jsonb)"
                " AS s(programme text, valid_from date, fen bigint, entered_on date) ON"
                " s.valid_from > (%(on)s::date - interval '12 months')::date",
                when="s.valid_from <= %(on)s::date"
                " AND s.entered_on <= %(on)s::date - 30 AND EXISTS (SELECT FROM cases_benefit b"
                " WHERE b.office_id = o.id AND b.programme = s.programme"
                " AND b.start_month < s.valid_from"
                " AND (b.end_month IS NULL OR b.end_month >= %(month)s::date))"
                " AND NOT EXISTS (SELECT FROM cases_standardrun r WHERE r.office_id = o.id"
                " AND r.programme = s.programme AND r.valid_from = s.valid_from"
                " AND r.state IN ('TO_TELL', 'ENDED'))",
                mark="s.programme || ':' || s.valid_from",
                what="'标准自 ' || " + day("s.valid_from") + " || ' 起调整，在享家庭还没有重新核算'",
                evidence="'programme', s.programme, 'valid_from', s.valid_from, 'fen', s.fen",
            ),
            Part(
                of=BENEFITS,
                joins="JOIN cases_standardrun r ON r.office_id = b.office_id"
                " AND r.programme = b.programme AND r.state IN ('TO_TELL', 'ENDED')"
                " AND r.left_out > 0 AND r.opened_on <= %(on)s::date"
                " AND r.valid_from > (%(on)s::date - interval '12 months')::date",
                when="b.start_month < r.valid_from AND NOT EXISTS (SELECT FROM cases_standardline x"
                " WHERE x.run_id = r.id AND x.benefit_id = b.id) AND NOT EXISTS (SELECT"
                " FROM cases_review v WHERE v.benefit_id = b.id AND v.state = 'ENDED'"
                " AND v.ended_on >= r.opened_on)",
                mark="'LEFT_OUT:' || r.no",
                what="'标准自 ' || " + day("r.valid_from")
                + " || ' 起调整，本户不在调整名单里，还没有逐户重新核算'",
                evidence="'run', r.no, 'valid_from', r.valid_from",
            ),
        ),
    ),
)  # fmt: skip

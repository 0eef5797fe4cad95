"""Reviews, ages, care, relief, back pay: R50-R55."""

from .means import ACCOUNT
from .populations import (
    APPROVED,
    BENEFITS,
    CASES,
    DESTITUTE,
    IN_BENEFIT,
    LIVE_CASES,
    REVIEWS,
    seen,
)
from .procedure import workdays
from .shape import Check, Part, day, yuan

NOW_GIVEN = """
LEFT JOIN LATERAL (SELECT t.* FROM cases_entitlement t
                    WHERE t.benefit_id = b.id AND t.from_month <= %(month)s::date
                    ORDER BY t.id DESC LIMIT 1) t ON true
"""
# When the sum was last looked at with the family of that day; a raised standard does not do so.
SETTLED = """
LEFT JOIN LATERAL (SELECT max(v.decided_on) AS day FROM cases_review v
                    WHERE v.benefit_id = b.id AND v.state = 'ENDED') v ON true
LEFT JOIN cases_decision d ON d.case_id = b.source_case_id
"""
# All the 渐退 of one benefit: in several pieces it is still six months in all.
EXITS = "x.benefit_id = v.benefit_id AND x.outcome = 'EXIT' AND x.state = 'ENDED'"
COUNTED = """
CROSS JOIN LATERAL (SELECT 6 - (t.eats::int + t.dresses::int + t.gets_up::int + t.toilets::int
                    + t.walks::int + t.bathes::int) AS failed) f
"""
TIER_OF = "CASE WHEN f.failed = 0 THEN 'SELF' WHEN f.failed <= 3 THEN 'PARTIAL' ELSE 'FULL' END"
# Each application is a household of its own: the same people are known by their numbers.
SAME_PEOPLE = (
    "SELECT n.household_id FROM cases_member m JOIN cases_member n ON n.id_digest = m.id_digest"
    " WHERE m.household_id = c.household_id"
)
JUST_UNDER = "BETWEEN %(office_most)s::bigint * 9 / 10 AND %(office_most)s::bigint"
# What a person turned or became that may change the sum, on which day.
BECAME = """
CROSS JOIN LATERAL (VALUES
    ('18', (m.birth_on + interval '18 years')::date, '年满 18 周岁'),
    ('DIED', CASE WHEN m.left_reason = 'DIED' THEN m.left_on END, '死亡'),
    ('STUDY', m.studies_until, '毕业')) w(code, happened_on, words)
"""

CHECKS = (
    Check(
        id="R50", severity="M", cites="4(1).2 18(5)", label="按期复核，每年入户",
        owner="office_staff", advice="安排复核和入户",
        parts=(
            Part(
                of=BENEFITS, when="b.review_due_on < %(on)s::date", mark="'DUE:' || b.review_due_on",
                what="'复核应在 ' || " + day("b.review_due_on") + " || ' 以前办结'",
                evidence="'review_due_on', b.review_due_on, 'category', b.category",
            ),
            Part(
                of=BENEFITS,
                when="extract(month FROM %(on)s::date) >= 10 AND NOT " + seen("%(on)s"),
                mark="extract(year FROM %(on)s::date) || CASE WHEN extract(month FROM %(on)s::date)"
                " >= 12 THEN ':12' ELSE ':10' END",
                what="extract(year FROM %(on)s::date) || ' 年还没有入户'",
                evidence="'year', extract(year FROM %(on)s::date), 'start_month', b.start_month",
            ),
        ),
    ),
    Check(
        id="R51", severity="M", cites="18(5)", label="渐退按期结束，分类施保的情形还在",
        owner="office_staff", advice="复核后调整，多发的追缴",
        parts=(
            Part(
                of=REVIEWS,
                when="v.outcome = 'EXIT' AND v.state = 'ENDED' AND (v.exit_months > 6"
                " OR v.last_month >= (SELECT min(x.from_month) FROM cases_review x"
                f" WHERE {EXITS}) + interval '6 months')",
                mark="'LONG'", what="'渐退期 ' || v.exit_months || ' 个月，超过六个月'",
                evidence="'exit_months', v.exit_months, 'from_month', v.from_month",
            ),
            Part(
                of=REVIEWS,
                joins="JOIN LATERAL (SELECT max(x.last_month) AS day FROM cases_review x"
                f" WHERE {EXITS}) e ON true"
                # joined and grouped: the lines have no index by benefit, and are read once
                " JOIN funds_payoutline l ON l.benefit_id = v.benefit_id AND l.is_effective"
                " AND l.month > e.day",
                when="v.outcome = 'EXIT' AND v.state = 'ENDED'", rest="GROUP BY v.id",
                severity="H", mark="'PAID:' || max(l.month)",
                what="'渐退到 ' || to_char(v.last_month, 'YYYY-MM') || ' 为止，以后还发放 '"
                " || count(*) || ' 个月'",
                evidence="'last_month', v.last_month, 'months', count(*),"
                " 'last_paid', max(l.month)",
            ),
            Part(
                of=BENEFITS,
                joins="JOIN cases_member m ON m.household_id = b.household_id AND m.is_insured"
                + NOW_GIVEN + SETTLED + BECAME,
                when="coalesce(t.supplement_fen, b.supplement_fen) > 0"
                " AND w.happened_on < %(month)s::date"
                " AND w.happened_on > coalesce(v.day, d.decided_on, b.start_month - 1)"
                " AND m.joined_on <= w.happened_on"
                " AND (w.code = 'DIED' OR m.left_on IS NULL OR m.left_on > w.happened_on)"
                " AND b.programme LIKE '%%ALLOWANCE'",
                mark="m.id || ':' || w.code || ':' || w.happened_on",
                what="m.name || ' ' || " + day("w.happened_on")
                + " || ' ' || w.words || '，分类施保金没有重新核算'",
                evidence="'member', m.id, 'happened_on', w.happened_on, 'code', w.code,"
                " 'supplement_fen', coalesce(t.supplement_fen, b.supplement_fen)",
            ),
        ),
    ),
    Check(
        id="R52", severity="M", cites="3(2) 18(5)", label="到龄、毕业及时复核",
        owner="office_staff", advice="到龄既可能减少也可能增加权利，请复核",
        parts=(
            Part(
                of=IN_BENEFIT,
                when="m.studies_until >= %(on)s::date"
                " AND m.birth_on <= %(on)s::date - interval '25 years'",
                mark="m.id || ':OLD_STUDENT'", what="m.name || '已满 25 周岁，仍登记为在校学生'",
                evidence="'member', m.id, 'birth_on', m.birth_on, 'studies_until', m.studies_until",
            ),
            Part(
                of=IN_BENEFIT,
                when="m.studies_until < %(month)s::date AND NOT EXISTS (SELECT FROM cases_review v"
                " WHERE v.benefit_id = b.id AND v.state <> 'WITHDRAWN'"
                " AND v.opened_on >= m.studies_until - 30)",
                mark="m.id || ':' || m.studies_until",
                what="m.name || ' ' || " + day("m.studies_until") + " || ' 毕业，没有复核'",
                evidence="'member', m.id, 'studies_until', m.studies_until",
            ),
            Part(
                of=IN_BENEFIT,
                joins="CROSS JOIN (VALUES (16), (18), (60), (70)) w(age)",
                when="(m.birth_on + make_interval(years => w.age))::date"
                " BETWEEN greatest(b.start_month, %(on)s::date - 180) AND %(on)s::date"
                " AND NOT EXISTS (SELECT FROM cases_review v WHERE v.benefit_id = b.id"
                " AND v.state <> 'WITHDRAWN'"
                " AND v.opened_on >= (m.birth_on + make_interval(years => w.age))::date - 31)",
                mark="m.id || ':' || w.age",
                what="m.name || '已满 ' || w.age || ' 周岁，没有复核'",
                evidence="'member', m.id, 'age', w.age, 'birth_on', m.birth_on",
            ),
        ),
    ),
    Check(
        id="R53", severity="H", cites="4(3) 18(5)", label="特困评估有效，档次与项数相符",
        owner="office_staff", advice="重新评估，核实义务人和在校情况",
        parts=(
            Part(
                of=BENEFITS,
                joins="JOIN cases_case c ON c.id = b.source_case_id LEFT JOIN LATERAL ("
                "SELECT t.* FROM cases_selfcare t WHERE t.case_id = c.id"
                " ORDER BY t.assessed_on DESC, t.id DESC LIMIT 1) t ON true",
                when=f"b.programme IN {DESTITUTE} AND (t.id IS NULL"
                " OR t.assessed_on < %(on)s::date - interval '12 months')",
                mark="'OLD:' || coalesce(t.assessed_on::text, '')",
                what="CASE WHEN t.id IS NULL THEN '没有自理能力评估' ELSE '自理能力评估日期 ' || "
                + day("t.assessed_on") + " || '，已超过 12 个月' END",
                evidence="'assessed_on', t.assessed_on, 'tier', t.tier",
            ),
            Part(
                of=LIVE_CASES, joins="JOIN cases_selfcare t ON t.case_id = c.id"
                " AND t.round = c.round" + COUNTED,
                when=f"t.failed <> f.failed OR t.tier <> {TIER_OF}",
                mark="'TIER:' || t.id",
                what="'不能完成 ' || f.failed || ' 项，档次与项数不符'",
                evidence="'failed', t.failed, 'counted', f.failed, 'tier', t.tier,"
                " 'assessed_on', t.assessed_on",
            ),
            Part(
                of=BENEFITS,
                joins=NOW_GIVEN + " JOIN LATERAL (SELECT e.* FROM cases_selfcare e"
                " WHERE e.case_id = b.source_case_id"
                " ORDER BY e.assessed_on DESC, e.id DESC LIMIT 1) e ON true",
                when=f"b.programme IN {DESTITUTE} AND e.assessed_on < %(month)s::date"
                " AND coalesce(nullif(t.care_tier, ''), nullif(b.care_tier, '')) <> e.tier",
                mark="'PAID_TIER:' || e.id",
                what="'评估不能完成 ' || e.failed || ' 项，发放的照料护理档次与项数不符'",
                evidence="'assessed_on', e.assessed_on, 'failed', e.failed, 'tier', e.tier,"
                " 'paid_tier', coalesce(nullif(t.care_tier, ''), b.care_tier)",
            ),
            Part(
                of=IN_BENEFIT,
                when=f"b.programme IN {DESTITUTE} AND m.relation = 'SELF' AND b.start_month <"
                " m.birth_on + interval '18 years' AND m.birth_on <= %(on)s::date"
                " - interval '18 years' AND coalesce(m.studies_until, %(on)s::date - 1)"
                " < %(on)s::date"
                " AND m.condition NOT IN ('DISABLED_1', 'DISABLED_2', 'DISABLED_3M')",
                mark="'ADULT'", what="m.name || '按未成年人认定，已满 18 周岁，没有在校登记'",
                evidence="'member', m.id, 'birth_on', m.birth_on, 'start_month', b.start_month",
            ),
            Part(
                of=APPROVED, joins="LEFT JOIN LATERAL (SELECT i.facts FROM cases_incomeaccount i"
                " WHERE i.case_id = c.id ORDER BY i.id DESC LIMIT 1) i ON true",
                when=f"c.programme IN {DESTITUTE} AND NOT EXISTS (SELECT FROM cases_obligor e"
                " WHERE e.case_id = c.id) AND NOT coalesce(i.facts ? 'obligors', false)",
                mark="'OBLIGOR'", what="'没有登记法定义务人，也没有写明没有义务人'",
                evidence="'decided_on', d.decided_on",
            ),
        ),
    ),
    Check(
        id="R54", severity="H", cites="4(2)", label="临时救助时限、手续、金额、发放方式合规",
        owner="office_staff", advice="补齐手续，说明理由；拆分的一并核查",
        parts=(
            Part(
                of=CASES,
                when="c.programme = 'URGENT_RELIEF' AND c.submitted_on IS NOT NULL"
                " AND c.state <> 'DECLINED'"
                " AND coalesce(c.relieved_on, c.decided_on, %(on)s::date) - c.submitted_on > 3",
                mark="'SLOW'",
                what="'急难救助提交后 ' || (coalesce(c.relieved_on, c.decided_on, %(on)s::date)"
                " - c.submitted_on) || ' 天才救助，规定三日'",
                evidence="'submitted_on', c.submitted_on, 'relieved_on', c.relieved_on",
            ),
            Part(
                of=CASES,
                when="c.relieved_on IS NOT NULL AND c.state <> 'DECLINED' AND "
                + workdays("c.relieved_on", "coalesce(c.decided_on, %(on)s::date)")
                + " > %(papers_days)s::int",
                mark="'PAPERS'",
                what="'' || " + day("c.relieved_on") + " || ' 先行救助，手续' || CASE WHEN"
                " c.decided_on IS NULL THEN '还没有补齐' ELSE ' ' || " + day("c.decided_on")
                + " || ' 才补齐' END",
                evidence="'relieved_on', c.relieved_on, 'state', c.state",
            ),
            Part(
                of=CASES, joins="JOIN cases_handover h ON h.case_id = c.id",
                when="c.programme = 'EXPENSE_RELIEF' AND h.method = 'CASH'", mark="'CASH:' || h.id",
                what="'支出型救助发放了现金 ' || " + yuan("h.amount_fen") + " || ' 元'",
                evidence="'handed_on', h.handed_on, 'amount_fen', h.amount_fen",
            ),
            Part(
                of=APPROVED,
                joins="JOIN cases_claim q ON q.case_id = c.id"
                f" JOIN cases_case e ON e.household_id IN ({SAME_PEOPLE}) AND e.state = 'APPROVED'"
                " AND (e.decided_on, e.id) < (c.decided_on, c.id)"
                " AND e.decided_on > c.decided_on - interval '12 months'"
                " JOIN cases_claim r ON r.case_id = e.id AND r.cause = q.cause",
                when="true", mark="'CAUSE:' || e.id",
                what="'同一事由十二个月内已救助过（' || e.no || '，' || " + day("e.decided_on")
                + " || '）'",
                evidence="'earlier_case', e.no, 'cause', q.cause, 'earlier_on', e.decided_on",
            ),
            Part(
                of=APPROVED, joins=ACCOUNT,
                when="c.programme LIKE '%%RELIEF' AND i.standard_fen > 0 AND d.once_fen > 0"
                " AND (d.once_fen < %(min_times)s::int * i.standard_fen * greatest(i.persons, 1)"
                " OR d.once_fen > %(max_times)s::int * i.standard_fen * greatest(i.persons, 1))"
                " AND coalesce(i.facts ->> 'special', '') = ''",
                mark="'TIMES'",
                what="'救助 ' || " + yuan("d.once_fen") + " || ' 元，不在 ' || %(min_times)s || ' 至 '"
                " || %(max_times)s || ' 倍标准以内，没有一事一议记录'",
                evidence="'once_fen', d.once_fen, 'standard_fen', i.standard_fen,"
                " 'persons', i.persons",
            ),
            Part(
                of=APPROVED,
                joins="JOIN LATERAL (SELECT count(*) AS times, sum(x.once_fen) AS fen"
                " FROM cases_case e JOIN cases_decision x ON x.case_id = e.id"
                f" WHERE e.household_id IN ({SAME_PEOPLE}) AND e.state = 'APPROVED'"
                " AND x.once_fen > 0 AND x.once_fen <= %(office_most)s::bigint"
                " AND x.decided_on <= d.decided_on"
                " AND x.decided_on > d.decided_on - interval '12 months') e ON true",
                when="c.programme LIKE '%%RELIEF' AND e.times > 1"
                " AND e.fen > %(office_most)s::bigint AND NOT c.above_office",
                mark="'SPLIT:' || e.times",
                what="'十二个月内 ' || e.times || ' 次共 ' || " + yuan("e.fen")
                + " || ' 元，每次都在镇、街道上限以内'",
                evidence="'times', e.times, 'fen', e.fen, 'office_most', %(office_most)s::bigint",
            ),
            Part(
                of=APPROVED,
                joins="JOIN LATERAL (SELECT count(*) AS times, sum(x.once_fen) AS fen"
                " FROM cases_case e JOIN cases_decision x ON x.case_id = e.id"
                " WHERE e.office_id = c.office_id AND e.state = 'APPROVED'"
                f" AND x.decided_on = d.decided_on AND x.once_fen {JUST_UNDER}) e ON true",
                when=f"c.programme LIKE '%%RELIEF' AND d.once_fen {JUST_UNDER} AND e.times >= 3",
                mark="'DAY:' || d.decided_on",
                what="'同一天（' || " + day("d.decided_on") + " || '）有 ' || e.times"
                " || ' 笔共 ' || " + yuan("e.fen") + " || ' 元，每笔都略低于镇、街道上限'",
                evidence="'times', e.times, 'fen', e.fen, 'office_most', %(office_most)s::bigint",
            ),
        ),
    ),
    Check(
        id="R55", severity="M", cites="4(1).1", label="20 日以后批准的，次月有补发安排",
        owner="office_staff", advice="在下一期名单补发",
        parts=(
            Part(
                of=APPROVED,
                when="d.start_month IS NOT NULL AND c.change_id IS NULL"
                " AND extract(day FROM d.decided_on) > %(cut_off)s::int"
                " AND (d.start_month, d.paid_with) IS DISTINCT FROM ("
                "(date_trunc('month', d.decided_on) + interval '1 month')::date,"
                " (date_trunc('month', d.decided_on) + interval '2 months')::date)",
                mark="'PLAN'",
                what="'' || " + day("d.decided_on") + " || ' 批准，起始月 ' ||"
                " to_char(d.start_month, 'YYYY-MM') || '，次月没有安排补发'",
                evidence="'decided_on', d.decided_on, 'start_month', d.start_month,"
                " 'paid_with', d.paid_with",
            ),
            Part(
                of=APPROVED, joins="JOIN cases_benefit b ON b.source_case_id = c.id",
                when="extract(day FROM d.decided_on) > %(cut_off)s::int"
                " AND d.paid_with > d.start_month AND d.paid_with < %(month)s::date"
                " AND (b.end_month IS NULL OR b.end_month >= d.start_month)"
                " AND NOT EXISTS (SELECT FROM funds_payoutline l"
                " WHERE l.benefit_id = b.id AND l.month = d.start_month AND l.is_effective"
                " AND l.kind IN ('NORMAL', 'BACK_PAY'))",
                mark="'MISSED'",
                what="'' || " + day("d.decided_on") + " || ' 批准，' ||"
                " to_char(d.start_month, 'YYYY-MM') || ' 的保障金还没有补发'",
                evidence="'start_month', d.start_month, 'paid_with', d.paid_with",
            ),
        ),
    ),
)  # fmt: skip

"""Income, property and the platform's report: R20-R32."""

from .identity import LATEST_FINDINGS, LATEST_REPORT, PERSON_NOW
from .populations import APPROVED, BENEFITS, LIVE_CASES
from .shape import Check, Part, day, yuan

# The latest settlement of a case: what was counted, under which standard.
ACCOUNT = """
JOIN LATERAL (SELECT i.* FROM cases_incomeaccount i WHERE i.case_id = c.id
               ORDER BY i.round DESC, i.id DESC LIMIT 1) i ON true
"""
# What counts as the family's: declared, or found by the latest report; of all, or of somebody who
# counts today (CaseRecord.property_items, rules.allowance.property_objections).
OF_FAMILY = """
 r.case_id = c.id AND NOT r.is_exempt
 AND (r.means_check_id IS NULL
      OR r.means_check_id = (SELECT k.id FROM cases_meanscheck k WHERE k.case_id = c.id
                              ORDER BY k.round DESC, k.attempt DESC LIMIT 1))
 AND (r.member_id IS NULL OR EXISTS (
      SELECT FROM cases_member q
        JOIN cases_member m ON m.household_id = q.household_id AND m.id_digest = q.id_digest
       WHERE q.id = r.member_id AND m.left_on IS NULL AND m.counts_for_income))
"""
OWNED = f"JOIN cases_propertyitem r ON {OF_FAMILY}"
# Of a family the persons who are counted; at least one, so that nothing is divided by none.
HEADS = """
JOIN LATERAL (SELECT greatest(count(*), 1) AS persons FROM cases_member h
               WHERE h.household_id = c.household_id AND h.left_on IS NULL
                 AND h.counts_for_income) h ON true
"""
# What a benefit gives now: of the entitlements that reach the month the latest, else its own.
NOW = """
LEFT JOIN LATERAL (SELECT t.* FROM cases_entitlement t
                    WHERE t.benefit_id = b.id AND t.from_month <= %(month)s::date
                    ORDER BY t.id DESC LIMIT 1) t ON true
CROSS JOIN LATERAL (SELECT coalesce(t.monthly_fen, b.monthly_fen) AS monthly_fen,
                           coalesce(t.persons, b.persons) AS persons,
                           coalesce(nullif(t.method, ''), b.method) AS method) w
"""
# Each insured person has a tier of his own: the sum must be one that so many tiers make.
OF_TIERS = (
    "WITH RECURSIVE s(n, fen) AS (SELECT 0, 0::bigint UNION SELECT s.n + 1, s.fen + t.fen::bigint"
    " FROM s, jsonb_array_elements_text(%(tiers)s::jsonb) t(fen) WHERE s.n < w.persons)"
    " SELECT FROM s WHERE s.n = w.persons AND s.fen = w.monthly_fen"
)
ABLE = (
    "m.left_on IS NULL AND m.condition = 'HEALTHY' AND m.not_counted = ''"
    " AND (m.studies_until IS NULL OR m.studies_until < %(on)s::date)"
    " AND m.birth_on <= %(on)s::date - interval '18 years'"
    " AND m.birth_on > %(on)s::date - interval '60 years'"
)


def _owned(rule: str, label: str, kinds: str, advice: str) -> Check:
    """Something the family owns and has not explained."""
    return Check(
        id=rule, severity="H", cites="8", label=label, owner="office_staff", advice=advice,
        parts=(
            Part(
                of=LIVE_CASES, joins=OWNED, when=f"r.kind IN ({kinds})", mark="r.id",
                what="r.note || '，没有说明可以不计'",
                evidence="'property', r.id, 'kind', r.kind, 'value_fen', r.value_fen,"
                " 'from_report', r.means_check_id IS NOT NULL",
            ),
        ),
    )  # fmt: skip


CHECKS = (
    _owned("R20", "名下没有未说明的车辆", "'VEHICLE'", "核实用途；残疾人代步车等可以说明后不计"),
    Check(
        id="R21", severity="H", cites="8", label="住房、非居住用房在限额内",
        owner="office_staff", advice="核实房产和居住情况",
        parts=(
            Part(
                of=LIVE_CASES, joins=OWNED, when="r.kind = 'PREMISES'", mark="r.id",
                what="r.note || '（非居住用房），没有说明可以不计'",
                evidence="'property', r.id, 'value_fen', r.value_fen",
            ),
            Part(
                of=LIVE_CASES,
                joins=HEADS + "JOIN LATERAL (SELECT count(*) AS homes, coalesce(sum(r.area), 0)"
                f" AS area FROM cases_propertyitem r WHERE {OF_FAMILY}"
                " AND r.kind = 'DWELLING') r ON true",
                when="r.homes > %(dwellings)s::int"
                " AND r.area >= %(dwelling_area)s::int * h.persons",
                mark="'DWELLINGS'",
                what="'住房 ' || r.homes || ' 处，人均 ' || r.area / h.persons || ' 平方米'",
                evidence="'homes', r.homes, 'area', r.area, 'persons', h.persons",
            ),
        ),
    ),
    _owned("R22", "名下没有未说明的市场主体", "'BUSINESS'", "核实经营情况和收入"),
    Check(
        id="R23", severity="H", cites="8", label="不是财政供养人员，没有高于标准的养老金",
        owner="office_staff", advice="核实后重新核算或停发",
        parts=(
            Part(
                of=LIVE_CASES,
                joins=LATEST_FINDINGS + PERSON_NOW.format(of="g"),
                when="g.kind = 'PAYROLL'", mark="g.id",
                what="'核对发现' || m.name || '是财政供养人员'",
                evidence="'member', m.id, 'report_returned', k.returned_on, 'note', g.note",
            ),
            Part(
                of=LIVE_CASES,
                joins=ACCOUNT + " JOIN cases_incomeline n ON n.case_id = c.id"
                + PERSON_NOW.format(of="n") + " CROSS JOIN LATERAL (SELECT greatest(n.checked_fen, n.declared_fen) AS fen) w",
                when="n.kind = 'TRANSFER' AND i.standard_fen > 0"
                " AND w.fen > i.standard_fen * n.months",
                mark="n.id",
                what="m.name || '每月转移性收入 ' || " + yuan("(w.fen / n.months)")
                + " || ' 元，高于标准'",
                evidence="'member', m.id, 'checked_fen', n.checked_fen,"
                " 'declared_fen', n.declared_fen, 'months', n.months,"
                " 'standard_fen', i.standard_fen",
            ),
        ),
    ),
    Check(
        id="R24", severity="H", cites="8", label="货币财产在限额内",
        owner="office_staff", advice="核实存款、证券、保险和来源",
        parts=(
            Part(
                of=LIVE_CASES,
                joins=ACCOUNT + "JOIN LATERAL (SELECT sum(r.value_fen) AS fen"
                f" FROM cases_propertyitem r WHERE {OF_FAMILY}"
                " AND r.kind = 'MONEY') r ON true",
                when="c.programme NOT LIKE '%%RELIEF' AND i.standard_fen > 0 AND r.fen"
                " > %(money_months)s::bigint * i.standard_fen * greatest(i.persons, 1)",
                mark="r.fen",
                what="'货币财产共 ' || " + yuan("r.fen")
                + " || ' 元，超过人均 ' || %(money_months)s || ' 个月标准'",
                evidence="'fen', r.fen, 'persons', i.persons, 'standard_fen', i.standard_fen",
            ),
        ),
    ),
    Check(
        id="R25", severity="M", cites="8", label="申报与核对的工资相近",
        owner="office_staff", advice="向用人单位核实工资",
        parts=(
            Part(
                of=LIVE_CASES,
                joins=ACCOUNT + " JOIN cases_incomeline n ON n.case_id = c.id"
                " JOIN cases_member m ON m.id = n.member_id",
                when="n.kind = 'WAGES' AND (n.checked_fen - n.declared_fen) * 5 > n.checked_fen"
                " AND n.checked_fen > i.standard_fen * n.months * greatest(i.persons, 1)",
                mark="n.id",
                what="m.name || '申报工资 ' || " + yuan("n.declared_fen") + " || ' 元，核对 ' || "
                + yuan("n.checked_fen") + " || ' 元，少报五分之一以上'",
                evidence="'member', m.id, 'declared_fen', n.declared_fen,"
                " 'checked_fen', n.checked_fen",
            ),
        ),
    ),
    Check(
        id="R26", severity="M", cites="8", label="有劳动能力的成员申报了收入",
        owner="office_staff", advice="核实没有收入的原因，按规定核算",
        parts=(
            Part(
                of=LIVE_CASES,
                joins="JOIN cases_member m ON m.household_id = c.household_id",
                when=f"c.programme LIKE '%%ALLOWANCE' AND {ABLE} AND NOT EXISTS (SELECT"
                " FROM cases_incomeline n WHERE n.case_id = c.id AND n.member_id = m.id"
                " AND (n.declared_fen > 0 OR n.checked_fen > 0 OR n.reason <> ''))",
                mark="m.id",
                what="m.name || '在劳动年龄内、健康，没有申报收入，也没有写明原因'",
                evidence="'member', m.id, 'birth_on', m.birth_on, 'condition', m.condition",
            ),
        ),
    ),
    Check(
        id="R27", severity="M", cites="8", label="义务人应付费用与能力相称",
        owner="office_staff", advice="核实义务人收入，补做授权和核对",
        parts=(
            Part(
                of=LIVE_CASES, joins=ACCOUNT + " JOIN cases_obligor e ON e.case_id = c.id",
                when="i.standard_fen > 0 AND e.month_fen / greatest(e.persons, 1)"
                " > 2 * i.standard_fen AND coalesce(e.adopted_fen, e.support_fen) = 0",
                mark="e.id",
                what="'义务人' || e.name || '家庭月人均 ' || "
                + yuan("(e.month_fen / greatest(e.persons, 1))") + " || ' 元，应付费用为 0'",
                evidence="'obligor', e.id, 'month_fen', e.month_fen, 'persons', e.persons,"
                " 'standard_fen', i.standard_fen",
            ),
        ),
    ),
    Check(
        id="R28", severity="M", cites="8", label="水电气话费和消费与收入相称",
        owner="office_staff", advice="入户核实消费来源（只作参考）",
        parts=(
            Part(
                of=LIVE_CASES, joins="JOIN cases_survey n ON n.case_id = c.id"
                " AND n.round = c.round",
                when="n.luxury <> ''", mark="n.id", what="'入户调查登记了高消费：' || n.luxury",
                evidence="'survey', n.id, 'luxury', n.luxury, 'visited_on', n.visited_on",
            ),
            Part(
                of=LIVE_CASES,
                joins="JOIN cases_survey n ON n.case_id = c.id AND n.round = c.round"
                " JOIN (SELECT e.office_id, count(*) AS surveys,"
                " percentile_cont(0.95) WITHIN GROUP (ORDER BY w.utilities_fen) AS p95"
                " FROM cases_survey w JOIN cases_case e ON e.id = w.case_id"
                " WHERE w.utilities_fen IS NOT NULL AND w.visited_on > %(on)s::date - 365"
                " GROUP BY e.office_id) w ON w.office_id = c.office_id",
                when="w.surveys >= 20 AND n.utilities_fen > w.p95", mark="'UTILITIES:' || n.id",
                what="'水电气话费每月 ' || " + yuan("n.utilities_fen")
                + " || ' 元，高于本镇街 95%% 的调查户'",
                evidence="'survey', n.id, 'utilities_fen', n.utilities_fen,"
                " 'p95_fen', round(w.p95::numeric), 'surveys', w.surveys",
            ),
        ),
    ),
    Check(
        id="R29", severity="M", cites="5(3)", label="核对报告有效、数据不旧、人员齐全",
        owner="office_staff", advice="重新委托核对",
        parts=(
            Part(
                of=LIVE_CASES, joins=LATEST_REPORT
                + " LEFT JOIN cases_decision d ON d.case_id = c.id",
                when="k.valid_until < coalesce(d.decided_on, %(on)s::date)", mark="'OLD:' || k.id",
                what="'核对报告有效期到 ' || " + day("k.valid_until")
                + " || CASE WHEN d.id IS NULL THEN '，已经过期' ELSE '，作决定时已经过期' END",
                evidence="'report', k.id, 'valid_until', k.valid_until,"
                " 'decided_on', d.decided_on",
            ),
            Part(
                of=LIVE_CASES,
                joins=LATEST_REPORT
                + " JOIN cases_member m ON m.household_id = c.household_id AND m.left_on IS NULL"
                " LEFT JOIN cases_decision d ON d.case_id = c.id",
                # who belonged to the family on the day of the request was asked about, in which
                # role ever; data are always older than the request
                when="m.joined_on <= coalesce(d.decided_on, %(on)s::date)"
                " AND m.joined_on > k.requested_on AND NOT EXISTS (SELECT FROM cases_member n"
                " WHERE n.household_id = m.household_id AND n.id_digest = m.id_digest"
                " AND n.joined_on <= k.requested_on AND n.left_on > k.requested_on)",
                mark="m.id || ':' || k.id",
                what="m.name || ' ' || " + day("m.joined_on") + " || ' 加入，核对是 ' || "
                + day("k.requested_on") + " || ' 委托的，没有包括'",
                evidence="'member', m.id, 'joined_on', m.joined_on, 'data_upto', k.data_upto,"
                " 'requested_on', k.requested_on",
            ),
        ),
    ),
    Check(
        id="R30", severity="H", cites="5(3) 8", label="核对结论超标的有说明和依据",
        owner="office_staff", advice="补充书面说明和依据，或重新核算",
        parts=(
            Part(
                of=APPROVED, joins=LATEST_REPORT + ACCOUNT,
                when="k.conclusion IN ('SUSPECT', 'OVER') AND d.outcome = 'APPROVED'"
                " AND coalesce(i.facts #>> '{choices,explained}', '') = ''",
                mark="k.id",
                what="'核对结论为' || CASE k.conclusion WHEN 'OVER' THEN '超标' ELSE '疑似超标' END"
                " || '，批准时没有写明说明和依据'",
                evidence="'report', k.id, 'conclusion', k.conclusion, 'decided_on', d.decided_on",
            ),
        ),
    ),
    Check(
        id="R31", severity="H", cites="8", label="金额与核算一致，在标准以内",
        owner="office_staff", advice="重新核算，多发的追缴，少发的补发",
        parts=(
            Part(
                of=APPROVED, joins=ACCOUNT,
                when="c.programme NOT LIKE '%%RELIEF'"
                " AND abs(d.monthly_fen - i.monthly_fen) > 100",
                mark="'DIFFERS:' || i.id",
                what="'批准的月保障金 ' || " + yuan("d.monthly_fen") + " || ' 元，核算为 ' || "
                + yuan("i.monthly_fen") + " || ' 元'",
                evidence="'decided_fen', d.monthly_fen, 'settled_fen', i.monthly_fen",
            ),
            Part(
                of=APPROVED, joins=ACCOUNT,
                when="c.programme LIKE '%%ALLOWANCE'"
                " AND d.monthly_fen > i.standard_fen * greatest(i.insured, 1)"
                " OR c.programme NOT LIKE '%%RELIEF' AND d.monthly_fen <= 0",
                mark="'RANGE:' || i.id",
                what="'月保障金 ' || " + yuan("d.monthly_fen") + " || ' 元，标准与保障人数之积为 '"
                " || " + yuan("(i.standard_fen * greatest(i.insured, 1))") + " || ' 元'",
                evidence="'decided_fen', d.monthly_fen, 'standard_fen', i.standard_fen,"
                " 'insured', i.insured",
            ),
            Part(
                of=BENEFITS, joins=NOW,
                when="b.programme LIKE '%%ALLOWANCE' AND w.method = 'tiers'"
                f" AND jsonb_array_length(%(tiers)s::jsonb) > 0 AND NOT EXISTS ({OF_TIERS})",
                mark="'TIER:' || w.monthly_fen",
                what="'月保障金 ' || " + yuan("w.monthly_fen") + " || ' 元，不在档次表里'",
                evidence="'monthly_fen', w.monthly_fen, 'persons', w.persons",
            ),
            Part(
                of=APPROVED,
                # the rules are those of the day of acceptance, as they were known when settled
                joins=ACCOUNT + "JOIN LATERAL (SELECT s.fen FROM jsonb_to_recordset("
                "%(standards)s::jsonb) AS s(programme text, valid_from date, fen bigint,"
                " entered_on date) WHERE s.programme = c.programme"
                " AND s.valid_from <= coalesce(c.accepted_on, i.settled_on)"
                " AND s.entered_on <= i.settled_on"
                " ORDER BY s.valid_from DESC LIMIT 1) s ON true",
                when="i.standard_fen > 0 AND i.standard_fen <> s.fen",
                mark="'STANDARD:' || i.id",
                what="'核算用的标准 ' || " + yuan("i.standard_fen") + " || ' 元不是当时执行的标准'",
                evidence="'standard_fen', i.standard_fen, 'in_force_fen', s.fen,"
                " 'accepted_on', c.accepted_on, 'settled_on', i.settled_on",
            ),
        ),
    ),
    Check(
        id="R32", severity="M", cites="8 9", label="同一调查人的核算没有集中在标准边上",
        owner="supervisor", advice="抽查这名调查人近期的入户和核算",
        parts=(
            Part(
                of=LIVE_CASES,
                joins="JOIN cases_survey n ON n.case_id = c.id AND n.round = c.round" + ACCOUNT
                + " JOIN (SELECT w.recorded_by_id, count(DISTINCT w.case_id) AS cases"
                " FROM cases_survey w JOIN cases_case e ON e.id = w.case_id AND e.round = w.round"
                " JOIN LATERAL (SELECT j.* FROM cases_incomeaccount j WHERE j.case_id = e.id"
                " ORDER BY j.round DESC, j.id DESC LIMIT 1) j ON true"
                " WHERE j.is_eligible AND j.method = 'difference' AND w.visited_on"
                " > %(on)s::date - 365 AND j.standard_fen - j.per_capita_fen"
                " BETWEEN 0 AND j.standard_fen / 100 GROUP BY w.recorded_by_id"
                " HAVING count(DISTINCT w.case_id) >= 3) w ON w.recorded_by_id = n.recorded_by_id",
                when="i.is_eligible AND i.method = 'difference'"
                " AND i.standard_fen - i.per_capita_fen BETWEEN 0 AND i.standard_fen / 100",
                mark="n.recorded_by_id",
                what="'月人均 ' || " + yuan("i.per_capita_fen") + " || ' 元，恰好低于标准百分之一以内，'"
                " || '同一调查人有 ' || w.cases || ' 件'",
                evidence="'investigator', n.recorded_by_id, 'cases', w.cases,"
                " 'per_capita_fen', i.per_capita_fen, 'standard_fen', i.standard_fen",
            ),
        ),
    ),
)  # fmt: skip

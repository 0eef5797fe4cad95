"""Photos, relatives, signatures, letters: R45-R49."""

from .life import SAME_PEOPLE
from .populations import APPROVED, CASES, DECIDED, OPEN_CASES, REVIEWS
from .procedure import SURVEY, workdays
from .shape import Check, Part, day

RELATIVE = (
    "JOIN cases_staffrelative e ON e.id_digest = m.id_digest AND e.withdraws_id IS NULL"
    " AND NOT EXISTS (SELECT FROM cases_staffrelative i WHERE i.withdraws_id = e.id)"
)
MEMBERS = "JOIN cases_member m ON m.household_id = c.household_id AND m.left_on IS NULL"
# Which other cases have the same file: the first one of other people, and of the same ones (each
# application is a household of its own, so that the household does not tell). Few files come twice.
TWICE = f"""
JOIN (SELECT y.sha256, array_agg(DISTINCT e.no) AS nos
        FROM kernel_attachment y JOIN cases_case e ON e.no = y.subject_key
       WHERE y.subject_kind = 'case' AND y.withdrawn_at IS NULL
       GROUP BY y.sha256 HAVING count(DISTINCT e.id) > 1) y ON y.sha256 = f.sha256
JOIN LATERAL (
     SELECT min(x.no) FILTER (WHERE e.no IS NULL) AS theirs,
            min(x.no) FILTER (WHERE e.no IS NOT NULL) AS own
       FROM unnest(y.nos) AS x(no)
       LEFT JOIN (SELECT e.no FROM cases_case e
                   WHERE e.household_id IN ({SAME_PEOPLE})) e ON e.no = x.no
      WHERE x.no <> c.no) z ON true
"""

CHECKS = (
    Check(
        id="R45", severity="H", cites="9 18(8)", label="照片、签名件没有在别的家庭用过，时间与入户相符",
        owner="office_staff", advice="核对原件，重新入户拍摄",
        parts=(
            Part(
                of=CASES,
                joins="JOIN kernel_attachment f ON f.subject_kind = 'case' AND f.subject_key = c.no"
                " AND f.withdrawn_at IS NULL AND f.slot <> 'notice_photo'" + TWICE,
                when="z.theirs IS NOT NULL OR f.slot = 'survey_photo'", mark="f.id",
                what="f.title || CASE WHEN z.theirs IS NULL THEN '在本户的另一案件里用过（'"
                " ELSE '在另一家庭的案件里用过（' END || coalesce(z.theirs, z.own) || '）'",
                evidence="'attachment', f.id, 'slot', f.slot, 'sha256', f.sha256",
            ),
            Part(
                of=CASES,
                joins=SURVEY + " JOIN kernel_attachment f ON f.subject_kind = 'case'"
                " AND f.subject_key = c.no AND f.slot = 'survey_photo' AND f.withdrawn_at IS NULL",
                when="f.taken_at IS NOT NULL AND NOT EXISTS (SELECT FROM cases_survey x"
                " WHERE x.case_id = c.id AND abs((f.taken_at AT TIME ZONE 'Asia/Shanghai')::date"
                " - x.visited_on) <= 1)",
                mark="'TAKEN:' || f.id",
                what="'入户照片拍摄于 ' || to_char(f.taken_at AT TIME ZONE 'Asia/Shanghai',"
                " 'YYYY-MM-DD') || '，入户日期是 ' || " + day("n.visited_on"),
                evidence="'attachment', f.id, 'taken_at', f.taken_at, 'visited_on', n.visited_on",
            ),
            Part(
                of=CASES,
                joins="JOIN jsonb_to_recordset(%(far_visits)s::jsonb) AS z(no text, metres int)"
                " ON z.no = c.no",
                when="true", mark="'PLACE'",
                what="'入户照片拍摄地点相距约 ' || z.metres || ' 米'",
                evidence="'metres', z.metres",
            ),
        ),
    ),
    Check(
        id="R46", severity="H", cites="9 18(9)", label="近亲属已申报，区局已入户核查",
        owner="office_staff", advice="按近亲属案件补登记，区局百分之百入户",
        parts=(
            Part(
                of=CASES, joins=f"{MEMBERS} {RELATIVE} JOIN kernel_post o ON o.person_id = e.staff_id"
                " AND o.starts_on <= coalesce(c.decided_on, %(on)s::date)"
                " AND coalesce(o.ends_on, 'infinity') >= c.submitted_on",
                when="NOT c.kin_declared AND c.state NOT IN ('DECLINED', 'REFUSED')",
                mark="m.id || ':' || e.id",
                what="m.name || '是在岗工作人员的备案近亲属，申请时没有申报'",
                evidence="'member', m.id, 'relative', e.id, 'relation', e.relation",
            ),
            Part(
                of=APPROVED,
                when="(c.kin_declared OR c.kin_found)"
                " AND coalesce(c.bureau_visited_on, 'infinity') > d.decided_on",
                mark="'VISIT'", what="'近亲属案件批准以前，区局没有入户核查'",
                evidence="'decided_on', d.decided_on, 'kin_note', c.kin_note",
            ),
            Part(
                of=OPEN_CASES,
                joins=MEMBERS + " JOIN cases_household u ON u.id = c.household_id"
                " JOIN kernel_person p ON length(p.phone) >= 4 AND right(p.phone, 4) = u.phone_tail"
                " AND left(p.name, 1) = left(m.name, 1)"
                " JOIN kernel_post o ON o.person_id = p.id AND o.starts_on <= %(on)s::date"
                " AND coalesce(o.ends_on, %(on)s::date) >= %(on)s::date"
                " AND o.unit_id IN (c.office_id, c.village_id)",
                when="NOT c.kin_declared AND NOT c.kin_found", severity="L", mark="'HINT:' || p.id",
                what="'与在岗工作人员同姓、留同一电话尾号（' || u.phone_tail || '），请核对是否近亲属'",
                evidence="'staff', p.id, 'phone_tail', u.phone_tail",
            ),
        ),
    ),
    Check(
        id="R47", severity="H", cites="4(1).1 18(9)", label="各环节由不同的人办理，不办自己亲属的件",
        owner="supervisor", advice="核实后由其他人员重新办理",
        parts=(
            Part(
                of=CASES,
                joins="JOIN kernel_signature g ON g.subject_kind = 'case' AND g.subject_key = c.no"
                " JOIN kernel_signature e ON e.subject_kind = 'case' AND e.subject_key = c.no"
                " AND e.person_id = g.person_id AND e.stage > g.stage",
                when="true", mark="g.person_id || ':' || g.stage || ':' || e.stage",
                what="g.name || '在本件签了两个环节'",
                evidence="'person', g.person_id, 'stages', jsonb_build_array(g.stage, e.stage)",
            ),
            Part(
                of=CASES,
                joins=f"{MEMBERS} {RELATIVE} JOIN kernel_signature g ON g.subject_kind = 'case'"
                " AND g.subject_key = c.no AND g.person_id = e.staff_id",
                when="true", mark="'KIN:' || g.person_id",
                what="g.name || '在近亲属的案件上签字'",
                evidence="'person', g.person_id, 'stage', g.stage, 'relation', e.relation",
            ),
            Part(
                of=CASES,
                joins="JOIN kernel_person p ON p.name = c.proxy_name JOIN kernel_post o"
                " ON o.person_id = p.id AND o.unit_id IN (c.office_id, c.village_id)"
                " AND o.starts_on <= c.submitted_on AND coalesce(o.ends_on, c.submitted_on)"
                " >= c.submitted_on",
                when="c.is_by_proxy AND NOT c.for_incapable"
                " AND NOT EXISTS (SELECT FROM kernel_attachment f"
                " WHERE f.subject_kind = 'case' AND f.subject_key = c.no AND f.slot = 'mandate'"
                " AND f.withdrawn_at IS NULL)",
                mark="'PROXY:' || p.id",
                what="c.proxy_name || '是工作人员，代办申请没有委托书'",
                evidence="'staff', p.id, 'submitted_on', c.submitted_on",
            ),
        ),
    ),
    Check(
        id="R48", severity="M", cites="4(1).2 18(2)", label="不予批准和增减停发都有告知",
        owner="office_staff", advice="补送文书；没有告知的变动先恢复",
        parts=(
            Part(
                of=DECIDED, joins="LEFT JOIN LATERAL (SELECT min(x.served_on) AS served_on"
                " FROM cases_letter x WHERE x.case_id = c.id) x ON true",
                when="d.outcome = 'REFUSED' AND "
                + workdays("d.decided_on", "coalesce(x.served_on, %(on)s::date)") + " > 3",
                mark="'LETTER'",
                what="'不予批准（' || " + day("d.decided_on") + " || '）后三个工作日内没有送达文书'",
                evidence="'decided_on', d.decided_on, 'served_on', x.served_on",
            ),
            Part(
                of=REVIEWS,
                when="v.state = 'ENDED' AND v.outcome IN ('RAISE', 'REDUCE', 'STOP', 'EXIT')"
                " AND v.told_on IS NULL",
                mark="'UNTOLD'", what="'待遇已经变动，没有告知家庭'",
                evidence="'outcome', v.outcome, 'ended_on', v.ended_on",
            ),
            Part(
                of=REVIEWS,
                when="v.state = 'ENDED' AND v.outcome IN ('REDUCE', 'STOP', 'EXIT')"
                " AND v.from_month < v.told_on AND NOT (v.from_month > v.changed_on"
                " AND (v.ground = 'DIED' OR v.trigger = 'DEATH')) IS TRUE",
                mark="'BEFORE'",
                what="'' || " + day("v.told_on") + " || ' 告知，减停从 ' || " + day("v.from_month")
                + " || ' 就执行了'",
                evidence="'told_on', v.told_on, 'from_month', v.from_month, 'outcome', v.outcome",
            ),
        ),
    ),
    Check(
        id="R49", severity="M", cites="18(2)", label="一次性告知补正，不多次、不遗漏",
        owner="office_staff", advice="向申请人说明，一次列全",
        parts=(
            Part(
                of=CASES,
                joins="JOIN LATERAL (SELECT count(*) AS times FROM kernel_event e"
                " WHERE e.subject_kind = 'case' AND e.subject_key = c.no"
                " AND e.action = 'request_corrections') e ON true",
                when="e.times > 1", mark="'TWICE'", what="'补正告知了 ' || e.times || ' 次'",
                evidence="'times', e.times",
            ),
            Part(
                of=CASES,
                when="c.state = 'DECLINED' AND c.programme <> 'URGENT_RELIEF'"
                " AND c.corrections = '' AND NOT EXISTS (SELECT"
                " FROM kernel_event e WHERE e.subject_kind = 'case' AND e.subject_key = c.no"
                " AND e.action = 'request_corrections')",
                mark="'NEVER'", what="'不予受理以前没有一次性告知补正'",
                evidence="'state_since', c.state_since",
            ),
        ),
    ),
)  # fmt: skip

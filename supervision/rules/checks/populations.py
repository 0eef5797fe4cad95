"""What the checks look at: each a FROM and a WHERE, named once."""

from .shape import Population

MONTHLY = "('URBAN_ALLOWANCE', 'RURAL_ALLOWANCE', 'URBAN_DESTITUTE', 'RURAL_DESTITUTE')"
ALLOWANCE = "('URBAN_ALLOWANCE', 'RURAL_ALLOWANCE')"
DESTITUTE = "('URBAN_DESTITUTE', 'RURAL_DESTITUTE')"
RELIEF = "('URGENT_RELIEF', 'EXPENSE_RELIEF')"
IN_PROCESS = (
    "('SUBMITTED', 'CORRECTING', 'INVESTIGATING', 'URGENT', 'REVIEW_NOTICE', 'TO_PROPOSE',"
    " 'APPROVAL_NOTICE', 'TO_DECIDE')"
)
RUNS = (
    "b.start_month <= %(month)s::date AND (b.end_month IS NULL OR b.end_month >= %(month)s::date)"
)
PEOPLE = (
    "JOIN cases_member m ON m.household_id = {of}.household_id AND m.left_on IS NULL"
    " AND m.joined_on <= %(on)s::date"
)
# Each application makes a household of its own: a family is known by the number of its head, of
# whom there is one at a time; without one a household is its own family.
FAMILY = (
    "coalesce((SELECT m.id_digest FROM cases_member m WHERE m.household_id = {of}.household_id"
    " AND m.relation = 'SELF' ORDER BY m.left_on IS NULL DESC, m.id DESC LIMIT 1),"
    " {of}.household_id::text)"
)
# Somebody was at the home in the year up to `{day}`: by a contact, or to survey the case; what
# continues another benefit keeps its visits. Four conditions, since each is then one hashed look.
SEEN = (
    "(EXISTS (SELECT FROM cases_contact t WHERE t.benefit_id = b.id"
    " AND t.means = 'HOME' AND {within_t})"
    " OR EXISTS (SELECT FROM cases_contact t WHERE t.benefit_id = b.continues_id"
    " AND t.means = 'HOME' AND {within_t})"
    " OR EXISTS (SELECT FROM cases_survey n WHERE n.case_id = b.source_case_id AND {within_n})"
    " OR EXISTS (SELECT FROM cases_benefit p JOIN cases_survey n ON n.case_id = p.source_case_id"
    " WHERE p.id = b.continues_id AND {within_n}))"
)


def seen(day: str) -> str:
    """The condition that the benefit b was visited at home in the year of `day`, up to it."""
    within = f">= date_trunc('year', {day}::date) AND {{column}} <= {day}::date"
    return SEEN.format(
        within_t=f"t.on_day {within.format(column='t.on_day')}",
        within_n=f"n.visited_on {within.format(column='n.visited_on')}",
    )


CASES = Population(
    kind="case",
    label="已提交的案件",
    key="c.no",
    office="c.office_id",
    tables="cases_case c",
    where="c.state <> 'DRAFT'",
)
OPEN_CASES = Population(
    kind="case",
    label="在办案件",
    key="c.no",
    office="c.office_id",
    tables="cases_case c",
    where=f"c.state IN {IN_PROCESS}",
)
# In process, or approved and still paid: what the family has and earns still matters.
LIVE_CASES = Population(
    kind="case",
    label="在办和在享的案件",
    key="c.no",
    office="c.office_id",
    tables="cases_case c",
    where=f"(c.state IN {IN_PROCESS} OR c.state = 'APPROVED' AND EXISTS ("
    f"SELECT FROM cases_benefit b WHERE b.source_case_id = c.id AND {RUNS}))",
)
DECIDED = Population(
    kind="case",
    label="已作决定的案件",
    key="c.no",
    office="c.office_id",
    tables="cases_case c JOIN cases_decision d ON d.case_id = c.id",
    where="c.state IN ('APPROVED', 'REFUSED')",
)
APPROVED = Population(
    kind="case",
    label="已批准的案件",
    key="c.no",
    office="c.office_id",
    tables="cases_case c JOIN cases_decision d ON d.case_id = c.id",
    where="c.state = 'APPROVED'",
)
BENEFITS = Population(
    kind="benefit",
    label="在享对象",
    key="b.key",
    office="b.office_id",
    tables="cases_benefit b",
    where=f"{RUNS} AND b.programme IN {MONTHLY}",
)
IN_BENEFIT = Population(
    kind="benefit",
    label="在享家庭的成员",
    key="b.key",
    office="b.office_id",
    tables=f"cases_benefit b {PEOPLE.format(of='b')}",
    where=f"{RUNS} AND b.programme IN {MONTHLY}",
)
ALL_BENEFITS = Population(
    kind="benefit",
    label="全部保障",
    key="b.key",
    office="b.office_id",
    tables="cases_benefit b",
    where=f"b.programme IN {MONTHLY}",
)
BATCHES = Population(
    kind="batch",
    label="发放名单",
    key="a.no",
    office="a.office_id",
    tables="funds_payoutbatch a",
)
LINES = Population(
    kind="batch",
    label="近一年名单里的每一笔",
    key="a.no",
    office="a.office_id",
    tables="funds_payoutbatch a JOIN funds_payoutline l ON l.batch_id = a.id",
    where="a.month > %(month)s::date - interval '12 months'",
)
REVIEWS = Population(
    kind="review",
    label="复核",
    key="v.no",
    office="v.office_id",
    tables="cases_review v",
)
OFFICES = Population(
    kind="office",
    label="镇、街道",
    key="o.code",
    office="o.id",
    tables="kernel_unit o",
    where="o.kind = 'OFFICE' AND (o.valid_to IS NULL OR o.valid_to >= %(on)s::date)",
)
# Of the district of their latest post, so that one district finds them; who never had one: of any.
STAFF = Population(
    kind="person",
    label="工作人员",
    key="p.id",
    office="NULL::bigint",
    tables="kernel_person p",
    where="coalesce((SELECT coalesce(v.parent_id, u.parent_id, u.id) FROM kernel_post o"
    " JOIN kernel_unit u ON u.id = o.unit_id LEFT JOIN kernel_unit v ON v.id = u.parent_id"
    " WHERE o.person_id = p.id AND o.starts_on <= %(on)s::date"
    " ORDER BY o.starts_on DESC, o.id DESC LIMIT 1), %(district)s) = %(district)s",
)
LEADS = Population(
    kind="lead",
    label="主动发现的线索",
    key="w.id",
    office="w.office_id",
    tables="cases_lead w",
)
COMPLAINTS = Population(
    kind="complaint",
    label="举报、信访",
    key="q.no",
    office="q.handler_id",  # who looks into it: whom it is about is not told
    tables="supervision_complaint q",
    where="q.district_id = %(district)s",  # one that nobody handles yet has no office
)
SAMPLES = Population(
    kind="sample",
    label="抽查",
    key="s.no",
    office="NULL::bigint",
    tables="supervision_sample s",
    where="s.district_id = %(district)s",
)

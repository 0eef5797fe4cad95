"""Who is due in a month: one SELECT, used to make a list and to see whether it still holds."""

from typing import Any

from funds.rules.lists import LIST_KINDS

from .batch import PayoutBatch

LOOK_BACK = 3  # months; check_invariants names whoever is still without a line after that

# One row for each (benefit, month) that a list has to pay, part by part (PARTS):
# · MONTH: in benefit in that month and not waiting for a later list (paid_with); MONTHS: several
#   months at once, before a festival;
# · BACK_PAY: months before, since the benefit began here, that no list holds: of a decision after
#   the cut-off (4(1).1), or one that came after that month's list was locked. A benefit is looked
#   at for the first LOOK_BACK months; a line that came back is owed and goes its own way;
# · ARREARS: what a month was paid too little, when a change reaches back (提标补发, 增发追溯) or a
#   month was paid in advance: due less paid, once for each change that reaches it. What was paid
#   too much is funds.recoveries;
# · CARE: 照料护理费 of 特困 where it has a list of its own (payout.care_apart): of each month since
#   then that no such list holds. The other lists then pay those months without it, and take it for
#   paid when they look for a difference: what is missing of it comes with its own list;
# · ONE_OFF, REISSUE, SINGLE: a measure's sum, what came back, a sum of 临时救助.
# Lines are numbered before the wide columns are joined, so that the sort is small; the unit is a
# left join, or the planner takes the few villages for few lines and joins row by row.
# No list knows a change before the family was told of it: an entitlement is made by telling
# (4(1).2), and counts from its paid_with on.
# A benefit with a year's sum is paid by its month table (cases.rules.outcome.month_table).
# A head who died still names the household until the one that continues it takes its place.
# A month that another list has paid, or is about to pay, is left out; the index of
# line_one_effective_a_month answers that without reading older months.
# What a benefit gives in a month: of the entitlements that reach it the latest, else the benefit's
# own figures (cases.models.entitlement). `{m}` is the month, b the benefit.
GIVEN = """
        SELECT coalesce(e.persons, b.persons) AS persons,
               coalesce(e.supplement_fen, b.supplement_fen) AS supplement_fen,
               CASE WHEN coalesce(e.year_fen, b.year_fen) = 0
                    THEN coalesce(e.monthly_fen, b.monthly_fen) ELSE
                 (coalesce(e.year_fen, b.year_fen) * extract(month FROM {m})::int + 6) / 12
                 - (coalesce(e.year_fen, b.year_fen) * (extract(month FROM {m})::int - 1) + 6) / 12
               END AS monthly_fen,
               e.id AS entitlement_id
          FROM (SELECT 1) one
          LEFT JOIN LATERAL (
               SELECT * FROM cases_entitlement t
                WHERE t.benefit_id = b.id AND t.from_month <= {m} AND t.paid_with <= %(month)s
                ORDER BY t.id DESC LIMIT 1) e ON true
"""
# Of `{m}`, what the month's own list pays beside the basic sum: nothing where care goes apart.
BESIDE = "CASE WHEN {m} >= %(care_from)s::date THEN 0 ELSE g.supplement_fen END"
CARE_PAID = """EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.month = {m} AND l.benefit_id = b.id AND l.kind = 'CARE'
                  AND l.batch_id <> %(batch)s)"""
# What was paid of it, less what is asked back (funds.operations.recoveries): lines of lists that
# stand. What came back from the bank is owed and goes its own way, so that the line that sends it
# again is not counted a second time; a one-off supplement is not the month's money.
PAID = """
        SELECT sum(l.amount_fen) - coalesce((
               SELECT sum(r.fen) FROM funds_recoverymonth r
                WHERE r.benefit_id = b.id AND r.month = {m}), 0)::bigint AS fen
          FROM funds_payoutline l
         WHERE l.benefit_id = b.id AND l.month = {m} AND l.office_id = b.office_id
           AND l.batch_id <> %(batch)s AND l.reissues_id IS NULL AND l.kind <> 'ONE_OFF'
"""
# What a list pays, part by part; each row is one line. A list is made of the parts of its kind
# (rules.lists): the same SQL whether a month is paid as ever, in advance, or made good on its own.
_OF_BENEFIT = (
    "b.id AS benefit_id, NULL::bigint AS case_id, b.household_id, b.village_id, b.certificate_no"
)
_NO_MORE = (
    "NULL::bigint AS entitlement_id, NULL::bigint AS supplement_id, NULL::bigint AS reissues_id"
)
_HERE = "b.office_id = %(office)s AND b.programme = %(programme)s"
# Paid or on its way by another list, or come back and owed: two conditions, an index for each.
_MONTH_OF_NOBODY_ELSE = """
           NOT EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.month = {m} AND l.benefit_id = b.id AND l.is_effective
                  AND l.kind IN ('NORMAL', 'BACK_PAY') AND l.batch_id <> %(batch)s)
           AND NOT EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.month = {m} AND l.benefit_id = b.id AND l.state = 'RETURNED'
                  AND l.kind IN ('NORMAL', 'BACK_PAY'))"""

PARTS = {
    "MONTH": f"""
        SELECT {_OF_BENEFIT}, g.monthly_fen,
               {BESIDE.format(m="%(month)s::date")} AS supplement_fen, g.persons,
               %(month)s::date AS month, 'NORMAL' AS kind, {_NO_MORE}
          FROM cases_benefit b
         CROSS JOIN LATERAL ({GIVEN.format(m="%(month)s::date")}) g
         WHERE {_HERE}
           AND b.start_month <= %(month)s AND b.paid_with <= %(month)s
           AND (b.end_month IS NULL OR b.end_month >= %(month)s)
           AND {_MONTH_OF_NOBODY_ELSE.format(m="%(month)s")}""",
    "MONTHS": f"""
        SELECT {_OF_BENEFIT}, g.monthly_fen,
               {BESIDE.format(m="m.month::date")} AS supplement_fen, g.persons,
               m.month::date AS month, 'NORMAL' AS kind, {_NO_MORE}
          FROM cases_benefit b
         CROSS JOIN LATERAL generate_series(
               greatest(b.start_month, %(month)s::date)::timestamp,
               least(b.end_month::timestamp,
                     %(month)s::timestamp + (%(months)s - 1) * interval '1 month'),
               interval '1 month') AS m(month)
         CROSS JOIN LATERAL ({GIVEN.format(m="m.month::date")}) g
         WHERE {_HERE} AND b.paid_with <= %(month)s
           AND {_MONTH_OF_NOBODY_ELSE.format(m="m.month::date")}""",
    "BACK_PAY": f"""
        SELECT {_OF_BENEFIT}, g.monthly_fen,
               {BESIDE.format(m="m.month::date")} AS supplement_fen, g.persons,
               m.month::date, 'BACK_PAY' AS kind, {_NO_MORE}
          FROM cases_benefit b
         CROSS JOIN LATERAL generate_series(
               b.start_month::timestamp,
               least(b.end_month::timestamp, %(month)s::timestamp - interval '1 month'),
               interval '1 month') AS m(month)
         CROSS JOIN LATERAL ({GIVEN.format(m="m.month::date")}) g
         WHERE {_HERE}
           AND b.paid_with <= %(month)s AND b.start_month < %(month)s
           AND b.start_month >= %(month)s::date - %(look_back)s * interval '1 month'
           AND NOT EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.month = m.month::date AND l.benefit_id = b.id
                  AND l.kind IN ('NORMAL', 'BACK_PAY') AND l.batch_id <> %(batch)s)""",
    "ARREARS": f"""
        SELECT {_OF_BENEFIT}, g.monthly_fen + g.supplement_fen - p.fen AS monthly_fen,
               0 AS supplement_fen, g.persons, m.month::date, 'ARREARS' AS kind,
               g.entitlement_id, NULL::bigint AS supplement_id, NULL::bigint AS reissues_id
          FROM (SELECT benefit_id, min(since) AS since FROM (
                SELECT t.benefit_id, t.from_month AS since
                  FROM cases_entitlement t
                 WHERE t.from_month < t.paid_with AND t.paid_with <= %(month)s
                   AND t.paid_with >= %(month)s::date - %(look_back)s * interval '1 month'
                UNION ALL
                SELECT l.benefit_id, l.month
                  FROM funds_payoutbatch a JOIN funds_payoutline l ON l.batch_id = a.id
                 WHERE a.kind = 'ADVANCE' AND a.office_id = %(office)s
                   AND a.programme = %(programme)s AND l.month <= %(month)s
                   AND a.month >= %(month)s::date - %(look_back)s * interval '1 month') x
                 GROUP BY benefit_id) r
          JOIN cases_benefit b ON b.id = r.benefit_id AND {_HERE}
         CROSS JOIN LATERAL generate_series(
               greatest(r.since, b.start_month)::timestamp,
               least(b.end_month::timestamp, %(month)s::timestamp),
               interval '1 month') AS m(month)
         CROSS JOIN LATERAL ({GIVEN.format(m="m.month::date")}) g
         CROSS JOIN LATERAL (
               SELECT x.fen + CASE WHEN m.month >= %(care_from)s::date
                       AND NOT {CARE_PAID.format(m="m.month::date")}
                      THEN g.supplement_fen ELSE 0 END AS fen
                 FROM ({PAID.format(m="m.month::date")}) x) p
         WHERE p.fen IS NOT NULL AND g.monthly_fen + g.supplement_fen > p.fen
           AND g.entitlement_id IS NOT NULL""",
    "CARE": f"""
        SELECT {_OF_BENEFIT}, 0 AS monthly_fen, g.supplement_fen, g.persons,
               m.month::date AS month, 'CARE' AS kind, {_NO_MORE}
          FROM cases_benefit b
         CROSS JOIN LATERAL generate_series(
               greatest(b.start_month, %(care_from)s::date,
                        (%(month)s::date - %(look_back)s * interval '1 month')::date)::timestamp,
               least(b.end_month::timestamp, %(month)s::timestamp),
               interval '1 month') AS m(month)
         CROSS JOIN LATERAL ({GIVEN.format(m="m.month::date")}) g
         WHERE {_HERE} AND %(care_from)s::date IS NOT NULL AND b.paid_with <= %(month)s
           AND g.supplement_fen > 0 AND NOT {CARE_PAID.format(m="m.month::date")}""",
    "ONE_OFF": f"""
        SELECT {_OF_BENEFIT},
               s.amount_fen * CASE s.basis WHEN 'PERSON' THEN g.persons ELSE 1 END AS monthly_fen,
               0 AS supplement_fen, g.persons, s.month, 'ONE_OFF' AS kind,
               NULL::bigint AS entitlement_id, s.id AS supplement_id, NULL::bigint AS reissues_id
          FROM funds_supplement s
         CROSS JOIN cases_benefit b
         CROSS JOIN LATERAL ({GIVEN.format(m="s.month")}) g
         WHERE s.id = %(supplement)s AND {_HERE} AND g.persons > 0
           AND b.start_month <= s.month AND b.paid_with <= %(month)s
           AND (b.end_month IS NULL OR b.end_month >= s.month)
           AND NOT EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.supplement_id = s.id AND l.benefit_id = b.id
                  AND l.batch_id <> %(batch)s)""",
    # What came back and is still owed: the last link of each chain, once (domain 10.3).
    "REISSUE": """
        SELECT x.benefit_id, x.case_id, x.household_id, h.village_id, x.certificate_no,
               x.base_fen AS monthly_fen, x.supplement_fen, x.persons, x.month, x.kind,
               x.entitlement_id, x.supplement_id, x.id AS reissues_id
          FROM funds_payoutline x
          JOIN funds_payoutbatch n ON n.id = x.batch_id
          JOIN cases_household h ON h.id = x.household_id
         WHERE n.office_id = %(office)s AND n.programme = %(programme)s
           AND n.fund_year = %(fund_year)s AND x.state = 'RETURNED'
           AND NOT EXISTS (SELECT 1 FROM funds_givenupreturn g WHERE g.line_id = x.id)
           AND NOT EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.reissues_id = x.id AND l.batch_id <> %(batch)s)""",
    # What was decided, or agreed as first help, and neither handed over nor on its way (4(2)).
    "SINGLE": """
        SELECT NULL::bigint AS benefit_id, c.id AS case_id, c.household_id, c.village_id,
               c.no AS certificate_no, due.fen AS monthly_fen, 0 AS supplement_fen,
               (SELECT count(*) FROM cases_member m
                 WHERE m.household_id = c.household_id AND m.left_on IS NULL)::int AS persons,
               %(month)s::date AS month, 'SINGLE' AS kind,
               NULL::bigint AS entitlement_id, NULL::bigint AS supplement_id,
               NULL::bigint AS reissues_id
          FROM cases_case c
          LEFT JOIN cases_decision d ON d.case_id = c.id AND d.outcome = 'APPROVED'
          LEFT JOIN cases_firstrelief f ON f.case_id = c.id
         CROSS JOIN LATERAL (
               SELECT coalesce(d.once_fen, f.amount_fen)
                    - coalesce((SELECT sum(o.amount_fen) FROM cases_handover o
                                 WHERE o.case_id = c.id AND o.method <> 'REFERRAL'), 0)
                    - coalesce((SELECT sum(l.amount_fen) FROM funds_payoutline l
                                 WHERE l.case_id = c.id AND l.batch_id <> %(batch)s
                                   AND (l.state = 'PENDING' OR l.state = 'RETURNED'
                                        AND NOT EXISTS (SELECT FROM funds_payoutline r
                                                         WHERE r.reissues_id = l.id)
                                        AND NOT EXISTS (SELECT FROM funds_givenupreturn g
                                                         WHERE g.line_id = l.id))), 0) AS fen) due
         WHERE c.office_id = %(office)s AND c.programme = %(programme)s
           AND (d.id IS NOT NULL OR f.id IS NOT NULL) AND due.fen > 0""",
}


def due(kind: str) -> str:
    """The SELECT of the lines of a list of the kind (rules.lists), with all that a line copies."""
    parts = "\n        UNION ALL".join(PARTS[part] for part in LIST_KINDS[kind].pays)
    return f"""
    SELECT d.*, d.monthly_fen + d.supplement_fen AS amount_fen,
           h.head_name, v.name AS village_name,
           coalesce(p.id_no, '') AS id_no, coalesce(p.id_tail, '') AS id_tail,
           coalesce(a.holder, '') AS holder, coalesce(a.bank, '') AS bank,
           coalesce(a.number, '') AS account, coalesce(a.number_digest, '') AS account_digest,
           coalesce(a.number_tail, '') AS account_tail
      FROM (SELECT e.*, row_number() OVER (
                   ORDER BY village_id, benefit_id, case_id, month, reissues_id) AS line_no
      FROM ({parts}
      ) e) d
      JOIN cases_household h ON h.id = d.household_id
      LEFT JOIN kernel_unit v ON v.id = d.village_id
      LEFT JOIN cases_payeeaccount a ON a.household_id = d.household_id AND a.is_current
      LEFT JOIN cases_member p ON p.household_id = d.household_id
           AND p.relation = 'SELF' AND (p.left_on IS NULL OR p.left_reason = 'DIED')
           AND NOT EXISTS (
               SELECT 1 FROM cases_member o
                WHERE o.household_id = p.household_id AND o.relation = 'SELF'
                  AND CASE WHEN o.left_on IS NULL THEN p.left_on IS NOT NULL OR o.id < p.id
                           ELSE p.left_on IS NOT NULL AND o.left_reason = 'DIED' AND o.id > p.id
                      END)
"""


def insert_lines(kind: str) -> str:
    """The one INSERT … SELECT that makes a list of the kind."""
    return f"""
INSERT INTO funds_payoutline (
    batch_id, office_id, line_no, benefit_id, household_id, month, kind, amount_fen, base_fen,
    supplement_fen, persons, certificate_no, village_name, head_name, id_no, id_tail, holder,
    bank, account, account_digest, account_tail, state, is_effective, serial, failure,
    entitlement_id, case_id, supplement_id, reissues_id)
SELECT %(batch)s, %(office)s, line_no, benefit_id, household_id, month, kind, amount_fen,
       monthly_fen, supplement_fen, persons, certificate_no, village_name, head_name, id_no,
       id_tail, holder, bank, account, account_digest, account_tail, 'PENDING', true, '', '',
       entitlement_id, case_id, supplement_id, reissues_id
  FROM ({due(kind)}) due
"""


COUNT_LINES = """
SELECT count(*), count(DISTINCT household_id), coalesce(sum(amount_fen), 0)::bigint,
       coalesce(sum(persons) FILTER (WHERE kind = 'NORMAL'), 0)::bigint,
       count(*) FILTER (WHERE kind <> 'NORMAL'),
       coalesce(sum(amount_fen) FILTER (WHERE kind <> 'NORMAL'), 0)::bigint
  FROM funds_payoutline WHERE batch_id = %(batch)s
"""


def changed(kind: str) -> str:
    """(households whose money or account is not what the list says, whose money is not)."""
    return f"""
SELECT count(DISTINCT coalesce(s.household_id, l.household_id)) FILTER (
           WHERE s.household_id IS NULL OR l.household_id IS NULL OR s.amount_fen <> l.amount_fen
              OR s.persons <> l.persons
              OR (s.account_digest, s.holder, s.bank, s.id_tail)
                 <> (l.account_digest, l.holder, l.bank, l.id_tail)),
       count(DISTINCT l.household_id) FILTER (
           WHERE l.household_id IS NOT NULL
             AND (s.household_id IS NULL OR s.amount_fen <> l.amount_fen))
  FROM ({due(kind)}) s
  FULL JOIN (SELECT * FROM funds_payoutline WHERE batch_id = %(batch)s) l
    ON coalesce(l.benefit_id, -l.case_id) = coalesce(s.benefit_id, -s.case_id)
   AND l.month = s.month AND l.kind = s.kind
   AND coalesce(l.reissues_id, 0) = coalesce(s.reissues_id, 0)
"""


SNAPSHOT = """
SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws('|',
           line_no, coalesce(benefit_id, -case_id), household_id, month, kind, amount_fen,
           base_fen, supplement_fen, persons, certificate_no, village_name, holder, bank,
           account_digest, id_tail
       ), E'\\n' ORDER BY line_no), ''), 'UTF8')), 'hex')
  FROM funds_payoutline WHERE batch_id = %(batch)s
"""


def parameters(batch: PayoutBatch) -> dict[str, Any]:
    """What the statements above are told about a list."""
    return {
        "batch": batch.pk,
        "office": batch.office_id,
        "programme": batch.programme,
        "month": batch.month,
        "look_back": LOOK_BACK,
        "months": batch.months,
        "fund_year": batch.fund_year,
        "supplement": batch.supplement_id,
        "care_from": batch.care_from,
    }

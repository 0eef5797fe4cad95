"""Who is due in a month: one SELECT, used to make a list and to see whether it still holds."""

from typing import Any

from .batch import PayoutBatch

LOOK_BACK = 3  # months; check_invariants names whoever is still without a line after that

# One row for each (benefit, month) that the list of %(month)s has to pay:
# · NORMAL: in benefit in that month and not waiting for a later list (paid_with);
# · BACK_PAY: months before, since the benefit began here, that no list holds: of a decision after
#   the cut-off (4(1).1), or one that came after that month's list was locked. A benefit is looked
#   at for the first LOOK_BACK months; a line that came back is owed and goes its own way;
# · ARREARS: what a month was paid too little, when a change reaches back (提标补发, 增发追溯): due
#   less paid, once for each change that reaches it. What was paid too much is funds.recoveries.
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
# What was paid of it, less what is asked back (funds.operations.recoveries): lines of lists that
# stand; what came back from the bank is owed and goes its own way.
PAID = """
        SELECT sum(l.amount_fen) - coalesce((
               SELECT sum(r.fen) FROM funds_recoverymonth r
                WHERE r.benefit_id = b.id AND r.month = {m}), 0)::bigint AS fen
          FROM funds_payoutline l
         WHERE l.benefit_id = b.id AND l.month = {m} AND l.office_id = b.office_id
           AND l.batch_id <> %(batch)s
"""
DUE = f"""
    SELECT d.*, d.monthly_fen + d.supplement_fen AS amount_fen,
           h.head_name, v.name AS village_name,
           coalesce(p.id_no, '') AS id_no, coalesce(p.id_tail, '') AS id_tail,
           coalesce(a.holder, '') AS holder, coalesce(a.bank, '') AS bank,
           coalesce(a.number, '') AS account, coalesce(a.number_digest, '') AS account_digest,
           coalesce(a.number_tail, '') AS account_tail
      FROM (SELECT e.*, row_number() OVER (ORDER BY village_id, benefit_id, month) AS line_no
      FROM (
        SELECT b.id AS benefit_id, b.household_id, b.village_id, b.certificate_no,
               g.monthly_fen, g.supplement_fen, g.persons, %(month)s::date AS month,
               'NORMAL' AS kind, NULL::bigint AS entitlement_id
          FROM cases_benefit b
         CROSS JOIN LATERAL ({GIVEN.format(m="%(month)s::date")}) g
         WHERE b.office_id = %(office)s AND b.programme = %(programme)s
           AND b.start_month <= %(month)s AND b.paid_with <= %(month)s
           AND (b.end_month IS NULL OR b.end_month >= %(month)s)
           AND NOT EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.month = %(month)s AND l.benefit_id = b.id AND l.is_effective
                  AND l.kind IN ('NORMAL', 'BACK_PAY') AND l.batch_id <> %(batch)s)
        UNION ALL
        SELECT b.id, b.household_id, b.village_id, b.certificate_no,
               g.monthly_fen, g.supplement_fen, g.persons, m.month::date, 'BACK_PAY', NULL
          FROM cases_benefit b
         CROSS JOIN LATERAL generate_series(
               b.start_month::timestamp,
               least(b.end_month::timestamp, %(month)s::timestamp - interval '1 month'),
               interval '1 month') AS m(month)
         CROSS JOIN LATERAL ({GIVEN.format(m="m.month::date")}) g
         WHERE b.office_id = %(office)s AND b.programme = %(programme)s
           AND b.paid_with <= %(month)s AND b.start_month < %(month)s
           AND b.start_month >= %(month)s::date - %(look_back)s * interval '1 month'
           AND NOT EXISTS (
               SELECT 1 FROM funds_payoutline l
                WHERE l.month = m.month::date AND l.benefit_id = b.id
                  AND l.kind IN ('NORMAL', 'BACK_PAY') AND l.batch_id <> %(batch)s)
        UNION ALL
        SELECT b.id, b.household_id, b.village_id, b.certificate_no,
               g.monthly_fen + g.supplement_fen - p.fen, 0, g.persons, m.month::date,
               'ARREARS', g.entitlement_id
          FROM (SELECT t.benefit_id, min(t.from_month) AS since
                  FROM cases_entitlement t
                 WHERE t.from_month < t.paid_with AND t.paid_with <= %(month)s
                   AND t.paid_with >= %(month)s::date - %(look_back)s * interval '1 month'
                 GROUP BY t.benefit_id) r
          JOIN cases_benefit b ON b.id = r.benefit_id
           AND b.office_id = %(office)s AND b.programme = %(programme)s
         CROSS JOIN LATERAL generate_series(
               greatest(r.since, b.start_month)::timestamp,
               least(b.end_month::timestamp, %(month)s::timestamp - interval '1 month'),
               interval '1 month') AS m(month)
         CROSS JOIN LATERAL ({GIVEN.format(m="m.month::date")}) g
         CROSS JOIN LATERAL ({PAID.format(m="m.month::date")}) p
         WHERE p.fen IS NOT NULL AND g.monthly_fen + g.supplement_fen > p.fen
           AND g.entitlement_id IS NOT NULL
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

INSERT_LINES = f"""
INSERT INTO funds_payoutline (
    batch_id, office_id, line_no, benefit_id, household_id, month, kind, amount_fen, base_fen,
    supplement_fen, persons, certificate_no, village_name, head_name, id_no, id_tail, holder,
    bank, account, account_digest, account_tail, state, is_effective, serial, failure,
    entitlement_id)
SELECT %(batch)s, %(office)s, line_no, benefit_id, household_id, month, kind, amount_fen,
       monthly_fen, supplement_fen, persons, certificate_no, village_name, head_name, id_no,
       id_tail, holder, bank, account, account_digest, account_tail, 'PENDING', true, '', '',
       entitlement_id
  FROM ({DUE}) due
"""

COUNT_LINES = """
SELECT count(*), count(DISTINCT household_id), coalesce(sum(amount_fen), 0)::bigint,
       coalesce(sum(persons) FILTER (WHERE kind = 'NORMAL'), 0)::bigint,
       count(*) FILTER (WHERE kind <> 'NORMAL'),
       coalesce(sum(amount_fen) FILTER (WHERE kind <> 'NORMAL'), 0)::bigint
  FROM funds_payoutline WHERE batch_id = %(batch)s
"""

# Households whose money, or whose money or account, is not what the list says.
CHANGED = f"""
SELECT count(DISTINCT coalesce(s.benefit_id, l.benefit_id)) FILTER (
           WHERE s.benefit_id IS NULL OR l.benefit_id IS NULL OR s.amount_fen <> l.amount_fen
              OR s.persons <> l.persons
              OR (s.account_digest, s.holder, s.bank, s.id_tail)
                 <> (l.account_digest, l.holder, l.bank, l.id_tail)),
       count(DISTINCT l.benefit_id) FILTER (
           WHERE l.benefit_id IS NOT NULL
             AND (s.benefit_id IS NULL OR s.amount_fen <> l.amount_fen))
  FROM ({DUE}) s
  FULL JOIN (SELECT * FROM funds_payoutline WHERE batch_id = %(batch)s) l
    ON l.benefit_id = s.benefit_id AND l.month = s.month AND l.kind = s.kind
"""

SNAPSHOT = """
SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws('|',
           line_no, benefit_id, household_id, month, kind, amount_fen, base_fen, supplement_fen,
           persons, certificate_no, village_name, holder, bank, account_digest, id_tail
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
    }

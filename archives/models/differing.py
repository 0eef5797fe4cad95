"""Which files differ between system, paper and money: archives.operations.comparing, for all at
once (6.1)."""

from django.db import connection

from .dossier import DossierQuerySet

# Texts are those of rules.comparing.Figures.text, so that a correction's fingerprint is the same.
YUAN = "coalesce(to_char({fen} / 100.0, 'FM999,999,999,990.00'), '')"
DIFFERING = f"""
SELECT told.id FROM (
    SELECT d.id, v.*
      FROM archives_dossier d
      JOIN cases_case c ON c.id = d.case_id
      LEFT JOIN cases_benefit b ON b.source_case_id = c.id
      LEFT JOIN cases_decision o ON o.case_id = c.id AND o.outcome = 'APPROVED'
                                AND c.programme = 'TEMPORARY'
      LEFT JOIN archives_paperfile p ON p.dossier_id = d.id
      LEFT JOIN LATERAL (
           SELECT l.month, l.persons, (
                  SELECT sum(s.amount_fen) FROM funds_payoutline s
                   WHERE s.benefit_id = b.id AND s.state = 'PAID' AND s.month = l.month
                     AND s.kind IN ('NORMAL', 'BACK_PAY', 'CARE', 'ARREARS')) AS fen
             FROM funds_payoutline l
            WHERE l.benefit_id = b.id AND l.state = 'PAID' AND l.kind IN ('NORMAL', 'BACK_PAY')
            ORDER BY l.month, l.id LIMIT 1) f ON true
      LEFT JOIN LATERAL (
           SELECT sum(h.amount_fen) AS fen FROM cases_handover h
            WHERE h.case_id = c.id AND h.method <> 'REFERRAL') g ON c.programme = 'TEMPORARY'
     CROSS JOIN LATERAL (SELECT
           CASE WHEN b.year_fen > 0 THEN
                (b.year_fen * extract(month FROM b.start_month)::int + 6) / 12
              - (b.year_fen * (extract(month FROM b.start_month)::int - 1) + 6) / 12
                ELSE b.monthly_fen END + b.supplement_fen AS monthly) e
     CROSS JOIN LATERAL (VALUES
           ('AMOUNT', {YUAN.format(fen="coalesce(e.monthly, o.once_fen)")},
            {YUAN.format(fen="p.amount_fen")}, {YUAN.format(fen="coalesce(f.fen, g.fen)")}),
           ('PERSONS', coalesce(b.persons::text, ''), coalesce(p.persons::text, ''),
            coalesce(f.persons::text, '')),
           ('MONTH', coalesce(to_char(b.start_month, 'YYYY-MM'), ''),
            coalesce(to_char(p.month, 'YYYY-MM'), ''), coalesce(to_char(f.month, 'YYYY-MM'), ''))
           ) v(facet, e, p, m)
     WHERE p.id IS NOT NULL OR f.month IS NOT NULL OR g.fen IS NOT NULL) told
 WHERE (told.e <> '' AND told.p <> '' AND told.e <> told.p
        OR told.e <> '' AND told.m <> '' AND told.e <> told.m
        OR told.p <> '' AND told.m <> '' AND told.p <> told.m)
   AND NOT EXISTS (
       SELECT FROM archives_correction k
        WHERE k.dossier_id = told.id AND k.fingerprint = encode(sha256(convert_to(
              concat_ws('|', told.facet, told.e, told.p, told.m), 'UTF8')), 'hex'))
"""


def differing(files: DossierQuerySet) -> DossierQuerySet:
    """Of the files those with a difference that nobody has judged as it is now. Looked for once,
    whatever is asked of the result then (its page, its sums)."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERING)
        found = {pk for (pk,) in cursor.fetchall()}
    return files.filter(pk__in=found)

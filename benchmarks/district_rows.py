"""How a row of a prototype is copied, and what is added that no prototype has: names and SQL."""

# ------------------------------------------------------------------ how a row is copied

HOME, CASE, NO, BENEFIT = "household_id", "case_id", "subject_key", "benefit_id"
TABLES = {  # table: by which column a row belongs to its prototype
    "cases_household": "id", "cases_member": HOME, "cases_payeeaccount": HOME, "cases_case": HOME,
    "cases_benefit": HOME, "cases_historicalbenefit": HOME, "cases_survey": CASE,
    "cases_meanscheck": CASE, "cases_incomeaccount": CASE, "cases_incomeline": CASE,
    "cases_appraisal": CASE, "kernel_attachment": NO, "cases_notice": CASE, "cases_selfcare": CASE,
    "cases_obligor": CASE, "cases_claim": CASE, "cases_decision": CASE, "cases_letter": CASE,
    "cases_contact": BENEFIT, "kernel_signature": NO, "kernel_event": NO,
}  # fmt: skip
BELONGS = {"id": "household", HOME: "household", CASE: "of_case", NO: "no", BENEFIT: "benefit"}
KEYS = {
    "id", "seq", "history_id", "household_id", "case_id", "source_case_id", "benefit_id",
    "member_id", "photo_id",
}  # fmt: skip
TEXTS = {"no", "key", "certificate_no", "submission_key", "subject_key", "report_no"}
PEOPLE = {
    "recorded_by_id", "requested_by_id", "settled_by_id", "posted_by_id", "submitted_by_id",
    "uploaded_by_id", "person_id",
}  # fmt: skip
PLACES = {"office_id": "x.office", "village_id": "x.village", "unit_id": "x.office"}
MONTHS = {"start_month": "x.start", "paid_with": "x.paid"}
STILL = ("cases_member", "cases_payeeaccount", "cases_contact", "cases_historicalbenefit")
OWN = {  # of a person or a home, by table and column: y is the copy's own row
    "cases_household": {"head_name": "y.name", "address": "y.address", "phone": "y.phone",
                        "phone_tail": "y.phone_tail"},
    "cases_member": {"name": "y.name", "id_no": "y.id_no", "id_digest": "y.id_digest",
                     "id_tail": "y.id_tail", "birth_on": "y.birth_on", "is_male": "y.is_male",
                     "condition": "CASE WHEN x.n % 3 = 0 THEN 'ILL' ELSE 'HEALTHY' END"},
    "cases_payeeaccount": {"holder": "y.name", "number": "y.number",
                           "number_digest": "y.number_digest", "number_tail": "y.number_tail"},
    "kernel_attachment": {"sha256": "md5(p.sha256 || x.n) || md5(x.n || p.sha256)",
                          "place": "CASE p.slot WHEN 'survey_photo' THEN y.spot"
                                   " WHEN 'notice_photo' THEN y.board ELSE '' END"},
    "cases_notice": {"public_key": "md5(p.no || x.n)"},
    "cases_case": {"due_on": "CASE WHEN p.due_on IS NOT NULL THEN x.due END"},
    "cases_survey": {"utilities_fen": "x.n::bigint * 37 % 20000"},
    "cases_contact": {"on_day": "p.on_day - (x.n % 320)", "recorded_on": "p.on_day - (x.n % 320)"},
    "kernel_event": {"at": "(p.on_day - x.shift) + time '10:00' + x.n % 300 * interval '1 second'"},
}  # fmt: skip
JOINS = {
    "cases_household": "JOIN bench_home y ON y.n = x.n",
    "cases_payeeaccount": "JOIN bench_home y ON y.n = x.n",
    "kernel_attachment": "JOIN bench_home y ON y.n = x.n",
    "cases_member": "JOIN bench_person y ON y.n = x.n AND y.relation = p.relation",
}

COPY = """
CREATE TABLE bench_home (n int PRIMARY KEY, name text, phone text, phone_tail text, address text,
       number text, number_digest text, number_tail text, spot text, board text);
CREATE TABLE bench_person (n int, relation text, name text, id_no text, id_digest text,
       id_tail text, birth_on date, is_male boolean);
CREATE TABLE bench_copy AS
SELECT n, p.household, p.of_case, p.no, p.benefit, w.shift, v.office, v.village, v.people,
       '2026-11-24'::date + n %% 61 AS due,
       (date_trunc('month', w.decided) + interval '1 month')::date AS start,
       (date_trunc('month', w.decided) + CASE WHEN extract(day FROM w.decided) > 20
        THEN interval '2 months' ELSE interval '1 month' END)::date AS paid
  FROM generate_series(1, %(size)s) n
  JOIN bench_proto p ON n %% 100 BETWEEN p.first AND p.last
  JOIN bench_village v ON v.at = n / 7 %% (SELECT count(*) FROM bench_village)
 CROSS JOIN LATERAL (SELECT 7 * CASE WHEN p.is_open THEN -(n %% 14)
                     ELSE (%(weeks)s)[1 + n %% cardinality(%(weeks)s)] END AS shift) s
 CROSS JOIN LATERAL (SELECT s.shift, '2026-09-10'::date - s.shift AS decided) w
"""

EXTRAS = """
INSERT INTO cases_review (no, benefit_id, district_id, office_id, village_id, trigger, cause, what,
       state, round, version, opened_on, due_on, outcome, ground, reason, method, facts, sentences,
       before_persons, before_monthly_fen, before_supplement_fen, persons, monthly_fen,
       supplement_fen, year_fen, support, care_tier, category, exit_months, told_on, told_method,
       told_to, decided_on, ended_on, created_at, from_month, last_month)
SELECT 'FH-' || b.id, b.id, b.district_id, b.office_id, b.village_id, 'HAND', '', '', 'ENDED', 1, 1,
       w.on_day, w.on_day + 60, w.outcome, CASE w.outcome WHEN 'STOP' THEN 'INCOME' ELSE '' END, '',
       'difference', '{}', '[]', 1, 40000, 0, 1, 42000, 0, 0, '', '', 'B',
       CASE w.outcome WHEN 'EXIT' THEN 6 ELSE 0 END, w.on_day + 10, 'DIRECT', '本人', w.on_day + 8,
       w.on_day + 10, now(), date_trunc('month', w.on_day + 45)::date,
       CASE w.outcome WHEN 'EXIT' THEN date_trunc('month', w.on_day + 183)::date END
  FROM cases_benefit b
 CROSS JOIN LATERAL (SELECT b.id / 1000 %% 40 AS at) z
 CROSS JOIN LATERAL (SELECT CASE WHEN z.at = 0 THEN 'EXIT' WHEN z.at <= 3 THEN 'STOP'
                     WHEN z.at <= 10 THEN 'RAISE' ELSE 'KEEP' END AS outcome,
                     b.start_month + 90 AS on_day) w
 WHERE z.at <= 20 AND b.start_month < '2026-04-01';
INSERT INTO cases_entitlement (benefit_id, review_id, from_month, paid_with, persons, monthly_fen,
       supplement_fen, year_fen, support, care_tier, annual_fen, counted, percents, method,
       recorded_on)
SELECT benefit_id, id, from_month, from_month, 1, 42000, 0, 0, '', '', 505200, 1, '{10}',
       'difference', ended_on
  FROM cases_review WHERE outcome = 'RAISE';
UPDATE cases_benefit b SET end_month = coalesce(v.last_month, v.from_month - 1)
  FROM cases_review v WHERE v.benefit_id = b.id AND v.outcome IN ('STOP', 'EXIT');
UPDATE cases_benefit b SET end_month = date_trunc('month', b.end_month)::date
 WHERE b.end_month IS NOT NULL;
UPDATE cases_benefit SET review_due_on = '2026-11-20'::date + (id / 1000 %% 200)::int;
INSERT INTO cases_contact (kind, on_day, means, place, met, companion, is_changed, note,
       recorded_on, benefit_id, district_id, office_id, village_id, recorded_by_id)
SELECT 'CERTIFY', '2026-11-20'::date - (b.id / 1000 %% 170)::int - 180 * g, 'PHONE', '', '本人', '',
       false, '', '2026-11-20', b.id, b.district_id, b.office_id, b.village_id, %(clerk)s
  FROM cases_benefit b, generate_series(0, 2) g WHERE b.id > 1000;
INSERT INTO cases_propertyitem (kind, note, value_fen, area, is_exempt, reason, case_id)
SELECT k.kind, '自有', 500000, 60, k.kind <> 'MONEY', '自住', c.id
  FROM cases_case c, (VALUES (0, 'DWELLING'), (0, 'MONEY'), (17, 'VEHICLE')) k(at, kind)
 WHERE k.at = 0 OR c.id / 1000 %% 50 = k.at;
INSERT INTO cases_meansfinding (kind, note, check_of_id, member_id)
SELECT 'NURSING', '', k.id, m.id FROM cases_meanscheck k JOIN cases_case c ON c.id = k.case_id
  JOIN cases_member m ON m.household_id = c.household_id AND m.relation = 'SELF'
 WHERE k.id / 1000 %% 50 = 7;
INSERT INTO cases_deathrecord (name, id_digest, id_tail, died_on, source, imported_on, district_id,
       imported_by_id)
SELECT '某', CASE WHEN m.id %% 5 = 0 THEN m.id_digest ELSE md5(m.id_digest) END, '0000',
       '2026-11-01'::date - (m.id / 1000 %% 700)::int, '殡仪馆', '2026-11-15', %(district)s,
       %(clerk)s
  FROM cases_member m WHERE m.id / 1000 %% 20 = 3;
INSERT INTO kernel_look (at, person_id, name, post, unit, address, request_id, kind, key, what)
SELECT '2026-11-27'::timestamptz - (c.id / 1000 %% 200) * interval '1 day' + interval '9 hours',
       x.people[1 + g %% 5], '', '', '', '10.0.0.' || c.id / 1000 %% 250, '', 'case', c.no, ''
  FROM cases_case c JOIN bench_copy x ON x.n = c.id / 1000, generate_series(1, 4) g;
INSERT INTO archives_dossier (no, case_id, household_id, district_id, office_id, village_id, state,
       opened_on, retain_years, required_total, required_present, manifest_sha256, package_sha256)
SELECT 'D-' || c.id, c.id, c.household_id, c.district_id, c.office_id, c.village_id, 'BUILDING',
       c.decided_on, 10, 13, 13 - (c.id / 1000 %% 20 = 0)::int, '', ''
  FROM cases_case c WHERE c.decided_on IS NOT NULL;
INSERT INTO funds_payoutbatch (no, district_id, office_id, programme, month, kind, state, round,
       version, state_since, opened_on, pay_by, pay_by_is_provisional, fund_year, months, serial,
       template, line_count, household_count, person_count, total_fen, back_pay_count, back_pay_fen,
       paid_count, paid_fen, returned_count, returned_fen, file_sha256, snapshot_sha256, locked_on,
       approved_on, sent_on, closed_on)
SELECT 'FF-' || o.office || '-' || p.programme || '-' || m.month::date, %(district)s, o.office,
       p.programme, m.month::date, 'NORMAL', 'CLOSED', 1, 1, m.month::date, m.month::date,
       m.month::date + 9, false, extract(year FROM m.month), 1, 1, '', 1, 0, 0, 0, 0, 0, 1, 0, 0, 0,
       repeat('a', 64), repeat('a', 64), m.month, m.month, m.month, m.month + interval '9 days'
  FROM (SELECT DISTINCT office FROM bench_village) o,
       unnest(%(monthly)s) p(programme),
       generate_series('2026-11-01'::date - make_interval(months => %(months)s - 1), '2026-11-01',
                       interval '1 month') m(month);
INSERT INTO funds_payoutline (batch_id, office_id, line_no, benefit_id, household_id, month, kind,
       amount_fen, base_fen, supplement_fen, persons, certificate_no, village_name, head_name,
       id_no, id_tail, holder, bank, account, account_digest, account_tail, state, is_effective,
       serial, failure, paid_on, answered_on)
SELECT a.id, a.office_id, row_number() OVER (PARTITION BY a.id ORDER BY b.id, o.kind), b.id,
       b.household_id, o.month, o.kind, w.fen, w.fen, 0, b.persons, b.certificate_no, v.name,
       h.name, h.id_no, h.id_tail, u.holder, u.bank, u.number, u.number_digest, u.number_tail,
       CASE WHEN s.back THEN 'RETURNED' ELSE 'PAID' END, NOT s.back,
       CASE WHEN s.back THEN '' ELSE 'S' || a.id || left(o.kind, 1) || b.id END,
       CASE WHEN s.back THEN '账户不存在' ELSE '' END,
       CASE WHEN NOT s.back THEN a.month + 7 + s.late END, a.month + 7 + s.late
  FROM funds_payoutbatch a
  JOIN cases_benefit b ON b.office_id = a.office_id AND b.programme = a.programme
   AND b.paid_with <= a.month AND (b.end_month IS NULL OR b.end_month >= a.month) AND b.id > 1000
  JOIN LATERAL (VALUES (a.month, 'NORMAL'), (b.start_month, 'BACK_PAY')) o(month, kind)
    ON o.kind = 'NORMAL' OR b.start_month < a.month AND b.paid_with = a.month
  JOIN kernel_unit v ON v.id = b.village_id
  JOIN cases_member h ON h.household_id = b.household_id AND h.relation = 'SELF'
  JOIN cases_payeeaccount u ON u.household_id = b.household_id
  LEFT JOIN LATERAL (SELECT t.monthly_fen FROM cases_entitlement t WHERE t.benefit_id = b.id
                        AND t.from_month <= o.month ORDER BY t.id DESC LIMIT 1) t ON true
 CROSS JOIN LATERAL (SELECT coalesce(t.monthly_fen, b.monthly_fen) AS fen) w
 CROSS JOIN LATERAL (SELECT (b.id / 1000 + a.id * 7) %% 1000 = 0 AS back,
                            4 * ((b.id / 1000 + a.id) %% 500 = 1)::int AS late) s;
DELETE FROM funds_payoutbatch a WHERE NOT EXISTS (SELECT FROM funds_payoutline l
 WHERE l.batch_id = a.id)
"""

TOTALS = """
UPDATE funds_payoutbatch a
   SET line_count = l.n, household_count = l.n, person_count = l.n, total_fen = l.fen,
       paid_count = l.n - l.back, paid_fen = l.fen - l.back_fen, returned_count = l.back,
       returned_fen = l.back_fen, snapshot_sha256 = {snapshot}
  FROM (SELECT batch_id, count(*) AS n, sum(amount_fen) AS fen,
               count(*) FILTER (WHERE state = 'RETURNED') AS back,
               coalesce(sum(amount_fen) FILTER (WHERE state = 'RETURNED'), 0) AS back_fen
          FROM funds_payoutline GROUP BY 1) l
 WHERE l.batch_id = a.id
"""
EXTENDED = ("cases_contact",)  # copied, and then given more
GUARDED = (*TABLES, "cases_entitlement", "cases_meansfinding", "cases_deathrecord", "kernel_look",
           "archives_dossier", "funds_payoutbatch", "funds_payoutline")  # fmt: skip

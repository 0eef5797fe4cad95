"""What the new kinds of list bring is kept by the database as the rest is."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

APPEND_ONLY = ("funds_supplement", "funds_givenupreturn")

LINES = """
DROP TRIGGER line_frozen ON funds_payoutline;
CREATE TRIGGER line_frozen BEFORE UPDATE OF
    batch_id, office_id, line_no, benefit_id, household_id, month, kind, amount_fen, base_fen,
    supplement_fen, persons, certificate_no, village_name, head_name, id_no, id_tail, holder, bank,
    account, account_digest, account_tail, entitlement_id, case_id, supplement_id, reissues_id
    ON funds_payoutline FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_payoutline ENABLE ALWAYS TRIGGER line_frozen;
"""
LINES_UNDO = """
DROP TRIGGER line_frozen ON funds_payoutline;
CREATE TRIGGER line_frozen BEFORE UPDATE OF
    batch_id, office_id, line_no, benefit_id, household_id, month, kind, amount_fen, base_fen,
    supplement_fen, persons, certificate_no, village_name, head_name, id_no, id_tail, holder, bank,
    account, account_digest, account_tail
    ON funds_payoutline FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_payoutline ENABLE ALWAYS TRIGGER line_frozen;
"""

BATCHES = """
DROP TRIGGER batch_identity ON funds_payoutbatch;
CREATE TRIGGER batch_identity BEFORE UPDATE ON funds_payoutbatch FOR EACH ROW
    WHEN ((OLD.no, OLD.office_id, OLD.district_id, OLD.programme, OLD.month, OLD.kind, OLD.serial,
           OLD.months, OLD.fund_year, OLD.supplement_id)
          IS DISTINCT FROM
          (NEW.no, NEW.office_id, NEW.district_id, NEW.programme, NEW.month, NEW.kind, NEW.serial,
           NEW.months, NEW.fund_year, NEW.supplement_id))
    EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_payoutbatch ENABLE ALWAYS TRIGGER batch_identity;
"""
BATCHES_UNDO = """
DROP TRIGGER batch_identity ON funds_payoutbatch;
CREATE TRIGGER batch_identity BEFORE UPDATE ON funds_payoutbatch FOR EACH ROW
    WHEN ((OLD.no, OLD.office_id, OLD.district_id, OLD.programme, OLD.month, OLD.kind)
          IS DISTINCT FROM
          (NEW.no, NEW.office_id, NEW.district_id, NEW.programme, NEW.month, NEW.kind))
    EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_payoutbatch ENABLE ALWAYS TRIGGER batch_identity;
"""

# A line goes back to what was sent before it only if that came back: never twice to the household.
CHAIN = """
CREATE FUNCTION line_reissues_what_came_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Held until the end, so that nobody gives up meanwhile what is sent again here.
    PERFORM 1 FROM funds_payoutline o
      WHERE o.id IN (SELECT reissues_id FROM added WHERE reissues_id IS NOT NULL) FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM added n JOIN funds_payoutline o ON o.id = n.reissues_id
         WHERE o.state <> 'RETURNED' OR o.amount_fen <> n.amount_fen
            OR o.benefit_id IS DISTINCT FROM n.benefit_id
            OR o.case_id IS DISTINCT FROM n.case_id
            OR EXISTS (SELECT 1 FROM funds_givenupreturn g WHERE g.line_id = o.id)) THEN
        RAISE EXCEPTION '只有退回的才能重发' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'line_reissues_what_came_back';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER line_reissues_what_came_back AFTER INSERT ON funds_payoutline
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION line_reissues_what_came_back();
ALTER TABLE funds_payoutline ENABLE ALWAYS TRIGGER line_reissues_what_came_back;
CREATE FUNCTION given_up_only_what_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM funds_payoutline l WHERE l.id = NEW.line_id FOR UPDATE;
    IF NOT EXISTS (SELECT 1 FROM funds_payoutline l
                    WHERE l.id = NEW.line_id AND l.state = 'RETURNED')
       OR EXISTS (SELECT 1 FROM funds_payoutline l WHERE l.reissues_id = NEW.line_id) THEN
        RAISE EXCEPTION '只有退回、还没有重发的才能不再重发' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'given_up_only_what_waits';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER given_up_only_what_waits BEFORE INSERT ON funds_givenupreturn
    FOR EACH ROW EXECUTE FUNCTION given_up_only_what_waits();
ALTER TABLE funds_givenupreturn ENABLE ALWAYS TRIGGER given_up_only_what_waits;
"""
CHAIN_UNDO = """
DROP TRIGGER given_up_only_what_waits ON funds_givenupreturn;
DROP FUNCTION given_up_only_what_waits();
DROP TRIGGER line_reissues_what_came_back ON funds_payoutline;
DROP FUNCTION line_reissues_what_came_back();
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0007_payout_kinds")]

    operations = [
        migrations.RunSQL(LINES, LINES_UNDO),
        migrations.RunSQL(BATCHES, BATCHES_UNDO),
        migrations.RunSQL(CHAIN, CHAIN_UNDO),
        *[migrations.RunSQL(append_only(t), changeable_again(t)) for t in APPEND_ONLY],
    ]

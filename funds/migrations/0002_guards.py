"""Money is kept by the database itself: composite keys, balanced groups, frozen lists."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

APPEND_ONLY = (
    "funds_ledgergroup",
    "funds_ledgerentry",
    "funds_allocation",
    "funds_voucher",
    "funds_bankresult",
)

KEYS = """
ALTER TABLE funds_payoutline ADD CONSTRAINT line_batch_of_office
    FOREIGN KEY (batch_id, office_id) REFERENCES funds_payoutbatch (id, office_id)
    DEFERRABLE INITIALLY DEFERRED;
-- 专款专用: a group has one programme, and so has every account that it touches.
ALTER TABLE funds_ledgerentry ADD CONSTRAINT entry_group_of_programme
    FOREIGN KEY (group_id, programme) REFERENCES funds_ledgergroup (id, programme)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE funds_ledgerentry ADD CONSTRAINT entry_account_of_programme
    FOREIGN KEY (account_id, programme) REFERENCES funds_fundaccount (id, programme)
    DEFERRABLE INITIALLY DEFERRED;
"""
KEYS_UNDO = """
ALTER TABLE funds_payoutline DROP CONSTRAINT line_batch_of_office;
ALTER TABLE funds_ledgerentry DROP CONSTRAINT entry_group_of_programme;
ALTER TABLE funds_ledgerentry DROP CONSTRAINT entry_account_of_programme;
"""

BALANCE = """
-- At commit: the group sums to zero, and no account but the source is overdrawn. The account's row
-- is locked first, so that two commits at once see each other.
CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account_kind text;
BEGIN
    IF (SELECT sum(amount_fen) FROM funds_ledgerentry WHERE group_id = NEW.group_id) <> 0 THEN
        RAISE EXCEPTION '分录合计不为零' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ledger_group_zero';
    END IF;
    SELECT kind INTO account_kind FROM funds_fundaccount WHERE id = NEW.account_id FOR UPDATE;
    IF account_kind <> 'SOURCE'
       AND (SELECT sum(amount_fen) FROM funds_ledgerentry WHERE account_id = NEW.account_id) < 0 THEN
        RAISE EXCEPTION '资金不足' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ledger_not_overdrawn';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_balances AFTER INSERT ON funds_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();
ALTER TABLE funds_ledgerentry ENABLE ALWAYS TRIGGER ledger_balances;
REVOKE DELETE, TRUNCATE ON funds_fundaccount FROM relief_app;
"""
BALANCE_UNDO = """
DROP TRIGGER ledger_balances ON funds_ledgerentry;
DROP FUNCTION ledger_balances();
GRANT DELETE ON funds_fundaccount TO relief_app;
"""

FROZEN_LINES = """
-- A line is written once; only the bank's result is added, once. While the list is open it may be
-- thrown away and made again.
REVOKE UPDATE, TRUNCATE ON funds_payoutline FROM relief_app;
GRANT UPDATE (state, is_effective, paid_on, serial, failure) ON funds_payoutline TO relief_app;
CREATE TRIGGER line_frozen BEFORE UPDATE OF
    batch_id, office_id, line_no, benefit_id, household_id, month, kind, amount_fen, base_fen,
    supplement_fen, persons, certificate_no, village_name, head_name, id_no, id_tail, holder, bank,
    account, account_digest, account_tail
    ON funds_payoutline FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER line_settled_once BEFORE UPDATE ON funds_payoutline
    FOR EACH ROW WHEN (OLD.state <> 'PENDING') EXECUTE FUNCTION refuse_change();
CREATE FUNCTION line_of_open_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT batch_id FROM gone) g
          JOIN funds_payoutbatch b ON b.id = g.batch_id WHERE b.state <> 'OPEN') THEN
        RAISE EXCEPTION '名单已锁定，明细不能删除' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER line_of_open_list AFTER DELETE ON funds_payoutline
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION line_of_open_list();
ALTER TABLE funds_payoutline ENABLE ALWAYS TRIGGER line_frozen;
ALTER TABLE funds_payoutline ENABLE ALWAYS TRIGGER line_settled_once;
ALTER TABLE funds_payoutline ENABLE ALWAYS TRIGGER line_of_open_list;
"""
FROZEN_LINES_UNDO = """
DROP TRIGGER line_frozen ON funds_payoutline;
DROP TRIGGER line_settled_once ON funds_payoutline;
DROP TRIGGER line_of_open_list ON funds_payoutline;
DROP FUNCTION line_of_open_list();
GRANT UPDATE ON funds_payoutline TO relief_app;
"""

FROZEN_BATCH = """
-- What was signed stays: which list it is, and from the lock on its totals and digests. An approved
-- list never goes back.
CREATE TRIGGER batch_identity BEFORE UPDATE ON funds_payoutbatch FOR EACH ROW
    WHEN ((OLD.no, OLD.office_id, OLD.district_id, OLD.programme, OLD.month, OLD.kind)
          IS DISTINCT FROM
          (NEW.no, NEW.office_id, NEW.district_id, NEW.programme, NEW.month, NEW.kind))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER batch_frozen BEFORE UPDATE ON funds_payoutbatch FOR EACH ROW
    WHEN (OLD.state <> 'OPEN' AND NEW.state <> 'OPEN'
          AND (OLD.line_count, OLD.total_fen, OLD.file_sha256, OLD.snapshot_sha256)
              IS DISTINCT FROM
              (NEW.line_count, NEW.total_fen, NEW.file_sha256, NEW.snapshot_sha256))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER batch_no_way_back BEFORE UPDATE ON funds_payoutbatch FOR EACH ROW
    WHEN (OLD.state IN ('APPROVED', 'SENT', 'CLOSED')
          AND (NEW.state IN ('OPEN', 'LOCKED') OR OLD.state = 'CLOSED' AND NEW.state <> 'CLOSED'
               OR OLD.state = 'SENT' AND NEW.state = 'APPROVED'))
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER batch_stays BEFORE DELETE ON funds_payoutbatch
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_payoutbatch ENABLE ALWAYS TRIGGER batch_identity;
ALTER TABLE funds_payoutbatch ENABLE ALWAYS TRIGGER batch_frozen;
ALTER TABLE funds_payoutbatch ENABLE ALWAYS TRIGGER batch_no_way_back;
ALTER TABLE funds_payoutbatch ENABLE ALWAYS TRIGGER batch_stays;
REVOKE DELETE, TRUNCATE ON funds_payoutbatch FROM relief_app;
"""
FROZEN_BATCH_UNDO = """
DROP TRIGGER batch_identity ON funds_payoutbatch;
DROP TRIGGER batch_frozen ON funds_payoutbatch;
DROP TRIGGER batch_no_way_back ON funds_payoutbatch;
DROP TRIGGER batch_stays ON funds_payoutbatch;
GRANT DELETE ON funds_payoutbatch TO relief_app;
"""

RESOLVED_ONCE = """
CREATE TRIGGER exception_resolved_once BEFORE UPDATE ON funds_resultexception
    FOR EACH ROW WHEN (OLD.resolved_on IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_stays BEFORE DELETE ON funds_resultexception
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_resultexception ENABLE ALWAYS TRIGGER exception_resolved_once;
ALTER TABLE funds_resultexception ENABLE ALWAYS TRIGGER exception_stays;
REVOKE UPDATE, DELETE, TRUNCATE ON funds_resultexception FROM relief_app;
GRANT UPDATE (resolution, resolved_on, resolved_by_id) ON funds_resultexception TO relief_app;
"""
RESOLVED_ONCE_UNDO = """
DROP TRIGGER exception_resolved_once ON funds_resultexception;
DROP TRIGGER exception_stays ON funds_resultexception;
GRANT UPDATE, DELETE ON funds_resultexception TO relief_app;
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0001_initial"), ("kernel", "0002_guards")]

    operations = [
        migrations.RunSQL(KEYS, KEYS_UNDO),
        migrations.RunSQL(BALANCE, BALANCE_UNDO),
        migrations.RunSQL(FROZEN_LINES, FROZEN_LINES_UNDO),
        migrations.RunSQL(FROZEN_BATCH, FROZEN_BATCH_UNDO),
        migrations.RunSQL(RESOLVED_ONCE, RESOLVED_ONCE_UNDO),
        *[migrations.RunSQL(append_only(t), changeable_again(t)) for t in APPEND_ONLY],
    ]

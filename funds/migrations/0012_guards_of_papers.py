"""What papers of money have said stays; a closed month takes no posting."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

APPEND_ONLY = (
    "funds_instalment",
    "funds_recoveryreceipt",
    "funds_prooffile",
    "funds_planline",
    "funds_ledgerclose",
)

# What was found, drawn or asked stays as it was; only the paper's way goes on.
FROZEN = {
    "funds_recovery": "no, district_id, office_id, benefit_id, household_id, opened_on, reason,"
    " amount_fen",
    "funds_flowproof": "no, district_id, office_id, month, family, line_id, seed, frame_count,"
    " frame_sha256, place, opened_on",
    "funds_yearplan": "no, district_id, year, edition, name, growth_permille, raise_permille,"
    " raise_from, reserve_fen, opened_on",
    "funds_quarterbudget": "no, district_id, office_id, year, quarter, opened_on",
    "funds_imprestrequest": "no, district_id, office_id, month, opened_on",
}
STAYS = """
CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {columns}
    ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_frozen_change();
CREATE TRIGGER {table}_stays BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_frozen;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays;
REVOKE DELETE, TRUNCATE ON {table} FROM relief_app;
"""
STAYS_UNDO = """
DROP TRIGGER {table}_frozen ON {table};
DROP TRIGGER {table}_stays ON {table};
GRANT DELETE ON {table} TO relief_app;
"""
# A save writes every column: only a value that is another is refused.
FUNCTION = """
CREATE FUNCTION refuse_frozen_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    frozen text[] := string_to_array(replace(TG_ARGV[0], ' ', ''), ',');
    name text;
BEGIN
    FOREACH name IN ARRAY frozen LOOP
        IF to_jsonb(OLD) -> name IS DISTINCT FROM to_jsonb(NEW) -> name THEN
            RAISE EXCEPTION '% 的 % 不能修改', TG_TABLE_NAME, name
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
"""
FUNCTION_UNDO = "DROP FUNCTION refuse_frozen_change();"

CLOSED = """
CREATE FUNCTION ledger_month_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM funds_ledgerclose c JOIN kernel_unit o ON o.id = NEW.office_id
         WHERE c.district_id = o.parent_id AND c.month = date_trunc('month', NEW.on_day)::date) THEN
        RAISE EXCEPTION '%已经关账，不能再记账', to_char(NEW.on_day, 'YYYY-MM')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_month_open';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_month_open BEFORE INSERT ON funds_ledgergroup
    FOR EACH ROW EXECUTE FUNCTION ledger_month_open();
ALTER TABLE funds_ledgergroup ENABLE ALWAYS TRIGGER ledger_month_open;
"""
CLOSED_UNDO = """
DROP TRIGGER ledger_month_open ON funds_ledgergroup;
DROP FUNCTION ledger_month_open();
"""

# At commit: a reversal has the entries of what it takes back, each with the other sign.
MIRROR = """
CREATE FUNCTION ledger_reversal_mirrors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'REVERSAL' AND EXISTS (
        SELECT account_id FROM funds_ledgerentry WHERE group_id IN (NEW.id, NEW.reverses_id)
         GROUP BY account_id HAVING sum(amount_fen) <> 0 OR count(*) <> 2) THEN
        RAISE EXCEPTION '冲正须与原凭证逐笔相反' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ledger_reversal_mirrors';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_reversal_mirrors AFTER INSERT ON funds_ledgergroup
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_reversal_mirrors();
ALTER TABLE funds_ledgergroup ENABLE ALWAYS TRIGGER ledger_reversal_mirrors;
"""
MIRROR_UNDO = """
DROP TRIGGER ledger_reversal_mirrors ON funds_ledgergroup;
DROP FUNCTION ledger_reversal_mirrors();
"""


def stays(table: str, columns: str) -> str:
    """The columns keep their values and rows stay."""
    text = STAYS.format(table=table, columns=columns)
    return text.replace("refuse_frozen_change()", f"refuse_frozen_change('{columns}')")


class Migration(migrations.Migration):
    dependencies = [("funds", "0011_papers")]

    operations = [
        migrations.RunSQL(FUNCTION, FUNCTION_UNDO),
        *[
            migrations.RunSQL(stays(table, columns), STAYS_UNDO.format(table=table))
            for table, columns in FROZEN.items()
        ],
        migrations.RunSQL(CLOSED, CLOSED_UNDO),
        migrations.RunSQL(MIRROR, MIRROR_UNDO),
        *[migrations.RunSQL(append_only(t), changeable_again(t)) for t in APPEND_ONLY],
    ]

"""SQL of the guards that the database keeps over sealed files (6.3), for migrations."""

SEALED_STAYS = """
CREATE FUNCTION dossier_sealed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '档案不能删除' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.no, NEW.case_id, NEW.household_id) IS DISTINCT FROM
       (OLD.no, OLD.case_id, OLD.household_id) THEN
        RAISE EXCEPTION '档号和归属不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state = 'SEALED'
       AND to_jsonb(NEW) - 'retain_until' <> to_jsonb(OLD) - 'retain_until' THEN
        RAISE EXCEPTION '已封存的档案不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.retain_until IS NOT NULL
       AND (NEW.retain_until IS NULL OR NEW.retain_until < OLD.retain_until) THEN
        RAISE EXCEPTION '保管期限只能延长' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""

DOSSIER_GUARD = f"""
{SEALED_STAYS}
CREATE TRIGGER archives_dossier_stays BEFORE UPDATE OR DELETE ON archives_dossier
    FOR EACH ROW EXECUTE FUNCTION dossier_sealed_stays();
CREATE TRIGGER archives_dossier_no_truncate BEFORE TRUNCATE ON archives_dossier
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE archives_dossier ENABLE ALWAYS TRIGGER archives_dossier_stays;
ALTER TABLE archives_dossier ENABLE ALWAYS TRIGGER archives_dossier_no_truncate;
REVOKE DELETE, TRUNCATE ON archives_dossier FROM relief_app;

-- FOR SHARE waits for whoever is sealing, so that nothing slips in beside the seal.
CREATE FUNCTION dossier_item_before_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM archives_dossier WHERE id = NEW.dossier_id FOR SHARE) = 'SEALED' THEN
        RAISE EXCEPTION '已封存的档案不能再归入文件' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archives_dossieritem_before_sealing BEFORE INSERT ON archives_dossieritem
    FOR EACH ROW EXECUTE FUNCTION dossier_item_before_sealing();
ALTER TABLE archives_dossieritem ENABLE ALWAYS TRIGGER archives_dossieritem_before_sealing;
"""

DOSSIER_UNGUARD = """
DROP TRIGGER archives_dossieritem_before_sealing ON archives_dossieritem;
DROP FUNCTION dossier_item_before_sealing();
DROP TRIGGER archives_dossier_no_truncate ON archives_dossier;
DROP TRIGGER archives_dossier_stays ON archives_dossier;
DROP FUNCTION dossier_sealed_stays();
GRANT DELETE ON archives_dossier TO relief_app;
"""

# The second lock of a disposal: whoever asks, the database looks for itself. The five signatures
# are of five people (kernel: one person, one stage), and the day is the server's, not the caller's.
FIVE = "('appraise', 'approve_office', 'approve', 'watch', 'watch_too')"
WHY_NOT_DESTROYED = f"""
CREATE OR REPLACE FUNCTION dossier_why_not_destroyed(file archives_dossier) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
SELECT CASE
    WHEN file.retain_until IS NULL
      OR file.retain_until >= (now() AT TIME ZONE 'Asia/Shanghai')::date THEN '保管期限未满'
    WHEN EXISTS (SELECT FROM archives_legalhold h
                  WHERE h.dossier_id = file.id AND h.lifted_on IS NULL) THEN '已保留'
    WHEN EXISTS (SELECT FROM funds_recovery r JOIN cases_benefit b ON b.id = r.benefit_id
                  WHERE b.source_case_id = file.case_id
                    AND r.state <> 'DONE') THEN '追缴未结清'
    WHEN NOT EXISTS (
        SELECT FROM archives_disposalitem i JOIN archives_disposal d ON d.id = i.disposal_id
         WHERE i.dossier_id = file.id AND i.verdict = 'DESTROY' AND d.state = 'DONE'
           AND (SELECT count(DISTINCT s.stage) = 5 AND count(DISTINCT s.person_id) = 5
                  FROM kernel_signature s
                 WHERE s.subject_kind = 'disposal' AND s.subject_key = d.no
                   AND s.round = d.round AND s.stage IN {FIVE}))
        THEN '没有五人签字的销毁清册'
    END $$;
"""
DISPOSAL_GUARD = (
    WHY_NOT_DESTROYED
    + """
CREATE OR REPLACE FUNCTION dossier_sealed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reason text;
    moves text[] := ARRAY['retain_until', 'retain_reason'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '档案不能删除' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.no, NEW.case_id, NEW.household_id) IS DISTINCT FROM
       (OLD.no, OLD.case_id, OLD.household_id) THEN
        RAISE EXCEPTION '档号和归属不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.state = 'DESTROYED' THEN
        RAISE EXCEPTION '已销毁的档案不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.state = 'DESTROYED' THEN
        reason := CASE WHEN OLD.state <> 'SEALED' THEN '没有封存'
                       ELSE dossier_why_not_destroyed(OLD) END;
        IF reason IS NOT NULL THEN
            RAISE EXCEPTION '% 不能销毁：%', OLD.no, reason
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        moves := moves || ARRAY['state', 'destroyed_on'];
    END IF;
    IF OLD.state = 'SEALED' AND to_jsonb(NEW) - moves <> to_jsonb(OLD) - moves THEN
        RAISE EXCEPTION '已封存的档案不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.retain_until IS NOT NULL
       AND (NEW.retain_until IS NULL OR NEW.retain_until < OLD.retain_until) THEN
        RAISE EXCEPTION '保管期限只能延长' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION hold_lifted_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lifted CONSTANT text[] := ARRAY['lifted_on', 'lifted_by_id', 'lifted_reason'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.lifted_on IS NOT NULL
       OR to_jsonb(NEW) - lifted <> to_jsonb(OLD) - lifted THEN
        RAISE EXCEPTION '保留只能解除一次' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archives_legalhold_stays BEFORE UPDATE OR DELETE ON archives_legalhold
    FOR EACH ROW EXECUTE FUNCTION hold_lifted_once();

CREATE FUNCTION disposal_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('DONE', 'CANCELLED') THEN
        RAISE EXCEPTION '办结的销毁清册不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archives_disposal_stays BEFORE UPDATE OR DELETE ON archives_disposal
    FOR EACH ROW EXECUTE FUNCTION disposal_stays();

CREATE FUNCTION disposal_item_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'is_open' <> to_jsonb(OLD) - 'is_open'
       AND (SELECT state FROM archives_disposal WHERE id = OLD.disposal_id) <> 'OPEN' THEN
        RAISE EXCEPTION '签过字的清册不能改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archives_disposalitem_stays BEFORE UPDATE OR DELETE ON archives_disposalitem
    FOR EACH ROW EXECUTE FUNCTION disposal_item_stays();

ALTER TABLE archives_legalhold ENABLE ALWAYS TRIGGER archives_legalhold_stays;
ALTER TABLE archives_disposal ENABLE ALWAYS TRIGGER archives_disposal_stays;
ALTER TABLE archives_disposalitem ENABLE ALWAYS TRIGGER archives_disposalitem_stays;
REVOKE DELETE, TRUNCATE ON archives_legalhold, archives_disposal, archives_disposalitem
    FROM relief_app;
"""
)

DISPOSAL_UNGUARD = """
DROP TRIGGER archives_disposalitem_stays ON archives_disposalitem;
DROP FUNCTION disposal_item_stays();
DROP TRIGGER archives_disposal_stays ON archives_disposal;
DROP FUNCTION disposal_stays();
DROP TRIGGER archives_legalhold_stays ON archives_legalhold;
DROP FUNCTION hold_lifted_once();
DROP FUNCTION dossier_why_not_destroyed(archives_dossier);
""" + SEALED_STAYS.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")

SHELF_GUARD = """
CREATE FUNCTION loan_returned_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    back CONSTANT text[] := ARRAY['returned_on', 'returned_to_id', 'condition'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.returned_on IS NOT NULL
       OR to_jsonb(NEW) - back <> to_jsonb(OLD) - back THEN
        RAISE EXCEPTION '借阅只能归还一次' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archives_loan_stays BEFORE UPDATE OR DELETE ON archives_loan
    FOR EACH ROW EXECUTE FUNCTION loan_returned_once();

CREATE FUNCTION stocktake_closed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.closed_on IS NOT NULL THEN
        RAISE EXCEPTION '结束的盘点不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER archives_stocktake_stays BEFORE UPDATE OR DELETE ON archives_stocktake
    FOR EACH ROW EXECUTE FUNCTION stocktake_closed_once();

ALTER TABLE archives_loan ENABLE ALWAYS TRIGGER archives_loan_stays;
ALTER TABLE archives_stocktake ENABLE ALWAYS TRIGGER archives_stocktake_stays;
REVOKE DELETE, TRUNCATE ON archives_box, archives_paperfile, archives_loan, archives_stocktake
    FROM relief_app;
"""

SHELF_UNGUARD = """
DROP TRIGGER archives_stocktake_stays ON archives_stocktake;
DROP FUNCTION stocktake_closed_once();
DROP TRIGGER archives_loan_stays ON archives_loan;
DROP FUNCTION loan_returned_once();
GRANT DELETE ON archives_box, archives_paperfile, archives_loan, archives_stocktake TO relief_app;
"""

# A file that was destroyed takes nothing in either; at first only sealed ones refused.
ITEMS_WHILE_BUILDING = """
CREATE OR REPLACE FUNCTION dossier_item_before_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM archives_dossier WHERE id = NEW.dossier_id FOR SHARE) <> 'BUILDING' THEN
        RAISE EXCEPTION '已封存的档案不能再归入文件' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
"""
ITEMS_UNTIL_SEALED = ITEMS_WHILE_BUILDING.replace("<> 'BUILDING'", "= 'SEALED'")

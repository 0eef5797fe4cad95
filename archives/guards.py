"""SQL of the guards that the database keeps over sealed files (6.3), for migrations."""

DOSSIER_GUARD = """
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

"""SQL of the guards that the database keeps over supervision, for migrations.

What was found, told or drawn stays as it was; what is over is not changed; nothing is deleted.
"""

from yuquan_relief.kernel.guards import append_only, changeable_again

APPEND_ONLY = (
    "supervision_frameline",
    "supervision_call",
    "supervision_complaintsubject",
    "supervision_boxopening",
    "supervision_bulletinread",
    "supervision_checkcount",
    "supervision_sheetfile",
    "supervision_mendingfile",
    "supervision_taskfile",
    "supervision_simulation",
)

# And what came later, with its own migration.
LATER = ("supervision_words",)

# Rows of which these columns never change, and which are never deleted.
FROZEN = {
    "supervision_finding": "no district_id office_id source rule severity cites subject_kind"
    " subject_key mark what evidence opened_on origin_kind origin_key",
    "supervision_complaint": "no district_id key kind channel is_anonymous name contact content"
    " received_on opened_on case_id",
    "supervision_mending": "no district_id office_id finding_id bulletin_id demand first_due_on"
    " opened_on",
    "supervision_referral": "no district_id finding_id complaint_id authority facts opened_on",
    "supervision_liability": "no district_id level clause unit_id person_id finding_id complaint_id"
    " happened_on facts opened_on",
    "supervision_contract": "no district_id party credit_code tender scope amount_fen starts_on"
    " ends_on opened_on",
    "supervision_task": "no district_id contract_id kind benefit_id opened_on",
    "supervision_suppression": "district_id rule office_id subject_kind subject_key until reason"
    " made_on made_by_id",
    "supervision_reportbox": "office_id kind place since",
    "supervision_sampleitem": "sample_id number stratum rank place quota why must case_id"
    " benefit_id household_id replaces_id",
    "supervision_checkrun": "district_id on_day scope started_at asked_by_id",
    "supervision_publication": "no district_id kind title document_no text published_on"
    " effective_on published_by_id",
    "supervision_attendance": "course_id person_id",
}
# Rows that are not changed any more once `over` holds of the old row, but for `may`.
OVER = {
    "supervision_sheet": ("OLD.finished_on IS NOT NULL", ""),
    "supervision_bulletin": ("OLD.state = 'ISSUED'", "pdf_sha256"),
    "supervision_statreport": ("OLD.state = 'REPORTED'", ""),
    "supervision_sample": ("OLD.state = 'CLOSED'", ""),
}
SEEDED = """
CREATE FUNCTION sample_stays_drawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.no, NEW.kind, NEW.period_from, NEW.period_to, NEW.percent, NEW.opened_on)
       IS DISTINCT FROM
       (OLD.no, OLD.kind, OLD.period_from, OLD.period_to, OLD.percent, OLD.opened_on)
       OR OLD.seed <> '' AND (NEW.seed, NEW.seed_event) IS DISTINCT FROM (OLD.seed, OLD.seed_event)
       OR OLD.frame_sha256 <> '' AND (NEW.frame_sha256, NEW.frame_count, NEW.target_count,
          NEW.drawn_on) IS DISTINCT FROM (OLD.frame_sha256, OLD.frame_count, OLD.target_count,
          OLD.drawn_on) THEN
        RAISE EXCEPTION '抽查的范围、种子和名单不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER supervision_sample_seeded BEFORE UPDATE ON supervision_sample
    FOR EACH ROW EXECUTE FUNCTION sample_stays_drawn();
ALTER TABLE supervision_sample ENABLE ALWAYS TRIGGER supervision_sample_seeded;

-- Figures of a locked table stay until it is reported or made anew as another edition.
CREATE FUNCTION stat_report_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'DRAFT' AND to_jsonb(NEW) - '{state,reported_on,note}'::text[]
       IS DISTINCT FROM to_jsonb(OLD) - '{state,reported_on,note}'::text[] THEN
        RAISE EXCEPTION '已锁定的统计报表不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER supervision_statreport_locked BEFORE UPDATE ON supervision_statreport
    FOR EACH ROW EXECUTE FUNCTION stat_report_locked();
ALTER TABLE supervision_statreport ENABLE ALWAYS TRIGGER supervision_statreport_locked;

-- The findings of an issued bulletin stay.
CREATE FUNCTION bulletin_item_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM supervision_bulletin WHERE id = OLD.bulletin_id) <> 'DRAFT' THEN
        RAISE EXCEPTION '已送签发的通报不能增减发现' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER supervision_bulletinitem_stays BEFORE UPDATE OR DELETE ON supervision_bulletinitem
    FOR EACH ROW EXECUTE FUNCTION bulletin_item_stays();
ALTER TABLE supervision_bulletinitem ENABLE ALWAYS TRIGGER supervision_bulletinitem_stays;
"""
SEEDED_UNDO = """
DROP TRIGGER supervision_bulletinitem_stays ON supervision_bulletinitem;
DROP FUNCTION bulletin_item_stays();
DROP TRIGGER supervision_statreport_locked ON supervision_statreport;
DROP FUNCTION stat_report_locked();
DROP TRIGGER supervision_sample_seeded ON supervision_sample;
DROP FUNCTION sample_stays_drawn();
"""


def stays(table: str, columns: str) -> str:
    """The columns of a row never change, and it is never deleted."""
    names = ", ".join(columns.split())
    old = ", ".join(f"OLD.{name}" for name in columns.split())
    new = ", ".join(f"NEW.{name}" for name in columns.split())
    return f"""
CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION '%：登记的内容不能修改或删除', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_stays BEFORE DELETE OR UPDATE OF {names} ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_stays();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_stays;
REVOKE DELETE, TRUNCATE ON {table} FROM relief_app;
"""


def stays_undo(table: str) -> str:
    """Undo of `stays`."""
    return f"""
DROP TRIGGER {table}_stays ON {table};
DROP FUNCTION {table}_stays();
GRANT DELETE ON {table} TO relief_app;
"""


def over(table: str, is_over: str, may: str) -> str:
    """A row that is over is not changed, but for the columns `may`; nor deleted."""
    but = "".join(f" - '{name}'" for name in may.split())
    return f"""
CREATE FUNCTION {table}_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR {is_over}
       AND to_jsonb(NEW){but} <> to_jsonb(OLD){but} THEN
        RAISE EXCEPTION '%：办结的不能修改或删除', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_over BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_over();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_over;
REVOKE DELETE, TRUNCATE ON {table} FROM relief_app;
"""


def over_undo(table: str) -> str:
    """Undo of `over`."""
    return f"""
DROP TRIGGER {table}_over ON {table};
DROP FUNCTION {table}_over();
GRANT DELETE ON {table} TO relief_app;
"""


def guards() -> str:
    """Every guard of supervision."""
    parts = [append_only(table) for table in APPEND_ONLY]
    parts += [stays(table, columns) for table, columns in FROZEN.items()]
    parts += [over(table, *rule) for table, rule in OVER.items()]
    return "".join([*parts, SEEDED])


def unguard() -> str:
    """Undo of all of them."""
    parts = [over_undo(table) for table in OVER]
    parts += [stays_undo(table) for table in FROZEN]
    parts += [changeable_again(table) for table in APPEND_ONLY]
    return "".join([SEEDED_UNDO, *parts])

"""SQL of the guards that the database keeps by itself (security.md 5.2), for migrations.

`ENABLE ALWAYS`: even a superuser in replica mode meets them. The application's role has no
UPDATE, DELETE or TRUNCATE on these tables to begin with.
"""

APP_ROLE = "relief_app"

REFUSE_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% 只能追加，不能修改或删除', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def append_only(table: str) -> str:
    """Rows of `table` can be added and read, and nothing else."""
    return f"""
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE};
"""


def changeable_again(table: str) -> str:
    """Undo of append_only, for a migration that goes back."""
    return f"""
DROP TRIGGER {table}_no_change ON {table};
DROP TRIGGER {table}_no_truncate ON {table};
GRANT UPDATE, DELETE ON {table} TO {APP_ROLE};
"""


EVENT_APPEND = """
CREATE TABLE kernel_event_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    hash bytea NOT NULL
);
INSERT INTO kernel_event_head (seq, at, hash) VALUES (0, '2020-08-03 00:00:00+08', sha256(''));

-- One append path. The head row is locked until the transaction ends, so numbers have no gaps and
-- the order of numbers is the order of commits. Time never runs backwards along the chain.
CREATE FUNCTION event_append(payload jsonb)
RETURNS TABLE (seq bigint, at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    n bigint;
    moment timestamptz;
    before bytea;
    canonical text;
    digest bytea;
BEGIN
    UPDATE public.kernel_event_head h
       SET seq = h.seq + 1, at = greatest(h.at, clock_timestamp())
     RETURNING h.seq, h.at, h.hash INTO n, moment, before;
    canonical := (payload || jsonb_build_object(
        'seq', n,
        'at', to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'alg', 'sha256'
    ))::text;
    digest := sha256(before || convert_to(canonical, 'UTF8'));
    INSERT INTO public.kernel_event (
        seq, at, on_day, person_id, account_id, actor_name, actor_post, actor_unit, address,
        request_id, subject_kind, subject_key, unit_id, action, before, after, due_on, note,
        body, alg, canon, prev, hash
    ) VALUES (
        n, moment, (payload->>'on_day')::date, (payload->>'person_id')::bigint,
        (payload->>'account_id')::bigint, payload->>'actor_name', payload->>'actor_post',
        payload->>'actor_unit', payload->>'address', payload->>'request_id',
        payload->>'subject_kind', payload->>'subject_key', (payload->>'unit_id')::bigint,
        payload->>'action', payload->>'before', payload->>'after', (payload->>'due_on')::date,
        payload->>'note', payload->'body', 'sha256', canonical, before, digest
    );
    UPDATE public.kernel_event_head SET hash = digest;
    RETURN QUERY SELECT n, moment;
END $$;
REVOKE ALL ON FUNCTION event_append(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION event_append(jsonb) TO relief_app;
REVOKE ALL ON kernel_event_head FROM relief_app;
GRANT SELECT ON kernel_event_head TO relief_app;
REVOKE INSERT ON kernel_event FROM relief_app;
"""

RULE_VALUE_GUARD = """
CREATE FUNCTION rule_value_only_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.confirmed_by_id IS NOT NULL OR OLD.entered_by_id IS NULL
       OR (to_jsonb(NEW) - ARRAY['confirmed_by_id', 'confirmed_at'])
          <> (to_jsonb(OLD) - ARRAY['confirmed_by_id', 'confirmed_at']) THEN
        RAISE EXCEPTION '规则值只能由第二人复核，不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_value_update BEFORE UPDATE ON kernel_rulevalue
    FOR EACH ROW EXECUTE FUNCTION rule_value_only_confirmed();
CREATE TRIGGER rule_value_delete BEFORE DELETE ON kernel_rulevalue
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rule_value_truncate BEFORE TRUNCATE ON kernel_rulevalue
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE kernel_rulevalue ENABLE ALWAYS TRIGGER rule_value_truncate;
ALTER TABLE kernel_rulevalue ENABLE ALWAYS TRIGGER rule_value_update;
ALTER TABLE kernel_rulevalue ENABLE ALWAYS TRIGGER rule_value_delete;
REVOKE DELETE, TRUNCATE ON kernel_rulevalue FROM relief_app;
"""

"""Of an answer that waits only its end is ever written; nobody deletes one."""

from django.db import migrations

from yuquan_relief.kernel.guards import APP_ROLE

STAYS = f"""
REVOKE UPDATE, DELETE, TRUNCATE ON cases_heldanswer FROM {APP_ROLE};
GRANT UPDATE (state, ended_at, note) ON cases_heldanswer TO {APP_ROLE};
CREATE FUNCTION held_answer_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'WAITING' OR (to_jsonb(NEW) - ARRAY['state', 'ended_at', 'note'])
       <> (to_jsonb(OLD) - ARRAY['state', 'ended_at', 'note']) THEN
        RAISE EXCEPTION '已结束的签批不能修改' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER held_answer_update BEFORE UPDATE ON cases_heldanswer
    FOR EACH ROW EXECUTE FUNCTION held_answer_ends_once();
CREATE TRIGGER held_answer_delete BEFORE DELETE ON cases_heldanswer
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER held_answer_truncate BEFORE TRUNCATE ON cases_heldanswer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE cases_heldanswer ENABLE ALWAYS TRIGGER held_answer_update;
ALTER TABLE cases_heldanswer ENABLE ALWAYS TRIGGER held_answer_truncate;
ALTER TABLE cases_heldanswer ENABLE ALWAYS TRIGGER held_answer_delete;
"""
UNDO = f"""
DROP TRIGGER held_answer_update ON cases_heldanswer;
DROP TRIGGER held_answer_truncate ON cases_heldanswer;
DROP TRIGGER held_answer_delete ON cases_heldanswer;
DROP FUNCTION held_answer_ends_once();
GRANT UPDATE, DELETE ON cases_heldanswer TO {APP_ROLE};
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_answers_that_wait")]

    operations = [migrations.RunSQL(STAYS, UNDO)]

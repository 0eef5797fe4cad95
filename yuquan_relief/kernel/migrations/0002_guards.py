"""Events, signatures and rule values are kept by the database itself (security.md 5.2)."""

from django.db import migrations

from yuquan_relief.kernel.guards import (
    EVENT_APPEND,
    REFUSE_FUNCTION,
    RULE_VALUE_GUARD,
    append_only,
    changeable_again,
)

UNDO = """
DROP FUNCTION event_append(jsonb);
DROP TABLE kernel_event_head;
GRANT INSERT ON kernel_event TO relief_app;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE_FUNCTION, "DROP FUNCTION refuse_change()"),
        migrations.RunSQL(append_only("kernel_event"), changeable_again("kernel_event")),
        migrations.RunSQL(EVENT_APPEND, UNDO),
        migrations.RunSQL(append_only("kernel_signature"), changeable_again("kernel_signature")),
        migrations.RunSQL(append_only("kernel_checkpoint"), changeable_again("kernel_checkpoint")),
        migrations.RunSQL(
            RULE_VALUE_GUARD,
            "DROP TRIGGER rule_value_update ON kernel_rulevalue;"
            "DROP TRIGGER rule_value_delete ON kernel_rulevalue;"
            "DROP TRIGGER rule_value_truncate ON kernel_rulevalue;"
            "DROP FUNCTION rule_value_only_confirmed();"
            "GRANT DELETE ON kernel_rulevalue TO relief_app;",
        ),
    ]

"""What a report found of people is append-only; of a report of change only its answer is added."""

from django.db import migrations

from yuquan_relief.kernel.guards import APP_ROLE, append_only, changeable_again

STAYS = f"""
REVOKE UPDATE, DELETE, TRUNCATE ON cases_carereport FROM {APP_ROLE};
GRANT UPDATE (answer_id) ON cases_carereport TO {APP_ROLE};
REVOKE UPDATE, DELETE, TRUNCATE ON cases_carearrangement FROM {APP_ROLE};
GRANT UPDATE (ended_on) ON cases_carearrangement TO {APP_ROLE};
"""
UNDO = f"GRANT UPDATE, DELETE ON cases_carereport, cases_carearrangement TO {APP_ROLE};"


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_care_and_findings")]

    operations = [
        migrations.RunSQL(
            append_only("cases_meansfinding"), changeable_again("cases_meansfinding")
        ),
        migrations.RunSQL(STAYS, UNDO),
    ]

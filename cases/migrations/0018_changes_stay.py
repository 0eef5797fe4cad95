"""Of a household's change only its withdrawal is ever written; nobody deletes one."""

from django.db import migrations

from yuquan_relief.kernel.guards import APP_ROLE

STAYS = f"""
REVOKE UPDATE, DELETE, TRUNCATE ON cases_householdchange FROM {APP_ROLE};
GRANT UPDATE (withdrawn_at) ON cases_householdchange TO {APP_ROLE};
"""
UNDO = f"GRANT UPDATE, DELETE ON cases_householdchange TO {APP_ROLE};"


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_household_chain")]

    operations = [migrations.RunSQL(STAYS, UNDO)]

"""A report box or hotline is withdrawn once; the day then stays."""

from django.db import migrations

from supervision.guards import over, over_undo

TABLE = "supervision_reportbox"
KEPT = f"REVOKE DELETE ON {TABLE} FROM relief_app;"  # as 0003 left it


class Migration(migrations.Migration):
    dependencies = [("supervision", "0005_discreet_words")]

    operations = [
        migrations.RunSQL(over(TABLE, "OLD.until IS NOT NULL", ""), over_undo(TABLE) + KEPT)
    ]

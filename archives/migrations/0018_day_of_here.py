"""The day on which a file may go is the day of here, at every hour."""

from django.db import migrations

from archives.guards import WHY_NOT_DESTROYED


class Migration(migrations.Migration):
    dependencies = [("archives", "0017_handover_of_supervision")]

    operations = [migrations.RunSQL(WHY_NOT_DESTROYED, migrations.RunSQL.noop)]

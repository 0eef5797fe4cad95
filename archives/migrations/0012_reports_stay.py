"""Reports of inspections are append-only."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

TABLE = "archives_inspection"


class Migration(migrations.Migration):
    dependencies = [("archives", "0011_inspections")]

    operations = [migrations.RunSQL(append_only(TABLE), changeable_again(TABLE))]

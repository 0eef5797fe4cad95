"""Corrections and findings are append-only; a loan is closed once; nothing of the shelf is deleted."""

from django.db import migrations

from archives.guards import SHELF_GUARD, SHELF_UNGUARD
from yuquan_relief.kernel.guards import append_only, changeable_again

TABLES = ("archives_correction", "archives_stocktakefinding")


class Migration(migrations.Migration):
    dependencies = [("archives", "0007_shelf")]

    operations = [
        *(migrations.RunSQL(append_only(table), changeable_again(table)) for table in TABLES),
        migrations.RunSQL(SHELF_GUARD, SHELF_UNGUARD),
    ]

"""Nothing comes into a file that was destroyed."""

from django.db import migrations

from archives.guards import ITEMS_UNTIL_SEALED, ITEMS_WHILE_BUILDING


class Migration(migrations.Migration):
    dependencies = [("archives", "0015_parts")]

    operations = [migrations.RunSQL(ITEMS_WHILE_BUILDING, ITEMS_UNTIL_SEALED)]

"""Items are append-only; a sealed dossier stays as it is."""

from django.db import migrations

from archives.guards import DOSSIER_GUARD, DOSSIER_UNGUARD
from yuquan_relief.kernel.guards import append_only, changeable_again

ITEMS = "archives_dossieritem"


class Migration(migrations.Migration):
    dependencies = [("archives", "0001_initial"), ("kernel", "0002_guards")]

    operations = [
        migrations.RunSQL(append_only(ITEMS), changeable_again(ITEMS)),
        migrations.RunSQL(DOSSIER_GUARD, DOSSIER_UNGUARD),
    ]

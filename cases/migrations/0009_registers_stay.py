"""The register of relatives and what was promised are append-only."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

TABLES = ("cases_staffrelative", "cases_deferral")


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_registers")]

    operations = [migrations.RunSQL(append_only(t), changeable_again(t)) for t in TABLES]

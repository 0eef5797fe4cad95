"""Help that went out, assessments and the bureau's findings are append-only."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

TABLES = ("cases_firstrelief", "cases_handover", "cases_selfcare", "cases_bureaucheck")


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_every_programme")]

    operations = [migrations.RunSQL(append_only(t), changeable_again(t)) for t in TABLES]

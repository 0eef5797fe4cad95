"""Decisions are append-only; simple-history rows too."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

TABLES = (
    "cases_decision",
    "cases_letter",
    "cases_historicalhousehold",
    "cases_historicalmember",
    "cases_historicalbenefit",
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("kernel", "0002_guards")]

    operations = [migrations.RunSQL(append_only(t), changeable_again(t)) for t in TABLES]

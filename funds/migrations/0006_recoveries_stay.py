"""A recovery stands as it was opened; what is paid back is recorded against it."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

APPEND_ONLY = ("funds_recovery", "funds_recoverymonth")


class Migration(migrations.Migration):
    dependencies = [("funds", "0005_differences_stay")]

    operations = [migrations.RunSQL(append_only(t), changeable_again(t)) for t in APPEND_ONLY]

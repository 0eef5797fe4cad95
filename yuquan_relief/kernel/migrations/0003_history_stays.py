"""History rows of units and rules can only be added; a reminder is settled by its subject."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again

TABLES = ("kernel_historicalunit", "kernel_historicalrulevalue")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_guards")]

    operations = [
        *[migrations.RunSQL(append_only(t), changeable_again(t)) for t in TABLES],
        migrations.RemoveField(model_name="reminder", name="settled_at"),
    ]

"""Nobody takes a look back."""

from django.db import migrations

from yuquan_relief.kernel.guards import append_only, changeable_again


class Migration(migrations.Migration):
    dependencies = [("kernel", "0008_looks")]

    operations = [migrations.RunSQL(append_only("kernel_look"), changeable_again("kernel_look"))]

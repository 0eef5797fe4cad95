from django.db import migrations, models

from yuquan_relief.kernel.guards import append_only, changeable_again


class Migration(migrations.Migration):
    dependencies = [
        ("supervision", "0006_box_closed_once"),
    ]

    operations = [
        migrations.CreateModel(
            name="Once",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("made", models.CharField(max_length=40, verbose_name="办成的")),
            ],
            options={
                "verbose_name": "已提交的表单",
                "verbose_name_plural": "已提交的表单",
            },
        ),
        migrations.RunSQL(append_only("supervision_once"), changeable_again("supervision_once")),
    ]

"""What was found of a bank file that no list accounts for stays as it was written."""

import django.db.models.deletion
from django.db import migrations, models

from yuquan_relief.kernel.guards import append_only, changeable_again


class Migration(migrations.Migration):
    dependencies = [
        ("funds", "0015_allocation_beyond_budget"),
        ("kernel", "0006_place_of_photos"),
    ]

    operations = [
        migrations.CreateModel(
            name="SettledHandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("no", models.CharField(max_length=40, verbose_name="批次号")),
                (
                    "file_sha256",
                    models.CharField(max_length=64, unique=True, verbose_name="银行文件摘要"),
                ),
                ("note", models.CharField(max_length=300, verbose_name="核对结果")),
                ("settled_on", models.DateField(verbose_name="登记日期")),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.unit",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "交接簿核对",
                "verbose_name_plural": "交接簿核对",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True), name="settled_note"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            append_only("funds_settledhandover"), changeable_again("funds_settledhandover")
        ),
    ]

"""Words of complaints and accountability stand sealed beside the chain; whom a complaint names is
registered before it is given out; a demand ends with the finding; findings are not cut short."""

from django.db import migrations, models

from supervision.guards import FROZEN, stays, stays_undo
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.guards import append_only, changeable_again
from yuquan_relief.kernel.migrating import together

# The guards name the columns; a column that a trigger names cannot be made longer.
LONGER = ("supervision_finding", "supervision_mending")
OFF = "".join(stays_undo(table) for table in LONGER)
ON = "".join(stays(table, FROZEN[table]) for table in LONGER)
STATES = ["OPEN", "SENT", "BACK", "DONE", "DROPPED"]


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0010_third_party_role"),
        ("supervision", "0004_broken_checks"),
    ]

    operations = together(
        [
            migrations.CreateModel(
                name="Words",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("event_seq", models.BigIntegerField(unique=True, verbose_name="操作记录序号")),
                    ("words", SealedTextField(verbose_name="内容")),
                ],
                options={
                    "verbose_name": "另存的办理内容",
                    "verbose_name_plural": "另存的办理内容",
                },
            ),
            migrations.RemoveConstraint(model_name="mending", name="mending_known_state"),
            migrations.AddConstraint(
                model_name="mending",
                constraint=models.CheckConstraint(
                    condition=models.Q(("state__in", STATES)), name="mending_known_state"
                ),
            ),
            migrations.AddField(
                model_name="complaint",
                name="named_on",
                field=models.DateField(null=True, verbose_name="登记被反映人的日期"),
            ),
            migrations.RunSQL(OFF, ON),
            migrations.AlterField(
                model_name="finding",
                name="what",
                field=models.CharField(max_length=1100, verbose_name="发现"),
            ),
            migrations.AlterField(
                model_name="mending",
                name="demand",
                field=models.CharField(max_length=1100, verbose_name="要求"),
            ),
            migrations.RunSQL(ON, OFF),
            migrations.RunSQL(
                append_only("supervision_words"), changeable_again("supervision_words")
            ),
        ]
    )

"""A notice may hang on a review; by when a benefit was reviewed next is known of past dates too."""

import django.db.models.deletion
from django.db import migrations, models

from yuquan_relief.kernel.guards import append_only, changeable_again
from yuquan_relief.kernel.migrating import together

# What is due when this is migrated is known from that day on; what was due before was overwritten.
KNOWN_NOW = """
INSERT INTO cases_reviewdue (benefit_id, since, due_on, category)
SELECT id, current_date, review_due_on, category FROM cases_benefit
 WHERE review_due_on IS NOT NULL ORDER BY id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0026_classes"),
        ("kernel", "0006_place_of_photos"),
    ]

    operations = together(
        [
            migrations.CreateModel(
                name="ReviewDue",
                fields=[
                    (
                        "id",
                        models.BigAutoField(
                            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                        ),
                    ),
                    ("since", models.DateField(verbose_name="自")),
                    ("due_on", models.DateField(null=True, verbose_name="下次复核日期")),
                    ("category", models.CharField(max_length=1, verbose_name="复核类别")),
                ],
                options={
                    "verbose_name": "复核日程",
                    "verbose_name_plural": "复核日程",
                },
            ),
            migrations.RemoveConstraint(
                model_name="review",
                name="review_known_state",
            ),
            migrations.AddField(
                model_name="notice",
                name="review",
                field=models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices",
                    to="cases.review",
                ),
            ),
            migrations.AlterField(
                model_name="notice",
                name="case",
                field=models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices",
                    to="cases.case",
                ),
            ),
            migrations.AlterField(
                model_name="review",
                name="state",
                field=models.CharField(
                    choices=[
                        ("OPEN", "待复核"),
                        ("TO_NOTICE", "待公示期满"),
                        ("TO_DECIDE", "待签批"),
                        ("TO_TELL", "待告知"),
                        ("ENDED", "已办结"),
                        ("WITHDRAWN", "已撤回"),
                    ],
                    default="OPEN",
                    max_length=10,
                    verbose_name="状态",
                ),
            ),
            migrations.AddConstraint(
                model_name="notice",
                constraint=models.UniqueConstraint(
                    fields=("review", "round"), name="notice_once_a_review_round"
                ),
            ),
            migrations.AddConstraint(
                model_name="notice",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("case__isnull", False), ("review__isnull", True)),
                        models.Q(
                            ("case__isnull", True), ("kind", "ENDING"), ("review__isnull", False)
                        ),
                        _connector="OR",
                    ),
                    name="notice_of_one_thing",
                ),
            ),
            migrations.AddConstraint(
                model_name="review",
                constraint=models.CheckConstraint(
                    condition=models.Q(
                        (
                            "state__in",
                            ["OPEN", "TO_NOTICE", "TO_DECIDE", "TO_TELL", "ENDED", "WITHDRAWN"],
                        )
                    ),
                    name="review_known_state",
                ),
            ),
            migrations.AddField(
                model_name="reviewdue",
                name="benefit",
                field=models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="review_dues",
                    to="cases.benefit",
                ),
            ),
            migrations.AddIndex(
                model_name="reviewdue",
                index=models.Index(fields=["benefit", "-id"], name="review_due_of_benefit"),
            ),
            migrations.RunSQL(append_only("cases_reviewdue"), changeable_again("cases_reviewdue")),
            migrations.RunSQL(KNOWN_NOW, migrations.RunSQL.noop),
        ]
    )

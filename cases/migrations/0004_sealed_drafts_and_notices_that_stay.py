"""Drafts are sealed like the rows they become; a notice that hangs keeps its content."""

from django.db import migrations, models

import yuquan_relief.kernel.fields

NOTICE_STAYS = """
REVOKE UPDATE, DELETE, TRUNCATE ON cases_notice FROM relief_app;
GRANT UPDATE (photo_id, closed_on, last_day, last_day_is_provisional) ON cases_notice TO relief_app;
"""
NOTICE_STAYS_UNDO = "GRANT UPDATE, DELETE ON cases_notice TO relief_app;"


def seal_answers(apps, schema_editor):
    Draft = apps.get_model("cases", "Draft")
    for draft in Draft.objects.iterator():
        draft.sealed = draft.answers if not draft.case_no else {}
        draft.save(update_fields=["sealed"])


def open_answers(apps, schema_editor):
    Draft = apps.get_model("cases", "Draft")
    for draft in Draft.objects.iterator():
        draft.answers = draft.sealed
        draft.save(update_fields=["answers"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_case_keys_in_composite_indexes")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="last_day_is_provisional",
            field=models.BooleanField(default=False, verbose_name="末日暂定"),
        ),
        migrations.RunSQL(NOTICE_STAYS, NOTICE_STAYS_UNDO),
        migrations.AddField(
            model_name="draft",
            name="sealed",
            field=yuquan_relief.kernel.fields.SealedJSONField(default=dict),
        ),
        migrations.RunPython(seal_answers, open_answers),
        migrations.RemoveField(model_name="draft", name="answers"),
        migrations.RenameField(model_name="draft", old_name="sealed", new_name="answers"),
    ]

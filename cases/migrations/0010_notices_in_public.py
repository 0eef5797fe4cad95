"""A public page for each notice, its removal, and the long-term list of a village."""

import django.db.models.deletion
from django.db import migrations, models

import cases.models.notice
import yuquan_relief.kernel.fields


def give_keys(apps, schema_editor):
    Notice = apps.get_model("cases", "Notice")
    for notice in Notice.objects.only("pk").iterator():
        Notice.objects.filter(pk=notice.pk).update(public_key=cases.models.notice.new_key())


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_registers_stay")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="public_key",
            field=models.CharField(default="", max_length=32, verbose_name="公开网页编号"),
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="notice",
            name="public_key",
            field=models.CharField(
                default=cases.models.notice.new_key,
                max_length=32,
                unique=True,
                verbose_name="公开网页编号",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="removed_on",
            field=models.DateField(null=True, verbose_name="撤下日期"),
        ),
        migrations.AddField(
            model_name="notice",
            name="removal_photo",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kernel.attachment",
                verbose_name="撤下照片",
            ),
        ),
        migrations.AddField(
            model_name="objection",
            name="contact",
            field=yuquan_relief.kernel.fields.SealedTextField(blank=True, verbose_name="联系方式"),
        ),
    ]

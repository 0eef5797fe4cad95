"""Holds are lifted once, lists stay as signed, and the database looks before a file goes."""

from django.db import migrations

from archives.guards import DISPOSAL_GUARD, DISPOSAL_UNGUARD


class Migration(migrations.Migration):
    dependencies = [
        ("archives", "0005_keeping"),
        ("cases", "0027_notices_of_reviews"),
        ("funds", "0016_hand_over_book"),
    ]

    operations = [migrations.RunSQL(DISPOSAL_GUARD, DISPOSAL_UNGUARD)]

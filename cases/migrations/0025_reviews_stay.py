"""What was paid out of, who was seen and who was told stays; nobody deletes a review or a report."""

from django.db import migrations

from yuquan_relief.kernel.guards import APP_ROLE, append_only, changeable_again

APPEND_ONLY = ("cases_entitlement", "cases_contact", "cases_standardtelling", "cases_deathrecord")
KEPT = ("cases_review", "cases_changereport", "cases_standardrun")
STAYS = "".join(f"REVOKE DELETE, TRUNCATE ON {t} FROM {APP_ROLE};\n" for t in KEPT)
UNDO = "".join(f"GRANT DELETE ON {t} TO {APP_ROLE};\n" for t in KEPT)


class Migration(migrations.Migration):
    dependencies = [("cases", "0024_reviews")]

    operations = [
        *(migrations.RunSQL(append_only(t), changeable_again(t)) for t in APPEND_ONLY),
        migrations.RunSQL(STAYS, UNDO),
    ]

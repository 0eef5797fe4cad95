"""The change that a difference pays is frozen with the line."""

from django.db import migrations

COLUMNS = (
    "batch_id, office_id, line_no, benefit_id, household_id, month, kind, amount_fen, base_fen,"
    " supplement_fen, persons, certificate_no, village_name, head_name, id_no, id_tail, holder,"
    " bank, account, account_digest, account_tail"
)
FROZEN = """
DROP TRIGGER line_frozen ON funds_payoutline;
CREATE TRIGGER line_frozen BEFORE UPDATE OF {columns}
    ON funds_payoutline FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_payoutline ENABLE ALWAYS TRIGGER line_frozen;
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0004_differences")]

    operations = [
        migrations.RunSQL(
            FROZEN.format(columns=f"{COLUMNS}, entitlement_id"), FROZEN.format(columns=COLUMNS)
        ),
    ]

"""Since which month care goes apart is part of what a list is; nobody changes it."""

from django.db import migrations

IDENTITY = """
DROP TRIGGER batch_identity ON funds_payoutbatch;
CREATE TRIGGER batch_identity BEFORE UPDATE ON funds_payoutbatch FOR EACH ROW
    WHEN ((OLD.no, OLD.office_id, OLD.district_id, OLD.programme, OLD.month, OLD.kind, OLD.serial,
           OLD.months, OLD.fund_year, OLD.supplement_id{old})
          IS DISTINCT FROM
          (NEW.no, NEW.office_id, NEW.district_id, NEW.programme, NEW.month, NEW.kind, NEW.serial,
           NEW.months, NEW.fund_year, NEW.supplement_id{new}))
    EXECUTE FUNCTION refuse_change();
ALTER TABLE funds_payoutbatch ENABLE ALWAYS TRIGGER batch_identity;
"""
WITH_CARE = IDENTITY.format(old=", OLD.care_from", new=", NEW.care_from")


class Migration(migrations.Migration):
    dependencies = [("funds", "0013_care_apart")]

    operations = [migrations.RunSQL(WITH_CARE, IDENTITY.format(old="", new=""))]

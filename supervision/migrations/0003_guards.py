"""What was found, told or drawn stays; what is over is not changed; nothing is deleted."""

from django.db import migrations

from supervision.guards import guards, unguard


class Migration(migrations.Migration):
    dependencies = [("supervision", "0002_partners_training_statistics")]

    operations = [migrations.RunSQL(guards(), unguard())]

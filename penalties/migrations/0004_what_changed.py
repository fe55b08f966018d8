"""A look writes only what has changed: the day of the look stands in LastLook alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("penalties", "0003_packs_and_orders")]

    operations = [
        migrations.RenameField("watch", "looked_on", "since"),
        migrations.AlterField("watch", "since", models.DateField(help_text="The day from which the count is this.")),
        migrations.RemoveField("improvementnotice", "looked_on"),
    ]

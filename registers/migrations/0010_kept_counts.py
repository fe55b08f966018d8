"""Sessions kept counted by pupil and part of the year, by triggers (decision 0023); what stands is counted once."""

import django.db.models.deletion
from django.db import migrations, models

from registers import kept_counts


class Migration(migrations.Migration):
    dependencies = [("attendance_mis", "0005_backup_made"), ("registers", "0009_certificates")]

    operations = [
        migrations.CreateModel(
            name="KeptCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pupil_id", models.IntegerField()),
                ("part", models.DateField(help_text="The first day of the part.")),
                ("marks", models.SmallIntegerField()),
                ("possible", models.SmallIntegerField()),
                ("attended", models.SmallIntegerField()),
                ("late", models.SmallIntegerField()),
                ("authorised", models.SmallIntegerField()),
                ("unauthorised", models.SmallIntegerField()),
                (
                    "school",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attendance_mis.school",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["school", "part", "pupil_id"], name="kept_count")],
            },
        ),
        migrations.RunSQL(kept_counts.CREATE_FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(kept_counts.COUNT_EVERYTHING, migrations.RunSQL.noop),
        migrations.RunSQL(kept_counts.CREATE_TRIGGERS, kept_counts.DROP_ALL),
    ]

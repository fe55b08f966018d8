"""Who answers for a child in a session, and when it was closed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import attendance_mis.tenancy
from attendance_mis.database import same_school


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0004_scheduled_runs"),
        ("casework", "0006_leave_requests"),
        ("registers", "0008_desk_and_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountedFor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("session", models.SmallIntegerField(choices=[(1, "AM"), (2, "PM")])),
                ("reason", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                ("by_id", models.IntegerField()),
                ("by_name", models.CharField(max_length=100)),
                ("by_position", models.CharField(max_length=100)),
                (
                    "pupil",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounted_for",
                        to="registers.pupil",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
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
                "constraints": [
                    models.UniqueConstraint(fields=("school", "day", "session", "pupil"), name="accounted_for_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SessionClose",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("session", models.SmallIntegerField(choices=[(1, "AM"), (2, "PM")])),
                ("closed_at", models.DateTimeField()),
                (
                    "closed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
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
                "constraints": [
                    models.UniqueConstraint(fields=("school", "day", "session"), name="session_closed_once")
                ],
            },
        ),
        same_school("casework_accountedfor", "pupil_id", "registers_pupil"),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0005_backup_made"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_name", models.CharField(max_length=100)),
                ("person_position", models.CharField(max_length=100)),
                (
                    "permission",
                    models.CharField(
                        choices=[("decide and sign a penalty notice", "decide and sign a penalty notice")],
                        max_length=100,
                    ),
                ),
                ("starts", models.DateField()),
                (
                    "until",
                    models.DateField(blank=True, help_text="The last day; empty: until it is withdrawn.", null=True),
                ),
                ("given_on", models.DateField()),
                ("given_name", models.CharField(max_length=100)),
                ("given_position", models.CharField(max_length=100)),
                ("withdrawn_on", models.DateField(blank=True, null=True)),
                ("withdrawn_why", models.CharField(blank=True, max_length=300)),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorisations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorisations",
                        to="attendance_mis.school",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-starts", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("school", "id"), name="authorisation_same_school"),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("starts")), _connector="OR"),
                        name="authorisation_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("given_by")), _negated=True),
                        name="nobody_authorises_herself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_by", None), ("withdrawn_on", None)),
                            models.Q(("withdrawn_by__isnull", False), ("withdrawn_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="authorisation_withdrawn_on_and_by",
                    ),
                ],
            },
        ),
    ]

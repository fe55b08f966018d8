import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import attendance_mis.tenancy
from attendance_mis.database import same_school


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0004_scheduled_runs"),
        ("casework", "0009_contacts_and_absence_reports"),
        ("registers", "0009_certificates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agency",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "service",
                    models.CharField(
                        choices=[
                            ("welfare", "Education welfare or attendance service"),
                            ("early_help", "Early help"),
                            ("mash", "Safeguarding hub (MASH)"),
                            ("social_worker", "Social worker"),
                            ("missing", "Children missing education"),
                            ("medical", "Medical needs education"),
                            ("send", "Special educational needs"),
                            ("other", "Another service"),
                        ],
                        max_length=13,
                        verbose_name="what it does",
                    ),
                ),
                ("contact", models.CharField(blank=True, max_length=200, verbose_name="whom to ask for")),
                ("telephone", models.CharField(blank=True, max_length=30)),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "answer_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        help_text="Proposed as the due date of a referral.",
                        verbose_name="days until it answers",
                    ),
                ),
                ("is_in_use", models.BooleanField(default=True, verbose_name="in use")),
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
                "ordering": ["name"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("school", "id"), name="agency_same_school"),
                    models.UniqueConstraint(fields=("school", "name"), name="agency_name_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("improvement", "Attendance Improvement Meeting"),
                            ("panel", "Attendance panel"),
                            ("targeted", "Targeted support meeting"),
                            ("family", "Team around the family"),
                            ("contract", "Contract review"),
                        ],
                        max_length=11,
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it begins.")),
                ("place", models.CharField(max_length=200)),
                (
                    "others",
                    models.CharField(
                        blank=True, help_text="Who else is to come: school, authority, services.", max_length=300
                    ),
                ),
                ("planned_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("held", "Held"),
                            ("missed", "The family did not come"),
                            ("cancelled", "Put off"),
                        ],
                        default="planned",
                        max_length=9,
                    ),
                ),
                ("present", models.CharField(blank=True, help_text="Who else was there.", max_length=300)),
                ("minutes", models.TextField(blank=True)),
                ("agreed", models.JSONField(default=list, help_text="What was agreed: [{what, who, by}].")),
                ("next_on", models.DateField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, help_text="Counts up with each change, so that two are seen."
                    ),
                ),
                (
                    "case",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="casework.case",
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ["-at", "-pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("school", "id"), name="meeting_same_school"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("recorded_at", None), ("recorded_by", None), ("state", "planned")),
                            models.Q(
                                models.Q(("state", "planned"), _negated=True),
                                ("recorded_at__isnull", False),
                                ("recorded_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="meeting_recorded_at_and_by",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "planned")), fields=["school", "at"], name="meetings_to_come"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("addressee", models.CharField(help_text="As known then.", max_length=250)),
                ("came", models.BooleanField(blank=True, null=True)),
                (
                    "contact",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="registers.contact",
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
                (
                    "meeting",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitees",
                        to="casework.meeting",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("school", "meeting", "contact"), name="invited_once")],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent_on", models.DateField()),
                ("concern", models.TextField(help_text="Why, and what is hoped for.")),
                ("what", models.CharField(help_text="What was sent: forms, summaries, letters.", max_length=500)),
                (
                    "consent",
                    models.CharField(
                        choices=[
                            ("given", "The parents agree"),
                            ("withheld", "The parents do not agree"),
                            ("not_asked", "They were not asked"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "because",
                    models.CharField(
                        blank=True, help_text="Why it goes without the parents' agreement.", max_length=500
                    ),
                ),
                ("due", models.DateField(help_text="By when an answer is expected.")),
                ("made_at", models.DateTimeField()),
                ("answered_on", models.DateField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted", "They take it on"),
                            ("more", "They ask for more"),
                            ("declined", "They do not take it on"),
                        ],
                        max_length=8,
                    ),
                ),
                ("answer", models.TextField(blank=True)),
                (
                    "agency",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
                        to="casework.agency",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pupil",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="referrals",
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
                "ordering": ["-sent_on", "-pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("school", "id"), name="referral_same_school"),
                    models.CheckConstraint(
                        condition=models.Q(("due__gte", models.F("sent_on"))), name="referral_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("consent", "given"), models.Q(("because", ""), _negated=True), _connector="OR"
                        ),
                        name="referral_without_consent_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_on", None), ("outcome", "")),
                            models.Q(
                                ("answered_on__gte", models.F("sent_on")), models.Q(("outcome", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="referral_answered_with_an_outcome",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_on", None)),
                        fields=["school", "due"],
                        name="referrals_awaiting_answer",
                    ),
                    models.Index(fields=["school", "pupil"], name="referral_of_pupil"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Supervision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("present", models.CharField(blank=True, max_length=300)),
                ("decision", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("by_position", models.CharField(max_length=100)),
                (
                    "case",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supervisions",
                        to="casework.case",
                    ),
                ),
                (
                    "made_by",
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
                "ordering": ["-on", "-pk"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["school", "case", "on"], name="supervision_of_case")],
            },
        ),
        *(same_school(f"casework_{table}", "case_id", "casework_case") for table in ("meeting", "supervision")),
        same_school("casework_invitee", "meeting_id", "casework_meeting"),
        same_school("casework_invitee", "contact_id", "registers_contact"),
        same_school("casework_referral", "pupil_id", "registers_pupil"),
        same_school("casework_referral", "agency_id", "casework_agency"),
    ]

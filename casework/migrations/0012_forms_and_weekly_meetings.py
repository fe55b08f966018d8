"""Forms filled in with a family, weekly meetings, and who was praised."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import attendance_mis.tenancy
from attendance_mis.database import append_only, same_school


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0005_backup_made"),
        ("casework", "0011_return_agreement"),
        ("registers", "0009_certificates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FilledForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "form",
                    models.CharField(help_text="Which form, and in which version (data/forms.toml).", max_length=20),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("on", models.DateField(help_text="The school's own day on which it was filled in.")),
                ("facts", models.JSONField(default=list, help_text="Its head as known then: [[label, text]].")),
                ("answers", models.JSONField()),
                (
                    "is_complete",
                    models.BooleanField(default=False, help_text="A checklist that misses nothing, and was called so."),
                ),
                ("why", models.CharField(blank=True, help_text="Why it was corrected.", max_length=300)),
                ("made_at", models.DateTimeField()),
                ("by_name", models.CharField(max_length=100)),
                ("by_position", models.CharField(max_length=100)),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="Given by the page, so that a click sent twice is one form."
                    ),
                ),
            ],
            options={
                "ordering": ["-made_at", "-pk"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="FormSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.CharField(help_text="As which line of the signature block.", max_length=60)),
                ("name", models.CharField(max_length=100)),
                ("on", models.DateField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["on", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="WeeklyItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(help_text="Its place on the agenda, from 1.")),
                ("why", models.JSONField(help_text="Why it is on the agenda, a sentence each.")),
                ("minutes", models.TextField(blank=True)),
                ("spoken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, help_text="Counts up with each change, so that two are seen."
                    ),
                ),
            ],
            options={
                "ordering": ["place", "pk"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="WeeklyMeeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                (
                    "since",
                    models.DateField(
                        help_text="Who moved after this day is on the agenda: the last meeting's, or a week ago."
                    ),
                ),
                ("present", models.CharField(blank=True, max_length=300)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-on"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="standing",
            name="praised_at",
            field=models.DateTimeField(blank=True, help_text="When somebody told the child the good news.", null=True),
        ),
        migrations.AddField(
            model_name="standing",
            name="praised_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="standing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("praised_at", None), ("praised_by", None)),
                    models.Q(("end", "improved"), ("praised_at__isnull", False), ("praised_by__isnull", False)),
                    _connector="OR",
                ),
                name="standing_praised_at_and_by",
            ),
        ),
        migrations.AddField(
            model_name="filledform",
            name="corrects",
            field=attendance_mis.tenancy.SameSchoolKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="casework.filledform",
            ),
        ),
        migrations.AddField(
            model_name="filledform",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="filledform",
            name="pupil",
            field=attendance_mis.tenancy.SameSchoolKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="filled_forms",
                to="registers.pupil",
            ),
        ),
        migrations.AddField(
            model_name="filledform",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attendance_mis.school",
            ),
        ),
        migrations.AddField(
            model_name="formsignature",
            name="filled",
            field=attendance_mis.tenancy.SameSchoolKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures",
                to="casework.filledform",
            ),
        ),
        migrations.AddField(
            model_name="formsignature",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="formsignature",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attendance_mis.school",
            ),
        ),
        migrations.AddField(
            model_name="weeklyitem",
            name="pupil",
            field=attendance_mis.tenancy.SameSchoolKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="weekly_items",
                to="registers.pupil",
            ),
        ),
        migrations.AddField(
            model_name="weeklyitem",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attendance_mis.school",
            ),
        ),
        migrations.AddField(
            model_name="weeklyitem",
            name="spoken_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="weeklymeeting",
            name="begun_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="weeklymeeting",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="weeklymeeting",
            name="school",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attendance_mis.school",
            ),
        ),
        migrations.AddField(
            model_name="weeklyitem",
            name="weekly",
            field=attendance_mis.tenancy.SameSchoolKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="casework.weeklymeeting",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="weekly",
            field=attendance_mis.tenancy.SameSchoolKey(
                blank=True,
                db_constraint=False,
                help_text="Where it was agreed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tasks",
                to="casework.weeklymeeting",
            ),
        ),
        migrations.AddIndex(
            model_name="filledform",
            index=models.Index(fields=["school", "pupil", "form"], name="filled_form_of_pupil"),
        ),
        migrations.AddConstraint(
            model_name="filledform",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="filledform_same_school"),
        ),
        migrations.AddConstraint(
            model_name="filledform",
            constraint=models.UniqueConstraint(fields=("school", "key"), name="filled_form_once"),
        ),
        migrations.AddConstraint(
            model_name="filledform",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects__isnull", False)),
                fields=("school", "corrects"),
                name="filled_form_corrected_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="filledform",
            constraint=models.CheckConstraint(
                condition=models.Q(("corrects", None), models.Q(("why", ""), _negated=True), _connector="OR"),
                name="correction_of_a_form_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklymeeting",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="weeklymeeting_same_school"),
        ),
        migrations.AddConstraint(
            model_name="weeklymeeting",
            constraint=models.UniqueConstraint(fields=("school", "on"), name="weekly_meeting_once"),
        ),
        migrations.AddConstraint(
            model_name="weeklymeeting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="weekly_meeting_ended_at_and_by",
            ),
        ),
        migrations.AddIndex(
            model_name="weeklyitem",
            index=models.Index(fields=["school", "pupil"], name="weekly_item_of_pupil"),
        ),
        migrations.AddConstraint(
            model_name="weeklyitem",
            constraint=models.UniqueConstraint(fields=("school", "id"), name="weeklyitem_same_school"),
        ),
        migrations.AddConstraint(
            model_name="weeklyitem",
            constraint=models.UniqueConstraint(fields=("school", "weekly", "pupil"), name="weekly_item_once"),
        ),
        migrations.AddConstraint(
            model_name="weeklyitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("spoken_at", None), ("spoken_by", None)),
                    models.Q(("spoken_at__isnull", False), ("spoken_by__isnull", False)),
                    _connector="OR",
                ),
                name="weekly_item_spoken_at_and_by",
            ),
        ),
        same_school("casework_filledform", "pupil_id", "registers_pupil"),
        same_school("casework_filledform", "corrects_id", "casework_filledform"),
        same_school("casework_formsignature", "filled_id", "casework_filledform"),
        same_school("casework_weeklyitem", "weekly_id", "casework_weeklymeeting"),
        same_school("casework_weeklyitem", "pupil_id", "registers_pupil"),
        same_school("casework_task", "weekly_id", "casework_weeklymeeting"),
        append_only("casework_filledform"),
        append_only("casework_formsignature"),
    ]

"""The desk (crossings, reminders), and the words by which pupils and contacts are found."""

import django.db.models.deletion
from django.db import migrations, models

import attendance_mis.tenancy
from attendance_mis.database import same_school

# Words are folded alike when they are kept and when they are asked for: no accents, no case, letters and digits only.
# normalize() and a translation of the letters that have no accent to lose stand in for the contrib module `unaccent`,
# which an embedded PostgreSQL lacks. Each word carries its school, so that an index entry belongs to one school; a GIN
# index of (school_id, words) would take the contrib module `btree_gin`. Bodies in standard SQL are bound to what they
# call, so they also work where no schema is on the search path: while a backup is restored.
FOLD = r"""
CREATE FUNCTION fold_name(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE BEGIN ATOMIC
  SELECT translate(regexp_replace(normalize(lower($1), NFKD), '[\u0300-\u036f]', '', 'g'), 'łøđðþıœæß', 'loddtioas');
END;
CREATE FUNCTION search_words(school int, said text, numbers text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
  SELECT coalesce(array_to_tsvector(array_agg(DISTINCT school || '_' || word)), '') FROM (
    SELECT regexp_split_to_table(fold_name(said), '[^a-z0-9]+') AS word
    UNION ALL SELECT regexp_replace(part, '[^a-z0-9]', '', 'g')
      FROM regexp_split_to_table(fold_name(said), '\s+') AS part
    UNION ALL SELECT regexp_replace(regexp_replace(number, '\D', '', 'g'), '^44', '0')
      FROM regexp_split_to_table(numbers, ';') AS number
    UNION ALL SELECT right(regexp_replace(number, '\D', '', 'g'), 6) FROM regexp_split_to_table(numbers, ';') AS number
  ) AS w WHERE word <> '';
END;
CREATE FUNCTION search_query(school int, asked text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE BEGIN ATOMIC
  SELECT string_agg(quote_literal(school || '_' || word) || ':*', ' & ')::tsquery FROM (
    SELECT regexp_replace(part, '[^a-z0-9]', '', 'g') AS word FROM regexp_split_to_table(fold_name(asked), '\s+') AS part
  ) AS w WHERE word <> '';
END;
ALTER TABLE registers_pupil ADD COLUMN search tsvector GENERATED ALWAYS AS (search_words(school_id,
  legal_forename || ' ' || middle_names || ' ' || legal_surname || ' ' || preferred_forename || ' ' ||
  preferred_surname || ' ' || upn || ' ' || former_upn, '')) STORED;
CREATE INDEX pupil_search ON registers_pupil USING gin (search);
ALTER TABLE registers_contact ADD COLUMN search tsvector GENERATED ALWAYS AS (search_words(school_id,
  forename || ' ' || surname, mobile || ';' || home_phone || ';' || work_phone)) STORED;
CREATE INDEX contact_search ON registers_contact USING gin (search);
"""
UNFOLD = """
ALTER TABLE registers_contact DROP COLUMN search;
ALTER TABLE registers_pupil DROP COLUMN search;
DROP FUNCTION search_query(int, text);
DROP FUNCTION search_words(int, text, text);
DROP FUNCTION fold_name(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("attendance_mis", "0004_scheduled_runs"),
        ("registers", "0007_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Crossing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("at", models.DateTimeField(help_text="When the child crossed the threshold, not when it was typed.")),
                ("direction", models.CharField(choices=[("in", "Came in"), ("out", "Went out")], max_length=3)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("late", "Late"),
                            ("appointment", "Medical appointment"),
                            ("unwell", "Unwell"),
                            ("other", "Another reason"),
                            ("back", "Came back"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "note",
                    models.CharField(blank=True, help_text="The reason in the words of who gave it.", max_length=200),
                ),
                ("with_whom", models.CharField(blank=True, help_text="Who collected the child.", max_length=100)),
                (
                    "expected_back",
                    models.TimeField(blank=True, help_text="Empty on the way out: not again today.", null=True),
                ),
                ("minutes_late", models.SmallIntegerField(blank=True, null=True)),
                (
                    "code",
                    models.SmallIntegerField(
                        blank=True, help_text="What the mark says after a late arrival.", null=True
                    ),
                ),
                ("is_self_service", models.BooleanField(default=False, help_text="Typed at the tablet by the door.")),
                ("noted_at", models.DateTimeField()),
                ("by_id", models.IntegerField()),
                ("by_name", models.CharField(max_length=100)),
                (
                    "pupil",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="crossings",
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
                "ordering": ["at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["school", "day", "pupil"], name="crossing_of_day")],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("session", models.SmallIntegerField(choices=[(1, "AM"), (2, "PM")])),
                ("at", models.DateTimeField()),
                ("by_id", models.IntegerField()),
                ("by_name", models.CharField(max_length=100)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mailed_to",
                    models.CharField(blank=True, help_text="Names of the people it was mailed to.", max_length=500),
                ),
                ("fault", models.CharField(blank=True, help_text="Why no e-mail went.", max_length=200)),
                (
                    "class_group",
                    attendance_mis.tenancy.SameSchoolKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="registers.classgroup",
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
                "ordering": ["at", "id"],
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["school", "day", "session", "class_group"], name="reminder_of_register")
                ],
            },
        ),
        same_school("registers_crossing", "pupil_id", "registers_pupil"),
        same_school("registers_reminder", "class_group_id", "registers_classgroup"),
        migrations.RunSQL(FOLD, UNFOLD),
    ]

"""Hold marks to pupils of their school once per statement: per row it took longer than writing them (decision 0008)."""

from django.db import migrations

from attendance_mis.database import same_school_of_many

FOREIGN_KEY = "registers_mark_pupil_id_same_school"


class Migration(migrations.Migration):
    dependencies = [("registers", "0005_register_received_at")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE registers_mark DROP CONSTRAINT {FOREIGN_KEY}",
            f"ALTER TABLE registers_mark ADD CONSTRAINT {FOREIGN_KEY} FOREIGN KEY (school_id, pupil_id) "
            "REFERENCES registers_pupil (school_id, id) DEFERRABLE INITIALLY DEFERRED",
        ),
        same_school_of_many("registers_mark", "pupil_id", "registers_pupil"),
    ]

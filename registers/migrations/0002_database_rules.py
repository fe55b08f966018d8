"""What the database holds of the register by itself: one school per row, spells apart, logs that only grow."""

from django.db import migrations

from attendance_mis.database import append_only, never_overlap, same_school

PUPIL, CLASS = "registers_pupil", "registers_classgroup"


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_ground"), ("attendance_mis", "0002_append_only")]

    operations = [
        *(
            same_school(f"registers_{table}", "pupil_id", PUPIL)
            for table in (
                "registration",
                "contact",
                "classmembership",
                "mark",
                "amendment",
                "proposal",
                "plannedabsence",
            )
        ),
        *(
            same_school(f"registers_{table}", "class_group_id", CLASS)
            for table in ("classmembership", "teaching", "cover", "register")
        ),
        never_overlap("registers_classmembership", "pupil_id", "start", "end"),
        never_overlap("registers_registration", "pupil_id", "admission_date", "leaving_date"),
        append_only("registers_entry"),
        append_only("registers_amendment"),
        # The key covers the code, so that the sums are read from the index alone (decision 0002).
        migrations.RunSQL(
            "ALTER TABLE registers_mark DROP CONSTRAINT registers_mark_pkey, "
            "ADD PRIMARY KEY (school_id, pupil_id, day, session) INCLUDE (code)",
            "ALTER TABLE registers_mark DROP CONSTRAINT registers_mark_pkey, "
            "ADD PRIMARY KEY (school_id, pupil_id, day, session)",
        ),
    ]

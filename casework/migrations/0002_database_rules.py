"""Every row of casework about a pupil is of the pupil's school."""

from django.db import migrations

from attendance_mis.database import same_school

PUPIL = "registers_pupil"


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_policy_and_steps"), ("registers", "0002_database_rules")]

    operations = [
        *(same_school(f"casework_{table}", "pupil_id", PUPIL) for table in ("standing", "proposal", "task")),
        same_school("casework_proposal", "standing_id", "casework_standing"),
        same_school("casework_task", "proposal_id", "casework_proposal"),
    ]

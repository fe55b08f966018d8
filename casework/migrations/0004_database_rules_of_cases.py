"""Every row of a case is of the case's school."""

from django.db import migrations

from attendance_mis.database import same_school


class Migration(migrations.Migration):
    dependencies = [("casework", "0003_cases_and_plans")]

    operations = [
        same_school("casework_case", "pupil_id", "registers_pupil"),
        *(same_school(f"casework_{table}", "case_id", "casework_case") for table in ("barrier", "note", "plan")),
        *(same_school(f"casework_{table}", "plan_id", "casework_plan") for table in ("target", "planaction")),
        same_school("casework_target", "barrier_id", "casework_barrier"),
    ]

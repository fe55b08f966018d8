"""The audit trail and the sealed blocks only grow, whoever writes SQL."""

from django.db import migrations

from attendance_mis.database import append_only, append_only_function


class Migration(migrations.Migration):
    dependencies = [("attendance_mis", "0001_ground")]

    operations = [
        append_only_function(),
        append_only("attendance_mis_auditrow"),
        append_only("attendance_mis_block"),
    ]

"""Note what the data checks of a night found: numbers, no names."""

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actors import Actor
from attendance_mis.models import School
from reports.checks import Check, run_checks


@transaction.atomic
def note_checks(*, school: School, by: Actor | None = None) -> list[Check]:
    """Run every check, and write down how much each found."""
    checks = run_checks(school, clock.now(school))
    total = sum(check.count for check in checks)
    audit.record(
        "check_data",
        school_id=school.pk,
        by=by or Actor.system("Nightly check"),
        summary=f"Checked the data: {total} to put right." if total else "Checked the data: nothing to put right.",
        data={check.key: check.count for check in checks},
    )
    return checks

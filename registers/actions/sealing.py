"""Verify a school's record and write down what was found."""

from django.db import transaction

from attendance_mis import audit
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers import record
from registers.record import Verdict


@transaction.atomic
def verify_record(*, school: School, by: Actor | None = None) -> Verdict:
    """Check the whole record and keep the verdict, with its check value, in the audit trail."""
    verdict = record.verify(school)
    faults = sum(check.fault_count for check in verdict.checks)
    audit.record(
        "verify_record",
        school_id=school.pk,
        by=by or Actor.system("Nightly check"),
        summary="Verified the record: " + (f"{faults} faults." if faults else "it is whole."),
        data={
            "checks": [
                {"what": check.what, "count": check.count, "faults": check.faults, "fault_count": check.fault_count}
                for check in verdict.checks
            ],
            "check_value": verdict.check_value,
        },
    )
    return verdict

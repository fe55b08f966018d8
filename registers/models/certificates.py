"""Registration certificates as they were issued."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models.audit import AppendOnlyLog
from attendance_mis.tenancy import SameSchoolKey
from registers.models.pupils import Pupil


class Certificate(AppendOnlyLog):
    """What was certified of one pupil's register, and the very files that were signed.

    `check_value` (record.check_value) is over the marks as they were recorded at `moment` up to `last_entry_id`; the
    files are kept as bytes, so that a second print is the first.
    """

    pupil = SameSchoolKey(Pupil, related_name="+", db_index=False)
    number = models.PositiveIntegerField(help_text="Counts up at each school.")
    first = models.DateField()
    last = models.DateField()
    moment = models.DateTimeField(help_text="The marks are those recorded at this moment.")
    last_entry_id = models.IntegerField(
        help_text="The newest entry there was: what came later with an older time is out."
    )
    check_value = models.CharField(max_length=64)
    at = models.DateTimeField()
    by_id = models.IntegerField(null=True)
    by_name = models.CharField(max_length=100)
    by_position = models.CharField(max_length=100)
    pdf = models.BinaryField()
    csv = models.BinaryField()

    class Meta(AppendOnlyLog.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="certificate_number_once"),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="certificate_in_order"),
        ]

    def __str__(self) -> str:
        return f"Certificate {self.number}"

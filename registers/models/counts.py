"""Sessions kept counted, so that a figure of many pupils and many months need not read every mark."""

from django.db import models

from attendance_mis.models import School
from attendance_mis.tenancy import SchoolOwned


class KeptCount(SchoolOwned):
    """One line of counts of a pupil in a part of the year (`year_parts`); her lines are added up, so some are negative.

    Triggers of the database write a line with every change of marks, in its own transaction: no writer can forget it,
    and none waits for another's line (`kept_counts`). Only marks of sessions held, on days on roll, count. No foreign
    key to the pupil: a line follows marks, and those are held to theirs.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    pupil_id = models.IntegerField()
    part = models.DateField(help_text="The first day of the part.")
    marks = models.SmallIntegerField()
    possible = models.SmallIntegerField()
    attended = models.SmallIntegerField()
    late = models.SmallIntegerField()
    authorised = models.SmallIntegerField()
    unauthorised = models.SmallIntegerField()

    class Meta(SchoolOwned.Meta):
        indexes = [models.Index(fields=["school", "part", "pupil_id"], name="kept_count")]

    def __str__(self) -> str:
        return f"{self.part}"

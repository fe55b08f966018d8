"""A supervision of a case: the lead and who works on it looked at it together, and decided."""

from django.db import models

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from casework.models.cases import Case


class Supervision(SchoolOwned):
    """What was decided about a case on a day."""

    case = SameSchoolKey(Case, related_name="supervisions", db_index=False)
    on = models.DateField()
    present = models.CharField(max_length=300, blank=True)
    decision = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_position = models.CharField(max_length=100)

    class Meta(SchoolOwned.Meta):
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["school", "case", "on"], name="supervision_of_case")]

    def __str__(self) -> str:
        return f"Supervision of {self.on:%-d %B %Y}"

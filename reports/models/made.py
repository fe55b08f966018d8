"""Reports that the schedule made, and which of them a school has switched off."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from registers.models import ClassGroup
from reports.scheduled import PLANS, Kind

KINDS = [(kind.value, plan.label) for kind, plan in PLANS.items()]


class MadeReport(SchoolOwned):
    """One document of a week or half-term, as it was when made; it can be made again, so it is kept for a year."""

    kind = models.CharField(max_length=12, choices=KINDS)
    first = models.DateField()
    last = models.DateField()
    class_group = SameSchoolKey(ClassGroup, null=True, related_name="+", db_index=False, help_text="Empty: the school.")
    made_at = models.DateTimeField()
    pdf = models.BinaryField()

    class Meta(SchoolOwned.Meta):
        ordering = ["-last", "kind", "class_group__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "first", "class_group"], name="made_report_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="made_report_in_order"),
        ]

    def __str__(self) -> str:
        return f"{Kind(self.kind)} {self.first} to {self.last}"


class SwitchedOff(SchoolOwned):
    """A kind of report that this school does not want made by itself; no row: it is made."""

    kind = models.CharField(max_length=12, choices=KINDS)
    off_at = models.DateTimeField()
    off_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "kind"], name="switched_off_once")]

    def __str__(self) -> str:
        return self.kind

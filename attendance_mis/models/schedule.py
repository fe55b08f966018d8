"""What the clock did at each school, so that a day's task runs once and a failure is seen."""

from django.db import models
from django.db.models import Q

from attendance_mis.tenancy import SchoolOwned


class ScheduledRun(SchoolOwned):
    """One day's run of one task at one school: it is claimed by starting it."""

    task = models.CharField(max_length=100)
    day = models.DateField(help_text="The school's own day.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=200, blank=True, help_text="The kind of failure; it is tried again.")

    class Meta(SchoolOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["school", "task", "day"], name="scheduled_run_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(fault=""), name="scheduled_run_ended_well"),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.day}"

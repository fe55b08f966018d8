"""A case: why it was opened and from where, what stands in the way, and what was noted."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from casework.case_rules import LABELS, State
from registers.attendance import Summary


class Case(SchoolOwned):
    """Work with one family. A pupil has at most one open case; its baseline is the figure of the day it began."""

    class Outcome(models.TextChoices):
        IMPROVED = "improved", "Attendance has improved"
        SUPPORTED = "supported", "Another service supports the family now"
        LEGAL = "legal", "It went to the local authority for legal measures"
        LEFT = "left", "The pupil has left the school"
        OTHER = "other", "Another reason"

    pupil = SameSchoolKey("registers.Pupil", related_name="cases", db_index=False)
    state = models.CharField(max_length=8, choices=[(s.value, label) for s, label in LABELS.items()])
    opened_on = models.DateField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lead = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", help_text="Who leads the work.")
    concern = models.TextField()
    family = models.TextField(blank=True, help_text="Who is in the family.")
    voice = models.TextField(blank=True, help_text="What the pupil says, in her or his own words.")
    baseline_attended = models.PositiveIntegerField()
    baseline_absent = models.PositiveIntegerField()
    baseline_possible = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=0, help_text="Counts up with each change, so that two are seen.")
    closed_on = models.DateField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    closing = models.TextField(blank=True, help_text="What was learnt.")

    class Meta(SchoolOwned.Meta):
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="case_same_school"),
            models.UniqueConstraint(
                fields=["school", "pupil"], condition=~Q(state=State.CLOSED.value), name="one_open_case"
            ),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED.value, closed_on__isnull=False) & ~Q(outcome="")
                | ~Q(state=State.CLOSED.value) & Q(closed_on=None, outcome=""),
                name="case_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")), name="case_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"Case of {self.opened_on:%-d %B %Y}"

    @property
    def baseline(self) -> Summary:
        """This year's counts on the day the case began."""
        return Summary(
            possible=self.baseline_possible, attended=self.baseline_attended, unauthorised=self.baseline_absent
        )


class Barrier(SchoolOwned):
    """Something that stands in the way of attendance."""

    class Side(models.TextChoices):
        PUPIL = "pupil", "The pupil's"
        PARENTS = "parents", "The parents'"
        IN_SCHOOL = "in_school", "In school"
        OUT_OF_SCHOOL = "out_of_school", "Out of school"

    case = SameSchoolKey(Case, related_name="barriers")
    side = models.CharField(max_length=13, choices=Side)
    what = models.CharField(max_length=300)
    noted_on = models.DateField()

    class Meta(SchoolOwned.Meta):
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["school", "id"], name="barrier_same_school")]

    def __str__(self) -> str:
        return self.what


class Note(SchoolOwned):
    """What somebody noted. A confidential one is read by few, and reading it is recorded."""

    case = SameSchoolKey(Case, related_name="notes")
    text = models.TextField()
    is_confidential = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_position = models.CharField(max_length=100)

    class Meta(SchoolOwned.Meta):
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"Note of {self.at:%-d %B %Y}"

"""A meeting with a family: who is invited, who came, what was said and agreed."""

from django.db import models
from django.db.models import Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from casework.meeting_rules import LABELS, State
from casework.models.cases import Case


class Meeting(SchoolOwned):
    """One meeting of a case, planned first and recorded once."""

    class Kind(models.TextChoices):
        IMPROVEMENT = "improvement", "Attendance Improvement Meeting"
        PANEL = "panel", "Attendance panel"
        TARGETED = "targeted", "Targeted support meeting"
        FAMILY = "family", "Team around the family"
        CONTRACT = "contract", "Contract review"

    case = SameSchoolKey(Case, related_name="meetings")
    kind = models.CharField(max_length=11, choices=Kind)
    at = models.DateTimeField(help_text="When it begins.")
    place = models.CharField(max_length=200)
    others = models.CharField(max_length=300, blank=True, help_text="Who else is to come: school, authority, services.")
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    state = models.CharField(
        max_length=9, choices=[(s.value, label) for s, label in LABELS.items()], default=State.PLANNED.value
    )
    present = models.CharField(max_length=300, blank=True, help_text="Who else was there.")
    minutes = models.TextField(blank=True)
    agreed = models.JSONField(default=list, help_text="What was agreed: [{what, who, by}].")
    next_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=0, help_text="Counts up with each change, so that two are seen.")

    class Meta(SchoolOwned.Meta):
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["school", "at"], condition=Q(state="planned"), name="meetings_to_come")]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="meeting_same_school"),
            models.CheckConstraint(
                condition=Q(state=State.PLANNED.value, recorded_at=None, recorded_by=None)
                | ~Q(state=State.PLANNED.value) & Q(recorded_at__isnull=False, recorded_by__isnull=False),
                name="meeting_recorded_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.at.astimezone(self.school.zone):%-d %B %Y, %H:%M}"


class Invitee(SchoolOwned):
    """A parent invited to a meeting."""

    meeting = SameSchoolKey(Meeting, related_name="invitees", db_index=False)
    contact = SameSchoolKey("registers.Contact", related_name="invitations")
    addressee = models.CharField(max_length=250, help_text="As known then.")
    came = models.BooleanField(null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["school", "meeting", "contact"], name="invited_once")]

    def __str__(self) -> str:
        return self.addressee

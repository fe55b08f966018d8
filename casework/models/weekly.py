"""The weekly meeting of the school's own people: who has moved since the last one, one child after the other."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned


class WeeklyMeeting(SchoolOwned):
    """One meeting of a day. Its agenda is drawn up once, when it begins, so that everybody goes through the same."""

    on = models.DateField()
    since = models.DateField(help_text="Who moved after this day is on the agenda: the last meeting's, or a week ago.")
    present = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="weeklymeeting_same_school"),
            models.UniqueConstraint(fields=["school", "on"], name="weekly_meeting_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="weekly_meeting_ended_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"Weekly meeting of {self.on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("casework:see_weekly", args=[self.school.urn, self.pk])


class WeeklyItem(SchoolOwned):
    """One child on the agenda: why, and what was said. Its actions are tasks."""

    weekly = SameSchoolKey(WeeklyMeeting, related_name="items", db_index=False)
    pupil = SameSchoolKey("registers.Pupil", related_name="weekly_items", db_index=False)
    place = models.PositiveSmallIntegerField(help_text="Its place on the agenda, from 1.")
    why = models.JSONField(help_text="Why it is on the agenda, a sentence each.")
    minutes = models.TextField(blank=True)
    spoken_at = models.DateTimeField(null=True, blank=True)
    spoken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=0, help_text="Counts up with each change, so that two are seen.")

    class Meta(SchoolOwned.Meta):
        ordering = ["place", "pk"]
        indexes = [models.Index(fields=["school", "pupil"], name="weekly_item_of_pupil")]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="weeklyitem_same_school"),
            models.UniqueConstraint(fields=["school", "weekly", "pupil"], name="weekly_item_once"),
            models.CheckConstraint(
                condition=Q(spoken_at=None, spoken_by=None) | Q(spoken_at__isnull=False, spoken_by__isnull=False),
                name="weekly_item_spoken_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}"

    def get_absolute_url(self) -> str:
        return reverse("casework:minute_child", args=[self.school.urn, self.pk])

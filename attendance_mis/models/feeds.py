"""The addresses at which people's calendars are read by a calendar program, which cannot sign in."""

from django.db import models

from attendance_mis.models.people import User
from attendance_mis.models.schools import School


class CalendarFeed(models.Model):
    """One person's secret address at one school. The secret itself is not kept, so nobody can read it here."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="calendar_feeds")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="calendar_feeds")
    secret_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret in the address.")
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, help_text="When last asked for, to the hour.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "user"], name="calendar_feed_once")]

    def __str__(self) -> str:
        return f"Calendar feed of {self.made_at:%-d %B %Y}"

"""Who is near the national threshold, what another school says, and how this school reads the disputed points."""

from django.db import models
from django.db.models import Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from penalties.readings import PenaltySettings, from_document
from registers.calendar_rules import Session
from registers.models.marks import SESSIONS


class Readings(SchoolOwned):
    """The school's readings of the points on which the sources differ, from a day until the next version."""

    in_force_from = models.DateField()
    document = models.JSONField(help_text="Name of the point: the reading taken.")
    why = models.CharField(max_length=500)
    changed_on = models.DateField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["-in_force_from"]
        constraints = [models.UniqueConstraint(fields=["school", "in_force_from"], name="readings_once_a_day")]

    def __str__(self) -> str:
        return f"from {self.in_force_from:%-d %B %Y}"

    @property
    def settings(self) -> PenaltySettings:
        return from_document(self.in_force_from, self.document)


class Evidence(SchoolOwned):
    """An unauthorised session at another school, as that school said: it counts here too (law.md 5.3)."""

    pupil = SameSchoolKey("registers.Pupil", related_name="threshold_evidence", db_index=False)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    code = models.SmallIntegerField()
    origin = models.CharField(max_length=200, help_text="Which school said so, and how.")
    noted_on = models.DateField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["day", "session"]
        constraints = [
            models.UniqueConstraint(fields=["school", "pupil", "day", "session"], name="evidence_once"),
            models.CheckConstraint(condition=Q(session__in=[1, 2]), name="evidence_session"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%-d %B %Y} {Session(self.session).name}"


class Watch(SchoolOwned):
    """One pupil's count in the ten school weeks at the last look; no row: nothing is counted.

    A look writes only what has changed (`querysets.RECORD`).
    """

    pupil = SameSchoolKey("registers.Pupil", related_name="threshold_watch", db_index=False)
    counted = models.PositiveSmallIntegerField()
    provisional = models.PositiveSmallIntegerField()
    since = models.DateField(help_text="The day from which the count is this.")
    met_since = models.DateField(null=True, blank=True, help_text="The day the threshold was first seen met.")

    class Meta(SchoolOwned.Meta):
        ordering = ["-counted"]
        constraints = [models.UniqueConstraint(fields=["school", "pupil"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.counted} since {self.since:%-d %B %Y}"


class LastLook(SchoolOwned):
    """Up to which entry of the registers the school was looked at, so that an amendment is followed within minutes."""

    entry_id = models.IntegerField()
    on = models.DateField()

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school"], name="last_look_once")]

    def __str__(self) -> str:
        return f"{self.on}"

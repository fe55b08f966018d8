"""The office's desk: who came in late, went out during the day or came back, and whom it reminded of a register."""

from django.db import models

from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from registers.models.classes import ClassGroup
from registers.models.marks import SESSIONS
from registers.querysets import CrossingQuerySet


class Crossing(SchoolOwned):
    """A child came in or went out while school was on. The last one of a day says where she is (whereabouts.py)."""

    class Direction(models.TextChoices):
        IN = "in", "Came in"
        OUT = "out", "Went out"

    class Why(models.TextChoices):
        LATE = "late", "Late"
        APPOINTMENT = "appointment", "Medical appointment"
        UNWELL = "unwell", "Unwell"
        OTHER = "other", "Another reason"
        BACK = "back", "Came back"

    pupil = SameSchoolKey("registers.Pupil", related_name="crossings", db_index=False)
    day = models.DateField()
    at = models.DateTimeField(help_text="When the child crossed the threshold, not when it was typed.")
    direction = models.CharField(max_length=3, choices=Direction)
    why = models.CharField(max_length=11, choices=Why)
    note = models.CharField(max_length=200, blank=True, help_text="The reason in the words of who gave it.")
    with_whom = models.CharField(max_length=100, blank=True, help_text="Who collected the child.")
    expected_back = models.TimeField(null=True, blank=True, help_text="Empty on the way out: not again today.")
    minutes_late = models.SmallIntegerField(null=True, blank=True)
    code = models.SmallIntegerField(null=True, blank=True, help_text="What the mark says after a late arrival.")
    is_self_service = models.BooleanField(default=False, help_text="Typed at the tablet by the door.")
    noted_at = models.DateTimeField()
    by_id = models.IntegerField()
    by_name = models.CharField(max_length=100)

    objects = SchoolManager.from_queryset(CrossingQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["school", "day", "pupil"], name="crossing_of_day")]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} {self.at:%Y-%m-%d %H:%M}"


class Reminder(SchoolOwned):
    """The office asks for a register that was not sent. The teacher's page shows it; an e-mail goes when it can."""

    class_group = SameSchoolKey(ClassGroup, related_name="reminders", db_index=False)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    at = models.DateTimeField()
    by_id = models.IntegerField()
    by_name = models.CharField(max_length=100)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mailed_to = models.CharField(max_length=500, blank=True, help_text="Names of the people it was mailed to.")
    fault = models.CharField(max_length=200, blank=True, help_text="Why no e-mail went.")

    class Meta(SchoolOwned.Meta):
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["school", "day", "session", "class_group"], name="reminder_of_register")]

    def __str__(self) -> str:
        return f"{self.class_group} {self.day}, {self.at:%H:%M}"

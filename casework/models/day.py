"""The closing of the day: every child accounted for, by the register or by the word of a named person."""

from django.db import models

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from registers.models.marks import SESSIONS

REASON_LENGTH = 300


class AccountedFor(SchoolOwned):
    """A named person answers for a child whose absence the register does not explain: where she is, or what is done."""

    pupil = SameSchoolKey("registers.Pupil", related_name="accounted_for", db_index=False)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    reason = models.CharField(max_length=REASON_LENGTH)
    at = models.DateTimeField()
    by_id = models.IntegerField()
    by_name = models.CharField(max_length=100)
    by_position = models.CharField(max_length=100)

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "day", "session", "pupil"], name="accounted_for_once")]

    def __str__(self) -> str:
        return f"{self.day}: {self.reason}"


class SessionClose(SchoolOwned):
    """The office closed a session of the day: nobody was left unaccounted for at that moment."""

    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "day", "session"], name="session_closed_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.get_session_display()}"

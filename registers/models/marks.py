"""The attendance register: the marks, every entry that made them, and the statutory record of amendments.

A mark's version is the id of the entry that made it, so a save that rests on an older version is seen. The layout is
decision 0002: no surrogate key, no foreign keys of its own but the composite one to the pupil, a covering key for the
sums.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from attendance_mis.models import School, User
from attendance_mis.models.audit import AppendOnlyLog
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from registers import codes
from registers.calendar_rules import Session
from registers.models.classes import ClassGroup
from registers.querysets import MarkQuerySet

NOTE_LENGTH = 500


SESSIONS = [(session.value, session.name) for session in Session]


class Mark(SchoolOwned):
    """What the register says of one pupil for one session. No row: no mark."""

    pk = models.CompositePrimaryKey("school_id", "pupil_id", "day", "session")
    # The key to the pupil holds the school as well; a second check per mark would prove nothing more.
    school = models.ForeignKey(School, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    pupil = SameSchoolKey("registers.Pupil", related_name="marks", db_index=False)
    day = models.DateField()
    # Not the code's letter but its number in codes.py, unique over both code sets: a category needs no date.
    code = models.SmallIntegerField()
    session = models.SmallIntegerField(choices=SESSIONS)
    entry_id = models.IntegerField(help_text="The entry that made it; also its version.")
    minutes_late = models.SmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=NOTE_LENGTH, null=True, blank=True)

    objects = SchoolManager.from_queryset(MarkQuerySet)()

    class Meta(SchoolOwned.Meta):
        # The migration makes the key cover `code`: sums are read from it alone. One mark in sixty-five is unauthorised,
        # so this index costs next to nothing, and it answers "which N are old" and the ten-week threshold by itself.
        indexes = [
            models.Index(
                fields=["school", "pupil", "day"],
                include=["code"],
                condition=models.Q(code__in=sorted(codes.UNAUTHORISED)),
                name="mark_unauthorised",
            )
        ]
        constraints = [models.CheckConstraint(condition=models.Q(session__in=[1, 2]), name="mark_session")]

    def __str__(self) -> str:
        return f"{self.day} {Session(self.session).name}"


class Register(SchoolOwned):
    """One class's register for one session: who opened it, and whether and when it was sent to the office."""

    class_group = SameSchoolKey(ClassGroup, related_name="registers", db_index=False)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(
        null=True, blank=True, help_text="When the server took it; later than sent_at where the network was down."
    )
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    is_late = models.BooleanField(default=False, help_text="Sent after the register had closed.")
    cover_for = models.CharField(max_length=100, blank=True, help_text="Whose class it was, when a cover took it.")

    class Meta(SchoolOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["school", "day", "session", "class_group"], name="register_once"),
            models.CheckConstraint(
                condition=models.Q(sent_at=None, sent_by=None) | models.Q(sent_at__isnull=False),
                name="register_sent_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.class_group} {self.day} {Session(self.session).name}"


class Entry(AppendOnlyLog):
    """One save of marks of one session: everything entered in a register, in the order it was entered.

    The marks can be replayed from the entries, and `verify_record` does. A null code is a mark taken back while the
    register was still being taken.
    """

    class Source(models.TextChoices):
        TEACHER = "teacher", "Register"
        OFFICE = "office", "Office"
        PLANNED = "planned", "Planned absence"
        PAPER = "paper", "Paper register"
        AMENDMENT = "amendment", "Amendment"
        IMPORT = "import", "Import"
        RULE = "rule", "Automatic rule"

    # Four bytes, because a mark carries it: two thousand million saves.
    id = models.AutoField(primary_key=True)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    at = models.DateTimeField(help_text="When the server took it.")
    made_at = models.DateTimeField(null=True, help_text="When the person made it; empty: not known.")
    by_id = models.IntegerField(null=True)
    by_name = models.CharField(max_length=100, blank=True)
    by_position = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=9, choices=Source)
    key = models.UUIDField(null=True, help_text="Given by the browser, so that a save sent twice is taken once.")
    pupils = ArrayField(models.IntegerField())
    codes = ArrayField(models.SmallIntegerField(null=True))
    minutes = ArrayField(models.SmallIntegerField(null=True), null=True)
    notes = ArrayField(models.CharField(max_length=NOTE_LENGTH, null=True), null=True)

    class Meta(AppendOnlyLog.Meta):
        indexes = [
            models.Index(fields=["school", "day", "session"], name="entry_of_session"),
            models.Index(fields=["school", "id"], name="entry_in_order"),  # what changed since, and what is unsealed
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "key"], name="entry_key_once", condition=models.Q(key__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.day} {Session(self.session).name}"


class Amendment(AppendOnlyLog):
    """The record the law asks for of each change to a register after it was sent or closed (law.md 3.4).

    Original entry, amended entry, reason, date, and name and position of the person. `original` is null when there
    was no mark.
    """

    pupil = SameSchoolKey("registers.Pupil", related_name="amendments", db_index=False)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    original = models.SmallIntegerField(null=True)
    amended = models.SmallIntegerField(null=True)
    original_minutes = models.SmallIntegerField(null=True)
    amended_minutes = models.SmallIntegerField(null=True)
    original_note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    amended_note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    by_id = models.IntegerField(null=True)
    by_name = models.CharField(max_length=100)
    by_position = models.CharField(max_length=100)
    entry_id = models.IntegerField(null=True, help_text="The entry that carried it out; empty: imported with the pack.")

    class Meta(AppendOnlyLog.Meta):
        indexes = [models.Index(fields=["school", "pupil", "day"], name="amendment_of_pupil")]

    def __str__(self) -> str:
        return f"{self.day} {Session(self.session).name}, {self.at:%Y-%m-%d}"


class Proposal(SchoolOwned):
    """A mark made after the register had closed and delivered late.

    The office decides whether it becomes an amendment.
    """

    pupil = SameSchoolKey("registers.Pupil", related_name="mark_proposals", db_index=False)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    code = models.SmallIntegerField()
    minutes_late = models.SmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    key = models.UUIDField()
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_accepted = models.BooleanField(null=True, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True, help_text="Why it was declined.")

    class Meta(SchoolOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["school", "key", "pupil"], name="proposal_key_once"),
            models.CheckConstraint(
                condition=models.Q(decided_at=None, decided_by=None, is_accepted=None)
                | models.Q(decided_at__isnull=False, decided_by__isnull=False, is_accepted__isnull=False),
                name="proposal_decided_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {Session(self.session).name}"

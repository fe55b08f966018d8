"""What is known of sessions to come, and the policy the school works by, kept as data."""

from django.db import models
from django.db.models import F, Q

from attendance_mis import words
from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from registers import codes
from registers.calendar_rules import Session
from registers.models.marks import NOTE_LENGTH, SESSIONS
from registers.planning import Plan
from registers.querysets import PlannedAbsenceQuerySet

DAY_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays")


class PlannedAbsence(SchoolOwned):
    """A code known ahead for a run of sessions: it pre-fills the register, and the teacher sees why.

    The process around it (an appointment, leave granted, a part-time timetable, a trip) lives on the floors above.
    """

    class Kind(models.TextChoices):
        APPOINTMENT = "appointment", "Appointment"
        REPORTED = "reported", "Absence reported"
        LEAVE = "leave", "Leave granted"
        RELIGIOUS = "religious", "Religious observance"
        ACTIVITY = "activity", "Approved educational activity"
        PART_TIME = "part_time", "Part-time timetable"
        DUAL = "dual", "Dual registration"
        EXCLUSION = "exclusion", "Suspension or exclusion"
        CLOSURE = "closure", "Closure"

    pupil = SameSchoolKey("registers.Pupil", related_name="planned_absences", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    start = models.DateField()
    start_session = models.SmallIntegerField(choices=SESSIONS, default=Session.AM)
    end = models.DateField()
    end_session = models.SmallIntegerField(choices=SESSIONS, default=Session.PM)
    weekdays = models.PositiveSmallIntegerField(default=0b11111, help_text="Monday is bit 0.")
    only_session = models.SmallIntegerField(choices=SESSIONS, null=True, blank=True)
    code = models.SmallIntegerField()
    note = models.CharField(max_length=NOTE_LENGTH, blank=True, help_text="Nature of the activity, cause or reason.")
    review_on = models.DateField(null=True, blank=True, help_text="A part-time timetable is reviewed by this day.")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = SchoolManager.from_queryset(PlannedAbsenceQuerySet)()

    class Meta(SchoolOwned.Meta):
        indexes = [
            models.Index(fields=["school", "end", "start"], name="planned_by_day", condition=Q(cancelled_at=None))
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="plannedabsence_same_school"),
            models.CheckConstraint(condition=Q(start__lte=F("end")), name="planned_absence_in_order"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None) | Q(cancelled_at__isnull=False),
                name="planned_absence_cancelled_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start} to {self.end}"

    @property
    def plan(self) -> Plan:
        """The plan as the rules know it."""
        only = Session(self.only_session) if self.only_session else None
        return Plan(
            kind=self.kind,
            letter=codes.by_number(self.code).letter,
            start=self.start,
            end=self.end,
            start_session=Session(self.start_session),
            end_session=Session(self.end_session),
            weekdays=self.weekdays,
            only_session=only,
            note=self.note,
            review_on=self.review_on,
        )

    @property
    def said(self) -> str:
        """Which sessions it covers, in words: "11 March 2025, afternoon only"."""
        is_one_day = self.start == self.end
        on = [name for bit, name in enumerate(DAY_NAMES) if self.weekdays >> bit & 1]
        parts = [words.days(self.start, self.end), f"{', '.join(on)} only" if len(on) < len(DAY_NAMES) else ""]
        if self.only_session:
            half = "morning" if self.only_session == Session.AM else "afternoon"
            parts.append(f"{half} only" if is_one_day else f"{half}s only")
        if is_one_day and self.start_session == self.end_session:
            parts.append("morning" if self.start_session == Session.AM else "afternoon")
        elif (self.start_session, self.end_session) != (Session.AM, Session.PM):
            parts.append(
                f"from {Session(self.start_session)} of the first to {Session(self.end_session)} of the last day"
            )
        return ", ".join(filter(None, parts))


class PolicyVersion(SchoolOwned):
    """The `[policy]` table of a school pack from a day on (`in_force_from` empty: as long as anybody knows)."""

    in_force_from = models.DateField(null=True, blank=True)
    document = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    class Meta(SchoolOwned.Meta):
        ordering = [F("in_force_from").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "in_force_from"], nulls_distinct=False, name="policy_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"from {self.in_force_from or 'the start'}"

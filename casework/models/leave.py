"""Requests for leave of absence: what the parents asked, what the headteacher decided, and what came of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from attendance_mis import words
from attendance_mis.models import User
from attendance_mis.promises import promised
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from casework.leave_rules import PURPOSES, Asked, Span
from registers import codes
from registers.calendar_rules import Session
from registers.models.marks import SESSIONS


class LeaveRequest(SchoolOwned):
    """One child's leave as a parent asked for it. Siblings have a request each, and often one decision."""

    class State(models.TextChoices):
        ASKED = "asked", "To decide"
        GRANTED = "granted", "Granted"
        PART = "part", "Granted in part"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Evidence(models.TextChoices):
        NONE = "none", "None asked for"
        ASKED = "asked", "Asked for, not here yet"
        SEEN = "seen", "Seen"

    pupil = SameSchoolKey("registers.Pupil", related_name="leave_requests", db_index=False)
    asked_on = models.DateField(help_text="The day the school received it.")
    first = models.DateField()
    first_session = models.SmallIntegerField(choices=SESSIONS, default=Session.AM)
    last = models.DateField()
    last_session = models.SmallIntegerField(choices=SESSIONS, default=Session.PM)
    applicants = ArrayField(models.CharField(max_length=200), help_text="The names of the parents who asked.")
    applicant_ids = ArrayField(models.IntegerField(), default=list, help_text="Those of them who are contacts.")
    purpose = models.CharField(max_length=11, choices=[(key, p.label) for key, p in PURPOSES.items()])
    words = models.TextField(help_text="The reason in the parents' own words.")
    evidence = models.CharField(max_length=5, choices=Evidence, default=Evidence.NONE)
    evidence_note = models.CharField(max_length=500, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    state = models.CharField(max_length=9, choices=State, default=State.ASKED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by_name = models.CharField(max_length=100, blank=True)
    decided_by_position = models.CharField(max_length=100, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was decided so; the parents read it in the letter.")
    circumstances = models.TextField(blank=True, help_text="The exceptional circumstances, as the head found them.")
    granted_first = models.DateField(null=True, blank=True)
    granted_first_session = models.SmallIntegerField(choices=SESSIONS, null=True, blank=True)
    granted_last = models.DateField(null=True, blank=True)
    granted_last_session = models.SmallIntegerField(choices=SESSIONS, null=True, blank=True)
    code = models.SmallIntegerField(null=True, blank=True, help_text="The code granted.")
    taken_as = models.CharField(
        max_length=1, choices=[("G", "G"), ("O", "O")], default="G", help_text="What days taken without leave become."
    )
    planned = SameSchoolKey("registers.PlannedAbsence", related_name="+", null=True, blank=True, db_index=False)
    unauthorised_at = models.DateTimeField(null=True, blank=True, help_text="When the whole leave was unauthorised.")

    class Meta(SchoolOwned.Meta):
        ordering = ["first", "pk"]
        indexes = [
            models.Index(fields=["school", "last"], name="leave_by_day"),
            models.Index(fields=["school", "pupil"], name="leave_of_pupil"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="leaverequest_same_school"),
            models.CheckConstraint(condition=Q(first__lte=F("last")), name="leave_in_order"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None, decided_by=None)
                | (~Q(state="asked") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="leave_decided_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["granted", "part"],
                    granted_first__isnull=False,
                    granted_first_session__isnull=False,
                    granted_last__isnull=False,
                    granted_last_session__isnull=False,
                    code__isnull=False,
                )
                | (~Q(state__in=["granted", "part"]) & Q(granted_first=None, granted_last=None, code=None)),
                name="leave_granted_has_days_and_code",
            ),
        ]

    def __str__(self) -> str:
        return f"Leave {said(self.span)}"

    @property
    def span(self) -> Span:
        """What was asked for."""
        return Span(self.first, self.last, Session(self.first_session), Session(self.last_session))

    @property
    def granted(self) -> Span | None:
        """What was granted; None while undecided and when refused."""
        if self.granted_first is None:
            return None
        return Span(
            self.granted_first,
            promised(self.granted_last),
            Session(promised(self.granted_first_session)),
            Session(promised(self.granted_last_session)),
        )

    @property
    def is_to_decide(self) -> bool:
        return self.state == self.State.ASKED

    @property
    def letter(self) -> str:
        """The letter of the code granted, empty without."""
        return codes.by_number(self.code).letter if self.code else ""

    @property
    def asked(self) -> Asked:
        """The request as the rules know it."""
        return Asked(
            span=self.span,
            asked_on=self.asked_on,
            is_decided=self.state in (self.State.GRANTED, self.State.PART, self.State.REFUSED),
            granted=self.granted,
            granted_letter=self.letter,
            taken_letter=self.taken_as,
            is_unauthorised=self.unauthorised_at is not None,
        )

    @property
    def said(self) -> str:
        """The days asked for, in words."""
        return said(self.span)

    @property
    def granted_said(self) -> str:
        """The days granted, in words; empty without."""
        return said(self.granted) if self.granted else ""


def said(span: Span) -> str:
    """ "17 to 21 March 2025, from PM of the first day"."""
    if span.first == span.last:
        half = {(Session.AM, Session.AM): ", morning", (Session.PM, Session.PM): ", afternoon"}
        return f"{span.first:%-d %B %Y}{half.get((span.first_session, span.last_session), '')}"
    text = words.days(span.first, span.last)
    if span.first_session is Session.PM:
        text += ", from the first afternoon"
    if span.last_session is Session.AM:
        text += ", to the last morning"
    return text

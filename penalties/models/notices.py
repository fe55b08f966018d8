"""Notices to improve and penalty notices, with what the database itself refuses: a second for one offence, a third."""

from datetime import date
from enum import StrEnum

from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse

from attendance_mis.models import Authorisation, User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from penalties import amounts, improvement
from penalties import notices as rules
from penalties.amounts import AMOUNTS, Amount, Period, Scheme, Served
from penalties.models.decisions import Decision
from penalties.notices import COUNTING, PAYMENTS, Source, State
from penalties.rules import Issuer
from registers.calendar_rules import Session
from registers.models.marks import SESSIONS


def _choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in enum]


class Document(SchoolOwned):
    """A document as it was made, byte for byte, with its hash (sha256, hex)."""

    title = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_on = models.DateField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "id"], name="document_same_school")]

    def __str__(self) -> str:
        return self.title


class ImprovementNotice(SchoolOwned):
    """A notice to improve to one parent for one child. One at a time is open."""

    pupil = SameSchoolKey("registers.Pupil", related_name="improvement_notices")
    contact = SameSchoolKey("registers.Contact", related_name="improvement_notices")
    decision = SameSchoolKey(Decision, related_name="improvement_notices", null=True, blank=True)
    state = models.CharField(max_length=10, choices=_choices(improvement.ImprovementState))
    weeks = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20)
    offered_on = models.DateField()
    starts = models.DateField()
    until = models.DateField()
    at_most = models.PositiveSmallIntegerField(help_text="Sessions of unauthorised absence that are still enough.")
    contents = models.JSONField(help_text="What it says, by the keys of IMPROVEMENT_CONTENTS.")
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    document = SameSchoolKey(Document, related_name="+", null=True, blank=True)
    unauthorised = models.PositiveSmallIntegerField(default=0, help_text="At the last check.")
    ended_on = models.DateField(null=True, blank=True)
    end_why = models.TextField(blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["-offered_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="improvementnotice_same_school"),
            models.UniqueConstraint(
                fields=["school", "contact"],
                condition=Q(state__in=sorted(improvement.OPEN)),
                name="one_open_notice_to_improve",
            ),
            models.CheckConstraint(condition=Q(starts__lte=F("until")), name="improvement_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(improvement.OPEN), ended_on=None)
                | (~Q(state__in=sorted(improvement.OPEN)) & Q(ended_on__isnull=False)),
                name="improvement_ended_on",
            ),
        ]

    def __str__(self) -> str:
        return f"Notice to improve of {self.offered_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("penalties:see_improvement", args=[self.school.urn, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in improvement.OPEN

    @property
    def target(self) -> improvement.Target:
        return improvement.Target(self.at_most)

    def progress(self, unauthorised: int, on: date) -> improvement.Progress:
        return improvement.Progress(unauthorised, self.target, self.until, on)


def _amount_is_known() -> Q:
    """Each scheme with the amounts of the table; a notice known from others may have none."""
    known = Q(full_pounds=None, reduced_pounds=None)
    for scheme, table in AMOUNTS.items():
        for amount in table:
            known |= Q(scheme=scheme.value, full_pounds=amount.full, reduced_pounds=amount.reduced)
    return known


class PenaltyNotice(SchoolOwned):
    """A penalty notice to one parent for one child: this school's, or one that others have told of.

    `place` is 1 or 2 among the notices that count in three years; two of one place never share a day of their three
    years (an exclusion in the database), so that there is no third. `counts_until` is the first day outside them.
    """

    pupil = SameSchoolKey("registers.Pupil", related_name="penalty_notices")
    contact = SameSchoolKey("registers.Contact", related_name="penalty_notices")
    decision = SameSchoolKey(Decision, related_name="penalty_notices", null=True, blank=True)
    source = models.CharField(max_length=20, choices=_choices(Source), default=Source.SCHOOL.value)
    origin = models.CharField(max_length=200, blank=True, help_text="Who told of it, and how.")
    state = models.CharField(max_length=30, choices=_choices(State))
    kind = models.CharField(max_length=40, choices=_choices(amounts.Kind), default=amounts.Kind.ABSENCE.value)
    scheme = models.CharField(max_length=60, choices=_choices(Scheme))
    offence_from = models.DateField(null=True, blank=True)
    offence_until = models.DateField(null=True, blank=True)
    counted = models.PositiveSmallIntegerField(default=0)
    contents = models.JSONField(default=dict, help_text="The eleven contents and the offence, as issued.")
    full_pounds = models.PositiveSmallIntegerField(null=True, blank=True)
    reduced_pounds = models.PositiveSmallIntegerField(null=True, blank=True)
    prepared_on = models.DateField()
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    issued_on = models.DateField(null=True, blank=True)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    issuer = models.CharField(max_length=40, blank=True, choices=_choices(Issuer))
    issuer_name = models.CharField(max_length=100, blank=True)
    issuer_position = models.CharField(max_length=100, blank=True)
    authorisation = models.ForeignKey(Authorisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    served = models.CharField(max_length=10, choices=_choices(Served), blank=True)
    day_one = models.DateField(null=True, blank=True)
    reduced_until = models.DateField(null=True, blank=True)
    full_until = models.DateField(null=True, blank=True)
    document = SameSchoolKey(Document, related_name="+", null=True, blank=True)
    la_copied_on = models.DateField(null=True, blank=True)

    place = models.PositiveSmallIntegerField(null=True, blank=True)
    counts_until = models.DateField(null=True, blank=True)
    sessions_left = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of its sessions, still unauthorised in the register; empty: all of them."
    )
    changed_on = models.DateField(null=True, blank=True, help_text="When it was seen that marks had changed.")

    class Meta(SchoolOwned.Meta):
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="penaltynotice_same_school"),
            models.UniqueConstraint(
                fields=["school", "contact"], condition=Q(state=State.PREPARED.value), name="one_notice_prepared"
            ),
            models.UniqueConstraint(
                fields=["school", "decision"], condition=~Q(state=State.DECLINED.value), name="one_notice_a_decision"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.PREPARED.value, State.DECLINED.value])
                | ~Q(source=Source.SCHOOL.value)
                | Q(
                    issued_on__isnull=False,
                    issued_by__isnull=False,
                    full_pounds__isnull=False,
                    full_until__isnull=False,
                    document__isnull=False,
                ),
                name="notice_issued_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(source=Source.SCHOOL.value, issuer=Issuer.DEPUTY.value) | Q(authorisation__isnull=False),
                name="deputy_is_authorised",
            ),
            models.CheckConstraint(condition=_amount_is_known(), name="notice_amount_is_in_the_table"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(COUNTING), scheme=Scheme.NATIONAL.value)
                | Q(place__in=[1, 2], issued_on__isnull=False, counts_until__isnull=False),
                name="notice_counts_to_the_two",
            ),
            models.CheckConstraint(
                condition=Q(counts_until=None)
                | Q(counts_until__gte=Func(F("issued_on"), template="(%(expressions)s + interval '3 years')::date",
                                           output_field=models.DateField())),
                name="notice_counts_three_years",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        if self.issued_on:
            return f"Penalty notice of {self.issued_on:%-d %B %Y}"
        return f"Penalty notice prepared on {self.prepared_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("penalties:see_notice", args=[self.school.urn, self.pk])

    @property
    def amount(self) -> Amount | None:
        return Amount(self.full_pounds, self.reduced_pounds) if self.full_pounds is not None else None

    @property
    def period(self) -> Period | None:
        if self.day_one is None or self.full_until is None:
            return None
        return Period(self.day_one, self.reduced_until, self.full_until)

    def due_on(self, day: date) -> int | None:
        """Pounds that discharge it on a day; None of one that does not wait for payment (5.9, 5.22)."""
        if self.state != State.ISSUED or self.amount is None or self.period is None:
            return None
        return amounts.sum_due(self.amount, self.period, day)

    def is_over_on(self, day: date) -> bool:
        """Whether it waits for payment though its period has ended."""
        return self.state == State.ISSUED and self.period is not None and day >= self.period.over_from

    def unpaid_on(self, day: date) -> int | None:
        """Pounds that nobody has told of as paid by the end of its period; None of a notice that stands otherwise."""
        return self.full_pounds if self.state == State.UNPAID or self.is_over_on(day) else None

    @property
    def facts(self) -> rules.Notice:
        """The notice as the rules know it. Raises ValueError for one that was never issued."""
        if self.issued_on is None:
            raise ValueError("not issued")
        return rules.Notice(
            issued=self.issued_on,
            scheme=Scheme(self.scheme),
            state=State(self.state),
            sessions=frozenset((each.day, each.session) for each in self.sessions.all()),
            offence_from=self.offence_from,
            offence_until=self.offence_until,
            source=Source(self.source),
        )


class NoticeSession(SchoolOwned):
    """One session of an offence. While it is spent, no other notice to the parent can be for it (5.23)."""

    notice = SameSchoolKey(PenaltyNotice, related_name="sessions")
    contact = SameSchoolKey("registers.Contact", related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    day = models.DateField()
    session = models.SmallIntegerField(choices=SESSIONS)
    code = models.SmallIntegerField(help_text="As the register said on the day of issue.")
    is_spent = models.BooleanField(default=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["day", "session"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "contact", "kind", "day", "session"],
                condition=Q(is_spent=True),
                name="one_notice_for_an_offence",
            ),
            models.CheckConstraint(condition=Q(session__in=[1, 2]), name="notice_session"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%-d %B %Y} {Session(self.session).name}"


class NoticeEvent(SchoolOwned):
    """What became of a notice after its issue, and who said so (5.25)."""

    notice = SameSchoolKey(PenaltyNotice, related_name="events")
    verb = models.CharField(max_length=30)
    on = models.DateField()
    pounds = models.PositiveSmallIntegerField(null=True, blank=True)
    ground = models.CharField(max_length=100, blank=True)
    said = models.CharField(max_length=500, blank=True, help_text="Who said so, and how.")
    noted_on = models.DateField()
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["on", "pk"]

    @property
    def paid(self) -> int | None:
        """Pounds that were paid: a form lets a sum stand beside other verbs too."""
        return self.pounds if self.verb in PAYMENTS else None

    def __str__(self) -> str:
        return f"{self.verb} on {self.on:%-d %B %Y}"

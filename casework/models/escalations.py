"""The step each pupil is on, since when, and what the school is asked to decide about it."""

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from casework.querysets import ProposalQuerySet, StandingQuerySet
from registers.attendance import Summary
from registers.calendar_rules import academic_year_bounds, academic_year_of


class Evaluation(SchoolOwned):
    """A day on which every ladder was judged for every pupil. A second run of the day finds the same."""

    on = models.DateField()
    at = models.DateTimeField()
    pupils = models.PositiveIntegerField()
    begun = models.PositiveIntegerField(help_text="Steps begun.")
    ended = models.PositiveIntegerField(help_text="Steps ended because the measure allows it: good news.")

    class Meta(SchoolOwned.Meta):
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["school", "on"], name="evaluation_once")]

    def __str__(self) -> str:
        return f"{self.on}"


class Standing(SchoolOwned):
    """One pupil on one step of one ladder, from a day on. At most one a ladder is open.

    A step whose measure allows it ends only after two evaluations a week apart (the policy's setting): `without_since`
    is the first of them. The counts are of the last evaluation, and of a week before it.
    """

    class End(models.TextChoices):
        ROSE = "rose", "Moved to a more serious step"
        IMPROVED = "improved", "Improved"
        POLICY = "policy", "The policy has changed"
        LEFT = "left", "No longer on roll"

    pupil = SameSchoolKey("registers.Pupil", related_name="standings", db_index=False)
    ladder = models.CharField(max_length=100)
    step = models.CharField(max_length=200)
    index = models.PositiveSmallIntegerField(help_text="The step's place on the ladder, 0 the mildest.")
    since = models.DateField()
    value = models.CharField(max_length=20)
    reason = models.CharField(max_length=500)
    owner = models.CharField(max_length=100, blank=True)
    do = models.TextField(blank=True)
    without_since = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end = models.CharField(max_length=8, choices=End, blank=True)

    praised_at = models.DateTimeField(null=True, blank=True, help_text="When somebody told the child the good news.")
    praised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    evaluated_on = models.DateField()
    attended = models.PositiveIntegerField(default=0)
    absent = models.PositiveIntegerField(default=0)
    possible = models.PositiveIntegerField(default=0)
    attended_before = models.PositiveIntegerField(default=0)
    absent_before = models.PositiveIntegerField(default=0)
    possible_before = models.PositiveIntegerField(default=0)

    objects = SchoolManager.from_queryset(StandingQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-index", "since"]
        indexes = [models.Index(fields=["school", "pupil", "since"], name="standing_of_pupil")]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="standing_same_school"),
            models.UniqueConstraint(
                fields=["school", "pupil", "ladder"], condition=Q(ended_on=None), name="one_step_a_ladder"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None, end="") | (Q(ended_on__gte=F("since")) & ~Q(end="")),
                name="standing_ends_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(praised_at=None, praised_by=None)
                | Q(praised_at__isnull=False, praised_by__isnull=False, end="improved"),
                name="standing_praised_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ladder}: {self.step} since {self.since}"

    @property
    def summary(self) -> Summary:
        """This year up to the last evaluation, as far as a list needs it."""
        return Summary(possible=self.possible, attended=self.attended, unauthorised=self.absent)

    @property
    def counted_from(self) -> date:
        """The first day of what `summary` counts; the last is that of the evaluation."""
        return academic_year_bounds(academic_year_of(self.evaluated_on))[0]

    @property
    def days_missed(self) -> Decimal:
        return Decimal(self.absent) / 2

    @property
    def change_in_days(self) -> Decimal:
        """Days missed in the week before the last evaluation."""
        return Decimal(self.absent - self.absent_before) / 2

    @property
    def change_in_percent(self) -> Decimal | None:
        """Percentage points this week; None where a week before nothing was possible."""
        before = Summary(possible=self.possible_before, attended=self.attended_before).percent
        now = self.summary.percent
        return now - before if now is not None and before is not None else None


class Proposal(SchoolOwned):
    """What a step just reached asks of the school. A person accepts or declines it, with a reason.

    A declined one stays declined as long as the pupil stays on the step; reached anew, the step proposes anew. One
    whose step was undone by a change of marks lapses, and comes back with the step.
    """

    class Kind(models.TextChoices):
        CASE = "case", "Open a case"
        TASK = "task", "Task"
        LETTER = "letter", "Letter"
        REFERRAL = "referral", "Referral"

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        LAPSED = "lapsed", "No longer needed"

    pupil = SameSchoolKey("registers.Pupil", related_name="step_proposals", db_index=False)
    standing = SameSchoolKey(Standing, related_name="proposals", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    occasion = models.CharField(max_length=200, blank=True, help_text="Which letter, or to whom a referral goes.")
    owner = models.CharField(max_length=100, blank=True)
    due = models.DateField(null=True, blank=True)
    made_on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = SchoolManager.from_queryset(ProposalQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["due", "pk"]
        indexes = [models.Index(fields=["school", "pupil"], name="proposal_of_pupil")]
        constraints = [
            models.UniqueConstraint(fields=["school", "standing", "kind", "occasion"], name="proposal_once"),
            models.UniqueConstraint(fields=["school", "id"], name="stepproposal_same_school"),
            models.CheckConstraint(
                condition=~Q(state="declined") | (~Q(reason="") & Q(decided_by__isnull=False)),
                name="declined_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(decided_at__isnull=False), name="step_proposal_decided_at_and_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.occasion}" if self.occasion else self.get_kind_display()

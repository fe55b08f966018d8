"""A decision about one parent and one child: the questions the law asks, their answers, and what was decided."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from casework.measures import Mark
from penalties.amounts import Kind
from penalties.notices import Session


class Decision(SchoolOwned):
    """Prepared by the manager, decided by the headteacher, and kept whatever was decided.

    `sessions` is the offence as the register said it when the decision was prepared: day, session, number of the code.
    """

    class Outcome(models.TextChoices):
        PENALTY = "penalty", "A penalty notice"
        IMPROVEMENT = "improvement", "A notice to improve"
        SUPPORT = "support", "Support instead"
        REFER = "refer", "Ask the local authority about prosecution or another order"
        NOTHING = "nothing", "Nothing"
        LAPSED = "lapsed", "Prepared anew"

    pupil = SameSchoolKey("registers.Pupil", related_name="penalty_decisions")
    contact = SameSchoolKey("registers.Contact", related_name="penalty_decisions")
    kind = models.CharField(max_length=40, choices=[(k.value, k.value) for k in Kind], default=Kind.ABSENCE.value)
    sessions = models.JSONField()
    counted = models.PositiveSmallIntegerField(help_text="What the threshold counted.")
    below_threshold_reason = models.TextField(blank=True)
    best_tool = models.BooleanField(null=True, blank=True)
    best_tool_why = models.TextField(blank=True)
    support = models.BooleanField(null=True, blank=True)
    support_why = models.TextField(blank=True)
    equality = models.BooleanField(null=True, blank=True)
    equality_why = models.TextField(blank=True)
    allowed_absence = models.BooleanField(null=True, blank=True)
    allowed_why = models.TextField(blank=True)
    public_place = models.BooleanField(null=True, blank=True)
    la_checked = models.DateField(null=True, blank=True)
    la_said = models.TextField(blank=True)
    prepared_on = models.DateField()
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    outcome = models.CharField(max_length=11, choices=Outcome, blank=True)
    reason = models.TextField(blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_position = models.CharField(max_length=100, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["-prepared_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="decision_same_school"),
            models.UniqueConstraint(
                fields=["school", "contact"], condition=Q(outcome=""), name="one_decision_waits_for_a_parent"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_on=None) | (~Q(outcome="") & Q(decided_on__isnull=False)),
                name="decision_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"Decision prepared on {self.prepared_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("penalties:see_decision", args=[self.school.urn, self.pk])

    @property
    def marks(self) -> list[Mark]:
        """The offence with its codes, in order."""
        return sorted((date.fromisoformat(day), session, code) for day, session, code in self.sessions)

    @property
    def offence(self) -> frozenset[Session]:
        return frozenset(mark[:2] for mark in self.marks)

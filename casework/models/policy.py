"""A change of the attendance policy before it is one: written in steps, tried on the school's own marks, decided."""

from django.db import models
from django.urls import reverse

from attendance_mis.models import User
from attendance_mis.tenancy import SchoolOwned


class PolicyDraft(SchoolOwned):
    """A policy being written. In force it becomes a `PolicyVersion`; until then it changes nothing."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Proposed"
        IN_FORCE = "in_force", "Put into force"
        DECLINED = "declined", "Declined"
        DISCARDED = "discarded", "Discarded"

    document = models.JSONField(help_text="The tables of a school pack's [policy].")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    in_force_from = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=500, blank=True, help_text="Why the change is proposed.")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=500, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decided_by=None) | models.Q(decided_at__isnull=False),
                name="policy_draft_decided_at_and_by",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} of {self.made_at:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("casework:see_draft", args=[self.school.urn, self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.PROPOSED)

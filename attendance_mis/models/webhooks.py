"""Partners that are told of changes: where to, and what became of each message."""

from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from attendance_mis.models.tokens import WHO_LENGTH
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned, SchoolQuerySet
from attendance_mis.webhooks import LONGEST_URL, SAYS, TOLD_OF, Event

EVENTS = [(event.value, SAYS[event]) for event in Event]


class WebhookQuerySet(SchoolQuerySet):
    def in_use(self) -> "WebhookQuerySet":
        """Those to which messages go."""
        return self.filter(ended_at=None, stopped_at=None)


class Webhook(SchoolOwned):
    """One address of a partner that is told of changes, until a person ends it. One that never answers is stopped.

    The secret is locked (`boxes`): messages are signed with it, so it must be read again.
    """

    partner = models.CharField(max_length=100)
    url = models.CharField(max_length=LONGEST_URL)
    events = ArrayField(models.CharField(max_length=20, choices=[each for each in EVENTS if each[0] in TOLD_OF]))
    secret = models.TextField(help_text="Locked with SECRET_KEY.")
    told = models.JSONField(help_text="By event, the number in its log up to which the partner was told.")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=WHO_LENGTH)
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="Of the first failure after the last success."
    )
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="By itself; a person begins it again.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=WHO_LENGTH, blank=True)

    objects = SchoolManager.from_queryset(WebhookQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="webhook_same_school"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | Q(ended_at__isnull=False) & ~Q(ended_by=""),
                name="webhook_ended_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.partner

    @property
    def state(self) -> str:
        """Where it stands, in a word that the page prints."""
        if self.ended_at:
            return "Ended"
        if self.stopped_at:
            return "Stopped"
        return "Failing" if self.failing_since else "Working"

    def events_said(self) -> list[str]:
        """What it is told of, in sentences."""
        return [SAYS[Event(event)] for event in self.events]


class Delivery(SchoolOwned):
    """One message to a partner, and what became of it. Its id stays the same however often it is tried."""

    webhook = SameSchoolKey(Webhook, related_name="deliveries", db_index=False)
    message_id = models.UUIDField(default=uuid4)
    event = models.CharField(max_length=20, choices=EVENTS)
    newest = models.BigIntegerField(help_text="The number in the log up to which it tells of changes.")
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the last answer.")
    fault = models.CharField(max_length=200, blank=True, help_text="Why there was no answer.")
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        verbose_name_plural = "deliveries"
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "next_try_at"], condition=Q(arrived_at=None), name="deliveries_due"),
            models.Index(fields=["school", "webhook", "-made_at"], name="delivery_of_webhook"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "message_id"], name="delivery_message_once"),
            # What waits covers all that comes after it: no second message of a kind beside it.
            models.UniqueConstraint(
                fields=["school", "webhook", "event"], condition=Q(arrived_at=None), name="one_delivery_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.made_at:%Y-%m-%d %H:%M}"

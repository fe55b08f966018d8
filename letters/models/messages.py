"""Texts and e-mails: who they are for, what they say, and how far they have come."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from letters.querysets import MessageQuerySet


class Message(SchoolOwned):
    """One text or e-mail. The row is the queue: a worker claims it, and its status says how far it has come.

    `reference` goes with it to the provider and is asked for before it is sent a second time, so that a worker killed
    between sending and recording does not make a parent read the same twice.
    """

    class Way(models.TextChoices):
        TEXT = "text", "Text"
        EMAIL = "email", "E-mail"

    class Provider(models.TextChoices):
        NOTIFY = "notify", "GOV.UK Notify"
        SMTP = "smtp", "The school's mail server"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "To be approved"
        QUEUED = "queued", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Not delivered"
        CANCELLED = "cancelled", "Cancelled"

    OVER = (Status.DELIVERED, Status.FAILED, Status.CANCELLED)

    pupil = SameSchoolKey("registers.Pupil", null=True, blank=True, related_name="messages", db_index=False)
    contact = SameSchoolKey("registers.Contact", null=True, blank=True, related_name="messages")
    way = models.CharField(max_length=5, choices=Way)
    address = models.CharField(max_length=254, help_text="The number or e-mail address it goes to, as it was then.")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="From then on it is of no use, and not sent.")

    status = models.CharField(max_length=9, choices=Status, default=Status.QUEUED)
    provider = models.CharField(max_length=6, choices=Provider)
    reference = models.UUIDField(default=uuid4)
    provider_id = models.CharField(max_length=36, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When the provider was last asked what became.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="Delivered, failed or cancelled.")
    fault = models.CharField(max_length=300, blank=True, help_text="Why the last attempt failed, for a person to read.")

    objects = SchoolManager.from_queryset(MessageQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(
                fields=["school", "next_try_at"], condition=Q(status__in=["queued", "sending"]), name="message_queue"
            ),
            models.Index(fields=["school", "asked_at"], condition=Q(status="sent"), name="message_to_ask_about"),
            models.Index(fields=["school", "pupil", "made_at"], name="message_of_pupil"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="message_same_school"),
            models.UniqueConstraint(fields=["school", "reference"], name="message_reference_once"),
            models.CheckConstraint(
                condition=Q(status__in=["delivered", "failed", "cancelled"], settled_at__isnull=False)
                | ~Q(status__in=["delivered", "failed", "cancelled"]) & Q(settled_at=None),
                name="message_settled_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(status="sending") | Q(claimed_at__isnull=False), name="message_sending_is_claimed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} of {self.made_at:%-d %B %Y}"


class Reply(SchoolOwned):
    """A text that came back, by the last message that went to its number."""

    message = SameSchoolKey(Message, related_name="replies")
    provider_id = models.CharField(max_length=36)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta(SchoolOwned.Meta):
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["school", "provider_id"], name="reply_once")]

    def __str__(self) -> str:
        return f"Reply of {self.at:%-d %B %Y}"

"""The contact record: every try to reach a family and every talk with it, and what was decided about an absence.

It only grows (`append_only` in the migration): who was wrong adds a correction. Appendix 7 of policies/000.
"""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from casework.querysets.contacts import ContactRecordQuerySet
from letters.models import Message


class ContactRecord(SchoolOwned):
    """One contact about one child; siblings joined into one call are rows that share `together`."""

    class Kind(models.TextChoices):
        CALL = "call", "Telephone call"
        TEXT = "text", "Text"
        EMAIL = "email", "E-mail"
        MEETING = "meeting", "Meeting in school"
        HOME_VISIT = "home_visit", "Home visit"
        REPLY = "reply", "Reply to a letter or message"
        HATCH = "hatch", "At the school office"
        DECISION = "decision", "Decision"

    class Outcome(models.TextChoices):
        ANSWERED = "answered", "Answered"
        NO_ANSWER = "no_answer", "No answer"
        LEFT_MESSAGE = "left_message", "Left a message"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        IN_LANGUAGE = "in_language", "Message in their language"

    class Step(models.TextChoices):
        EMERGENCY = "emergency", "Try the emergency contacts"
        HOME_VISIT = "home_visit", "Visit the home"
        WELFARE = "welfare", "Ask for a welfare check"
        POLICE = "police", "Tell the police"
        SOCIAL_WORKER = "social_worker", "Tell the social worker"
        WAIT = "wait", "Wait, and try again later"

    pupil = SameSchoolKey("registers.Pupil", related_name="contact_records", db_index=False)
    together = models.UUIDField(default=uuid4, help_text="The same for the children of one call.")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(help_text="When it happened, by the school's clock.")
    day = models.DateField(help_text="The school's own day of it.")
    contact = SameSchoolKey("registers.Contact", null=True, blank=True, related_name="contact_records")
    who = models.CharField(max_length=200, help_text="Who was reached or tried, as known then.")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    step = models.CharField(max_length=13, choices=Step, blank=True)
    present = models.CharField(max_length=300, blank=True)
    said = models.TextField(blank=True)
    agreed = models.JSONField(default=list, help_text="What was agreed: [{what, who, by}].")
    review_on = models.DateField(null=True, blank=True)
    message = SameSchoolKey(Message, null=True, blank=True, related_name="contact_records")
    corrects = SameSchoolKey("self", null=True, blank=True, related_name="corrections")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=100)
    by_position = models.CharField(max_length=100)
    key = models.UUIDField(null=True, help_text="Given by the page, so that a click sent twice is one contact.")

    objects = SchoolManager.from_queryset(ContactRecordQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["school", "pupil", "day"], name="contact_record_of_pupil")]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="contactrecord_same_school"),
            models.UniqueConstraint(
                fields=["school", "key", "pupil"], condition=Q(key__isnull=False), name="contact_key_once"
            ),
            models.CheckConstraint(condition=~Q(kind="decision") | ~Q(step=""), name="decision_says_which_step"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.day:%-d %B %Y}"


class FirstDaySettings(SchoolOwned):
    """How a school texts the families of children whose absence nobody has explained. No row: only by hand."""

    text_at = models.TimeField(null=True, blank=True, help_text="Empty: only when somebody presses the button.")
    texted_on = models.DateField(null=True, blank=True, help_text="The last day on which the clock sent them.")

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school"], name="first_day_settings_once")]

    def __str__(self) -> str:
        return f"Texts at {self.text_at or 'no time'}"

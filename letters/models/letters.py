"""Letters: what is proposed, approved and sent to each parent, and the PDF that proves what it said."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from letters.models.messages import Message
from letters.models.templates import Channel, LetterTemplate, TemplateVersion
from letters.occasions import CHOICES, Occasion
from letters.querysets import CopyQuerySet, LetterQuerySet


class Letter(SchoolOwned):
    """One letter about one pupil (and joined siblings), of which each parent gets a copy.

    Proposed, its figures are worked out anew whenever somebody looks; approved, they stand in `values` for good,
    with the marks they rest on.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "To approve"
        APPROVED = "approved", "Approved"
        DROPPED = "dropped", "Dropped"

    pupil = SameSchoolKey("registers.Pupil", related_name="letters", db_index=False)
    siblings = ArrayField(models.IntegerField(), default=list, blank=True, help_text="Pupils joined in this letter.")
    contacts = ArrayField(
        models.IntegerField(), default=list, blank=True, help_text="Who alone gets it; empty: every parent who should."
    )
    template = SameSchoolKey(LetterTemplate, related_name="letters", db_index=False)
    occasion = models.CharField(max_length=30, choices=CHOICES)
    key = models.CharField(max_length=100, blank=True, help_text="Given by who queues it, so that it is queued once.")
    why = models.CharField(max_length=500, help_text="One line: why this pupil's parents get it.")
    given = models.JSONField(default=dict, help_text="Values said by who queued or approved it.")
    queued_at = models.DateTimeField()
    queued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    queued_by_name = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    decision_reason = models.CharField(max_length=500, blank=True)

    # Frozen when it is approved.
    version = SameSchoolKey(TemplateVersion, related_name="letters", null=True, blank=True, db_index=False)
    dated = models.DateField(null=True, blank=True, help_text="The day it bears.")
    values = models.JSONField(default=dict)
    marks_from = models.DateField(null=True, blank=True)
    marks_until = models.DateField(null=True, blank=True)
    marks = models.TextField(blank=True, help_text="The marks it rests on, a line a day: 2025-03-10 / N")
    sibling_marks = models.JSONField(
        default=dict, help_text="The same of joined siblings whose summary is enclosed: marks and sums, by pupil."
    )
    enclosure = models.TextField(blank=True, help_text="The attendance summary as it stood, drawn.")
    last_entry = models.IntegerField(default=0, help_text="The newest entry among those marks, or seen since.")

    # The evidence lock.
    wrong = models.CharField(max_length=500, blank=True, help_text="What is not so any more.")
    wrong_at = models.DateTimeField(null=True, blank=True)
    corrects = SameSchoolKey("self", related_name="corrections", null=True, blank=True, db_index=False)

    objects = SchoolManager.from_queryset(LetterQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-queued_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "pupil", "occasion"], name="letter_of_pupil"),
            models.Index(fields=["school", "queued_at"], name="letter_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="letter_same_school"),
            models.UniqueConstraint(fields=["school", "key"], condition=~Q(key=""), name="letter_key_once"),
            models.UniqueConstraint(
                fields=["school", "pupil", "occasion", "contacts"],
                condition=Q(state="proposed"),
                name="one_proposal_an_occasion",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None, decided_by=None)
                | (~Q(state="proposed") & Q(decided_at__isnull=False)),
                name="letter_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(version__isnull=False, dated__isnull=False),
                name="approved_letter_is_frozen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} letter"

    @property
    def label(self) -> str:
        """The occasion in words."""
        return Occasion(self.occasion).label

    def get_absolute_url(self) -> str:
        return reverse("letters:see_letter", args=[self.school.urn, self.pk])


class Copy(SchoolOwned):
    """The letter to one parent: its own PDF, and where it is on its way. Rows are the queue."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        APPROVED = "approved", "Approved"
        RENDERING = "rendering", "Being made"
        RENDERED = "rendered", "Ready"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        RETURNED = "returned", "Returned"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    letter = SameSchoolKey(Letter, related_name="copies", db_index=False)
    # The address book may lose the contact; the copy keeps to whom it went.
    contact_id = models.IntegerField(null=True, blank=True)
    addressee = models.CharField(max_length=250)
    address = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    email = models.EmailField(blank=True)
    mobile = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=50, blank=True)
    channel = models.CharField(max_length=6, choices=Channel, default=Channel.PRINT)
    status = models.CharField(max_length=9, choices=Status, default=Status.PROPOSED)
    reference = models.UUIDField(help_text="Goes out with the copy, so that no way out takes it twice.")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    served_on = models.DateField(null=True, blank=True, help_text="The day it counts as received.")
    provider_id = models.CharField(max_length=36, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When the provider was last asked what became.")
    message = SameSchoolKey(
        Message, related_name="copies", null=True, blank=True, db_index=False, help_text="The short words on their way."
    )
    returned_on = models.DateField(null=True, blank=True)
    print_run = SameSchoolKey("letters.PrintRun", related_name="copies", null=True, blank=True, db_index=False)
    place = models.PositiveIntegerField(null=True, blank=True, help_text="Its place in the print run.")

    objects = SchoolManager.from_queryset(CopyQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["school", "letter"], name="copies_of_letter"),
            models.Index(
                fields=["school", "status"],
                condition=Q(status__in=["approved", "rendering", "rendered", "sending", "failed"]),
                name="copies_on_their_way",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="copy_same_school"),
            models.UniqueConstraint(fields=["school", "reference"], name="copy_reference_once"),
            models.UniqueConstraint(
                fields=["school", "letter", "contact_id"],
                condition=Q(contact_id__isnull=False),
                name="one_copy_a_parent",
            ),
            models.UniqueConstraint(fields=["school", "message"], name="copy_of_a_message"),
        ]

    def __str__(self) -> str:
        return self.addressee

    @property
    def pdf(self) -> "StoredPdf | None":
        """Its PDF, once it is made; lists prefetch `pdfs` without the bytes."""
        return next(iter(self.pdfs.all()), None)


class StoredPdf(SchoolOwned):
    """The letter as it was made, once: a reprint is these bytes. The database refuses to change or remove one."""

    copy = SameSchoolKey(Copy, related_name="pdfs", db_index=False)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    pages = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "copy"], name="pdf_of_a_copy_once")]

    def __str__(self) -> str:
        return self.sha256


class EvidenceCheck(SchoolOwned):
    """How far the entries of a school have been followed into its letters."""

    up_to = models.IntegerField(default=0, help_text="The newest entry that was looked at.")

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school"], name="evidence_check_once")]

    def __str__(self) -> str:
        return f"{self.up_to}"


class PrintRun(SchoolOwned):
    """Letters printed together, in envelope order; the tick list says which went into the post."""

    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="printrun_same_school"),
            models.CheckConstraint(
                condition=Q(posted_at=None, posted_by=None) | Q(posted_at__isnull=False, posted_by__isnull=False),
                name="print_run_posted_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"Print run {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("letters:see_print_run", args=[self.school.urn, self.pk])

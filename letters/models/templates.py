"""What a school writes: its letterhead, and for each occasion a template in numbered versions."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from letters.occasions import CHOICES, Occasion


class Channel(models.TextChoices):
    """How a letter leaves the building."""

    PRINT = "print", "Printed and posted by the school"
    EMAIL = "email", "E-mail with the letter as PDF"
    NOTIFY = "notify", "Printed and posted by GOV.UK Notify"
    NOTE = "note", "E-mail with the short words, without the letter"
    TEXT = "text", "Text message with the short words"


BY_POST = frozenset({Channel.PRINT, Channel.NOTIFY})
AS_MESSAGE = frozenset({Channel.NOTE, Channel.TEXT})


class LetterTemplate(SchoolOwned):
    """The letter of one occasion. The words are in its versions; the newest is used."""

    class Sender(models.TextChoices):
        """Who may approve it."""

        MANAGER = "manager", "The attendance manager, the lead or the head"
        LEAD = "lead", "The attendance lead or the head"
        HEAD = "head", "The headteacher"

    occasion = models.CharField(max_length=30, choices=CHOICES)
    sender = models.CharField("who may approve it", max_length=8, choices=Sender, default=Sender.MANAGER)
    channel = models.CharField("way out", max_length=6, choices=Channel, default=Channel.PRINT)
    again_after_weeks = models.PositiveSmallIntegerField(
        "warn when the same letter went in the last so many weeks", default=4
    )

    class Meta(SchoolOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["school", "occasion"], name="template_of_an_occasion_once"),
            models.UniqueConstraint(fields=["school", "id"], name="lettertemplate_same_school"),
        ]

    def __str__(self) -> str:
        return Occasion(self.occasion).label


class TemplateVersion(SchoolOwned):
    """The words of a template from a moment on. The database refuses to change one."""

    template = SameSchoolKey(LetterTemplate, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=150)
    body = models.TextField()
    short = models.CharField(max_length=306, blank=True, help_text="What goes as a text or a short e-mail instead.")
    # {"bn": {"subject": ..., "body": ...}}: by language tag. English stands above and is always enclosed.
    translations = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["school", "template", "number"], name="template_version_once"),
            models.UniqueConstraint(fields=["school", "id"], name="templateversion_same_school"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class Letterhead(SchoolOwned):
    """Logo and signature of a school's letters, as PNG that was drawn anew when it was uploaded."""

    signatory = models.CharField("who signs", max_length=100, blank=True)
    position = models.CharField(max_length=100, blank=True)
    logo = models.BinaryField(blank=True, default=b"")
    logo_text = models.CharField("what the logo shows", max_length=100, blank=True)
    signature = models.BinaryField(blank=True, default=b"")

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school"], name="letterhead_once")]

    def __str__(self) -> str:
        return self.signatory


class Sensitivity(SchoolOwned):
    """What whoever approves a letter to a family must know first."""

    class Kind(models.TextChoices):
        BEREAVEMENT = "bereavement", "Bereavement in the family"
        COURT_ORDER = "court_order", "Court order about a contact"
        MEDICAL_PLAN = "medical_plan", "Medical plan"
        OTHER = "other", "Something else"

    pupil = SameSchoolKey("registers.Pupil", related_name="sensitivities", db_index=False)
    contact = SameSchoolKey(
        "registers.Contact", on_delete=models.CASCADE, related_name="sensitivities", null=True, blank=True
    )
    kind = models.CharField(max_length=12, choices=Kind)
    note = models.CharField(max_length=300, blank=True)
    start = models.DateField("from")
    end = models.DateField("until", null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        indexes = [models.Index(fields=["school", "pupil"], name="sensitivity_of_pupil")]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="sensitivity_same_school"),
            models.CheckConstraint(condition=Q(end=None) | Q(end__gte=F("start")), name="sensitivity_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{f': {self.note}' if self.note else ''}"

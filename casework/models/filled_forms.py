"""The forms filled in with a family, and who signed them. Both only grow: who was wrong adds a correction."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolManager, SchoolOwned
from casework.form_definitions import FormDefinition, definition
from casework.querysets.filled_forms import FilledFormQuerySet


class FilledForm(SchoolOwned):
    """One form as it was filled in: which version, what was known then, and the answers by the keys of its fields."""

    pupil = SameSchoolKey("registers.Pupil", null=True, blank=True, related_name="filled_forms", db_index=False)
    form = models.CharField(max_length=20, help_text="Which form, and in which version (data/forms.toml).")
    version = models.PositiveSmallIntegerField()
    on = models.DateField(help_text="The school's own day on which it was filled in.")
    facts = models.JSONField(default=list, help_text="Its head as known then: [[label, text]].")
    answers = models.JSONField()
    is_complete = models.BooleanField(default=False, help_text="A checklist that misses nothing, and was called so.")
    corrects = SameSchoolKey("self", null=True, blank=True, related_name="corrections")
    why = models.CharField(max_length=300, blank=True, help_text="Why it was corrected.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=100)
    by_position = models.CharField(max_length=100)
    key = models.UUIDField(default=uuid4, help_text="Given by the page, so that a click sent twice is one form.")

    objects = SchoolManager.from_queryset(FilledFormQuerySet)()

    class Meta(SchoolOwned.Meta):
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["school", "pupil", "form"], name="filled_form_of_pupil")]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="filledform_same_school"),
            models.UniqueConstraint(fields=["school", "key"], name="filled_form_once"),
            models.UniqueConstraint(
                fields=["school", "corrects"], condition=Q(corrects__isnull=False), name="filled_form_corrected_once"
            ),
            models.CheckConstraint(condition=Q(corrects=None) | ~Q(why=""), name="correction_of_a_form_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.definition.title} of {self.on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("casework:see_form", args=[self.school.urn, self.pk])

    @property
    def definition(self) -> FormDefinition:
        """The version in which it was filled in."""
        return definition(self.form, self.version)


class FormSignature(SchoolOwned):
    """Somebody signed a form on paper, and somebody at school saw it."""

    filled = SameSchoolKey(FilledForm, related_name="signatures")
    line = models.CharField(max_length=60, help_text="As which line of the signature block.")
    name = models.CharField(max_length=100)
    on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(SchoolOwned.Meta):
        ordering = ["on", "pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.on:%-d %B %Y}"

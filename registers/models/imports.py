"""What comes in from elsewhere: attendance at an earlier school, and the imports that a technician ran."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from attendance_mis.models import User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned


class PreviousAttendance(SchoolOwned):
    """A year's attendance at another school, as a Common Transfer File tells it: sums, never marks of this register."""

    pupil = SameSchoolKey("registers.Pupil", related_name="previous_attendance", db_index=False)
    academic_year = models.PositiveSmallIntegerField(help_text="Named by its first calendar year.")
    laestab = models.CharField(max_length=7, blank=True)
    school_name = models.CharField(max_length=200, blank=True)
    possible = models.PositiveSmallIntegerField(null=True, blank=True)
    attended = models.PositiveSmallIntegerField(null=True, blank=True)
    authorised = models.PositiveSmallIntegerField(null=True, blank=True)
    unauthorised = models.PositiveSmallIntegerField(null=True, blank=True)
    marks_start = models.DateField(null=True, blank=True)
    marks = models.TextField(blank=True, help_text="One character per session from that day, as the other school sent.")

    class Meta(SchoolOwned.Meta):
        ordering = ["-academic_year", "laestab"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "pupil", "academic_year", "laestab"], name="previous_attendance_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.academic_year} at {self.school_name or self.laestab}"


class ImportRun(SchoolOwned):
    """A file that somebody brought: checked first, then imported when she says so. The row is the queue."""

    class Kind(models.TextChoices):
        PACK = "pack", "School pack"
        CTF = "ctf", "Common Transfer File"

    class Status(models.TextChoices):
        TO_CHECK = "to_check", "Waiting to be checked"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked, nothing written yet"
        REFUSED = "refused", "Refused, nothing written"
        TO_IMPORT = "to_import", "Waiting to be imported"
        IMPORTING = "importing", "Being imported"
        DONE = "done", "Imported"
        FAILED = "failed", "Failed, nothing written"

    kind = models.CharField(max_length=4, choices=Kind)
    file_name = models.CharField(max_length=100)
    stored_as = models.CharField(max_length=100, help_text="Name in the file storage, until the run is over.")
    status = models.CharField(max_length=9, choices=Status, default=Status.TO_CHECK)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    lines = ArrayField(models.TextField(), default=list, help_text="What was, or would be, written; or what is wrong.")
    verdict = models.CharField(max_length=200, blank=True)

    class Meta(SchoolOwned.Meta):
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["school", "-uploaded_at"], name="import_runs")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"

    @property
    def is_waiting(self) -> bool:
        """Whether the worker has it, or is about to."""
        return self.status in (self.Status.TO_CHECK, self.Status.CHECKING, self.Status.TO_IMPORT, self.Status.IMPORTING)

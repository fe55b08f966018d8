"""The audit trail, and the sealed blocks that prove that no log was altered."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from attendance_mis.tenancy import SchoolOwned


class AppendOnlyLog(SchoolOwned):
    """A log that the database itself only lets grow (`append_only` in the migration) and that is sealed in blocks."""

    id = models.BigAutoField(primary_key=True)

    class Meta(SchoolOwned.Meta):
        abstract = True


class AuditRow(AppendOnlyLog):
    """Who did what to which row, when and why. Ids are plain integers, so that a row outlives its subject."""

    at = models.DateTimeField()
    by_id = models.IntegerField(null=True)
    by_name = models.CharField(max_length=100)
    by_position = models.CharField(max_length=100)
    verb = models.CharField(max_length=50)
    subject_type = models.CharField(max_length=50, blank=True)
    subject_id = models.BigIntegerField(null=True)
    pupil_id = models.IntegerField(null=True, help_text="The child this is about, for her timeline.")
    summary = models.TextField()
    data = models.JSONField(default=dict)

    class Meta(AppendOnlyLog.Meta):
        indexes = [
            models.Index(fields=["school", "subject_type", "subject_id"], name="audit_of_subject"),
            models.Index(
                fields=["school", "pupil_id", "at"], name="audit_of_pupil", condition=~models.Q(pupil_id=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by_name}: {self.summary}"


class Block(AppendOnlyLog):
    """A sealed run of one log of one school: rows `first_id` to `last_id`, hashed together with the block before it."""

    log = models.CharField(max_length=50, help_text="Table of the log.")
    number = models.PositiveIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    columns = ArrayField(
        models.CharField(max_length=50), help_text="What was hashed, so that columns may be added later."
    )
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta(AppendOnlyLog.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "log", "number"], name="block_number_once")]

    def __str__(self) -> str:
        return f"{self.log} {self.number}"

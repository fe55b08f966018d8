"""Governor reports as they were made."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models.audit import AppendOnlyLog
from registers.calendar_rules import year_name


class GovernorReport(AppendOnlyLog):
    """One report of one half-term, frozen: what page, PDF and CSV say is in it, what is hidden is not.

    `digest` is the sha256 of `figures` (`actions.governor.digest`). A half-term reported on again gets another row.
    """

    academic_year = models.PositiveSmallIntegerField(help_text="Named by its first calendar year.")
    half_term = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    first = models.DateField()
    last = models.DateField()
    figures = models.JSONField()
    digest = models.CharField(max_length=64)
    pdf = models.BinaryField()
    at = models.DateTimeField()
    by_id = models.IntegerField(null=True)
    by_position = models.CharField(max_length=100, help_text="Who made it, without a name.")

    class Meta(AppendOnlyLog.Meta):
        ordering = ["-academic_year", "-half_term", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "academic_year", "half_term", "version"], name="governor_report_once"
            ),
            models.CheckConstraint(
                condition=Q(first__lte=F("last")) & Q(half_term__range=(1, 6)), name="governor_report_in_order"
            ),
        ]

    def __str__(self) -> str:
        again = f", version {self.version}" if self.version > 1 else ""
        return f"Half-term {self.half_term}, {year_name(self.academic_year)}{again}"

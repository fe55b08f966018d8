"""What a school has decided about keeping, and what the head or the safeguarding lead has approved to go."""

from django.db import models

from attendance_mis.tenancy import SchoolOwned


class RetentionRule(SchoolOwned):
    """How many years this school keeps a category; no row: as many as `retention.YEARS`."""

    category = models.CharField(max_length=20)
    years = models.PositiveSmallIntegerField()
    old_regulations = models.BooleanField(
        default=False,
        help_text="Three years for entries made before 19 August 2024 (the regulations of 2006).",
    )

    class Meta(SchoolOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["school", "category"], name="retention_rule_once")]

    def __str__(self) -> str:
        return f"{self.category}: {self.years} years"


class DisposalApproval(SchoolOwned):
    """What somebody has looked at and allowed to be deleted: this category, made before this day, so many rows."""

    category = models.CharField(max_length=20)
    made_before = models.DateField()
    rows = models.PositiveIntegerField(help_text="As many as the approver was shown.")
    approved_at = models.DateTimeField()
    approved_by_id = models.IntegerField()
    approved_by_name = models.CharField(max_length=100)
    approved_by_position = models.CharField(max_length=100)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta(SchoolOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["school", "category"],
                condition=models.Q(done_at=None, withdrawn_at=None),
                name="disposal_approved_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.category} before {self.made_before}"

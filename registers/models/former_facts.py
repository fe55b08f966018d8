"""In which groups a child was before her record changed."""

from django.db import models

from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from registers.models.pupils import Pupil


class FormerFacts(SchoolOwned):
    """What of a pupil's facts that make groups was known, and otherwise, until a moment.

    A trigger of the database writes it with the change, so no writer can forget it (`registers.former_facts`).
    """

    pupil = SameSchoolKey(Pupil, related_name="+", db_index=False)
    until = models.DateTimeField()
    facts = models.JSONField(help_text="Only those that changed, by column; social_worker: whether she had one.")

    class Meta(SchoolOwned.Meta):
        indexes = [
            models.Index(fields=["school", "until"], name="former_facts_since"),
            models.Index(fields=["school", "pupil"], name="former_facts_of_pupil"),
        ]

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d}"

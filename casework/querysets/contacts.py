"""Contacts of a day, and reports that still want something."""

from datetime import date
from typing import Self

from django.db.models import Exists, OuterRef

from attendance_mis.tenancy import SchoolQuerySet


class ContactRecordQuerySet(SchoolQuerySet):
    """Contacts of the schools in scope."""

    def standing(self) -> Self:
        """Those that no later row corrects."""
        corrections = self.model._meta.get_field("corrections").related_model
        return self.exclude(Exists(corrections.objects.filter(corrects=OuterRef("pk"))))


class AbsenceReportQuerySet(SchoolQuerySet):
    """Absence reports of the schools in scope."""

    def standing(self) -> Self:
        """Those nobody has undone."""
        return self.filter(undone_at=None)

    def of_day(self, day: date) -> Self:
        """Standing reports of an absence on a day."""
        return self.standing().filter(start__lte=day, end__gte=day)

    def to_decide(self) -> Self:
        """A reason is known; which code it is, nobody has decided."""
        return self.standing().filter(decided=None)

    def awaiting_evidence(self) -> Self:
        return self.standing().filter(evidence="asked")

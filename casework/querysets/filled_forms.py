"""Forms as they stand: what a correction has replaced is kept, and is not the one to read."""

from typing import Self

from django.db.models import Exists, OuterRef

from attendance_mis.tenancy import SchoolQuerySet


class FilledFormQuerySet(SchoolQuerySet):
    """Filled forms of the schools in scope."""

    def standing(self) -> Self:
        """Those that no later row corrects."""
        corrections = self.model._meta.get_field("corrections").related_model
        return self.exclude(Exists(corrections.objects.filter(corrects=OuterRef("pk"))))

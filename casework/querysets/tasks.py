"""What is to be done, and what is late."""

from datetime import date
from typing import Self

from attendance_mis.tenancy import SchoolQuerySet


class TaskQuerySet(SchoolQuerySet):
    """Tasks of the schools in scope."""

    def to_do(self) -> Self:
        return self.filter(done_at=None)

    def overdue(self, today: date) -> Self:
        """Open tasks whose day has passed."""
        return self.to_do().filter(due__lt=today)

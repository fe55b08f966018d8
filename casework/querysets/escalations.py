"""Who is on which step, and what waits for a decision."""

from datetime import date, timedelta
from typing import Self

from attendance_mis.tenancy import SchoolQuerySet


class StandingQuerySet(SchoolQuerySet):
    """Steps of pupils of the schools in scope."""

    def standing(self) -> Self:
        """Steps that pupils are on now."""
        return self.filter(ended_on=None)

    def improved_since(self, day: date) -> Self:
        """Good news: steps that ended because the measure allows it."""
        return self.filter(end="improved", ended_on__gte=day)

    def to_praise(self) -> Self:
        """Good news that nobody has told the child yet."""
        return self.filter(praised_at=None)

    def standing_between(self, first: date, last: date) -> Self:
        """Steps that held on some of these days, the first one included."""
        return self.filter(since__lte=last).exclude(ended_on__lte=first)

    def begun_within(self, days: int, on: date) -> Self:
        """Steps begun in the last so many days, the day itself included."""
        return self.filter(since__gt=on - timedelta(days=days), since__lte=on)


class ProposalQuerySet(SchoolQuerySet):
    """Proposals of the schools in scope."""

    def to_decide(self) -> Self:
        """Those nobody has decided, whose step still stands."""
        return self.filter(state="open")

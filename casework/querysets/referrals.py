"""Referrals that wait for an answer."""

from typing import Self

from attendance_mis.tenancy import SchoolQuerySet


class ReferralQuerySet(SchoolQuerySet):
    """Referrals of the schools in scope."""

    def awaiting(self) -> Self:
        """Sent, and nobody has answered."""
        return self.filter(answered_on=None)

"""Which messages are due, left behind, or waiting for word from the provider."""

from datetime import datetime, timedelta
from typing import Self

from django.db.models import Q

from attendance_mis.tenancy import SchoolQuerySet
from letters.sending_rules import ASK_AGAIN_AFTER, ASK_FOR, LEFT_BEHIND_AFTER


class MessageQuerySet(SchoolQuerySet):
    """Messages of the schools in scope."""

    def due(self, now: datetime) -> Self:
        """To be sent now, and those left behind that Notify can be asked about."""
        left_behind = Q(status="sending", provider="notify", claimed_at__lt=now - LEFT_BEHIND_AFTER)
        return self.filter(Q(status="queued", next_try_at__lte=now) | left_behind)

    def left_behind(self, now: datetime) -> Self:
        """Claimed by a worker who did not come back."""
        return self.filter(status="sending", claimed_at__lt=now - LEFT_BEHIND_AFTER)

    def to_ask_about(self, now: datetime) -> Self:
        """Taken by Notify, and nobody knows yet whether they arrived."""
        ask = Q(asked_at=None) | Q(asked_at__lt=now - ASK_AGAIN_AFTER)
        return self.filter(ask, status="sent", provider="notify", sent_at__gt=now - ASK_FOR).order_by("asked_at", "pk")

    def open(self) -> Self:
        """On their way: neither arrived nor given up."""
        return self.filter(status__in=("proposed", "queued", "sending", "sent"))

    def since(self, moment: datetime) -> Self:
        return self.filter(made_at__gte=moment)

    def texted_within(self, now: datetime, time: timedelta) -> Self:
        """Texts made in this time: what a reply may answer."""
        return self.filter(way="text", made_at__gt=now - time)

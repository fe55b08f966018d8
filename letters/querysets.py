"""Which letters and copies wait for whom; which messages are due, left behind, or waiting for word."""

from datetime import date, datetime, timedelta
from typing import Self

from django.db.models import Prefetch, Q

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

    def texted_within(self, now: datetime, time: timedelta) -> Self:
        """Texts made in this time: what a reply may answer."""
        return self.filter(way="text", made_at__gt=now - time)


# A letter takes days where a text takes seconds.
LETTERS_ASK_AFTER = timedelta(hours=3)
LETTERS_ASK_FOR = timedelta(days=10)


class LetterQuerySet(SchoolQuerySet):
    """Letters of the schools in scope."""

    def proposed(self) -> Self:
        """Those a person has still to approve or drop."""
        return self.filter(state="proposed")

    def about(self, pupil_id: int) -> Self:
        """Letters about a pupil, those in which she is joined to a sibling's included."""
        return self.filter(Q(pupil=pupil_id) | Q(siblings__contains=[pupil_id]))

    def dated_since(self, day: date) -> Self:
        """Approved letters that bear this day or a later one."""
        return self.filter(state="approved", dated__gte=day)


class CopyQuerySet(SchoolQuerySet):
    """Copies of the schools in scope."""

    def to_render(self, now: datetime, stale: datetime) -> Self:
        """Those without their PDF that nobody works on: approved, or left behind by a worker that died."""
        waits = Q(next_try_at=None) | Q(next_try_at__lte=now)
        return self.filter(Q(waits, status="approved") | Q(status="rendering", claimed_at__lt=stale))

    def to_send(self, now: datetime) -> Self:
        """Those whose PDF is there and that leave by themselves."""
        waits = Q(next_try_at=None) | Q(next_try_at__lte=now)
        return self.filter(waits, status="rendered").exclude(channel="print").order_by("pk")

    def left_behind(self, now: datetime) -> Self:
        """Claimed for sending by a worker who did not come back."""
        return self.filter(status="sending", claimed_at__lt=now - LEFT_BEHIND_AFTER).exclude(channel="print")

    def to_ask_about(self, now: datetime) -> Self:
        """Taken by Notify for printing, and not yet known to be in the post."""
        ask = Q(asked_at=None) | Q(asked_at__lt=now - LETTERS_ASK_AFTER)
        return self.filter(ask, status="sent", channel="notify", sent_at__gt=now - LETTERS_ASK_FOR)

    def with_pdf(self) -> Self:
        """With what is known of each PDF, without its bytes."""
        stored = self.model._meta.get_field("pdfs").related_model
        return self.prefetch_related(Prefetch("pdfs", stored.objects.defer("data")))

    def to_print(self) -> Self:
        """Those that wait for a print run."""
        return self.filter(status="rendered", channel="print", print_run=None)

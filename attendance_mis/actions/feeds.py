"""The secret address of a person's calendar: made, ended, and whose it is."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions.refusing import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import CalendarFeed, School, User
from attendance_mis.permissions import roles_at
from attendance_mis.tokens import digest

READ_EVERY = timedelta(hours=1)  # a row written each time a calendar asks would say no more


@transaction.atomic
def make_feed(*, school: School, user: User, by: Actor) -> str:
    """Make this person's address at a school, in place of the one she had; returns its secret, which is not kept."""
    secret = secrets.token_urlsafe(32)
    feed, is_new = CalendarFeed.objects.update_or_create(
        school=school, user=user, defaults={"secret_hash": digest(secret), "made_at": timezone.now(), "read_at": None}
    )
    said = "Made an address for her calendar." if is_new else "Made an address for her calendar; the last one is void."
    audit.record("make_feed", feed, school_id=school.pk, by=by, summary=said)
    return secret


@transaction.atomic
def end_feed(*, school: School, user: User, by: Actor) -> None:
    """End a person's address, at once. Raises `Refused` when she has none."""
    ended, _ = CalendarFeed.objects.filter(school=school, user=user).delete()
    if not ended:
        raise Refused(["There is no calendar address to end."])
    audit.record("end_feed", school_id=school.pk, by=by, summary="Ended the address of her calendar.")


def feed_of(secret: str) -> CalendarFeed | None:
    """The feed of an address, noted as read; None for one that is void, or whose person has no role there any more."""
    feed = CalendarFeed.objects.select_related("school", "user").filter(secret_hash=digest(secret)).first()
    if feed is None or not roles_at(feed.user, feed.school):
        return None
    now = timezone.now()
    unread = Q(read_at=None) | Q(read_at__lte=now - READ_EVERY)
    CalendarFeed.objects.filter(unread, pk=feed.pk).update(read_at=now)
    return feed

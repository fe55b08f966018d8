"""Whom to sign in as in the demo trust, and how its past is told."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from attendance_mis.models import Membership
from attendance_mis.permissions import Role

KNOWN, NEW = "registers-by-nine", secrets.token_urlsafe(12)


def password() -> str:
    """One for all its people: known to everybody, but in production a new one of this process, told once."""
    return NEW if settings.PRODUCTION else KNOWN


def logins() -> Iterator[Membership]:
    """One person per role, in the order of the roles; none where no demo trust is loaded."""
    of_demo = Q(school__is_demo=True) | Q(trust__schools__is_demo=True)
    memberships = Membership.objects.filter(of_demo, ended_at=None).select_related("user").order_by("-pk")
    by_role = {membership.role: membership for membership in memberships}
    return (by_role[role] for role in Role.values if role in by_role)


@contextmanager
def told_at(moment: datetime) -> Iterator[None]:
    """What is done inside is dated as of a moment: what the people of a demonstration did has its place in time.

    Django's clock stands still for the whole process: for `load_demo` alone, which does nothing else.
    """
    true_now = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = true_now

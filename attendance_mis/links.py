"""Links that let a person choose a password: the invitation of a new one, the recovery of one who forgot.

Signed, good for a while, and once: what is signed holds a mark of the password and of `session_epoch`, and choosing a
password changes both. Nothing is kept of a link, so there is nothing to steal.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from attendance_mis.models import User


@dataclass(frozen=True, slots=True)
class Kind:
    """What a link is for, and how long it is good."""

    name: str
    lasts: timedelta


INVITATION = Kind("invitation", timedelta(days=7))
RECOVERY = Kind("recovery", timedelta(hours=1))
KINDS = {kind.name: kind for kind in (INVITATION, RECOVERY)}


def make(kind: Kind, user: User) -> str:
    """The end of a link for this person."""
    return signing.dumps([user.pk, _mark(user)], salt=_salt(kind))


def who(kind: Kind, token: str) -> User | None:
    """The person of a link, while it is good; None for one that was used, is too old, or is none of ours."""
    try:
        pk, mark = signing.loads(token, salt=_salt(kind), max_age=kind.lasts)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user is not None and mark == _mark(user) else None


def _mark(user: User) -> str:
    return user.get_session_auth_hash()[:16]


def _salt(kind: Kind) -> str:
    return f"attendance_mis.links.{kind.name}"

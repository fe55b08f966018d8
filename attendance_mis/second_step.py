"""Who must show more than a password, and whether this session did.

Asked at the door of every school (`SchoolMiddleware`) of the roles and the session it has already: no statement of its
own, and no way in that goes around it, whichever way somebody signed in.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from attendance_mis.models import School
from attendance_mis.permissions import Role

METHODS = "account_authentication_methods"  # django-allauth's own note of how a session was proved
# These see their own classes, or figures without a name; everybody else sees a whole school.
NOT_THE_WHOLE_SCHOOL = frozenset({Role.TEACHER, Role.GOVERNOR})


def is_asked_of(roles: Iterable[str], school: School) -> bool:
    """Whether the school asks somebody with these roles for a second step."""
    if school.second_step == School.SecondStep.NOBODY:
        return False
    return school.second_step == School.SecondStep.EVERYBODY or not NOT_THE_WHOLE_SCHOOL.issuperset(roles)


def is_done(session: SessionBase, school: School) -> bool:
    """Whether the person of this session proved more than a password, or what the school takes instead."""
    enough = {"mfa", "socialaccount"} if school.school_account_is_enough else {"mfa"}
    records: list[dict[str, Any]] = session.get(METHODS) or []
    return any(record.get("method") in enough for record in records)


def is_due(roles: Iterable[str], session: SessionBase, school: School) -> bool:
    """Whether this session may not enter the school before a second step."""
    return is_asked_of(roles, school) and not is_done(session, school)

"""Who a session belongs to: the person and all she is today, read by one statement for every request.

Nothing of it is kept between requests, so that a role that ends, ends at once. Django alone asks twice, and writes
both statements anew each time; that took a fifth of a page.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import models

from attendance_mis import prepared
from attendance_mis.models import Membership, School, User


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


_TABLES = ((User, "u"), (Membership, "m"), (School, "s"))
_FIELDS = {model: _columns(model) for model, _ in _TABLES}
_PERSON = f"""
SELECT {", ".join(f'{alias}."{field.column}"' for model, alias in _TABLES for field in model._meta.concrete_fields)}
FROM {User._meta.db_table} u
LEFT JOIN {Membership._meta.db_table} m ON m.user_id = u.id AND m.ended_at IS NULL
LEFT JOIN {School._meta.db_table} s ON s.id = m.school_id
WHERE u.id = %(user)s::int AND u.is_active
ORDER BY m.id
"""


class Backend(ModelBackend):
    """Signs in as Django does; reads the person behind a session together with her memberships and their schools."""

    def get_user(self, user_id: int) -> User | None:
        """The person, unless her account was closed."""
        found = prepared.rows(_PERSON, {"user": user_id})
        if not found:
            return None
        user = _made(User, found[0], 0)
        user.keep_memberships([_membership(row, user) for row in found if row[len(_FIELDS[User])] is not None])
        return user


def _membership(row: tuple[Any, ...], user: User) -> Membership:
    at = len(_FIELDS[User])
    membership = _made(Membership, row, at)
    membership.user = user
    membership.school = _made(School, row, at + len(_FIELDS[Membership])) if membership.school_id else None
    return membership


def _made(model: Any, row: tuple[Any, ...], at: int) -> Any:
    names = _FIELDS[model]
    return model.from_db("default", names, row[at : at + len(names)])

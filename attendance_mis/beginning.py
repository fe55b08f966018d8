"""The link with which a school begins: whoever runs the server makes it, and it is good for one school.

Signed, good for a day, and spent as soon as any school has been added: what is signed holds the number of schools there
were. Nothing is kept of a link, so there is nothing to steal.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from attendance_mis.models import School

LASTS = timedelta(days=1)
SALT = "attendance_mis.beginning"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a link allows: one more school, of this trust when one is named."""

    schools: int
    trust: str


def make_token(trust: str = "") -> str:
    """The end of a link that adds one school."""
    return signing.dumps([School.objects.count(), trust], salt=SALT)


def read_token(token: str) -> Beginning | None:
    """What a link allows; None for one that is spent, too old, or none of ours."""
    try:
        beginning = Beginning(*signing.loads(token, salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return None
    return beginning if beginning.schools == School.objects.count() else None

"""The link with which a school begins: whoever runs the server makes it, and it is good for one school.

Signed, good for a day, and of its own: several may be out at once, one for each school of a trust, and none ends
another. The school keeps the name of the link it began with (`School.begun_with`), so that no second one begins with
it; of a link that nobody used nothing is kept, so there is nothing to steal.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.core import signing

from attendance_mis.models import School

LASTS = timedelta(days=1)
SALT = "attendance_mis.beginning.own"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a link allows: one more school, of this trust when one is named. No other link has its name."""

    link: str
    trust: str

    @property
    def is_spent(self) -> bool:
        """Whether a school has begun with it."""
        return School.objects.filter(begun_with=self.link).exists()


def make_token(trust: str = "") -> str:
    """The end of a link that adds one school."""
    return signing.dumps([uuid4().hex, trust], salt=SALT)


def read_token(token: str) -> Beginning | None:
    """What a link allows; None for one that is spent, too old, or none of ours."""
    try:
        beginning = Beginning(*signing.loads(token, salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return None
    return None if beginning.is_spent else beginning

"""Sessions that know whose they are: a person sees where she is signed in, and ends one place or all.

`SESSION_ENGINE`. A row is written when Django writes its own, so that no request asks for more; with Redis it is read
from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import cached_db, db
from django.utils import timezone
from django.utils.crypto import constant_time_compare

if TYPE_CHECKING:
    from attendance_mis.models import Session, User

SIGNED_IN, SEEN, BROWSER = "signed_in_at", "seen_at", "browser"
Base: type[db.SessionStore] = cached_db.SessionStore if settings.REDIS_URL else db.SessionStore


class SessionStore(Base):  # type: ignore[misc, valid-type]
    """Django's own, with a row that names the person."""

    cache_key_prefix = "attendance_mis.sessions"

    @classmethod
    def get_model_class(cls) -> "type[Session]":
        """The table of the sessions."""
        from attendance_mis.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> "Session":
        """The row of this session."""
        row: Session = super().create_model_instance(data)
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return row


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is signed in: what the browser says of itself, since when, and when last used."""

    number: str
    browser: str
    since: datetime | None
    seen: datetime | None
    is_here: bool


def places_of(user: "User", here: str | None) -> list[Place]:
    """Where this person is signed in now, this browser (`here`, its key) first, then the last used."""
    found = [
        Place(
            number=number_of(row.session_key),
            browser=data.get(BROWSER, "A browser"),
            since=_moment(data.get(SIGNED_IN)),
            seen=_moment(data.get(SEEN)),
            is_here=row.session_key == here,
        )
        for row, data in _sessions_of(user)
        if constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    ]
    long_ago = datetime.min.replace(tzinfo=UTC)
    return sorted(
        sorted(found, key=lambda each: each.seen or long_ago, reverse=True), key=lambda each: not each.is_here
    )


def end(user: "User", number: str) -> bool:
    """End one session of this person by its number; whether there was one."""
    ended = [row.session_key for row, _ in _sessions_of(user) if number_of(row.session_key) == number]
    for key in ended:
        SessionStore(key).delete()
    return bool(ended)


def end_all(user: "User") -> None:
    """End every session of this person, here too."""
    for row in user.sessions.all():
        SessionStore(row.session_key).delete()


def number_of(key: str) -> str:
    """A session in a form or an address: its key opens it, so the key itself is never shown."""
    from django.utils.crypto import salted_hmac

    return salted_hmac("attendance_mis.sessions.number", key, algorithm="sha256").hexdigest()[:32]


def browser_in_words(agent: str) -> str:
    """`Mozilla/5.0 (...)` as a person calls it: Firefox on Windows."""
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"Windows": "Windows", "iPhone": "an iPhone", "iPad": "an iPad", "Android": "Android",
               "CrOS": "a Chromebook", "Mac OS": "a Mac", "Linux": "Linux"}  # fmt: skip
    browser, system = (_first(names, agent) for names in (browsers, systems))
    return f"{browser or 'A browser'} on {system}" if system else browser or "A browser"


def sweep() -> None:
    """Forget the sessions whose time is over."""
    SessionStore.get_model_class().objects.filter(expire_date__lt=timezone.now()).delete()


def _sessions_of(user: "User") -> "list[tuple[Session, dict[str, Any]]]":
    rows = user.sessions.filter(expire_date__gt=timezone.now())
    return [(row, row.get_decoded()) for row in rows]


def _first(names: Mapping[str, str], agent: str) -> str:
    return next((name for mark, name in names.items() if mark in agent), "")


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None

"""A browser in which a person has signed in before: what others try from the same address does not lock her out of it.

A school's whole site is often one address on the internet, so a pupil who types her teacher's e-mail address five times
would keep her from her register. OWASP's device cookies: a signed cookie says who has signed in here, and tries in such
a browser are counted by themselves. It opens nothing; whoever steals it may guess as often as from anywhere else.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpResponse

from attendance_mis.models import User
from attendance_mis.requests import Request

COOKIE = "known_browser"
LASTS = timedelta(days=180)
PEOPLE = 50  # of a shared machine; the last ones
SALT = "attendance_mis.known_browsers"


def mark_of(request: Request, email: str) -> str | None:
    """What tells this browser from others, if the person with this address has signed in here."""
    mark, people = _read(request)
    if not people or not User.objects.filter(email=email, pk__in=people).exists():
        return None
    return mark


def remember(request: Request, response: HttpResponse, user: User) -> None:
    """Note in the browser that this person has signed in here."""
    mark, people = _read(request)
    people = [*(pk for pk in people if pk != user.pk), user.pk][-PEOPLE:]
    response.set_cookie(
        COOKIE,
        signing.dumps([mark, people], salt=SALT),
        max_age=LASTS,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: Request) -> tuple[str, list[int]]:
    try:
        mark, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return secrets.token_urlsafe(16), []
    return mark, people

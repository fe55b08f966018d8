"""Files of many children, or of all about one, leave by a click in this system only (decision 0054).

A browser says of each request whether a page of ours led to it (Sec-Fetch-Site). One that came from elsewhere, from
the history, a bookmark, a mail, another site, or from a browser that does not say, gets a page with a button: its link
is signed for this person, this session and this address, and is good for five minutes. Before all that stands the
permission, which is asked each time.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis.requests import Request
from attendance_mis.sessions import number_of

KEY = "opens"
GOOD_FOR_SECONDS = 5 * 60
SALT = "attendance_mis.file_links"
View = Callable[..., HttpResponse]


def signed_file(view: View) -> View:
    """A view that hands a file out: only to who clicked for it. Stands below `@requires`."""

    @wraps(view)
    def handed(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        reason = why_not_handed(request)
        return view(request, *args, **kwargs) if reason is None else ask_first(request, reason)

    return handed


def why_not_handed(request: Request) -> str | None:
    """Why the file is not handed out at once, in a sentence; None when it is."""
    if request.method == "POST" or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return None  # a form of ours carries its own token
    if KEY not in request.GET:
        return "You came here from outside, so it is not opened by itself."
    try:
        told = signing.loads(request.GET[KEY], salt=SALT, max_age=GOOD_FOR_SECONDS)
    except signing.SignatureExpired:
        return "The link was good for five minutes, and they are over."
    except signing.BadSignature:
        return "The link is not whole, or was not made here."
    return None if told == _subject(request) else "The link was made for somebody else, or before you last signed in."


def ask_first(request: Request, reason: str) -> HttpResponse:
    """The page with the button: nothing is made and nothing noted until somebody presses it."""
    asked = request.GET.copy()
    asked[KEY] = signing.dumps(_subject(request), salt=SALT)
    return render(request, "attendance_mis/ask_first.html", {"reason": reason, "asked": asked.urlencode()}, status=403)


def _subject(request: Request) -> list[Any]:
    """Whose link it is, in which session, to what."""
    asked = request.GET.copy()
    asked.pop(KEY, None)
    return [request.user.pk, number_of(str(request.session.session_key)), request.path, asked.urlencode()]

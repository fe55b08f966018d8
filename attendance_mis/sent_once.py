"""A form that is sent twice (two clicks, a browser that was slow and tried again) is done once (decision 0061).

Every drawing of a form carries a token of its own: Django masks its CSRF token anew each time. So the same person
sending the same fields with the same token to the same address is one form sent twice. The second sending waits for
the first and gets its answer, the same redirect with the same words. Only a redirect is remembered: after a refusal, an
error or a killed process the second sending is done like a first.
"""

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.encoding import iri_to_uri

from attendance_mis.middleware import PRIVATE, Middleware
from attendance_mis.requests import Request

REMEMBERED = 10 * 60  # seconds
AT_MOST = 15  # seconds that a second sending waits for the first: one whose process was killed never answers
LOOK_EVERY = 0.05
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the first sending led, and what the next page says of it: level, words, tags."""

    address: str
    said: list[tuple[int, str, str]]


class SentOnceMiddleware(Middleware):
    """The innermost layer: what the others answer (sign in, the second step) is no answer to the form."""

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        if key := getattr(request, "sent_once", None):
            if answer := _answer(request, response):
                cache.set(key, answer, REMEMBERED)
            else:
                cache.delete(key)
        return response

    def process_view(self, request: Request, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or not request.path.startswith(PRIVATE) or TOKEN not in request.POST:
            return None
        key = _key(request)
        while not cache.add(key, BEGUN, AT_MOST):
            answer = cache.get(key)
            if isinstance(answer, Answer):
                for level, words, tags in answer.said:
                    messages.add_message(request, level, words, tags)
                return HttpResponseRedirect(answer.address)
            time.sleep(LOOK_EVERY)
        request.sent_once = key
        return None


def _key(request: Request) -> str:
    files = [(name, each.name, each.size) for name, sent in request.FILES.lists() for each in sent]
    sent = repr((request.user.pk, request.get_full_path(), request.POST.urlencode(), files))
    return f"sent-once-{sha256(sent.encode()).hexdigest()}"


def _answer(request: Request, response: HttpResponse) -> Answer | None:
    """What to tell a second sending; None when the first did nothing: it was refused, or something went wrong."""
    if response.status_code != 302:
        return None
    storage = get_messages(request)
    said = [(each.level, str(each.message), each.extra_tags) for each in storage]
    storage.used = False  # the next page shows them
    if any(level >= messages.ERROR for level, _, _ in said):
        return None
    return Answer(iri_to_uri(response.headers["Location"]), said)

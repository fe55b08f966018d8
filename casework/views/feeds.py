"""A person's dates in the calendar program she uses: she makes its address here, and it is read without signing in."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from attendance_mis import actions, clock
from attendance_mis.models import CalendarFeed
from attendance_mis.permissions import open_to
from attendance_mis.promises import promised
from attendance_mis.requests import Request
from attendance_mis.tenancy import acting_for
from casework.calendar_file import calendar_file
from casework.feed import events_of, parts_of


@open_to("member")
def see_feed(request: Request) -> HttpResponse:
    return _page(request)


@open_to("member")
@require_POST
@never_cache
def make_feed(request: Request) -> HttpResponse:
    """The address is in this answer and nowhere else."""
    secret = actions.make_feed(school=request.school, user=request.user, by=request.actor)
    return _page(request, link=request.build_absolute_uri(reverse("read_feed", args=[secret])))


@open_to("member")
@require_POST
def end_feed(request: Request) -> HttpResponse:
    try:
        actions.end_feed(school=request.school, user=request.user, by=request.actor)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The address is over. What your calendar has read already, it forgets when it asks.")
    return redirect("see_feed", request.school.urn)


def _page(request: Request, link: str = "") -> HttpResponse:
    context = {
        "feed": CalendarFeed.objects.filter(school=request.school, user=request.user).first(),
        "parts": [part.says for part in parts_of(request.user, request.school) if part.is_read],
        "link": link,
        "webcal": f"webcal://{link.partition('://')[2]}" if link else "",
    }
    return render(request, "casework/see_feed.html", context)


@open_to("anyone")
@login_not_required
@require_safe
def read_feed(request: Request, secret: str) -> HttpResponse:
    """What the person of this address may read now; 404 for an address that is void. Kept by her calendar alone."""
    feed = actions.feed_of(secret)
    if feed is None:
        raise Http404("No such calendar.")
    school = feed.school

    def address(name: str, *args: Any) -> str:
        return request.build_absolute_uri(reverse(name, args=[school.urn, *args]))

    now = clock.now(school)
    with acting_for(school):
        events = events_of(feed.user, school, now, address)
    # Of the events, not of the file: that says when it was made, and is another each time.
    etag = f'W/"{sha256(repr((school.name, events)).encode()).hexdigest()}"'
    made = HttpResponse(
        calendar_file(events, now, name=f"{school.name}: attendance"),
        content_type="text/calendar; charset=utf-8",
        headers={"ETag": etag, "Cache-Control": "private, no-cache"},
    )
    return promised(get_conditional_response(request, etag=etag, response=made))

"""What happens to every request: the idle time-out, and the door into a school."""

import time
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from allauth.mfa.models import Authenticator
from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse

from attendance_mis import audit, second_step
from attendance_mis.actors import Actor
from attendance_mis.api.problems import told_as_problem
from attendance_mis.downloads import KINDS, file_of
from attendance_mis.file_links import ask_first, why_not_handed
from attendance_mis.models import Membership, School, User
from attendance_mis.permissions import Role, roles_at
from attendance_mis.requests import FILE, Request
from attendance_mis.sessions import SEEN
from attendance_mis.table_files import table_of
from attendance_mis.tenancy import enter, nowhere
from attendance_mis.words import how_many

Handler = Callable[[Request], HttpResponse]

TABLET = "tablet_at"
AFTERWARDS = "after_second_step"  # where she was going when she was asked for it
SEEN_EVERY_SECONDS = 60  # a session row written on every request would cost more than the page


API = "/api/"
PRIVATE = ("/s/", "/trust/", "/account/", API)  # after signing out on a machine that others use, Back shows nothing
NOTHING_OF_THE_MACHINE = ", ".join(
    f"{each}=()"
    for each in ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
)


class Middleware:
    """One layer around every view; by itself it does nothing."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        return self.get_response(request)


class ProblemMiddleware(Middleware):
    """No refusal under /api/ is a page for people, whoever made it: Django, another layer, or an error of ours."""

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        return told_as_problem(response) if request.path.startswith(API) else response


class ProxyMiddleware(Middleware):
    """Behind a proxy the machine that asks is the last one named: the proxy wrote that, the rest anybody may have."""

    def __call__(self, request: Request) -> HttpResponse:
        if forwarded := request.headers.get("X-Forwarded-For"):
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()
        return self.get_response(request)


class HeadersMiddleware(Middleware):
    """What a browser may do with a page besides the policy for its content; pages of a school are kept nowhere.

    A view that says how long its answer may be kept is left alone: a script, a stylesheet.
    """

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        headers["Permissions-Policy"] = NOTHING_OF_THE_MACHINE
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.path.startswith(PRIVATE):
            headers.setdefault("Cache-Control", "no-store, private")
        return response


class PolicyMiddleware(Middleware):
    """What the browser may load (CONTENT_SECURITY_POLICY), on every answer.

    The policy is django-csp's, worded once: no page asks for a script or style of its own. The few that ask for more
    (`csp_update`: the sign-in page sends its form to Google or Microsoft) get theirs worded for the answer.
    """

    def __init__(self, get_response: Handler) -> None:
        super().__init__(get_response)
        self.policy = build_policy()

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):  # Django's own pages of a fault have styles
            update = getattr(response, "_csp_update", None)
            response.setdefault(HEADER, build_policy(update=update) if update else self.policy)
        return response


class IdleMiddleware(Middleware):
    """Sign a person out who has done nothing for the idle time; polling pages do not count as doing something.

    A view may allow longer with `idle_minutes` (the register page does, while a class is being marked).
    """

    def process_view(self, request: Request, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        seen = request.session.get(SEEN)
        if seen is None:
            return None
        idle = time.time() - seen
        if idle > 60 * getattr(view, "idle_minutes", settings.IDLE_MINUTES):
            logout(request)
            said = "You were signed out because nothing was done for a while. "
            is_sent = request.method == "POST"
            said += "What you sent just now was not saved." if is_sent else "What you had saved is safe."
            messages.info(request, said)
            return redirect_to_login(_page_of_form(request) if is_sent else request.get_full_path())
        if idle > SEEN_EVERY_SECONDS and not getattr(view, "is_poll", False):
            request.session[SEEN] = int(time.time())
        return None


def _page_of_form(request: Request) -> str:
    """The page on which a form was filled in: the address that it is sent to may have none."""
    page = urlsplit(request.headers.get("Referer", ""))
    return page.path if page.netloc == request.get_host() else "/"


class PostedOnlyMiddleware(Middleware):
    """Say in words that an address only takes what a form sends, to whoever opens it: from a bookmark, by reloading."""

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not response.content:
            response.content = render_to_string("405.html")
            response.headers["Content-Type"] = "text/html; charset=utf-8"
        return response


class TabletMiddleware(Middleware):
    """A browser that was made the tablet by the door (`session[TABLET]` is its address) reaches that page only.

    Signing out ends it; views say `is_on_tablet` who may be reached.
    """

    def process_view(self, request: Request, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        address = request.session.get(TABLET)
        if address is None or getattr(view, "is_on_tablet", False):
            return None
        return redirect(address)


class SchoolMiddleware(Middleware):
    """Open `/s/<urn>/...` to the school's own people: others get 404, as if there were no such school.

    Who must show more than a password shows it first, here and before a page of a trust.
    Sets `request.school`, `request.membership` and `request.actor`, and puts the school in scope until the answer is
    made.
    """

    def __call__(self, request: Request) -> HttpResponse:
        with nowhere():
            return self.get_response(request)

    def process_view(self, request: Request, view: Any, args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        urn = kwargs.pop("urn", None)
        if urn is None or not request.user.is_authenticated:
            return _second_step_of_trust(request, kwargs)
        # The person herself, no longer a proxy that is asked fifty times a page.
        request.user = cast(User, get_user(request))
        request.membership, request.school = _membership(request.user, urn)
        if second_step.is_due(roles_at(request.user, request.school), request.session, request.school):
            return ask_for_second_step(request)
        request.actor = request.membership.actor()
        enter(request.school)
        return None


class TableFileMiddleware(Middleware):
    """`?file=<id of a table>.csv` or `.xlsx` on a page of a school or a trust gives that table; taking it is recorded.

    The page is made as ever, for whom its view lets in and with what her address asks, and the file is read from it:
    what a page does not show somebody, its file does not either.
    """

    def __call__(self, request: Request) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if (
            FILE not in request.GET
            or request.method != "GET"
            or response.status_code != 200
            or not response.headers.get("Content-Type", "").startswith("text/html")
            or match is None
        ):
            return response
        table_id, _, kind = request.GET[FILE].rpartition(".")
        if reason := why_not_handed(request):
            return ask_first(request, reason)
        records = _records(request, match.kwargs)
        table = table_of(response.text, table_id) if records and kind in KINDS else None
        if table is None:
            raise Http404("The page has no such table.")
        page = match.view_name.rpartition(":")[2]
        for school_id, by in records:
            audit.record(
                "export_table",
                school_id=school_id,
                by=by,
                summary=f"Exported the table “{table_id}” of the page “{page.replace('_', ' ')}”, "
                f"{how_many(len(table.lines), 'line')}, as {kind.upper()}.",
                pupil_id=match.kwargs.get("pupil_id"),
            )
        return file_of(kind, f"{page.removeprefix('see_').replace('_', '-')}-{table_id}", (table.head, table.lines))


def _records(request: Request, kwargs: dict[str, Any]) -> list[tuple[int, Actor]]:
    """In whose audit trails it stands, and as whom: her school's, or those of all schools of the trust she leads."""
    if school := getattr(request, "school", None):
        return [(school.pk, request.actor)]
    if "trust_id" not in kwargs:
        return []
    by = next(each for each in request.user.current_memberships() if each.trust_id == kwargs["trust_id"]).actor()
    return [(pk, by) for pk in School.objects.filter(trust=kwargs["trust_id"]).values_list("pk", flat=True)]


def ask_for_second_step(request: Request) -> HttpResponse:
    """To the page where she shows hers, or sets one up; afterwards back to where she was going."""
    held = set(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    if request.method == "GET" and not request.htmx:
        request.session[AFTERWARDS] = request.get_full_path()
    for kind, name in (("webauthn", "mfa_reauthenticate_webauthn"), ("totp", "mfa_reauthenticate")):
        if kind in held:
            return redirect(f"{reverse(name)}?{urlencode({'next': request.session.get(AFTERWARDS, '/')})}")
    return redirect("mfa_index")


def _second_step_of_trust(request: Request, kwargs: dict[str, Any]) -> HttpResponse | None:
    """A trust asks as soon as one of its schools does."""
    if not request.user.is_authenticated or "trust_id" not in kwargs:
        return None
    if not any(membership.trust_id == kwargs["trust_id"] for membership in request.user.current_memberships()):
        return None
    schools = School.objects.filter(trust=kwargs["trust_id"])
    asks = any(second_step.is_due([Role.TRUST_LEAD], request.session, school) for school in schools)
    return ask_for_second_step(request) if asks else None


def _membership(user: User, urn: str) -> tuple[Membership, School]:
    memberships = user.current_memberships()
    for membership in memberships:
        if membership.school and membership.school.urn == urn:
            return membership, membership.school
    trusts = {m.trust_id: m for m in memberships}
    school = School.objects.filter(urn=urn, trust__in=trusts).first() if trusts else None
    if school is None:
        raise Http404("No such school.")
    return trusts[school.trust_id], school

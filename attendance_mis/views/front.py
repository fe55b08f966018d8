"""The front door: signing in and out, and each person's home."""

import sys
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError as QueueIsAway

from attendance_mis import actions
from attendance_mis.forms.signing_in import SignInForm
from attendance_mis.permissions import Permission, Role, can, open_to
from attendance_mis.requests import Request

# The buttons of the sign-in page send a form that is led on to Google or Microsoft.
LEADS_TO_ACCOUNTS: dict[str, Any] = {"form-action": settings.OIDC_ORIGINS}


@open_to("anyone")  # type: ignore[arg-type]
@never_cache
@login_not_required
@csp_update(LEADS_TO_ACCOUNTS)  # type: ignore[arg-type]  # our Request, which is Django's with names
def sign_in(request: Request) -> HttpResponse:
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return actions.sign_in(request, then=_next(request), **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, refused.reasons)
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "accounts": [{"id": each["id"], "name": each["name"]} for each in settings.OIDC],
    }
    return render(request, "attendance_mis/sign_in.html", context, status=422 if form.errors else 200)


def _next(request: Request) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@open_to("signed in")
@require_POST
def sign_out(request: Request) -> HttpResponse:
    actions.sign_out(request)
    return redirect("sign_in")


sign_out.is_on_tablet = True  # type: ignore[attr-defined]


@open_to("signed in")
def front(request: Request) -> HttpResponse:
    """Straight to the only school of most people, the only trust of a trust lead; a choice for the others."""
    memberships = request.user.current_memberships()
    if len({(m.school_id, m.trust_id) for m in memberships}) == 1:
        if memberships[0].school:
            return redirect("home", memberships[0].school.urn)
        if memberships[0].role == Role.TRUST_LEAD:
            return redirect("trust:see_trust", memberships[0].trust_id)
    return render(request, "attendance_mis/front.html", {"memberships": memberships})


# The first page a role opens at its school: the first url it may see. Named as strings: the apps stand above.
HOMES: list[tuple[Permission, str]] = [
    (Permission.RUN_SCHOOL, "registers:see_setup"),
    (Permission.WORK_CASES, "casework:see_escalations"),
    (Permission.SEE_TODAY, "casework:today"),
    (Permission.TAKE_REGISTER, "registers:see_registers"),
    (Permission.READ_GOVERNOR_REPORT, "reports:see_dashboard"),
]


@open_to("member")
def home(request: Request) -> HttpResponse:
    for permission, url in HOMES:
        if can(request.user, permission, request.school):
            return redirect(url, request.school.urn)
    roles = [Role(m.role) for m in request.user.current_memberships()]
    return render(request, "attendance_mis/home.html", {"roles": roles})


# The database or the queue is away; whoever asks again in a minute is served.
AWAY = (OperationalError, InterfaceError, QueueIsAway)


def failed(request: Request) -> HttpResponse:
    """The page of an error of ours (`handler500`): what is only away is told apart from what is broken."""
    is_away = isinstance(sys.exc_info()[1], AWAY)
    status = 503 if is_away else 500
    response = render(None, f"{status}.html", status=status)  # type: ignore[arg-type]
    if is_away:
        response.headers["Retry-After"] = "30"
    return response


@open_to("anyone")
@never_cache
@login_not_required
def healthz(request: Request) -> HttpResponse:
    """200 `ok` when this process can serve a page, which takes a database; 503 when it cannot."""
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("no database", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")

"""The front door: signing in and out, and each person's home."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance_mis import actions
from attendance_mis.forms.signing_in import SignInForm
from attendance_mis.permissions import Permission, Role, can, open_to
from attendance_mis.requests import Request


@open_to("anyone")
@never_cache
@login_not_required
def sign_in(request: Request) -> HttpResponse:
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign_in(request, **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(_next(request))
    status = 422 if form.errors else 200
    return render(
        request, "attendance_mis/sign_in.html", {"form": form, "next": request.GET.get("next", "")}, status=status
    )


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
@require_POST
def sign_out_everywhere(request: Request) -> HttpResponse:
    actions.sign_out_everywhere(user=request.user)
    messages.success(request, "You are signed out on every machine.")
    return redirect("sign_in")


@open_to("signed in")
def account(request: Request) -> HttpResponse:
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, "Your password is changed.")
        return redirect("account")
    return render(request, "attendance_mis/account.html", {"form": form}, status=422 if form.errors else 200)


@open_to("signed in")
def front(request: Request) -> HttpResponse:
    """Straight to the only school of most people; a choice for the others."""
    memberships = request.user.current_memberships()
    if len({m.school_id for m in memberships}) == 1 and memberships[0].school:
        return redirect("home", memberships[0].school.urn)
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

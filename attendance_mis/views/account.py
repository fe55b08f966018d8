"""A person's own account: her password, her ways in, and where she is signed in."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance_mis import actions, mails, sessions
from attendance_mis.forms.signing_in import ChangePasswordForm
from attendance_mis.permissions import open_to
from attendance_mis.requests import Request


@open_to("signed in")
@never_cache
def account(request: Request) -> HttpResponse:
    has_password = request.user.has_usable_password()
    form = ChangePasswordForm(request.user, request.POST or None) if has_password else None
    if request.method == "POST" and form and form.is_valid():
        old, new = form.cleaned_data["old_password"], form.cleaned_data["new_password1"]
        try:
            actions.change_password(request, old=old, new=new)
        except actions.Refused as refused:
            form.add_error("old_password", refused.reasons)
        else:
            messages.success(request, "Your password is changed. Every other machine is signed out.")
            return redirect("account")
    context = {
        "form": form,
        "ways": _ways(request),
        "accounts": _accounts(request),
        "places": sessions.places_of(request.user, request.session.session_key),
        "calendars": list(dict.fromkeys(m.school for m in request.user.current_memberships() if m.school)),
        "can_mail": mails.can_send(),
    }
    return render(request, "attendance_mis/account.html", context, status=422 if form and form.errors else 200)


@open_to("signed in")
@require_POST
def sign_out_everywhere(request: Request) -> HttpResponse:
    actions.sign_out_everywhere(user=request.user)
    messages.success(request, "You are signed out on every machine.")
    return redirect("sign_in")


@open_to("signed in")
@never_cache
def still_here(request: Request) -> JsonResponse:
    """For a page in which somebody types for long: it keeps her signed in, and tells whose session it is now."""
    return JsonResponse({"person": request.user.pk, "token": get_token(request)})


@open_to("signed in")
@require_POST
def end_place(request: Request) -> HttpResponse:
    try:
        actions.end_place(user=request.user, number=request.POST.get("number", ""))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "That session is over.")
    return redirect("account")


@open_to("signed in")
@require_POST
def disconnect_school_account(request: Request, account_id: int) -> HttpResponse:
    try:
        actions.disconnect_school_account(user=request.user, account_id=account_id)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The school account opens your pages no longer.")
    return redirect("account")


def _ways(request: Request) -> list[str]:
    held = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    passkeys = held.count(Authenticator.Type.WEBAUTHN)
    ways = [f"{passkeys} passkey{'s' * (passkeys > 1)}"] if passkeys else []
    return ways + (["an app for codes"] if Authenticator.Type.TOTP in held else [])


def _accounts(request: Request) -> list[dict[str, Any]]:
    names = {each["id"]: each["name"] for each in settings.OIDC}
    return [
        {"pk": account.pk, "name": names.get(account.provider, account.provider), "since": account.date_joined}
        for account in SocialAccount.objects.filter(user=request.user).order_by("pk")
    ]

"""Choosing a password by a link: the invitation of a new person, the recovery of one who forgot."""

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache

from attendance_mis import actions, links, mails, schedule, tasks
from attendance_mis.forms.signing_in import ChoosePasswordForm, RecoverForm
from attendance_mis.permissions import open_to
from attendance_mis.requests import Request

LATER = "The e-mail cannot be sent just now. Try again in a few minutes, or ask your technician."


@open_to("anyone")
@never_cache
@login_not_required
def recover(request: Request) -> HttpResponse:
    """Ask for a link; the answer is one for an address that somebody has and for one that nobody has."""
    form = RecoverForm(request.POST or None)
    is_asked = False
    if request.method == "POST" and form.is_valid() and mails.can_send():
        email = form.cleaned_data["email"]
        if not actions.ask_for_recovery(request, email=email):
            form.add_error(None, "Too many attempts. Wait 15 minutes and try again.")
        else:
            base = request.build_absolute_uri(reverse("recovery", args=["-"])).removesuffix("-/")
            is_asked = schedule.sent_now(tasks.mail_recovery, email, base)
            if not is_asked:
                form.add_error(None, LATER)
    context = {"form": form, "is_asked": is_asked, "can_mail": mails.can_send()}
    return render(request, "attendance_mis/recover.html", context, status=422 if form.errors else 200)


@open_to("anyone")
@never_cache
@login_not_required
def invitation(request: Request, link: str) -> HttpResponse:
    return _choose_password(request, links.INVITATION, link)


@open_to("anyone")
@never_cache
@login_not_required
def recovery(request: Request, link: str) -> HttpResponse:
    return _choose_password(request, links.RECOVERY, link)


def _choose_password(request: Request, kind: links.Kind, token: str) -> HttpResponse:
    user = links.who(kind, token)
    if user is None:
        return render(request, "attendance_mis/link_over.html", status=410)
    form = ChoosePasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.choose_password(kind=kind, token=token, password=form.cleaned_data["new_password1"])
        except actions.Refused:
            return render(request, "attendance_mis/link_over.html", status=410)
        then = resolve_url(settings.LOGIN_REDIRECT_URL)
        return perform_password_login(request, {}, Login(user=user, redirect_url=then, email_verification="none"))
    context = {"form": form, "person": user, "is_new": kind is links.INVITATION}
    return render(request, "attendance_mis/choose_password.html", context, status=422 if form.errors else 200)

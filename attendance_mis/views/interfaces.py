"""Interfaces: which partners read the school's records by machine, and who let them in."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance_mis import actions, clock
from attendance_mis.actions.interfaces import why_not_open
from attendance_mis.forms.interfaces import AskTokenForm
from attendance_mis.models import Token, Webhook
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request

USES_SHOWN = 100


@requires(Permission.MANAGE_INTERFACES)
def see_interfaces(request: Request) -> HttpResponse:
    now = timezone.now()
    rows = [{"token": token, "state": token.state(now)} for token in Token.objects.all()]
    return render(request, "attendance_mis/see_interfaces.html", {"rows": rows, "webhooks": Webhook.objects.all()})


@requires(Permission.MANAGE_INTERFACES)
def ask_token(request: Request) -> HttpResponse:
    today = clock.true_now(request.school).date()
    form = AskTokenForm(request.POST or None, initial={"until": today + timedelta(days=365)}, today=today)
    if request.method == "POST" and form.is_valid():
        token = actions.ask_token(school=request.school, by=request.actor, **form.cleaned_data)
        messages.success(request, f"{token.partner} is written down. It can read nothing before the head opens it.")
        return redirect("see_token", request.school.urn, token.pk)
    intro = ["A token lets a partner’s machine read records of this school. The head opens it and hands it over."]
    back = reverse("see_interfaces", args=[request.school.urn])
    return form_page(request, form, title="Ask for a token", button="Ask", back=back, intro=intro)


@requires(Permission.MANAGE_INTERFACES)
def see_token(request: Request, token_id: int) -> HttpResponse:
    token = get_object_or_404(Token, pk=token_id)
    now = timezone.now()
    rows = [
        {"key": "What it is for", "value": token.purpose},
        {"key": "What it may read", "value": "\n".join(token.scope_labels())},
        {"key": "Last day", "value": f"{token.expires_at.astimezone(request.school.zone):%-d %B %Y}"},
        {"key": "Asked for", "value": _said(request, token.asked_by, token.asked_at)},
        {"key": "Opened", "value": _said(request, token.opened_by, token.opened_at) or "Not yet"},
        {"key": "Its secret ends in", "value": token.ends or "None yet"},
        {"key": "Last used", "value": _said(request, "", token.minute_began) or "Never"},
    ]
    if token.revoked_at:
        rows.append({"key": "Revoked", "value": _said(request, token.revoked_by, token.revoked_at)})
    context = {
        "token": token,
        "state": token.state(now),
        "rows": rows,
        "uses": token.uses.by_day()[:USES_SHOWN],
        "why_not": why_not_open(token),
        "may_open": can(request.user, Permission.OPEN_INTERFACE, request.school),
    }
    return render(request, "attendance_mis/see_token.html", context)


@requires(Permission.OPEN_INTERFACE)
@require_POST
@never_cache
def open_token(request: Request, token_id: int) -> HttpResponse:
    """The secret stands in this answer and nowhere else."""
    token = get_object_or_404(Token, pk=token_id)
    try:
        secret = actions.open_token(token=token, by=request.actor)
    except actions.Refused as refused:
        messages.error(request, str(refused))
        return redirect("see_token", request.school.urn, token.pk)
    return render(request, "attendance_mis/show_secret.html", {"token": token, "secret": secret})


@requires(Permission.MANAGE_INTERFACES)
@require_POST
def revoke_token(request: Request, token_id: int) -> HttpResponse:
    token = get_object_or_404(Token, pk=token_id)
    try:
        actions.revoke_token(token=token, by=request.actor)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{token.partner} reads nothing any more.")
    return redirect("see_interfaces", request.school.urn)


def _said(request: Request, who: str, at: datetime | None) -> str:
    if at is None:
        return ""
    when = f"{at.astimezone(request.school.zone):%-d %B %Y, %H:%M}"
    return f"{who}, on {when}" if who else when

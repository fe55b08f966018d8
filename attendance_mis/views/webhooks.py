"""Webhooks: which partners are told that something has changed, and what became of each message."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance_mis import actions
from attendance_mis.forms.webhooks import AddWebhookForm
from attendance_mis.models import Delivery, Webhook
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from attendance_mis.webhooks import GIVE_UP_AFTER

DELIVERIES_SHOWN = 100


@requires(Permission.MANAGE_INTERFACES)
@never_cache
def add_webhook(request: Request) -> HttpResponse:
    """The secret stands in the answer and nowhere else."""
    form = AddWebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        webhook, secret = actions.add_webhook(school=request.school, by=request.actor, **form.cleaned_data)
        context = {"webhook": webhook, "secret": secret}
        return render(request, "attendance_mis/show_webhook_secret.html", context)
    intro = [
        "The partner’s machine is told that something has changed, never what or of whom: it reads that with its token."
    ]
    back = reverse("see_interfaces", args=[request.school.urn])
    return form_page(request, form, title="Tell a partner of changes", button="Add the address", back=back, intro=intro)


@requires(Permission.MANAGE_INTERFACES)
def see_webhook(request: Request, webhook_id: int) -> HttpResponse:
    webhook = _find(webhook_id)
    made = f"{webhook.made_at.astimezone(request.school.zone):%-d %B %Y, %H:%M}"
    rows = [
        {"key": "Address", "value": webhook.url},
        {"key": "It is told when", "value": "\n".join(webhook.events_said())},
        {"key": "Added", "value": f"{webhook.made_by}, on {made}"},
    ]
    if webhook.ended_at:
        ended = f"{webhook.ended_at.astimezone(request.school.zone):%-d %B %Y, %H:%M}"
        rows.append({"key": "Ended", "value": f"{webhook.ended_by}, on {ended}"})
    context = {
        "webhook": webhook,
        "rows": rows,
        "deliveries": [_row(each, webhook) for each in webhook.deliveries.all()[:DELIVERIES_SHOWN]],
        "give_up_days": GIVE_UP_AFTER.days,
        "every_seconds": settings.TICK_SECONDS,
    }
    return render(request, "attendance_mis/see_webhook.html", context)


@requires(Permission.MANAGE_INTERFACES)
@require_POST
def test_webhook(request: Request, webhook_id: int) -> HttpResponse:
    said = "The test is on its way. What becomes of it stands below: look again in a moment."
    return _done(request, webhook_id, actions.test_webhook, said)


test_webhook.__test__ = False  # type: ignore[attr-defined]  # a verb, not a test


@requires(Permission.MANAGE_INTERFACES)
@require_POST
def resume_webhook(request: Request, webhook_id: int) -> HttpResponse:
    return _done(request, webhook_id, actions.resume_webhook, "The partner is told of changes again.")


@requires(Permission.MANAGE_INTERFACES)
@require_POST
def end_webhook(request: Request, webhook_id: int) -> HttpResponse:
    return _done(request, webhook_id, actions.end_webhook, "The partner is told of no change any more.")


def _done(request: Request, webhook_id: int, action: Any, said: str) -> HttpResponse:
    webhook = _find(webhook_id)
    try:
        action(webhook=webhook, by=request.actor)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("see_webhook", request.school.urn, webhook.pk)


def _find(webhook_id: int) -> Webhook:
    return get_object_or_404(Webhook, pk=webhook_id)


def _row(delivery: Delivery, webhook: Webhook) -> dict[str, Any]:
    answer = f"Answer {delivery.status}" if delivery.status else delivery.fault
    if delivery.arrived_at:
        word, colour = "Arrived", "green"
    elif webhook.state in ("Ended", "Stopped"):
        word, colour = "Not sent", "grey"
    else:
        word, colour = ("Tried again", "red") if answer else ("Waiting", "blue")
    return {
        "delivery": delivery,
        "word": word,
        "colour": colour,
        "answer": answer,
        "next": delivery.next_try_at if word == "Tried again" else None,
    }

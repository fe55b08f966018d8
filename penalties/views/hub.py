"""What every page of penalties shares: its tabs, and one child's form."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.requests import Request
from registers.models import Pupil

TABS = (
    ("penalties:see_penalties", "Penalties"),
    ("penalties:see_watch", "Threshold watch"),
    ("penalties:see_families", "Families"),
    ("penalties:see_answers", "The authority's answers"),
    ("penalties:see_summary", "In numbers"),
    ("penalties:see_readings", "Readings"),
    ("penalties:see_signers", "Who signs"),
)


def tabs(request: Request, current: str) -> list[dict[str, Any]]:
    """The pages of the area; `current` is the name of the url."""
    return [
        {"text": text, "href": reverse(name, args=[request.school.urn]), "current": name == current}
        for name, text in TABS
    ]


def pupil_of(request: Request, pupil_id: int) -> Pupil:
    """The child, or 404. Everybody who may open these pages sees every child of the school."""
    return get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)


def family_url(request: Request, pupil_id: int) -> str:
    """The page of one child."""
    return reverse("penalties:see_family", args=[request.school.urn, pupil_id])


def act_on(request: Request, form: Form, back: str, act: Callable[[dict[str, Any]], Any], **page: Any) -> HttpResponse:
    """One verb as a form: do it and go back, or say on the form why not. `act` may answer with another address."""
    if request.method == "POST" and form.is_valid():
        try:
            answer = act(form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(answer if isinstance(answer, str) else back)
    return form_page(request, form, back=back, **page)

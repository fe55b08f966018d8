"""The page that is one form: most verbs need no template of their own."""

from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis.requests import Request


def form_page(request: Request, form: BaseForm, *, title: str, button: str, back: str, **context: Any) -> HttpResponse:
    """One form under a heading; 422 when it was refused, with everything that was typed.

    `button` is the verb, `back` the address of "Cancel". Context: `caption` above the title, `intro` (paragraphs),
    `advice` (a list), `danger` (a red button), `warning`.
    """
    values = {"form": form, "title": title, "button": button, "back": back, **context}
    return render(request, "parts/form_page.html", values, status=422 if form.errors else 200)

"""Explain a number of a page that names no child: its meaning, and what the page itself prints of the same row."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from attendance_mis.requests import FILE, Request
from reports.definitions import DEFINITIONS
from reports.explained import Line, find


def explain_printed(
    request: Request,
    figure: str,
    lines: Iterable[Line],
    *,
    days: str,
    back: tuple[str, str],
    threshold: int | None = None,
    template: str = "reports/explain_printed.html",
    **more: Any,
) -> HttpResponse:
    """404 for what these lines do not show, hidden or not there alike: nothing is worked out here, only looked up.

    `back` is the page the number stands on: its address and its name.
    """
    asks = {name: f"{value}" for name, value in request.GET.items() if name not in ("range", FILE)}
    found = find(lines, figure, asks)
    if found is None:
        raise Http404
    line, ask = found
    query = request.GET.get("range", "")
    context = {
        "definition": DEFINITIONS[figure],
        "of": ask.about,
        "number": next(shown for shown, each in line.cells if each == ask),
        "beside": [
            (
                DEFINITIONS[each.figure].name
                if each.about == ask.about
                else f"{DEFINITIONS[each.figure].name}, {each.about}",
                shown,
            )
            for shown, each in line.cells
            if each and each != ask and shown not in (None, "", "–")
        ],
        "pupils_behind": next((shown for shown, each in line.cells if each and each.figure == "pupils"), None),
        "days": days,
        "threshold": threshold,
        "back": {"href": f"{back[0]}?range={query}" if query else back[0], "text": back[1]},
        **more,
    }
    return render(request, template, context)

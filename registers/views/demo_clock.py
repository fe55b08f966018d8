"""The clock of the demonstration: set to a register's time, and back."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from attendance_mis.actions import Refused
from attendance_mis.permissions import open_to
from attendance_mis.requests import Request
from registers.actions import demo_clock


@open_to("member")
@require_POST
def set_demo_clock(request: Request) -> HttpResponse:
    _only_a_demo(request)
    try:
        demo_clock.set_demo_clock(school=request.school, by=request.actor)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "It is ten to nine: the registers of the morning are open.")
    return redirect("home", request.school.urn)


@open_to("member")
@require_POST
def reset_demo_clock(request: Request) -> HttpResponse:
    _only_a_demo(request)
    demo_clock.reset_demo_clock(school=request.school, by=request.actor)
    messages.success(request, "The demonstration has the true time again.")
    return redirect("home", request.school.urn)


def _only_a_demo(request: Request) -> None:
    if not request.school.is_demo:
        raise Http404("Only a demonstration has a clock that can be set.")

"""The interface described, for machines and for people, and what is not there."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from attendance_mis.api import openapi
from attendance_mis.api.problems import DETAILS, problem
from attendance_mis.permissions import open_to
from registers.api.endpoints import BASE, ENDPOINTS, SAYS, TITLE

DOCUMENT = openapi.document(ENDPOINTS, title=TITLE, says=SAYS, base=BASE)


@open_to("anyone")
@csrf_exempt  # a POST is told what is wrong with it: 405, and no page
@login_not_required
@require_safe
def see_openapi(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document: of the interface, of no school."""
    return JsonResponse(DOCUMENT)


@open_to("anyone")
@csrf_exempt  # a POST is told what is wrong with it: 405, and no page
@login_not_required
@require_safe
def see_interface(request: HttpRequest) -> HttpResponse:
    """The same, for people."""
    endpoints = [{"endpoint": each, "parameters": openapi.parameters(each)} for each in ENDPOINTS]
    return render(request, "registers/see_interface.html", {"title": TITLE, "says": SAYS, "endpoints": endpoints})


@open_to("anyone")
@csrf_exempt
@login_not_required
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """What is not there, said as the rest of the interface says no."""
    return problem(404, DETAILS[404])

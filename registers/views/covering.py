"""Cover: who takes a class that is not her own, by the office's word."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from registers.actions import covering
from registers.forms.covering import AssignCoverForm
from registers.models import Cover


@requires(Permission.ASSIGN_COVER)
def assign_cover(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    form = AssignCoverForm(request.POST or None, school=request.school, day=today)
    if request.method == "POST" and form.is_valid():
        try:
            cover = covering.assign_cover(school=request.school, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{cover.user.name} covers {cover.class_group} on {cover.day:%A %-d %B}.")
            return redirect(request.path)
    covers = Cover.objects.filter(day__gte=today).select_related("user", "class_group").order_by("day", "class_group")
    return render(
        request,
        "registers/assign_cover.html",
        {"form": form, "covers": covers, "today": today},
        status=422 if form.errors else 200,
    )


@requires(Permission.ASSIGN_COVER)
@require_POST
def end_cover(request: Request, cover_id: int) -> HttpResponse:
    cover = get_object_or_404(Cover.objects.select_related("user", "class_group"), pk=cover_id)
    try:
        covering.end_cover(school=request.school, cover=cover, by=request.actor)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    else:
        messages.success(request, f"{cover.user.name} no longer covers {cover.class_group}.")
    return redirect("registers:assign_cover", request.school.urn)

"""The technician's imports: bring a file, read what is wrong with it or would be written, and import it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from registers.actions.importing import runs
from registers.forms.importing import ImportForm
from registers.models import ImportRun

SHOWN = 20


@requires(Permission.RUN_SCHOOL)
def import_school(request: Request) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        run = runs.upload_import(
            school=request.school,
            file=form.cleaned_data["file"],
            user=request.user,
            by=request.actor,
        )
        return redirect("registers:see_import", request.school.urn, run.pk)
    earlier = ImportRun.objects.select_related("uploaded_by")[:SHOWN]
    context = {"form": form, "runs": earlier}
    return render(request, "registers/import_school.html", context, status=422 if form.errors else 200)


@requires(Permission.RUN_SCHOOL)
def see_import(request: Request, run_id: int) -> HttpResponse:
    run = get_object_or_404(ImportRun.objects.select_related("uploaded_by"), pk=run_id)
    context = {"run": run, "percent": runs.percent_done(run) if run.is_waiting else None}
    return render(request, "registers/see_import.html", context)


see_import.is_poll = True  # type: ignore[attr-defined]


@requires(Permission.RUN_SCHOOL)
@require_POST
def start_import(request: Request, run_id: int) -> HttpResponse:
    run = get_object_or_404(ImportRun, pk=run_id)
    try:
        runs.start_import(run=run)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    return redirect("registers:see_import", request.school.urn, run.pk)

"""Print runs: make one, print it, say what went into the post."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.counted import Counted, chosen_of
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request, per_page, row_ids
from attendance_mis.words import how_many
from letters.actions import printing
from letters.models import Copy, PrintRun
from letters.views.tabs import tabs

LATEST = 30
PER_PAGE = 50


@requires(Permission.APPROVE_LETTERS)
def see_print_runs(request: Request) -> HttpResponse:
    """What waits for the printer, and the runs made. `?show=` the letters that a number counts."""
    if request.method == "POST":
        try:
            run = printing.make_print_run(school=request.school, by=request.actor)
        except Refused as refused:
            messages.error(request, " ".join(refused.reasons))
            return redirect("letters:see_print_runs", request.school.urn)
        return redirect(run.get_absolute_url())
    copies = {
        "to-print": Copy.objects.to_print(),
        "being-made": Copy.objects.filter(channel="print", status__in=[Copy.Status.APPROVED, Copy.Status.RENDERING]),
    }
    waiting = Counted(
        "to-print", "To print", copies["to-print"].count(), "Letters that are made, and wait for the printer.",
        "Letters still being made, in a print run already, or not on paper. A letter to two parents counts twice.",
    )  # fmt: skip
    being_made = Counted(
        "being-made", "Being made", copies["being-made"].count(),
        "Letters that are approved; the worker makes them, look again in a moment.",
        "Letters nobody has approved yet, and letters not on paper. A letter to two parents counts twice.",
    )  # fmt: skip
    chosen = chosen_of(request, [waiting, being_made])
    found = copies[chosen.slug] if chosen else Copy.objects.none()
    found = found.select_related("letter__pupil", "letter__school")
    found = found.defer("letter__marks", "letter__enclosure", "letter__values")
    return render(
        request,
        "letters/see_print_runs.html",
        {
            "tabs": tabs(request, "see_print_runs"),
            "counts": [waiting, being_made],
            "chosen": chosen,
            "page": Paginator(found, per_page(request, PER_PAGE)).get_page(request.GET.get("page")),
            "today": clock.today(request.school),
            "failed": Copy.objects.filter(status=Copy.Status.FAILED).select_related("letter__pupil")[:50],
            "runs": PrintRun.objects.select_related("made_by").prefetch_related("copies")[:LATEST],
        },
    )


@requires(Permission.APPROVE_LETTERS)
def see_print_run(request: Request, print_run_id: int) -> HttpResponse:
    run = get_object_or_404(PrintRun.objects.select_related("made_by", "posted_by"), pk=print_run_id)
    copies = list(run.copies.select_related("letter__pupil").order_by("place"))
    if request.method == "POST":
        posted = list(row_ids(request.POST.getlist("copy")))
        try:
            sent, left = printing.note_posted(run=run, posted=posted, by=request.actor)
        except Refused as refused:
            messages.error(request, " ".join(refused.reasons))
        else:
            said = f" {left} wait for the next run." if left else ""
            messages.success(request, f"{how_many(sent, 'letter')} in the post.{said}")
        return redirect(run.get_absolute_url())
    return render(request, "letters/see_print_run.html", {"run": run, "copies": copies})


@requires(Permission.APPROVE_LETTERS)
@signed_file
def print_run_pdf(request: Request, print_run_id: int) -> HttpResponse:
    run = get_object_or_404(PrintRun.objects.select_related("school", "made_by"), pk=print_run_id)
    audit.record(
        "print_letters", run, school_id=run.school_id, by=request.actor, summary=f"Opened print run {run.pk} to print."
    )
    data = printing.run_pdf(run, both_sides="both-sides" in request.GET)
    headers = {"Content-Disposition": f'inline; filename="print-run-{run.pk}.pdf"'}
    return HttpResponse(data, content_type="application/pdf", headers=headers)

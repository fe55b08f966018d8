"""What the schedule made: the documents a person may read, and the switches for who decides what is made."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from attendance_mis import audit, clock, words
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.requests import Request
from registers.models import ClassGroup
from reports.actions import scheduled as actions
from reports.models import GovernorReport, MadeReport, SwitchedOff
from reports.scheduled import PLANS, Kind

SHOWN = 60  # documents of a kind that are listed; older ones are made again on demand


def _readable(request: Request) -> Any:
    """The documents this person may open: a teacher those of her own classes."""
    found = MadeReport.objects.defer("pdf").select_related("class_group")
    if request.grant == Grant.ALL:
        return found
    today = clock.today(request.school)
    own = ClassGroup.objects.within(request.grant, request.user, today)
    return found.filter(Q(class_group__in=own) | Q(kind=Kind.NEWSLETTER))


@requires(Permission.SEE_CLASS_FIGURES)
def see_made(request: Request) -> HttpResponse:
    """Each kind: when it is made, whether it is, and what was made."""
    off = set(SwitchedOff.objects.values_list("kind", flat=True))
    documents: dict[str, list[MadeReport]] = {}
    for each in _readable(request)[: SHOWN * len(PLANS)]:
        documents.setdefault(each.kind, []).append(each)
    kinds = [
        {"kind": kind, "plan": plan, "on": kind not in off, "documents": documents.get(kind, [])[:SHOWN]}
        for kind, plan in PLANS.items()
    ]
    context = {
        "kinds": kinds,
        "governors": GovernorReport.objects.defer("pdf", "figures")[:6],
        "may_switch": bool(can(request.user, Permission.MAKE_GOVERNOR_REPORT, request.school)),
    }
    return render(request, "reports/see_made.html", context)


@requires(Permission.SEE_CLASS_FIGURES)
@signed_file
def made_report(request: Request, made_report_id: int) -> HttpResponse:
    """The document itself; reading one that names children is recorded."""
    report = get_object_or_404(MadeReport, pk=made_report_id)
    if not _readable(request).filter(pk=report.pk).exists():
        raise PermissionDenied("You read the documents of your own classes.")
    audit.record(
        "read_made_report", report, school_id=request.school.pk, by=request.actor,
        summary=f"Opened {PLANS[Kind(report.kind)].label.lower()} of {words.days(report.first, report.last)}.",
    )  # fmt: skip
    name = f"{report.kind}-{report.class_group_id or request.school.urn}-{report.last}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(bytes(report.pdf), content_type="application/pdf", headers=headers)


@requires(Permission.MAKE_GOVERNOR_REPORT)
@require_POST
def switch_report(request: Request, made_kind: str) -> HttpResponse:
    """Have a kind of report made by the schedule, or not."""
    if made_kind not in set(Kind):
        raise Http404
    on = request.POST.get("on") == "yes"
    actions.switch(school=request.school, kind=Kind(made_kind), on=on, by=request.actor)
    messages.success(request, f"{PLANS[Kind(made_kind)].label}: {'made' if on else 'no longer made'} by the schedule.")
    return redirect("reports:see_made", request.school.urn)

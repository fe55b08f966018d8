"""Supervision: every open case by the days since somebody looked at it together, the agenda, what was decided."""

from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, row_ids
from casework import agenda
from casework.actions import supervision as actions
from casework.case_rules import State
from casework.forms.supervision import SupervisionForm
from casework.models import Case
from casework.supervision_rules import LONGEST, days_since, state_of
from casework.views.tabs import tabs

MOST = 30  # cases of one agenda: what a session gets through, and a PDF that is there at once


def _rows(request: Request) -> list[dict[str, Any]]:
    """Every open case, the one nobody has looked at for longest first. One query."""
    today = clock.today(request.school)
    cases = Case.objects.exclude(state=State.CLOSED).select_related("pupil", "lead")
    rows = []
    for case in cases.annotate(last=Max("supervisions__on")):
        days = days_since(case.last, case.opened_on, today)
        rows.append({"case": case, "last": case.last, "days": days, "state": state_of(days)})
    return sorted(rows, key=lambda row: (-row["days"], row["case"].pk))


@requires(Permission.SEE_CASES)
def see_supervision(request: Request) -> HttpResponse:
    rows = _rows(request)
    return render(
        request,
        "casework/see_supervision.html",
        {
            "tabs": tabs(request, "see_supervision"),
            "rows": rows,
            "overdue": sum(row["state"] == "overdue" for row in rows),
            "longest": LONGEST,
            "most": MOST,
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
        },
    )


@requires(Permission.SEE_CASES)
@signed_file
def supervision_agenda(request: Request) -> HttpResponse:
    """The case files of the chosen cases (`case`, many), or of those due soonest, as one PDF. Recorded."""
    chosen = row_ids(request.GET.getlist("case"))
    ids = [row["case"].pk for row in _rows(request) if not chosen or row["case"].pk in chosen][:MOST]
    found = Case.objects.select_related("pupil", "lead").prefetch_related("barriers", "supervisions__made_by")
    by_id = found.in_bulk(ids)
    cases = [by_id[pk] for pk in ids if pk in by_id]
    if not cases:
        messages.info(request, "There is no open case to supervise.")
        return redirect(reverse("casework:see_supervision", args=[request.school.urn]))
    today = clock.today(request.school)
    content = agenda.as_pdf(request.school, cases, today, f"{request.actor.name}, {request.actor.position}")
    actions.note_agenda(school=request.school, pupils=[case.pupil_id for case in cases], by=request.actor)
    headers = {"Content-Disposition": f'attachment; filename="supervision-{request.school.urn}-{today}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@requires(Permission.WORK_CASES)
def supervise(request: Request, case_id: int) -> HttpResponse:
    case = get_object_or_404(Case.objects.select_related("pupil", "school"), pk=case_id)
    back = reverse("casework:see_supervision", args=[request.school.urn])
    form = SupervisionForm(request.POST or None, initial={"on": clock.today(request.school)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.supervise(case=case, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The decision is recorded.")
            return redirect(back)
    return form_page(
        request, form, title="Record a supervision", button="Record the decision", caption=str(case.pupil), back=back,
        intro=[case.concern],
    )  # fmt: skip

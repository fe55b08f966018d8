"""Leave requests: the headteacher's queue, one request with its decision, and what was taken without leave."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from attendance_mis.words import how_many
from casework import leave_rules, progress
from casework.actions import leave as actions
from casework.forms.leave import (
    AskLeaveForm,
    ChildSearchForm,
    DecideLeaveForm,
    EvidenceForm,
    UnauthoriseForm,
    WithdrawForm,
)
from casework.leave import LeaveRow, leave_rows
from casework.models import LeaveRequest
from registers.calendar_rules import academic_year_bounds, academic_year_of
from registers.closures import closures_said
from registers.codes import by_number
from registers.facts import Slot
from registers.forms.choosing import ChosenMarksForm, token
from registers.models import Contact, Pupil
from registers.siblings import siblings_of

FOUND_AT_MOST = 30


@requires(Permission.PLAN_ABSENCE)
def see_leave_requests(request: Request) -> HttpResponse:
    """To decide, the soonest first; what does not fit a decision; what is to come; what was decided this year."""
    today = clock.today(request.school)
    year = academic_year_bounds(academic_year_of(today))[0]
    found = LeaveRequest.objects.filter(last__gte=year).select_related("pupil").order_by("first", "pk")
    rows = leave_rows(request.school, found, today)
    decided = [row for row in rows if not row.request.is_to_decide]
    return render(
        request,
        "casework/see_leave_requests.html",
        {
            "to_decide": [row for row in rows if row.request.is_to_decide],
            "to_settle": [row for row in decided if row.settle or row.is_late],
            "current": [row for row in decided if row.request.granted and row.request.granted.last >= today],
            "past": sorted(decided, key=lambda row: row.request.decided_at, reverse=True),
            "today": today,
            "may_decide": bool(can(request.user, Permission.DECIDE_LEAVE, request.school)),
        },
    )


@requires(Permission.PLAN_ABSENCE)
def choose_child_for_leave(request: Request) -> HttpResponse:
    """A name is posted, never in the address."""
    form = ChildSearchForm(request.POST or None)
    today = clock.today(request.school)
    pupils = None
    if request.method == "POST" and form.is_valid():
        found = Pupil.objects.on_roll(today).named(form.cleaned_data["name"]).with_class(today)
        pupils = list(found[:FOUND_AT_MOST])
        if len(pupils) == 1:
            return redirect("casework:ask_leave", request.school.urn, pupils[0].pk)
    back = reverse("casework:see_leave_requests", args=[request.school.urn])
    context = {"form": form, "pupils": pupils, "title": "A request for leave", "button": "Find", "back": back}
    return render(request, "casework/choose_child_for_leave.html", context, status=422 if form.errors else 200)


@requires(Permission.PLAN_ABSENCE)
def ask_leave(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    today = clock.today(request.school)
    family = [pupil.pk, *siblings_of(request.school).get(pupil.pk, ())]
    form = AskLeaveForm(
        request.POST or None,
        pupils=Pupil.objects.on_roll(today).filter(pk__in=family),
        contacts=Contact.objects.filter(pupil=pupil, parental_responsibility=True),
        initial={"asked_on": today, "pupils": [pupil.pk]},
    )
    back = reverse("casework:see_leave_requests", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        application = form.application()
        try:
            made = actions.ask_leave(
                school=request.school, pupils=form.cleaned_data["pupils"], application=application, by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The request is in the headteacher's queue.")
            if closed := closures_said(application.span.first, application.span.last):
                messages.info(request, f"The school is closed on some of these days: {'; '.join(closed)}.")
            return redirect("casework:see_leave_request", request.school.urn, made[0].pk)
    context = {
        "form": form, "title": "A request for leave", "button": "Enter the request", "back": back,
        "caption": str(pupil),
    }  # fmt: skip
    return render(request, "casework/ask_leave.html", context, status=422 if form.errors else 200)


@requires(Permission.PLAN_ABSENCE)
def see_leave_request(request: Request, leave_id: int) -> HttpResponse:
    leave = _find(leave_id)
    return render(request, "casework/see_leave_request.html", _context(request, leave))


def _context(request: Request, leave: LeaveRequest) -> dict[str, Any]:
    """One request with everything the head weighs: the year so far, earlier leave, the family's other requests."""
    today = clock.today(request.school)
    [row] = leave_rows(request.school, [leave], today)
    others = LeaveRequest.objects.filter(pupil=leave.pupil_id).exclude(pk=leave.pk).order_by("-first")
    lives = Contact.objects.filter(pk__in=leave.applicant_ids, lives_with_pupil=True).exists()
    return {
        "leave": leave,
        "row": row,
        "today": today,
        "summary": progress.this_year(leave.pupil, today),
        "year_began": academic_year_bounds(academic_year_of(today))[0],
        "closures": closures_said(leave.first, leave.last),
        "others": others,
        "siblings": _siblings(request, leave).select_related("pupil"),
        "applicant_lives_there": lives,
        "settle": [_proposed(leave, each) for each in row.settle],
        "beyond_said": leave_rules.in_words(row.beyond) if row.beyond else "",
        "may_decide": bool(can(request.user, Permission.DECIDE_LEAVE, request.school)),
        "may_see_letters": bool(can(request.user, Permission.SEE_CASES, request.school)),
        "new_rules": leave.first >= leave_rules.NEW_RULES,
    }


def _proposed(leave: LeaveRequest, each: leave_rules.ToSettle) -> dict[str, Any]:
    day, session = each.slot
    return {
        "day": day,
        "session": session,
        "now": by_number(each.number),
        "letter": each.letter,
        "is_sure": each.is_sure,
        "token": token(Slot(leave.pupil_id, day, session), each.version),
    }


def _siblings(request: Request, leave: LeaveRequest) -> Any:
    """Undecided requests of brothers and sisters that share a day with this one."""
    family = siblings_of(request.school).get(leave.pupil_id, set())
    found = LeaveRequest.objects.filter(pupil__in=family, first__lte=leave.last, last__gte=leave.first)
    return found.filter(state=LeaveRequest.State.ASKED)


@requires(Permission.DECIDE_LEAVE)
def decide_leave(request: Request, leave_id: int) -> HttpResponse:
    leave = _find(leave_id)
    siblings = _siblings(request, leave).select_related("pupil")
    shown = {"purpose": leave.purpose, "granted_first": leave.first, "granted_last": leave.last}
    form = DecideLeaveForm(request.POST or None, request=leave, siblings=siblings, initial=shown)
    if request.method == "POST" and form.is_valid():
        requests = [leave, *form.cleaned_data.get("alike", ())]
        try:
            actions.decide_leave(school=request.school, requests=requests, decision=form.decided(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            leave.refresh_from_db()
            messages.success(request, f"Decided: {leave.get_state_display().lower()}.")
            return redirect("casework:see_leave_request", request.school.urn, leave.pk)
    context = {**_context(request, leave), "form": form}
    return render(request, "casework/decide_leave.html", context, status=422 if form.errors else 200)


@requires(Permission.PLAN_ABSENCE)
def note_evidence(request: Request, leave_id: int) -> HttpResponse:
    leave = _find(leave_id)
    form = EvidenceForm(request.POST or None, initial={"evidence": leave.evidence, "note": leave.evidence_note})
    back = _page(request, leave)
    if request.method == "POST" and form.is_valid():
        actions.note_evidence(request=leave, by=request.actor, **form.cleaned_data)
        return redirect(back)
    return form_page(request, form, title="Evidence", button="Note it", back=back, caption=str(leave.pupil))


@requires(Permission.PLAN_ABSENCE)
def withdraw_leave(request: Request, leave_id: int) -> HttpResponse:
    leave = _find(leave_id)
    form = WithdrawForm(request.POST or None)
    back = _page(request, leave)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw_leave(request=leave, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The request is withdrawn.")
            return redirect(back)
    return form_page(
        request, form, title="Withdraw the request", button="Withdraw it", back=back, caption=str(leave.pupil)
    )


@requires(Permission.AMEND_MARK)
@require_POST
def settle_taken(request: Request, leave_id: int) -> HttpResponse:
    leave = _find(leave_id)
    form = ChosenMarksForm(request.POST)
    if form.is_valid():
        try:
            count = actions.settle_taken(
                school=request.school, request=leave, chosen=form.cleaned_data["mark"], by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{count} mark{'s' if count > 1 else ''} put right, each by an amendment.")
            return redirect(_page(request, leave))
    return render(request, "casework/see_leave_request.html", {**_context(request, leave), "form": form}, status=422)


@requires(Permission.DECIDE_LEAVE)
def unauthorise_leave(request: Request, leave_id: int) -> HttpResponse:
    leave = _find(leave_id)
    [row] = leave_rows(request.school, [leave], clock.today(request.school))
    form = UnauthoriseForm(request.POST or None)
    back = _page(request, leave)
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.unauthorise_leave(
                school=request.school, request=leave, reason=form.cleaned_data["reason"], by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"The whole leave is unauthorised: {how_many(count, 'mark')} amended.")
            return redirect(back)
    return form_page(
        request, form, title="Unauthorise the whole leave", button="Unauthorise it", back=back,
        caption=str(leave.pupil), danger=True, intro=_overrun(leave, row),
    )  # fmt: skip


def _overrun(leave: LeaveRequest, row: LeaveRow) -> list[str]:
    if not row.is_late:
        return ["Nothing was missed beyond this leave, or it is unauthorised already."]
    return [
        f"Granted: {leave.granted_said}. Missed beyond it without leave: {leave_rules.in_words(row.beyond)}.",
        f"Every session of it marked {leave.letter} becomes {leave.taken_as}, by an amendment in your name.",
    ]


def _find(leave_id: int) -> LeaveRequest:
    return get_object_or_404(LeaveRequest.objects.select_related("pupil__school", "noted_by"), pk=leave_id)


def _page(request: Request, leave: LeaveRequest) -> str:
    return reverse("casework:see_leave_request", args=[request.school.urn, leave.pk])

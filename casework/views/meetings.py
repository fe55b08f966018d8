"""Meetings of a case: plan one, see it, take it into a calendar, record it, find kinder words for its minutes."""

from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from casework.actions import meetings as actions
from casework.calendar_file import calendar_file
from casework.feed import meeting_event
from casework.forms.meetings import MeetingForm, MinutesForm, RecordMeetingForm
from casework.meeting_rules import State
from casework.models import Case, Meeting
from casework.wording import hints


def _find(meeting_id: int) -> Meeting:
    return get_object_or_404(Meeting.objects.select_related("case__pupil", "school", "recorded_by"), pk=meeting_id)


def _page_of(request: Request, meeting: Meeting) -> str:
    return reverse("casework:see_meeting", args=[request.school.urn, meeting.pk])


@requires(Permission.WORK_CASES)
def plan_meeting(request: Request, case_id: int) -> HttpResponse:
    case = get_object_or_404(Case.objects.select_related("pupil", "school"), pk=case_id)
    now = clock.now(request.school)
    barred = actions.barred_contacts(case.pupil, now.date())
    contacts = list(case.pupil.contacts.all())
    against = {contact.pk: actions.why_not_invite_contact(contact, barred) for contact in contacts}
    form = MeetingForm(
        request.POST or None,
        contacts=[contact for contact in contacts if not against[contact.pk]],
        initial={"with_letter": True},
    )
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            meeting = actions.plan_meeting(
                case=case,
                kind=values["kind"],
                at=form.at(now),
                place=values["place"],
                others=values["others"],
                invited=form.invited_contacts(),
                with_letter=values["with_letter"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The meeting is planned.")
            return redirect(_page_of(request, meeting))
    return form_page(
        request, form, title="Plan a meeting", button="Plan the meeting", caption=str(case.pupil),
        back=reverse("casework:see_case", args=[request.school.urn, case.pupil_id]),
        advice=[reason for contact in contacts for reason in against[contact.pk]],
    )  # fmt: skip


@requires(Permission.SEE_CASES)
def see_meeting(request: Request, meeting_id: int) -> HttpResponse:
    """One meeting: who is invited, who came, the minutes with a hint at loaded words, what was agreed."""
    meeting = _find(meeting_id)
    may_work = bool(can(request.user, Permission.WORK_CASES, request.school))
    return render(
        request,
        "casework/see_meeting.html",
        {
            "meeting": meeting,
            "invitees": meeting.invitees.all(),
            "agreed": [{**each, "by": date.fromisoformat(each["by"])} for each in meeting.agreed],
            "hints": hints(meeting.minutes) if may_work else [],
            "is_planned": meeting.state == State.PLANNED,
            "may_work": may_work,
        },
    )


@requires(Permission.WORK_CASES)
def record_meeting(request: Request, meeting_id: int) -> HttpResponse:
    meeting = _find(meeting_id)
    form = RecordMeetingForm(request.POST or None, meeting=meeting, initial={"with_letter": True})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.record_meeting(
                meeting=meeting,
                outcome=values["outcome"],
                came=values.get("came", ()),
                present=values["present"],
                minutes=values["minutes"],
                agreed=form.agreed(),
                next_on=values["next_on"],
                with_letter=values["with_letter"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The meeting is recorded.")
            return redirect(_page_of(request, meeting))
    return form_page(
        request, form, title="Record the meeting", button="Record the meeting", caption=str(meeting.case.pupil),
        back=_page_of(request, meeting), intro=[f"{meeting}, {meeting.place}."],
    )  # fmt: skip


@requires(Permission.WORK_CASES)
def change_minutes(request: Request, meeting_id: int) -> HttpResponse:
    meeting = _find(meeting_id)
    form = MinutesForm(request.POST or None, initial={"version": meeting.version, "minutes": meeting.minutes})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_minutes(meeting=meeting, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(_page_of(request, meeting))
    return form_page(
        request, form, title="Change the minutes", button="Save the minutes", caption=str(meeting.case.pupil),
        back=_page_of(request, meeting),
        advice=[f"“{hint.word}”: {hint.kinder}." for hint in hints(meeting.minutes)],
    )  # fmt: skip


@requires(Permission.SEE_CASES)
def meeting_calendar(request: Request, meeting_id: int) -> HttpResponse:
    """The meeting for a calendar. It names no child: calendars are shared and shown on locked telephones."""
    meeting = _find(meeting_id)
    event = replace(meeting_event(meeting, request.school), place=meeting.place)
    name = f"meeting-{meeting.pk}.ics"
    return HttpResponse(
        calendar_file([event], clock.now(request.school)),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

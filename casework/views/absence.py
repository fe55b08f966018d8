"""Absence reports: taken in seconds, decided, undone, their evidence followed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.promises import promised
from attendance_mis.requests import Request, row_id
from casework.actions import absence as actions
from casework.actions.absence import AskFirst, Rights
from casework.finding import Found, find_children
from casework.forms.absence import DecideAbsenceForm, EvidenceForm, ReportAbsenceForm, UndoAbsenceForm
from casework.models import AbsenceReport, ContactRecord
from casework.unexplained import people_of
from letters.models import Reply
from registers import codes
from registers.models import Contact, Pupil
from registers.views.pupils import reachable_pupil


@requires(Permission.RECORD_ABSENCE)
def report_absence(request: Request) -> HttpResponse:
    return _report(request, [])


@requires(Permission.RECORD_ABSENCE)
def report_absence_of(request: Request, pupil_id: int) -> HttpResponse:
    """The same form with the child chosen; `?record=` is the call in which it was said, `?reply=` the text."""
    return _report(request, [reachable_pupil(request, pupil_id).pk])


@requires(Permission.RECORD_ABSENCE)
@require_POST
def find_children_to_report(request: Request) -> HttpResponse:
    """The part of the form that follows what is typed: children who fit, and who may have reported it."""
    form = _form(request, _chosen(request), bound=False)
    return render(request, "casework/_found_children.html", {"form": form})


def _report(request: Request, chosen: list[int]) -> HttpResponse:
    posted = request.method == "POST" and "find" not in request.POST
    record = _record(request)
    if record:
        chosen = list(
            ContactRecord.objects.filter(together=record.together, pupil__in=_reach(request)).values_list(
                "pupil", flat=True
            )
        )
    form = _form(request, _chosen(request) if request.method == "POST" else chosen, bound=posted, record=record)
    questions: list[str] = []
    if posted and form.is_valid():
        pupils = list(_reach(request).filter(pk__in=form.cleaned_data["pupils"]))
        try:
            actions.report_absence(
                school=request.school,
                pupils=pupils,
                told=form.told(),
                decided=form.cleaned_data.get("decided", False),
                by=request.actor,
                rights=_rights(request),
                sure=form.cleaned_data["sure"],
                record=record,
            )
        except AskFirst as ask:
            questions = ask.reasons
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            names = " and ".join(pupil.name for pupil in pupils)
            messages.success(request, f"{names}: the absence is recorded. It can be undone under Absence reports.")
            return redirect(_next(request, form.cleaned_data["source"], came_of_a_call=record is not None))
    status = 422 if form.errors or questions else 200
    context = {"form": form, "questions": questions}
    return render(request, "casework/report_absence.html", context, status=status)


def _next(request: Request, source: str, *, came_of_a_call: bool) -> str:
    """Whoever rings goes on ringing; whoever takes reports takes the next, by the same way in, or sees them all."""
    urn = request.school.urn
    if came_of_a_call:
        return reverse("casework:first_day_contact", args=[urn])
    if "another" in request.POST:
        return f"{reverse('casework:report_absence', args=[urn])}?source={source}"
    return reverse("casework:see_absence_reports", args=[urn])


def _form(
    request: Request, chosen: list[int], *, bound: bool, record: ContactRecord | None = None
) -> ReportAbsenceForm:
    """The form with the chosen children, those who fit what was typed, and the people who may have reported it."""
    may_see = bool(can(request.user, Permission.SEE_CONTACTS, request.school))
    today = clock.today(request.school)
    found: list[Found] = find_children(
        school=request.school,
        words=request.POST.get("q", ""),
        reach=_reach(request),
        day=today,
        by_contacts=may_see,
        chosen=chosen,
    )
    fitting = [each.pupil.pk for each in found if not each.sibling_of]
    if not chosen and len(fitting) == 1:
        chosen = fitting  # her brothers and sisters are offered, not ticked
    contacts = list(Contact.objects.filter(pupil__in=chosen).order_by("priority")) if may_see else None
    people = [each.contact for each in people_of(contacts)] if contacts else contacts
    initial: dict[str, Any] = {"pupils": chosen}
    if request.GET.get("source") in AbsenceReport.Source:
        initial["source"] = request.GET["source"]  # one answerphone message after another
    if may_see and (reply := row_id(request.GET.get("reply", ""))):
        initial |= _from_reply(reply)
    if record:
        initial |= {"record": record.pk, "contact": record.contact_id, "who": "" if record.contact_id else record.who}
        if record.contact_id and people is not None and record.contact_id not in [person.pk for person in people]:
            people = [promised(record.contact), *people]
    data = request.POST if bound else None
    if not bound and request.method == "POST":
        initial |= {name: request.POST[name] for name in request.POST if name != "pupils"}
    return ReportAbsenceForm(
        data,
        found=found,
        contacts=people,
        today=today,
        may_decide=_rights(request).decide,
        initial=initial,
    )


def _from_reply(reply_id: int) -> dict[str, Any]:
    """What a text that came back says already."""
    reply = Reply.objects.filter(pk=reply_id).select_related("message").first()
    if reply is None:
        return {}
    return {"words": reply.text[:400], "source": AbsenceReport.Source.EMAIL, "contact": reply.message.contact_id}


def _chosen(request: Request) -> list[int]:
    return [pk for each in request.POST.getlist("pupils") if (pk := row_id(each))]


def _record(request: Request) -> ContactRecord | None:
    """The call this report comes of."""
    asked = row_id(request.POST.get("record") or request.GET.get("record", ""))
    if not asked or not can(request.user, Permission.SEE_CONTACTS, request.school):
        return None
    return ContactRecord.objects.filter(pk=asked).select_related("contact").first()


def _reach(request: Request) -> Any:
    today = clock.today(request.school)
    return Pupil.objects.within(request.grant, request.user, today).on_roll(today)


def _rights(request: Request) -> Rights:
    return Rights(
        decide=bool(can(request.user, Permission.SET_ANY_CODE, request.school)),
        decide_leave=bool(can(request.user, Permission.DECIDE_LEAVE, request.school)),
    )


@requires(Permission.RECORD_ABSENCE)
def see_absence_reports(request: Request) -> HttpResponse:
    """What is to be decided, what evidence is awaited, and today's reports, each of which can be undone."""
    today = clock.today(request.school)
    within = AbsenceReport.objects.standing().select_related("pupil", "decided_by")
    if request.grant < Grant.ALL:
        within = within.filter(pupil__in=_reach(request))
    may_decide = _rights(request).decide
    to_decide = [
        (report, DecideAbsenceForm(initial={"code": codes.by_number(report.proposed).letter}, day=report.start))
        for report in within.to_decide().order_by("start")
    ]
    context = {
        "to_decide": to_decide,
        "awaited": within.awaiting_evidence().order_by("asked_on"),
        "reports": [
            (report, codes.by_number(report.decided or report.proposed))
            for report in within.filter(end__gte=today).order_by("-made_at")
        ],
        "may_decide": may_decide,
        "today": today,
    }
    return render(request, "casework/see_absence_reports.html", context)


@requires(Permission.SET_ANY_CODE)
@require_POST
def decide_absence(request: Request, report_id: int) -> HttpResponse:
    report = _get(request, report_id)
    form = DecideAbsenceForm(request.POST, day=report.start)
    if form.is_valid():
        try:
            actions.decide_absence(
                report=report, letter=form.cleaned_data["code"], by=request.actor, rights=_rights(request)
            )
        except Refused as refused:
            messages.error(request, " ".join(refused.reasons))
        else:
            messages.success(request, f"{report.pupil}: the absence is {form.cleaned_data['code']}.")
    return redirect("casework:see_absence_reports", request.school.urn)


@requires(Permission.AMEND_MARK)
def undo_absence(request: Request, report_id: int) -> HttpResponse:
    report = _get(request, report_id)
    form = UndoAbsenceForm(request.POST or None)
    back = reverse("casework:see_absence_reports", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.undo_absence(report=report, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{report.pupil}: undone, {count} mark{'' if count == 1 else 's'} put back.")
            return redirect(back)
    return form_page(
        request, form, title="Undo the absence report", caption=str(report.pupil), button="Undo the report", back=back,
        intro=[f"Reported by {report.who}: “{report.words}”.", "Marks become what they were before; plans end."],
    )  # fmt: skip


@requires(Permission.AMEND_MARK)
def note_medical_evidence(request: Request, report_id: int) -> HttpResponse:
    report = _get(request, report_id)
    form = EvidenceForm(request.POST or None, initial={"evidence": report.evidence, "note": report.evidence_note})
    back = reverse("casework:see_absence_reports", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        actions.note_evidence(report=report, by=request.actor, **form.cleaned_data)
        messages.success(request, f"{report.pupil}: the evidence is noted.")
        return redirect(back)
    return form_page(
        request, form, title="Medical evidence", caption=str(report.pupil), button="Save the evidence", back=back,
        intro=[f"“{report.words}”"],
    )  # fmt: skip


def _get(request: Request, report_id: int) -> AbsenceReport:
    return get_object_or_404(AbsenceReport.objects.select_related("pupil", "school"), pk=report_id)

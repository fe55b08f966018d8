"""The contact record of a child: what was said with whom, what was agreed, and its corrections."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, requires
from attendance_mis.promises import promised
from attendance_mis.requests import Request
from casework.actions import contacts as actions
from casework.forms.contacts import ContactRecordForm, CorrectionForm, contact_defaults
from casework.models import ContactRecord
from registers.views.pupils import reachable_pupil

LATEST = 50


@requires(Permission.SEE_CONTACTS)
def contact_record(request: Request, pupil_id: int) -> HttpResponse:
    """A page of its own, or for htmx the part of the child's page."""
    pupil = reachable_pupil(request, pupil_id)
    records = ContactRecord.objects.filter(pupil=pupil).select_related("message", "corrects")
    rows = list(records.prefetch_related("corrections", "message__replies")[: 5 if request.htmx else LATEST])
    template = "casework/_contact_record.html" if request.htmx else "casework/contact_record.html"
    return render(request, template, {"pupil": pupil, "records": rows, "whole": not request.htmx})


@requires(Permission.SEE_CONTACTS)
def record_contact(request: Request, pupil_id: int) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    now = clock.now(request.school)
    initial = {**contact_defaults(now, now.date()), "key": uuid4()}
    form = ContactRecordForm(request.POST or None, pupil=pupil, now=now, initial=initial)
    back = pupil.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.record_contact(
                school=request.school,
                pupils=[pupil],
                kind=values["kind"],
                at=promised(form.at()),
                who=values["who"],
                contact=form.contacts.get(values["contact"]),
                outcome=values["outcome"],
                present=values["present"],
                said=values["said"],
                agreed=form.agreed(),
                review_on=values["review_on"],
                key=values["key"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The contact is recorded.")
            return redirect(back)
    context = {"form": form, "pupil": pupil, "back": back}
    return render(request, "casework/record_contact.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_CONTACTS)
def correct_contact(request: Request, record_id: int) -> HttpResponse:
    record = get_object_or_404(ContactRecord.objects.select_related("pupil", "school"), pk=record_id)
    back = reverse("casework:contact_record", args=[request.school.urn, record.pupil_id])
    initial = {"who": record.who, "said": record.said, "outcome": record.outcome}
    form = CorrectionForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_contact(record=record, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The correction stands beside the entry.")
            return redirect(back)
    return form_page(
        request, form, title="Correct a contact", caption=str(record.pupil), button="Add the correction", back=back,
        intro=["The entry stays as it was written. What you add here stands beside it, with your name."],
    )  # fmt: skip

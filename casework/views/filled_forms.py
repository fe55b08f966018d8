"""The forms of a child and of the school: fill one in, read it, print it, correct it, note who signed."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from casework import form_sheets, legal_checklist
from casework.actions import filling as actions
from casework.form_definitions import FormDefinition, current, to_fill_in
from casework.form_record import begins_with, checklist_record
from casework.forms.filling import ChecklistFillForm, CorrectionFields, FillForm, SignatureForm
from casework.models import ContactRecord, FilledForm
from registers.models import Pupil
from registers.views.pupils import reachable_pupil

GRID = "support_grid"


def pdf_answer(sheet: form_sheets.Sheet, name: str) -> HttpResponse:
    """A sheet as a download; the name of the file names no child."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(form_sheets.as_pdf(sheet), content_type="application/pdf", headers=headers)


def fill_page(form: FillForm, request: Request, *, title: str, back: str, **context: Any) -> HttpResponse:
    """A form's sections as one page."""
    values = {"form": form, "title": title, "button": "Save the form", "back": back, **context}
    return render(request, "casework/fill_form.html", values, status=422 if form.errors else 200)


def _definition(form: str, about: str) -> FormDefinition:
    """The newest version of a form that people fill in about that; 404 for no such form."""
    for each in to_fill_in(about):
        if each.key == form:
            return each
    raise Http404


def _find(filled_form_id: int) -> FilledForm:
    found = FilledForm.objects.select_related("school", "pupil__school", "corrects").prefetch_related("signatures")
    return get_object_or_404(found, pk=filled_form_id)


def _form(request: Request, definition: FormDefinition, answers: Any, pupil: Pupil | None) -> FillForm:
    is_checklist = definition.key == legal_checklist.FORM and pupil is not None
    kind = ChecklistFillForm if is_checklist else FillForm
    today = clock.today(request.school)
    return kind(
        request.POST or None,
        definition=definition,
        today=today,
        answers=answers,
        found=checklist_record(pupil, today) if is_checklist and pupil else None,
        initial={"key": uuid4()},
    )


@requires(Permission.SEE_CASES)
def see_forms(request: Request, pupil_id: int) -> HttpResponse:
    """The forms of one child: those filled in, and those that can be."""
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    filled = FilledForm.objects.filter(pupil=pupil).standing().select_related("school").prefetch_related("signatures")
    return render(
        request,
        "casework/see_forms.html",
        {
            "pupil": pupil,
            "filled": filled,
            "forms": to_fill_in("pupil"),
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
        },
    )


@requires(Permission.WORK_CASES)
def fill_form(request: Request, pupil_id: int, form: str) -> HttpResponse:
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    definition = _definition(form, "pupil")
    return _fill(
        request, definition, pupil, reverse("casework:see_forms", args=[request.school.urn, pupil.pk]), str(pupil)
    )


@requires(Permission.WORK_CASES)
def fill_support_grid(request: Request) -> HttpResponse:
    """Fill in the graduated support grid; where there is one, correct it instead."""
    if latest := FilledForm.objects.filter(form=GRID).standing().first():
        return redirect("casework:correct_form", request.school.urn, latest.pk)
    back = reverse("casework:see_support_grid", args=[request.school.urn])
    return _fill(request, _definition(GRID, "school"), None, back, request.school.name)


def _fill(request: Request, definition: FormDefinition, pupil: Pupil | None, back: str, caption: str) -> HttpResponse:
    form = _form(request, definition, begins_with(definition, pupil, clock.today(request.school)), pupil)
    if filled := _kept(request, form, definition, pupil):
        messages.success(request, "The form is kept. Print it to have it signed.")
        return redirect(filled)
    return fill_page(form, request, title=definition.title, caption=caption, back=back, intro=[definition.purpose])


def _kept(
    request: Request,
    form: FillForm,
    definition: FormDefinition,
    pupil: Pupil | None,
    *,
    corrects: FilledForm | None = None,
) -> FilledForm | None:
    """What was sent, kept; none where nothing was, or where it is refused: the form says why."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return actions.fill_form(
            school=request.school,
            form=definition,
            pupil=pupil,
            answers=form.answers(),
            key=form.cleaned_data["key"],
            is_complete=form.cleaned_data.get("is_complete", False),
            corrects=corrects,
            why=form.cleaned_data.get("why", ""),
            by=request.actor,
        )
    except Refused as refused:
        form.add_error(None, refused.reasons)
        return None


@requires(Permission.SEE_CASES)
def see_form(request: Request, filled_form_id: int) -> HttpResponse:
    filled = _find(filled_form_id)
    return render(
        request,
        "casework/see_form.html",
        {
            "filled": filled,
            "sheet": form_sheets.sheet_of(filled),
            "later": filled.corrections.first(),
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
        },
    )


@requires(Permission.SEE_CASES)
def see_support_grid(request: Request) -> HttpResponse:
    """What the school does at each tier, as it stands; an empty page with the way on before the first."""
    latest = FilledForm.objects.filter(form=GRID).standing().first()
    if latest:
        return redirect(latest)
    may_work = bool(can(request.user, Permission.WORK_CASES, request.school))
    return render(request, "casework/see_support_grid.html", {"form": current(GRID), "may_work": may_work})


@requires(Permission.SEE_CASES)
@signed_file
def form_pdf(request: Request, filled_form_id: int) -> HttpResponse:
    filled = _find(filled_form_id)
    return pdf_answer(form_sheets.sheet_of(filled), f"{filled.form.replace('_', '-')}-{filled.pk}")


@requires(Permission.SEE_CASES)
@signed_file
def empty_form_pdf(request: Request, pupil_id: int, form: str) -> HttpResponse:
    """The form with the child's head and empty lines, to be filled in by hand where there is no screen."""
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    sheet = form_sheets.empty_sheet(request.school, _definition(form, "pupil"), pupil, clock.today(request.school))
    return pdf_answer(sheet, form.replace("_", "-"))


@requires(Permission.WORK_CASES)
def correct_form(request: Request, filled_form_id: int) -> HttpResponse:
    """Fill the form in anew beside the one that stands, with the reason."""
    filled = _find(filled_form_id)
    form = _form(request, filled.definition, filled.answers, filled.pupil)
    form.fields |= CorrectionFields.base_fields
    if corrected := _kept(request, form, filled.definition, filled.pupil, corrects=filled):
        messages.success(request, "The correction stands beside the form it corrects.")
        return redirect(corrected)
    return fill_page(
        form, request, title=f"Correct: {filled.definition.title}", caption=str(filled.pupil or request.school.name),
        back=filled.get_absolute_url(), intro=["The form stays as it was filled in. What you save stands beside it."],
    )  # fmt: skip


@requires(Permission.WORK_CASES)
def sign_form(request: Request, filled_form_id: int) -> HttpResponse:
    filled = _find(filled_form_id)
    initial = {"on": clock.today(request.school)}
    form = SignatureForm(request.POST or None, definition=filled.definition, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign_form(filled=filled, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(filled)
    return form_page(
        request, form, title="Who signed?", button="Note the signature", caption=f"{filled}",
        back=filled.get_absolute_url(), intro=["The signature is on paper. This notes that you saw it."],
    )  # fmt: skip


@requires(Permission.SEE_CONTACTS)
@signed_file
def contact_pdf(request: Request, record_id: int) -> HttpResponse:
    """One contact as its form, to be signed and put into the case file."""
    records = ContactRecord.objects.select_related("pupil", "school").prefetch_related("corrections")
    record = get_object_or_404(records, pk=record_id)
    reachable_pupil(request, record.pupil_id)
    return pdf_answer(form_sheets.contact_sheet(record), f"contact-record-{record.pk}")

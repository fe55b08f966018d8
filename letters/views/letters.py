"""Letters: the list, one letter with its copies, a family's correspondence, and what a person does with a copy."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires, roles_at
from attendance_mis.requests import Request, per_page
from letters import correspondence
from letters.actions import copies, evidence, queueing, templates
from letters.actions.rendering import stored
from letters.drawing import words
from letters.forms.letters import (
    LetterFilter,
    ReturnedForm,
    SensitivityForm,
    SiblingsForm,
    ValuesForm,
)
from letters.forms.sending import AgainForm
from letters.models import Copy, Letter, Sensitivity, StoredPdf
from letters.occasions import Occasion
from letters.preparing import NOBODY, prepare, shown_values
from letters.querysets import LetterQuerySet
from letters.views.tabs import tabs
from registers.forms.pupils import NameSearchForm
from registers.models import Contact, Pupil
from registers.siblings import siblings_of

PER_PAGE = 50
COLOURS = {
    "proposed": "blue",
    "approved": "blue",
    "rendering": "blue",
    "rendered": "purple",
    "sending": "purple",
    "sent": "green",
    "delivered": "green",
    "returned": "red",
    "failed": "red",
    "cancelled": "grey",
}


@requires(Permission.SEE_CASES)
def see_letters(request: Request) -> HttpResponse:
    """Filters stand in the address, a name is posted and never does."""
    found = Letter.objects.select_related("pupil").prefetch_related("copies").defer("marks", "enclosure", "values")
    form = LetterFilter(request.GET or None)
    search = NameSearchForm(request.POST or None)
    said = ""
    if request.method == "POST" and search.is_valid():
        found = found.filter(pupil__in=Pupil.objects.named(search.cleaned_data["name"]))
        said = "Letters about pupils of this name"
    elif form.is_bound and form.is_valid():
        found = _narrowed(found, form.cleaned_data)
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "letters/see_letters.html",
        {
            "tabs": tabs(request, "see_letters"),
            "form": form,
            "search": search,
            "said": said,
            "page": Paginator(found, per_page(request, PER_PAGE)).get_page(request.GET.get("page")),
            "colours": COLOURS,
        },
        status=422 if search.errors else 200,
    )


def _narrowed(letters: LetterQuerySet, values: dict[str, Any]) -> LetterQuerySet:
    if values["occasion"]:
        letters = letters.filter(occasion=values["occasion"])
    if values["since"]:
        letters = letters.filter(queued_at__date__gte=values["since"])
    if values["until"]:
        letters = letters.filter(queued_at__date__lte=values["until"])
    match values["status"]:
        case "":
            return letters
        case "wrong":
            return letters.exclude(wrong="")
        case "dropped":
            return letters.filter(state=Letter.State.DROPPED)
    return letters.filter(copies__status=values["status"]).distinct()


@requires(Permission.SEE_CASES)
def see_letter(request: Request, letter_id: int) -> HttpResponse:
    letter = _letter(letter_id)
    occasion = Occasion(letter.occasion)
    may = bool(can(request.user, Permission.APPROVE_LETTERS, request.school))
    prepared, version = None, letter.version
    if letter.state == Letter.State.PROPOSED:
        roles = roles_at(request.user, request.school)
        [prepared] = prepare(request.school, [letter], clock.today(request.school), roles)
        version, values = prepared.version, shown_values(prepared)
    else:
        salutations = list(letter.values.get("salutations", {}).values())
        values = {**letter.values, "salutation": (salutations or [NOBODY])[0]}
    joined = Pupil.objects.filter(pk__in=letter.siblings)
    return render(
        request,
        "letters/see_letter.html",
        {
            "letter": letter,
            "prepared": prepared,
            "version": version,
            "pages": words(version, occasion, values) if version else [],
            "enclosure": mark_safe(letter.enclosure),  # noqa: S308 - drawn by our own template
            "copies": letter.copies.with_pdf(),
            "joined": joined,
            "has_siblings": may and prepared is not None and bool(siblings_of(request.school).get(letter.pupil_id)),
            "has_values": bool(ValuesForm(occasion=occasion).fields),
            "corrected_by": letter.corrections.first(),
            "may": may,
            "colours": COLOURS,
        },
    )


def _letter(letter_id: int) -> Letter:
    found = Letter.objects.select_related("pupil", "template", "version", "corrects", "school")
    return get_object_or_404(found, pk=letter_id)


def _copy(copy_id: int) -> Copy:
    found = Copy.objects.select_related("letter__pupil", "school")
    return get_object_or_404(found, pk=copy_id)


@requires(Permission.APPROVE_LETTERS)
def give_values(request: Request, letter_id: int) -> HttpResponse:
    letter = _letter(letter_id)
    form = ValuesForm(
        request.POST or None, occasion=Occasion(letter.occasion), initial=ValuesForm.initial_of(letter.given)
    )
    back = letter.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            queueing.give_values(letter=letter, values=form.values(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(back)
    return form_page(
        request, form, title=f"Fill in: {letter.label}", caption=str(letter.pupil), button="Keep", back=back
    )


@requires(Permission.APPROVE_LETTERS)
def join_siblings(request: Request, letter_id: int) -> HttpResponse:
    letter = _letter(letter_id)
    kin = Pupil.objects.filter(pk__in=siblings_of(request.school).get(letter.pupil_id, ()))
    form = SiblingsForm(request.POST or None, siblings=kin, initial={"siblings": letter.siblings})
    back = letter.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            chosen = [pupil.pk for pupil in form.cleaned_data["siblings"]]
            queueing.join_siblings(letter=letter, siblings=chosen, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(back)
    return form_page(
        request, form, title="Join siblings", caption=str(letter.pupil), button="Keep", back=back,
        intro=["Their names stand in the letter, and their attendance summaries are enclosed."],
    )  # fmt: skip


@requires(Permission.APPROVE_LETTERS)
@require_POST
def correct_letter(request: Request, letter_id: int) -> HttpResponse:
    letter = _letter(letter_id)
    try:
        correction = evidence.correct_letter(letter=letter, by=request.actor)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
        return redirect(letter.get_absolute_url())
    messages.success(request, "The corrected letter waits to be approved.")
    return redirect(correction.get_absolute_url())


@requires(Permission.SEE_CASES)
@signed_file
def copy_pdf(request: Request, copy_id: int) -> HttpResponse:
    """The stored bytes, the same each time; reading them is recorded."""
    copy = _copy(copy_id)
    pdf = get_object_or_404(StoredPdf.objects.defer("data"), copy=copy)
    audit.record(
        "read_letter", copy.letter, school_id=copy.school_id, by=request.actor, pupil_id=copy.letter.pupil_id,
        summary=f"Opened the letter {copy.letter.label} to {copy.addressee}.",
    )  # fmt: skip
    name = f"letter-{copy.letter_id}-{copy.pk}.pdf"
    return HttpResponse(
        stored(copy),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "ETag": f'"{pdf.sha256}"'},
    )


@requires(Permission.APPROVE_LETTERS)
def note_returned(request: Request, copy_id: int) -> HttpResponse:
    copy = _copy(copy_id)
    form = ReturnedForm(request.POST or None, initial={"returned_on": clock.today(request.school)})
    back = copy.letter.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            copies.note_returned(copy=copy, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "Noted. Check the address, then send it again.")
            return redirect(back)
    return form_page(
        request, form, title="The post brought it back", caption=f"{copy.letter.label}, {copy.addressee}",
        button="Note it", back=back,
    )  # fmt: skip


@requires(Permission.APPROVE_LETTERS)
def try_again(request: Request, copy_id: int) -> HttpResponse:
    copy = _copy(copy_id)
    form = AgainForm(request.POST or None, initial={"channel": copy.channel})
    back = copy.letter.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            copies.try_again(copy=copy, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "It goes again.")
            return redirect(back)
    return form_page(
        request, form, title="Send it again", caption=f"{copy.letter.label}, {copy.addressee}", button="Send it again",
        back=back, intro=[copy.fault] if copy.fault else [],
    )  # fmt: skip


@requires(Permission.APPROVE_LETTERS)
@require_POST
def cancel_copy(request: Request, copy_id: int) -> HttpResponse:
    copy = _copy(copy_id)
    try:
        copies.cancel_copy(copy=copy, by=request.actor)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    else:
        messages.success(request, "This copy does not go out.")
    return redirect(copy.letter.get_absolute_url())


# A family's file


@requires(Permission.SEE_CASES)
def see_correspondence(request: Request, pupil_id: int) -> HttpResponse:
    """Every letter about the pupil, a sibling's joined ones included, and what letters must mind."""
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    return render(
        request,
        "letters/see_correspondence.html",
        {
            "pupil": pupil,
            "letters": Letter.objects.about(pupil.pk)
            .prefetch_related("copies")
            .select_related("pupil")
            .defer("marks", "enclosure", "values"),
            "sensitivities": Sensitivity.objects.filter(pupil=pupil).select_related("contact"),
            "may": bool(can(request.user, Permission.APPROVE_LETTERS, request.school)),
            "colours": COLOURS,
        },
    )


@requires(Permission.SEE_CASES)
@signed_file
def export_correspondence(request: Request, pupil_id: int) -> HttpResponse:
    """All that was made for the family as one PDF, contents first; taking it out is recorded."""
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    data = correspondence.as_pdf(pupil, clock.today(request.school))
    audit.record(
        "export_correspondence", pupil, school_id=pupil.school_id, by=request.actor, pupil_id=pupil.pk,
        summary="Exported the family's correspondence.",
    )  # fmt: skip
    name = f"correspondence-{pupil.pk}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


@requires(Permission.APPROVE_LETTERS)
def note_sensitivity(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    form = SensitivityForm(
        request.POST or None,
        contacts=Contact.objects.filter(pupil=pupil),
        initial={"start": clock.today(request.school)},
    )
    back = reverse("letters:see_correspondence", args=[request.school.urn, pupil.pk])
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        contact = values.pop("contact")
        try:
            templates.note_sensitivity(
                pupil=pupil, contact_id=contact.pk if contact else None, by=request.actor, **values
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(back)
    return form_page(
        request, form, title="What letters must mind", caption=str(pupil), button="Note it", back=back,
        intro=["Whoever approves a letter to this family sees it first."],
    )  # fmt: skip


@requires(Permission.APPROVE_LETTERS)
@require_POST
def end_sensitivity(request: Request, sensitivity_id: int) -> HttpResponse:
    noted = get_object_or_404(Sensitivity, pk=sensitivity_id)
    templates.end_sensitivity(sensitivity=noted, today=clock.today(request.school), by=request.actor)
    messages.success(request, "It warns no more.")
    return redirect("letters:see_correspondence", request.school.urn, noted.pupil_id)

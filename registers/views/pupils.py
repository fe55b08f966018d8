"""The admission register: the list of pupils, and the verbs by which a name comes on, changes and comes off."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django_tables2 import RequestConfig

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.requests import Request, per_page
from registers import roll
from registers.actions import pupils as actions
from registers.filters import PupilFilter
from registers.forms.pupils import (
    AdmitPupilForm,
    ConfidentialForm,
    FirstContactForm,
    GroundForm,
    NameSearchForm,
    PupilForm,
    ReadmitForm,
    RemoveFromRollForm,
    StartingDayForm,
)
from registers.models import Pupil
from registers.tables import PupilTable

FOUND_AT_MOST = 50  # a name that fits more is looked for with another word


def reachable_pupil(request: Request, pupil_id: int) -> Pupil:
    """The pupil of a page: 404 for another school's, 403 for one that the grant does not reach."""
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    day = clock.today(request.school)
    if request.grant != Grant.ALL and not Pupil.objects.within(request.grant, request.user, day).filter(pk=pupil.pk):
        raise PermissionDenied("You see the pupils of your own classes.")
    return pupil


@requires(Permission.SEE_REGISTER)
def see_pupils(request: Request) -> HttpResponse:
    """Filters stand in the address, a name is posted and never does."""
    today = clock.today(request.school)
    reach = Pupil.objects.within(request.grant, request.user, today).with_class(today)
    search = NameSearchForm(request.POST or None)
    filters = PupilFilter(request.GET or None, queryset=reach, today=today, request=request)
    found = filters.qs if filters.is_bound else reach.on_roll(today)
    said = ""
    if request.method == "POST" and search.is_valid():
        found = reach.named(search.cleaned_data["name"])
        said = f"Pupils found, those who left included: {found.count()}"
        found = found[:FOUND_AT_MOST]
    show_vulnerable = bool(can(request.user, Permission.SEE_VULNERABLE, request.school))
    table = PupilTable(found, urn=request.school.urn, show_vulnerable=show_vulnerable, orderable=not said)
    RequestConfig(request, paginate=False if said else {"per_page": per_page(request, 50)}).configure(table)
    context = {
        "table": table,
        "filter": filters,
        "search": search,
        "said": said,
        "may_admit": can(request.user, Permission.ADMIT_PUPIL, request.school),
        "may_import": can(request.user, Permission.RUN_SCHOOL, request.school),
        "school_is_empty": not (table.rows or Pupil.objects.exists()),
    }
    return render(request, "registers/see_pupils.html", context, status=422 if search.errors else 200)


@requires(Permission.ADMIT_PUPIL)
def admit_pupil(request: Request) -> HttpResponse:
    form = AdmitPupilForm(request.POST or None, initial={"admission_date": clock.today(request.school)})
    contact = FirstContactForm(request.POST or None, prefix="contact")
    if request.method == "POST" and all([form.is_valid(), contact.is_valid()]):
        try:
            pupil = actions.admit_pupil(
                school=request.school,
                values=form.of_the_child(),
                contact=contact.cleaned_data if contact.has_changed() else None,
                by=request.actor,
                **form.of_the_spell(),
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(
                request,
                f"{pupil} is on the register. The local authority is told by the end of the fifth day after today, "
                "but for the most junior class on the first day of the school year.",
            )
            return redirect(pupil)
    context = {"form": form, "contact": contact}
    return render(request, "registers/admit_pupil.html", context, status=422 if form.errors or contact.errors else 200)


@requires(Permission.ADMIT_PUPIL)
def edit_pupil(request: Request, pupil_id: int) -> HttpResponse:
    return _edit(request, pupil_id, PupilForm, "parts/sections_page.html", title="Admission register")


@requires(Permission.SEE_VULNERABLE_WHY)
def edit_confidential(request: Request, pupil_id: int) -> HttpResponse:
    """Why a child is vulnerable: who opens it is recorded."""
    answer = _edit(
        request, pupil_id, ConfidentialForm, "registers/edit_confidential.html", title="Why this child is vulnerable"
    )
    if request.method == "GET":
        pupil = Pupil.objects.get(pk=pupil_id)
        audit.record(
            "read_confidential",
            pupil,
            school_id=request.school.pk,
            by=request.actor,
            pupil_id=pupil.pk,
            summary="Read why the child is vulnerable.",
        )
    return answer


def _edit(request: Request, pupil_id: int, form_class: Any, template: str, *, title: str) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    name, back = str(pupil), pupil.get_absolute_url()  # a form with errors changes its instance
    form = form_class(request.POST or None, instance=pupil)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_pupil(pupil=pupil, changes=form.changes(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{pupil}: saved.")
            return redirect(back)
    context = {"form": form, "title": title, "caption": name, "button": "Save", "back": back}
    return render(request, template, context, status=422 if form.errors else 200)


@requires(Permission.ADMIT_PUPIL)
def remove_from_roll(request: Request, pupil_id: int) -> HttpResponse:
    """First the ground, then what the law asks for on it."""
    pupil = reachable_pupil(request, pupil_id)
    ground = roll.GROUNDS.get(request.GET.get("ground", ""))
    page = {"caption": str(pupil), "back": pupil.get_absolute_url()}
    if ground is None:
        return _choose_ground(request, page)
    facts = actions.leaving_facts(pupil)
    if reasons := roll.why_not_ground(ground, facts):
        context = {"refused": reasons, "ground": ground, **page}
        return render(request, "registers/remove_refused.html", context)
    form = RemoveFromRollForm(request.POST or None, ground=ground, initial={"leaving_date": facts.today})
    if request.method == "POST" and form.is_valid():
        try:
            spell = actions.remove_from_roll(pupil=pupil, ground=ground.letter, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{pupil} comes off the register after {spell.leaving_date:%-d %B %Y}.")
            return redirect(pupil)
    title = f"Remove from roll: {ground.meaning.lower()}"
    intro = ["The marks stay: the register is kept for six years."]
    return form_page(request, form, title=title, button="Remove from roll", danger=True, intro=intro, **page)


def _choose_ground(request: Request, page: dict[str, str]) -> HttpResponse:
    form = GroundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(f"{request.path}?ground={form.cleaned_data['ground']}")
    intro = ["A name comes off the register on one of these grounds only, and must once one of them arises."]
    return form_page(request, form, title="Remove from roll", button="Continue", intro=intro, **page)


@requires(Permission.ADMIT_PUPIL)
@require_POST
def keep_on_roll(request: Request, pupil_id: int) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    try:
        actions.keep_on_roll(pupil=pupil, by=request.actor)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{pupil} stays on the register.")
    return redirect(pupil)


@requires(Permission.ADMIT_PUPIL)
def change_starting_day(request: Request, pupil_id: int) -> HttpResponse:
    """Put the starting day right, or cancel an admission that is still to come."""
    pupil = reachable_pupil(request, pupil_id)
    spell = pupil.registrations.latest("admission_date")
    initial = {"admission_date": spell.admission_date, "last_school": spell.last_school}
    saves = request.method == "POST" and "cancel" not in request.POST
    form = StartingDayForm(request.POST if saves else None, initial=initial)
    try:
        if "cancel" in request.POST:
            actions.cancel_admission(pupil=pupil, by=request.actor)
            messages.success(request, "The admission is cancelled.")
            return redirect("registers:see_pupils", request.school.urn)
        if saves and form.is_valid():
            actions.change_starting_day(pupil=pupil, by=request.actor, **form.cleaned_data)
            messages.success(request, f"{pupil}: saved.")
            return redirect(pupil)
    except Refused as refused:
        if saves:
            form.add_error(None, refused.reasons)
        else:
            messages.error(request, str(refused))
    context = {
        "form": form,
        "title": "Starting day",
        "caption": pupil,
        "button": "Save",
        "back": pupil.get_absolute_url(),
        "may_cancel": spell.admission_date > clock.today(request.school),
    }
    return render(request, "registers/change_starting_day.html", context, status=422 if form.errors else 200)


@requires(Permission.ADMIT_PUPIL)
def readmit_pupil(request: Request, pupil_id: int) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    initial = {"admission_date": clock.today(request.school), "year_group": pupil.year_group}
    form = ReadmitForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.readmit_pupil(pupil=pupil, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{pupil} is on the register again.")
            return redirect(pupil)
    return form_page(
        request, form, title="Readmit", button="Readmit", caption=str(pupil), back=pupil.get_absolute_url()
    )

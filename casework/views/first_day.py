"""First day contact: who is missing without a reason, whom to ring, and what follows when nobody answers."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, row_id
from casework.actions import contacts as actions
from casework.actions import texting
from casework.forms.contacts import FirstDaySettingsForm, StepForm, TryForm
from casework.models import AbsenceReport, ContactRecord, FirstDaySettings
from casework.unexplained import Family, families_missing
from registers.models import Contact, Pupil

OUTCOMES = ContactRecord.Outcome.choices
STEPS = ContactRecord.Step.choices


@requires(Permission.SEE_CONTACTS)
def first_day_contact(request: Request) -> HttpResponse:
    families = families_missing(request.school)
    return render(
        request, "casework/first_day_contact.html", {**_context(request, families), **_head(request, families)}
    )


@requires(Permission.SEE_CONTACTS)
def first_day_changes(request: Request) -> HttpResponse:
    """What others did since the page was drawn: the families that changed, each in its place.

    `shown` is `family:last record` for each that the page shows.
    """
    if not request.htmx:
        return redirect("casework:first_day_contact", request.school.urn)
    shown = _shown(request.GET)
    families = families_missing(request.school)
    current = {str(family.key): str(family.last_id) for family in families}
    context = {
        **_context(request, families),
        "changed": [f for f in families if str(f.key) in shown and shown[str(f.key)] != str(f.last_id)],
        "is_stale": set(current) != set(shown),
    }
    # What a reload would bring stays marked as new until somebody reloads.
    context["shown"] = ",".join(f"{key}:{current.get(key, 0)}" for key in shown)
    return render(request, "casework/_first_day_changes.html", context)


@requires(Permission.SEE_CONTACTS)
@require_POST
def log_try(request: Request, pupil_id: int) -> HttpResponse:
    """One click: somebody was rung, and this came of it. Who answered is asked for the reason next."""
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    family = _family_of(request, pupil)
    form = TryForm(request.POST)
    if not form.is_valid():
        return _back(request, pupil, family, refused=["Choose what came of the call."])
    values = form.cleaned_data
    pupils = family.pupils if family else [pupil]
    rung = _same_person(family, pupil, values["contact"])
    if values["contact"] and not rung:
        raise Http404("No such contact.")
    try:
        rows = actions.log_try(
            school=request.school,
            pupils=pupils,
            contacts=rung,
            outcome=values["outcome"],
            who=values["who"],
            key=values["key"],
            by=request.actor,
        )
    except Refused as refused:
        return _back(request, pupil, family, refused=refused.reasons)
    if values["outcome"] == ContactRecord.Outcome.ANSWERED:
        address = reverse("casework:report_absence_of", args=[request.school.urn, pupil.pk])
        return _go(request, f"{address}?record={rows[0].pk}")
    return _back(request, pupil, _family_of(request, pupil))


@requires(Permission.SEE_CONTACTS)
@require_POST
def text_contact(request: Request, pupil_id: int) -> HttpResponse:
    """One click: this person gets the text, or the e-mail, about every child of the family who is missing."""
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    family = _family_of(request, pupil)
    rows = _same_person(family, pupil, row_id(request.POST.get("contact", ""))) if family else []
    if not family or not rows:
        raise Http404("No such contact.")
    try:
        texting.text_contact(school=request.school, pupils=family.pupils, person=rows, by=request.actor)
    except Refused as refused:
        return _back(request, pupil, family, refused=refused.reasons)
    return _back(request, pupil, _family_of(request, pupil))


@requires(Permission.SEE_CONTACTS)
@require_POST
def decide_step(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    family = _family_of(request, pupil)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _back(request, pupil, family, refused=[str(e) for errors in form.errors.values() for e in errors])
    pupils = family.pupils if family else [pupil]
    actions.decide_step(school=request.school, pupils=pupils, by=request.actor, **form.cleaned_data)
    return _back(request, pupil, _family_of(request, pupil))


@requires(Permission.SEE_CONTACTS)
def text_unexplained(request: Request) -> HttpResponse:
    """Look at what would be sent to whom, then send it to the families that are ticked."""
    drafts = texting.drafts(request.school)
    if request.method == "POST":
        chosen = {row_id(key) for key in request.POST.getlist("family")}
        wanted = [draft for draft in drafts if draft.family.key in chosen]
        if wanted:
            count = texting.send(school=request.school, drafts=wanted, by=request.actor)
            messages.success(request, f"{count} message{'s are' if count != 1 else ' is'} on the way.")
            return redirect("casework:first_day_contact", request.school.urn)
        messages.error(request, "Choose at least one family.")
    context = {
        "drafts": [draft for draft in drafts if not draft.reasons],
        "cannot": _by_reason([draft for draft in drafts if draft.reasons]),
        "settings": FirstDaySettings.objects.first(),
        "may_set": can(request.user, Permission.CHANGE_POLICY, request.school),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "casework/text_unexplained.html", context, status=status)


@requires(Permission.CHANGE_POLICY)
def first_day_settings(request: Request) -> HttpResponse:
    known = FirstDaySettings.objects.first()
    form = FirstDaySettingsForm(request.POST or None, initial={"text_at": known.text_at if known else None})
    back = reverse("casework:text_unexplained", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        texting.change_settings(school=request.school, by=request.actor, **form.cleaned_data)
        messages.success(request, "The setting is saved.")
        return redirect(back)
    return form_page(request, form, title="Texts on the first day", button="Save the setting", back=back)


def _by_reason(drafts: list[texting.Draft]) -> dict[str, list[Pupil]]:
    """The children of whose families nobody can be written to, by why not: each reason is said once."""
    found: dict[str, list[Pupil]] = {}
    for draft in drafts:
        found.setdefault(" ".join(draft.reasons), []).extend(draft.family.pupils)
    return found


def _shown(data: QueryDict) -> dict[str, str]:
    """The families a page shows, each with its last record."""
    return dict(pair.split(":", 1) for pair in data.get("shown", "").split(",") if ":" in pair)


def _context(request: Request, families: list[Family]) -> dict[str, Any]:
    for each in (each for family in families if family.minutes is not None for each in family.people):
        each.way = "" if each.was_written_to else texting.way_to(request.school, each.contact)[0]
    return {
        "families": families,
        "shown": ",".join(f"{family.key}:{family.last_id}" for family in families),
        "outcomes": OUTCOMES,
        "steps": STEPS,
        "may_see_why": can(request.user, Permission.SEE_VULNERABLE_WHY, request.school),
        "new_key": uuid4,
    }


def _head(request: Request, families: list[Family]) -> dict[str, Any]:
    children = [child for family in families for child in family.children if not child.has_come]
    today = clock.today(request.school)
    return {
        "children": len(children),
        "watched": sum(child.pupil.needs_watching for child in children),
        "to_decide": AbsenceReport.objects.to_decide().filter(start__lte=today).count(),
    }


def _family_of(request: Request, pupil: Pupil) -> Family | None:
    return next((family for family in families_missing(request.school) if pupil in family.pupils), None)


def _same_person(family: Family | None, pupil: Pupil, contact_id: int | None) -> list[Contact]:
    """The rows of one person among the contacts of the children of the family; empty: she is none of them."""
    if contact_id is None:
        return []
    of = family.pupils if family else [pupil]
    ids = [contact_id]
    if family:
        ids = next(
            (list(each.person.contact_ids) for each in family.people if contact_id in each.person.contact_ids), []
        )
    rows = list(Contact.objects.filter(pk__in=ids, pupil__in=of))
    return sorted(rows, key=lambda contact: contact.pk != contact_id)


def _go(request: Request, address: str) -> HttpResponse:
    if request.htmx:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    return redirect(address)


def _back(request: Request, pupil: Pupil, family: Family | None, refused: list[str] | None = None) -> HttpResponse:
    """The family's card for htmx, else the whole page at its place."""
    if request.htmx:
        context = {**_context(request, [family] if family else []), "family": family, "refused": refused}
        shown = _shown(request.POST)
        if family:
            shown[str(family.key)] = str(family.last_id)
        context["shown"] = ",".join(f"{key}:{last}" for key, last in shown.items())
        return render(request, "casework/_family_answer.html", context, status=422 if refused else 200)
    if refused:
        messages.error(request, " ".join(refused))
    address = reverse("casework:first_day_contact", args=[request.school.urn])
    return redirect(f"{address}#family-{family.key if family else pupil.pk}")

"""People and roles: the technician's page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance_mis import actions
from attendance_mis.forms.people import AddPersonForm, EditPersonForm
from attendance_mis.models import Membership
from attendance_mis.pages import form_page
from attendance_mis.permissions import SENTENCES, Permission, Role, requires
from attendance_mis.requests import Request


@requires(Permission.RUN_SCHOOL)
def see_people(request: Request) -> HttpResponse:
    memberships = list(request.school.memberships.select_related("user").order_by("user__name", "pk"))
    missing = [role for role in Role if not any(m.role == role and not m.ended_at for m in memberships)]
    context = {
        "current": [membership for membership in memberships if not membership.ended_at],
        "ended": [membership for membership in memberships if membership.ended_at],
        "missing": [
            {"role": role.label, "says": SENTENCES[role]}
            for role in missing
            if role in (Role.HEAD, Role.MANAGER, Role.OFFICE, Role.TEACHER)
        ],
    }
    return render(request, "attendance_mis/see_people.html", context)


@requires(Permission.RUN_SCHOOL)
@never_cache
def add_person(request: Request) -> HttpResponse:
    form = AddPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            membership = actions.add_person(school=request.school, by=request.actor, **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            if membership.user.has_usable_password():
                messages.success(request, f"{membership.user} has an account already and signs in as before.")
                return redirect(_people(request))
            return _invited(request, membership)
    return form_page(request, form, title="Add a person", button="Add the person", back=_people(request))


@requires(Permission.RUN_SCHOOL)
def edit_person(request: Request, membership_id: int) -> HttpResponse:
    membership = _membership(request, membership_id)
    initial = {"role": membership.role, "position": membership.position}
    form = EditPersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_person(membership=membership, by=request.actor, **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{membership.user}: saved. It holds from the next page this person opens.")
            return redirect(_people(request))
    context = {
        "form": form,
        "title": str(membership.user),
        "caption": membership.user.email,
        "button": "Save",
        "back": _people(request),
        "membership": membership,
    }
    return render(request, "attendance_mis/edit_person.html", context, status=422 if form.errors else 200)


@requires(Permission.RUN_SCHOOL)
@require_POST
def end_membership(request: Request, membership_id: int) -> HttpResponse:
    membership = _membership(request, membership_id)
    try:
        actions.end_membership(membership=membership, by=request.actor)
    except actions.Refused as refused:
        messages.error(request, str(refused))
        return redirect("edit_person", request.school.urn, membership.pk)
    messages.success(request, f"{membership.user} has no access to this school any more, and is signed out everywhere.")
    return redirect(_people(request))


@requires(Permission.RUN_SCHOOL)
@require_POST
@never_cache
def invite(request: Request, membership_id: int) -> HttpResponse:
    return _invited(request, _membership(request, membership_id))


@requires(Permission.RUN_SCHOOL)
@require_POST
def end_second_step(request: Request, membership_id: int) -> HttpResponse:
    membership = _membership(request, membership_id)
    try:
        actions.end_second_step(membership=membership, by=request.actor)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{membership.user} sets up a new second step when she signs in next.")
    return redirect("edit_person", request.school.urn, membership.pk)


def _membership(request: Request, membership_id: int) -> Membership:
    """A role at this school; another school's is no page."""
    memberships = request.school.memberships.select_related("user", "school")
    return get_object_or_404(memberships, pk=membership_id)


def _invited(request: Request, membership: Membership) -> HttpResponse:
    """Mail the link; where there is no mail it is shown once, in the answer itself: it is kept nowhere."""

    def address(token: str) -> str:
        return request.build_absolute_uri(reverse("invitation", args=[token]))

    try:
        link = actions.invite(membership=membership, address=address, by=request.actor)
    except actions.Refused as refused:
        messages.error(request, str(refused))
        return redirect("edit_person", request.school.urn, membership.pk)
    if not link:
        messages.success(request, f"An e-mail is on its way to {membership.user}, with a link to choose a password.")
        return redirect(_people(request))
    context = {"membership": membership, "link": link, "back": _people(request)}
    return render(request, "attendance_mis/show_link.html", context)


def _people(request: Request) -> str:
    return reverse("see_people", args=[request.school.urn])

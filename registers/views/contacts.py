"""The people to reach for a child."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from registers.actions import contacts as actions
from registers.forms.pupils import ContactForm
from registers.models import Contact
from registers.views.pupils import reachable_pupil


@requires(Permission.EDIT_CONTACTS)
def add_contact(request: Request, pupil_id: int) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        contact = actions.add_contact(pupil=pupil, values=form.cleaned_data, by=request.actor)
        messages.success(request, f"{contact} is a contact of {pupil}.")
        return redirect(pupil)
    context = {"form": form, "title": "Add a contact", "caption": pupil, "button": "Add the contact"}
    context["back"] = pupil.get_absolute_url()
    return render(request, "parts/sections_page.html", context, status=422 if form.errors else 200)


@requires(Permission.EDIT_CONTACTS)
def edit_contact(request: Request, pupil_id: int, contact_id: int) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    contact = get_object_or_404(Contact, pk=contact_id, pupil=pupil)
    name = str(contact)
    form = ContactForm(request.POST or None, instance=contact)
    if request.method == "POST" and "remove" in request.POST:
        try:
            actions.remove_contact(contact=get_object_or_404(Contact, pk=contact_id), by=request.actor)
        except Refused as refused:
            form = ContactForm(instance=contact)
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{name} is no longer a contact.")
            return redirect(pupil)
    elif request.method == "POST" and form.is_valid():
        try:
            actions.edit_contact(contact=contact, changes=form.changes(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{contact}: saved.")
            return redirect(pupil)
    context = {"form": form, "title": name, "caption": pupil, "button": "Save", "back": pupil.get_absolute_url()}
    return render(request, "registers/edit_contact.html", context, status=422 if form.errors else 200)


@requires(Permission.EDIT_CONTACTS)
@require_POST
def move_contact_up(request: Request, pupil_id: int, contact_id: int) -> HttpResponse:
    """Move a contact up by one place."""
    pupil = reachable_pupil(request, pupil_id)
    get_object_or_404(Contact, pk=contact_id, pupil=pupil)
    ids = list(pupil.contacts.values_list("pk", flat=True))
    place = ids.index(contact_id)
    if place:
        ids[place - 1 : place + 1] = [ids[place], ids[place - 1]]
        actions.order_contacts(pupil=pupil, contact_ids=ids, by=request.actor)
    return redirect(f"{pupil.get_absolute_url()}#contacts")

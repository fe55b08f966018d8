"""The people to reach for a child, in order of priority."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from registers.models import Contact, Pupil

# Priorities are unique: while they are put in a new order they stand above all real ones.
ASIDE = 10_000


@transaction.atomic
def add_contact(*, pupil: Pupil, values: Mapping[str, Any], by: Actor) -> Contact:
    """Add a person behind those already there."""
    last = _lock(pupil).contacts.last()
    contact = pupil.contacts.create(school_id=pupil.school_id, priority=last.priority + 1 if last else 1, **values)
    _record("add_contact", contact, by, f"Added {_who(contact)} as a contact.", {"after": dict(values)})
    return contact


@transaction.atomic
def edit_contact(*, contact: Contact, changes: Mapping[str, tuple[Any, Any]], by: Actor) -> Contact:
    """Change fields of a contact. `changes` are field: (what the person saw, what she wants).

    Raises `Refused` when somebody changed one of these fields meanwhile.
    """
    _lock(contact.pupil)
    contact = Contact.objects.get(pk=contact.pk)
    clashes = [name for name, (seen, _) in changes.items() if getattr(contact, name) != seen]
    if clashes:
        said = ", ".join(f"{name.replace('_', ' ')} is now “{getattr(contact, name)}”" for name in clashes)
        raise Refused([f"Somebody changed this contact meanwhile: {said}. Look at it, then save again."])
    if not changes:
        return contact
    for name, (_, new) in changes.items():
        setattr(contact, name, new)
    contact.save()
    before, after = ({name: pair[n] for name, pair in changes.items()} for n in (0, 1))
    said = ", ".join(name.replace("_", " ") for name in changes)
    _record("edit_contact", contact, by, f"Changed {said} of {_who(contact)}.", {"before": before, "after": after})
    return contact


@transaction.atomic
def remove_contact(*, contact: Contact, by: Actor) -> None:
    """Take a person off the list; those behind move up. The audit row keeps what was known of her."""
    pupil = _lock(contact.pupil)
    known = {field.attname: getattr(contact, field.attname) for field in Contact._meta.concrete_fields}
    _record("remove_contact", contact, by, f"Removed {_who(contact)} as a contact.", {"before": known})
    try:
        contact.delete()
    except ProtectedError as error:
        raise Refused(
            ["Letters or calls to this person are on record, so the name stays. Put it last instead, or change it."]
        ) from error
    _number(pupil, list(pupil.contacts.values_list("pk", flat=True)))


@transaction.atomic
def order_contacts(*, pupil: Pupil, contact_ids: Sequence[int], by: Actor) -> None:
    """Put a child's contacts in this order of priority. Raises `Refused` when it names others than hers."""
    _lock(pupil)
    if sorted(contact_ids) != sorted(pupil.contacts.values_list("pk", flat=True)):
        raise Refused(["The contacts were changed meanwhile. Look at them again."])
    _number(pupil, contact_ids)
    audit.record(
        "order_contacts",
        pupil,
        school_id=pupil.school_id,
        by=by,
        pupil_id=pupil.pk,
        summary="Changed the order in which contacts are called.",
        data={"after": list(contact_ids)},
    )


def _lock(pupil: Pupil) -> Pupil:
    """One change of a child's contacts at a time; upper floors look again at her."""
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    Pupil.objects.filter(pk=pupil.pk).update(changed_at=timezone.now())
    return pupil


def _number(pupil: Pupil, contact_ids: Sequence[int]) -> None:
    pupil.contacts.update(priority=F("priority") + ASIDE)
    for priority, contact_id in enumerate(contact_ids, start=1):
        pupil.contacts.filter(pk=contact_id).update(priority=priority)


def _who(contact: Contact) -> str:
    return f"{contact.name} ({contact.relationship})" if contact.relationship else contact.name


def _record(verb: str, contact: Contact, by: Actor, summary: str, data: dict[str, Any]) -> None:
    audit.record(
        verb, contact, school_id=contact.school_id, by=by, pupil_id=contact.pupil_id, summary=summary, data=data
    )

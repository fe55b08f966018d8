"""Who reads a trust's schools side by side: whoever runs the server names her, as no school speaks for a trust."""

from django.db import transaction

from attendance_mis.actions.people import close_membership, held_person, record_person
from attendance_mis.actions.refusing import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Membership, Trust, User
from attendance_mis.permissions import Role


@transaction.atomic
def add_trust_lead(*, trust: str, email: str, name: str, position: str, by: Actor) -> Membership:
    """Give a person the role at the trust of this name; each of its schools has it in its audit trail.

    Raises `Refused` for a trust without a school, and for who leads it already.
    """
    found = _held(trust)
    user = held_person(email, name)
    if found.memberships.filter(user=user, ended_at=None).exists():
        raise Refused([f"{user.name} leads {found.name} already."])
    User.objects.filter(pk=user.pk).update(is_active=True)
    membership = Membership.objects.create(user=user, trust=found, role=Role.TRUST_LEAD, position=position)
    record_person("add_trust_lead", membership, by, f"Made {user.name} trust lead of {found.name}.")
    return membership


@transaction.atomic
def end_trust_lead(*, trust: str, email: str, by: Actor) -> Membership:
    """End the role and every session of hers at once; with her last role her account is closed.

    Raises `Refused` when nobody of this address leads the trust.
    """
    found = _held(trust)
    held = found.memberships.filter(user__email=email.strip().lower(), ended_at=None)
    membership = held.select_related("user", "trust").first()
    if membership is None:
        raise Refused([f"Nobody with the address {email} leads {found.name}."])
    close_membership(membership)
    record_person("end_trust_lead", membership, by, f"Ended the role trust lead of {membership.user.name}.")
    return membership


def _held(name: str) -> Trust:
    """The trust, locked: one change of its leads at a time."""
    trust = Trust.objects.select_for_update().filter(name=name.strip()).first()
    if trust is None or not trust.schools.exists():
        known = ", ".join(Trust.objects.filter(schools__isnull=False).distinct().values_list("name", flat=True))
        hint = f"There is: {known}." if known else "Begin a school of it first: manage.py begin_school --trust NAME."
        raise Refused([f"No school belongs to a trust named {name.strip()}. {hint}"])
    return trust

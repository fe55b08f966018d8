"""The people of a school: who they are there, and how they come in."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from attendance_mis import audit, links, mails, sessions
from attendance_mis.actions.refusing import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import CalendarFeed, Membership, School, User
from attendance_mis.permissions import Role
from attendance_mis.promises import promised


@transaction.atomic
def add_person(*, school: School, email: str, name: str, role: str, position: str, by: Actor) -> Membership:
    """Give a person a role at a school; one who is new has no way in until she is invited (`invite`).

    Raises `Refused` when she holds this role here, or for the role that belongs to a trust.
    """
    if role == Role.TRUST_LEAD:
        raise Refused(["A trust lead belongs to the trust, not to a school."])
    user = held_person(email, name)
    if school.memberships.filter(user=user, role=role, ended_at=None).exists():
        raise Refused([f"{user.name} is {Role(role).label.lower()} at this school already."])
    User.objects.filter(pk=user.pk).update(is_active=True)
    membership = Membership.objects.create(user=user, school=school, role=role, position=position)
    record_person("add_person", membership, by, f"Gave {user.name} the role {membership.get_role_display()}.")
    return membership


def held_person(email: str, name: str) -> User:
    """Who has the address, held until the transaction ends; made where nobody has it, once if two add her at once."""
    email = email.strip().lower()
    try:
        with transaction.atomic():
            return User.objects.select_for_update().filter(email=email).first() or User.objects.create_user(email, name)
    except IntegrityError:
        return User.objects.select_for_update().get(email=email)


@transaction.atomic
def edit_person(*, membership: Membership, role: str, position: str, by: Actor) -> Membership:
    """Change what a person is at a school; it holds from her next request. What she did before keeps its position."""
    membership = _locked(membership)
    others = Membership.objects.filter(user=membership.user, school=membership.school, role=role, ended_at=None)
    if role == Role.TRUST_LEAD or others.exclude(pk=membership.pk).exists():
        raise Refused([f"{membership.user.name} cannot have this role here, or has it already."])
    if membership.role == Role.TECHNICIAN and role != Role.TECHNICIAN:
        _refuse_last_technician(membership)
    before = {"role": membership.role, "position": membership.position}
    membership.role, membership.position = role, position
    membership.save(update_fields=["role", "position"])
    said = f"{membership.user.name} is now {membership.get_role_display()}, {position}."
    record_person("edit_person", membership, by, said, before=before)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: Actor) -> None:
    """End a person's role at a school, every session of hers on every machine and her calendar's address, at once.

    With her last role her account is closed, whichever way she signed in; `add_person` opens it again.
    Raises `Refused` for one's own role and for the last technician's: nobody could add people any more.
    """
    membership = _locked(membership)
    if membership.user_id == by.user_id:
        raise Refused(["You cannot end your own role: another technician does it."])
    _refuse_last_technician(membership)
    close_membership(membership)
    CalendarFeed.objects.filter(school=membership.school_id, user=membership.user_id).delete()
    said = f"Ended the role {membership.get_role_display()} of {membership.user.name}."
    record_person("end_membership", membership, by, said)


def close_membership(membership: Membership) -> None:
    """End a role and every session of the person; with the last one her account is closed."""
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    works_elsewhere = Membership.objects.filter(user=membership.user_id, ended_at=None).exists()
    # Closed, and not only shut out here: no passkey, school account or link opens anything again.
    User.objects.filter(pk=membership.user_id).update(session_epoch=F("session_epoch") + 1, is_active=works_elsewhere)
    sessions.end_all(membership.user)


@transaction.atomic
def invite(*, membership: Membership, address: Callable[[str], str], by: Actor) -> str:
    """Mail a person a link to choose a password; returns the link where no mail could be sent, else nothing.

    `address` makes the link of its end. What she has now goes on until she uses it. Raises `Refused` when she works
    elsewhere too and has a way in, where this school's technician has no say.
    """
    membership = _locked(membership)
    user = membership.user
    if user.has_usable_password():
        _refuse_elsewhere(membership, "asks for a new password herself, on the sign-in page")
    link = address(links.make(links.INVITATION, user))
    is_sent = mails.send_invitation(user=user, school=promised(membership.school), link=link)
    how = "by e-mail" if is_sent else "as a link to hand over"
    record_person("invite", membership, by, f"Invited {user.name} to choose a password, {how}.")
    return "" if is_sent else link


@transaction.atomic
def end_second_step(*, membership: Membership, by: Actor) -> None:
    """Take away the passkeys and the app of a person who lost them, and end her sessions; she sets up new ones.

    Raises `Refused` when she works elsewhere too.
    """
    membership = _locked(membership)
    user = membership.user
    _refuse_elsewhere(membership, "asks the technician of each to agree, and uses a recovery code meanwhile")
    Authenticator.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    sessions.end_all(user)
    record_person("end_second_step", membership, by, f"Took away the second step of {user.name}.")


def _locked(membership: Membership) -> Membership:
    """The row, held with its school's: one change of the people at a time. Refuses one that has ended."""
    School.objects.select_for_update(no_key=True).get(memberships=membership)
    membership = Membership.objects.select_related("user", "school").get(pk=membership.pk)
    if membership.ended_at:
        raise Refused(["This role has ended already."])
    return membership


def _refuse_last_technician(membership: Membership) -> None:
    technicians = Membership.objects.filter(school=membership.school, role=Role.TECHNICIAN, ended_at=None)
    if membership.role == Role.TECHNICIAN and technicians.count() == 1:
        raise Refused(["This is the school's only technician. Add another one first."])


def _refuse_elsewhere(membership: Membership, instead: str) -> None:
    user = membership.user
    if user.memberships.filter(ended_at=None).exclude(school=membership.school).exists():
        raise Refused([f"{user.name} works at another school or for the trust too: she {instead}."])


def record_person(verb: str, membership: Membership, by: Actor, summary: str, **data: Any) -> None:
    """One row of the audit trail about a role of somebody, at each school that it reaches: a trust lead's at all."""
    data |= {"user": membership.user_id, "role": membership.role, "position": membership.position}
    schools = [membership.school] if membership.school else promised(membership.trust).schools.order_by("pk")
    for school in schools:
        audit.record(verb, membership, school_id=school.pk, by=by, summary=summary, data=data)

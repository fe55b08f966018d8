"""The writers of the ground: signing in and out, and the people of a school."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actors import Actor
from attendance_mis.beginning import Beginning
from attendance_mis.middleware import SEEN
from attendance_mis.models import Membership, School, SignInFailure, Trust, User
from attendance_mis.permissions import Role
from attendance_mis.requests import Request

WINDOW = timedelta(minutes=15)
# One machine (a school's whole site may share an address) gets many more tries than one address from it.
MACHINE_FACTOR = 20


class Refused(Exception):
    """A rule says no. `reasons` are sentences for the person, the same that the page shows beside the button."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def sign_in(request: Request, *, email: str, password: str) -> User:
    """Sign a person in, or raise `Refused`. Too many failures from one machine are refused for a while, right or wrong.

    The count is per address and machine together, so nobody can lock another person out from elsewhere.
    """
    machine = request.META.get("REMOTE_ADDR", "")
    keys = {_key(machine, email.strip().lower()): settings.SIGN_IN_FAILURES, _key(machine): _machine_limit()}
    since = timezone.now() - WINDOW
    if any(SignInFailure.objects.filter(key=key, at__gt=since).count() >= limit for key, limit in keys.items()):
        raise Refused(
            ["Too many attempts. Wait 15 minutes and try again, or ask your technician to set a new password."]
        )
    user = authenticate(request, username=email, password=password)
    if user is None:
        SignInFailure.objects.bulk_create([SignInFailure(key=key, at=timezone.now()) for key in keys])
        raise Refused(["The e-mail address or the password is not right. Check both and try again."])
    with transaction.atomic():
        login(request, user)
        request.session[SEEN] = int(timezone.now().timestamp())
        SignInFailure.objects.filter(key=_key(machine, email.strip().lower())).delete()
        _record(user, "sign_in", "Signed in.")
    return user


def sign_out(request: Request) -> None:
    """End this session."""
    _record(request.user, "sign_out", "Signed out.")
    logout(request)


@transaction.atomic
def sign_out_everywhere(*, user: User) -> None:
    """End every session of this person on every machine, at her next request there."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    _record(user, "sign_out_everywhere", "Signed out everywhere.")


def begin_school(
    request: Request, *, beginning: Beginning, school_name: str, name: str, email: str, password: str, **facts: str
) -> School:
    """Add a school, `facts` being its fields, with its first technician, and sign her in.

    Raises `Refused` when the link was spent meanwhile, and when the address has an account of another password.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        sign_in(request, email=email, password=password)
    with transaction.atomic():
        with connection.cursor() as cursor:  # a link is good for one school, whoever opened it twice
            cursor.execute(f"LOCK TABLE {School._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        if School.objects.count() != beginning.schools:
            raise Refused(["This link was used meanwhile. Whoever runs the server makes another."])
        user = user or User.objects.create_user(email, name, password)
        trust = Trust.objects.get_or_create(name=beginning.trust)[0] if beginning.trust else None
        school = School.objects.create(trust=trust, name=school_name, **facts)
        membership = Membership.objects.create(
            user=user, school=school, role=Role.TECHNICIAN, position=Role.TECHNICIAN.label
        )
        said = f"Began the school {school.name} with {user.name} as its technician."
        _record_person("begin_school", membership, membership.actor(), said)
    if not request.user.is_authenticated:
        sign_in(request, email=email, password=password)
    return school


# A password that is read from one screen and typed at another: no letter that looks like another.
EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
EASY_GROUPS = 4


@transaction.atomic
def add_person(*, school: School, email: str, name: str, role: str, position: str, by: Actor) -> tuple[Membership, str]:
    """Give a person a role at a school; returns the membership and her new password, empty when she has one already.

    Raises `Refused` when she holds this role here, or for the role that belongs to a trust.
    """
    email = email.strip().lower()
    user = User.objects.select_for_update().filter(email=email).first()
    if role == Role.TRUST_LEAD:
        raise Refused(["A trust lead belongs to the trust, not to a school."])
    if user and school.memberships.filter(user=user, role=role, ended_at=None).exists():
        raise Refused([f"{user.name} is {Role(role).label.lower()} at this school already."])
    password = "" if user else _new_password()
    user = user or User.objects.create_user(email, name, password)
    User.objects.filter(pk=user.pk).update(is_active=True)
    membership = Membership.objects.create(user=user, school=school, role=role, position=position)
    _record_person("add_person", membership, by, f"Gave {user.name} the role {membership.get_role_display()}.")
    return membership, password


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
    _record_person("edit_person", membership, by, said, before=before)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: Actor) -> None:
    """End a person's role at a school, and every session of hers on every machine, at once.

    Raises `Refused` for one's own role and for the last technician's: nobody could add people any more.
    """
    membership = _locked(membership)
    if membership.user_id == by.user_id:
        raise Refused(["You cannot end your own role: another technician does it."])
    _refuse_last_technician(membership)
    membership.ended_at = timezone.now()
    membership.save(update_fields=["ended_at"])
    User.objects.filter(pk=membership.user_id).update(session_epoch=F("session_epoch") + 1)
    said = f"Ended the role {membership.get_role_display()} of {membership.user.name}."
    _record_person("end_membership", membership, by, said)


@transaction.atomic
def set_password(*, membership: Membership, by: Actor) -> str:
    """Give a person a new password and end her sessions; returns the password, which is kept nowhere.

    Raises `Refused` when she works elsewhere too, where this school's technician has no say.
    """
    membership = _locked(membership)
    user = membership.user
    if user.memberships.filter(ended_at=None).exclude(school=membership.school).exists():
        raise Refused([f"{user.name} works at another school or for the trust too: she changes her password herself."])
    password = _new_password()
    user.set_password(password)
    user.session_epoch += 1
    user.save(update_fields=["password", "session_epoch"])
    _record_person("set_password", membership, by, f"Gave {user.name} a new password.")
    return password


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


def _new_password() -> str:
    groups = ("".join(secrets.choice(EASY_LETTERS) for _ in range(4)) for _ in range(EASY_GROUPS))
    return "-".join(groups)


def _record_person(verb: str, membership: Membership, by: Actor, summary: str, **data: Any) -> None:
    data |= {"user": membership.user_id, "role": membership.role, "position": membership.position}
    school_id: int = membership.school_id  # type: ignore[assignment] # only a trust lead has none
    audit.record(verb, membership, school_id=school_id, by=by, summary=summary, data=data)


def _record(user: User, verb: str, summary: str) -> None:
    for membership in user.current_memberships():
        if membership.school_id:
            by = Actor(name=user.name, position=membership.position, user_id=user.pk)
            audit.record(verb, user, school_id=membership.school_id, by=by, summary=summary)


def _machine_limit() -> int:
    return settings.SIGN_IN_FAILURES * MACHINE_FACTOR


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join([settings.SECRET_KEY, *parts]).encode()).hexdigest()

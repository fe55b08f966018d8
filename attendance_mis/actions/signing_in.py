"""Signing in and out, being signed in, and coming back after a forgotten password.

django-allauth leads from the password over the second step to the session (decision 0035); these are its ends.
"""

import hashlib
import time
from datetime import timedelta

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone

from attendance_mis import audit, known_browsers, links, mails, sessions
from attendance_mis.actions.refusing import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import SignInFailure, User
from attendance_mis.requests import Request

WINDOW = timedelta(minutes=15)
# One machine (a school's whole site may share an address) gets many more tries than one address from it.
MACHINE_FACTOR = 20
RECOVERIES = 3  # mails to one address in the window, whoever asks


def sign_in(request: Request, *, email: str, password: str, then: str) -> HttpResponse:
    """Where to go after a right password: to the page `then`, or to the second step before it. Refuses as `prove`."""
    user = prove(request, email=email, password=password)
    return perform_password_login(request, {}, Login(user=user, redirect_url=then, email_verification="none"))


def prove(request: Request, *, email: str, password: str) -> User:
    """The person with this password.

    Raises `Refused` for a wrong one, and for a while after too many from one machine, right or wrong. The count is per
    address and machine together, and in a browser that knows the person by itself: so nobody can lock another person
    out, neither from elsewhere nor from beside her.
    """
    user = _tried(request, email=email, password=password)
    if user is None:
        raise Refused(["The e-mail address or the password is not right. Check both and try again."])
    return user


def _tried(request: Request, *, email: str, password: str) -> User | None:
    """The person, or nobody, which is counted. Raises `Refused` after too many tries."""
    machine, email = _machine(request), email.strip().lower()
    if mark := known_browsers.mark_of(request, email):
        keys = {_key("known", mark, email): settings.SIGN_IN_FAILURES}
    else:
        keys = {_key(machine, email): settings.SIGN_IN_FAILURES, _key(machine): _machine_limit()}
    if any(_counted(key) >= limit for key, limit in keys.items()):
        raise Refused(["Too many attempts. Wait 15 minutes and try again, or choose a new password."])
    user = authenticate(request, username=email, password=password)
    if user is None:
        SignInFailure.objects.bulk_create([SignInFailure(key=key, at=timezone.now()) for key in keys])
    return user


@transaction.atomic
def note_sign_in(request: Request, *, user: User) -> None:
    """What is kept of somebody who is in now, whichever way she came."""
    now = int(time.time())
    browser = sessions.browser_in_words(request.headers.get("User-Agent", ""))
    request.session.update({sessions.SIGNED_IN: now, sessions.SEEN: now, sessions.BROWSER: browser})
    SignInFailure.objects.filter(key=_key(_machine(request), user.email)).delete()
    SignInFailure.objects.filter(at__lt=timezone.now() - 2 * WINDOW).delete()
    sessions.sweep()
    record(user, "sign_in", "Signed in.")


def sign_out(request: Request) -> None:
    """End this session."""
    record(request.user, "sign_out", "Signed out.")
    logout(request)


@transaction.atomic
def sign_out_everywhere(*, user: User) -> None:
    """End every session of this person on every machine, at her next request there."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    sessions.end_all(user)
    record(user, "sign_out_everywhere", "Signed out everywhere.")


@transaction.atomic
def end_place(*, user: User, number: str) -> None:
    """End one of this person's sessions. Raises `Refused` for one that is over already."""
    if not sessions.end(user, number):
        raise Refused(["That session is over already."])
    record(user, "end_session", "Ended a session on another machine.")


@transaction.atomic
def disconnect_school_account(*, user: User, account_id: int) -> None:
    """Let a Google or Microsoft account open this person's pages no longer. Raises `Refused` for her only way in."""
    account = SocialAccount.objects.select_for_update().filter(user=user, pk=account_id).first()
    if account is None:
        raise Refused(["This account is not connected any more."])
    if not user.has_usable_password():
        raise Refused(["It is your only way in. Choose a password first: “Forgotten your password?” sends you a link."])
    account.delete()
    record(user, "disconnect_account", f"Disconnected the school account at {account.provider}.")


def ask_for_recovery(request: Request, *, email: str) -> bool:
    """Whether a mail may be asked for: not too many for one address, or from one machine.

    The same for an address that nobody has, so that nobody learns who has an account.
    """
    keys = {_key("recovery", email.strip().lower()): RECOVERIES, _key("recovery", _machine(request)): _machine_limit()}
    if any(_counted(key) >= limit for key, limit in keys.items()):
        return False
    SignInFailure.objects.bulk_create([SignInFailure(key=key, at=timezone.now()) for key in keys])
    return True


def mail_recovery(*, email: str, address: str) -> None:
    """Mail the person with this address, if there is one, a link to choose a password. `address` ends in a slash."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user and user.current_memberships():
        mails.send_recovery(user=user, link=f"{address}{links.make(links.RECOVERY, user)}/")


@transaction.atomic
def choose_password(*, kind: links.Kind, token: str, password: str) -> User:
    """Set the password of a link's person, once; every session of hers ends. Raises `Refused` for a link that is over.

    Two who follow one link at once: one of them has it.
    """
    found = links.who(kind, token)
    user = User.objects.select_for_update().filter(pk=found.pk).first() if found else None
    if user is None or links.who(kind, token) is None:
        raise Refused(["This link was used, or is too old. Ask for another."])
    user.set_password(password)
    user.session_epoch += 1
    user.save(update_fields=["password", "session_epoch"])
    sessions.end_all(user)
    record(user, "choose_password", f"Chose a password by {kind.name}.")
    return user


def change_password(request: Request, *, old: str, new: str) -> None:
    """Another password for whoever is signed in; every other session of hers ends.

    Raises `Refused` for a wrong old one, and after too many: an unlocked screen is no place to guess at.
    """
    user = _tried(request, email=request.user.email, password=old)
    if user is None:
        raise Refused(["The old password is not right."])
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        record(user, "change_password", "Changed the password.")
    update_session_auth_hash(request, user)
    mails.send_password_changed(user=user)


def record(user: User, verb: str, summary: str) -> None:
    """One row of the audit trail at each school of the person: what she did with her own account."""
    for membership in user.current_memberships():
        if membership.school_id:
            by = Actor(name=user.name, position=membership.position, user_id=user.pk)
            audit.record(verb, user, school_id=membership.school_id, by=by, summary=summary)


def _counted(key: str) -> int:
    return SignInFailure.objects.filter(key=key, at__gt=timezone.now() - WINDOW).count()


def _machine(request: Request) -> str:
    machine: str = request.META.get("REMOTE_ADDR", "")
    return machine


def _machine_limit() -> int:
    return settings.SIGN_IN_FAILURES * MACHINE_FACTOR


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join([settings.SECRET_KEY, *parts]).encode()).hexdigest()

"""What follows when a person's second step changes: a row of the audit trail, and a session that counts as proved.

And what a migration must not do: wait for a table with everybody behind it.
"""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.db import connections
from django.db.models.signals import pre_migrate
from django.dispatch import receiver

from attendance_mis.actions.signing_in import record

WORDS = {
    Authenticator.Type.TOTP: "an app for codes",
    Authenticator.Type.WEBAUTHN: "a passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery codes",
}


@receiver(signals.authenticator_added)
def note_added(*, request: Any, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """To add one is to show it."""
    kind = Authenticator.Type(authenticator.type)
    if kind is not Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=kind.value)
    record(user, "add_second_step", f"Added {WORDS[kind]} to sign in with.")


@receiver(signals.authenticator_removed)
def note_removed(*, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    record(user, "remove_second_step", f"Took away {WORDS[Authenticator.Type(authenticator.type)]} to sign in with.")


@receiver(signals.authenticator_reset)
def note_reset(*, user: Any, **kwargs: Any) -> None:
    record(user, "remake_recovery_codes", "Made new recovery codes.")


@receiver(pre_migrate)
def give_up_waiting(*, using: str, **kwargs: Any) -> None:
    """A migration that cannot have its table within five seconds ends, and is run again when the long reader is gone.

    Until it has the table, whoever comes after it waits too, saves among them.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")

"""What follows when a person's second step changes: a row of the audit trail, and a session that counts as proved."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
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

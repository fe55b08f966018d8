"""Partners' tokens: asked for, opened by the head, revoked."""

from datetime import date, datetime, time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from attendance_mis import audit, tokens
from attendance_mis.actions.refusing import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School, Scope, Token


@transaction.atomic
def ask_token(*, school: School, partner: str, purpose: str, scopes: list[str], until: date, by: Actor) -> Token:
    """Write down that a partner is to read some of the school's records until a day; nobody can read by it yet."""
    token = Token.objects.create(
        school=school,
        partner=partner,
        purpose=purpose,
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=datetime.combine(until, time.max, school.zone),
        asked_at=timezone.now(),
        asked_by=str(by),
    )
    said = f"Asked that {partner} may read {', '.join(token.scopes)} until {until:%-d %B %Y}."
    _record("ask_token", token, by, said, scopes=token.scopes, purpose=purpose)
    return token


@transaction.atomic
def open_token(*, token: Token, by: Actor) -> str:
    """Let the partner in; returns the secret, which is kept nowhere. Raises `Refused` by `why_not_open`."""
    token = Token.objects.select_for_update().get(pk=token.pk)
    if reasons := why_not_open(token):
        raise Refused(reasons)
    secret = tokens.make_secret(token.school.urn)
    token.digest, token.ends = tokens.digest(secret), secret[-4:]
    token.opened_at, token.opened_by = timezone.now(), str(by)
    token.save(update_fields=["digest", "ends", "opened_at", "opened_by"])
    _record("open_token", token, by, f"Let {token.partner} read {', '.join(token.scopes)}.", scopes=token.scopes)
    return secret


@transaction.atomic
def revoke_token(*, token: Token, by: Actor) -> None:
    """Shut the partner out, from its next request on; one that was never opened is taken back."""
    token = Token.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at:
        raise Refused(["It is revoked already."])
    token.revoked_at, token.revoked_by = timezone.now(), str(by)
    token.save(update_fields=["revoked_at", "revoked_by"])
    _record("revoke_token", token, by, f"Ended what {token.partner} may read.")


def why_not_open(token: Token) -> list[str]:
    """Why a token may not be opened; empty means it may."""
    if token.revoked_at:
        return ["It is revoked. Ask for a new one."]
    if token.expires_at <= timezone.now():
        return ["Its last day is over. Ask for a new one."]
    if token.opened_at:
        return ["It is open, and its secret was shown then. If that is lost, revoke this one and ask for a new one."]
    return []


# As in `audit`: the gate is passed before the row's id is drawn, and one statement costs a partner the least.
_NOTE_USE = f"""
WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared({audit.LOG_GATE}, %(school)s::int))
INSERT INTO attendance_mis_tokenuse (school_id, token_id, what, day, times, rows, first, last, at)
SELECT %(school)s, %(token)s, %(what)s, %(day)s, 1, %(rows)s, %(first)s::date, %(last)s::date, %(at)s
FROM gate
"""


def note_use(*, token: Token, what: str, rows: int, first: date | None, last: date | None, at: datetime) -> None:
    """Write down one answer to a partner. `first` and `last` are days of the register that the rows speak of."""
    values: dict[str, Any] = {
        "school": token.school_id,
        "token": token.pk,
        "what": what,
        "day": at.astimezone(token.school.zone).date(),
        "rows": rows,
        "first": first,
        "last": last,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_USE, values)


def _record(verb: str, token: Token, by: Actor, summary: str, **data: object) -> None:
    audit.record(verb, token, school_id=token.school_id, by=by, summary=summary, data=data)

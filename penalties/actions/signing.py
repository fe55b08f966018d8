"""Authorise a deputy or assistant headteacher to decide and sign penalty notices, and withdraw it (law.md 5.16)."""

from datetime import date

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Authorisation, Membership, School
from attendance_mis.permissions import Permission
from attendance_mis.promises import promised
from penalties.actions.decisions import refuse
from penalties.notices import Reason
from penalties.signing import PARAGRAPH, AuthoriseFacts, why_not_authorise


@transaction.atomic
def authorise(*, membership: Membership, starts: date, until: date | None, by: Actor) -> Authorisation:
    """The headteacher authorises somebody of the school from a day on. Raises Refused with every reason."""
    school = School.objects.select_for_update(no_key=True).get(pk=promised(membership.school_id))
    membership = Membership.objects.select_related("user").get(pk=membership.pk)
    today = clock.today(school)
    standing = school.authorisations.filter(
        person=membership.user_id, permission=Permission.DECIDE_PENALTY, withdrawn_on=None
    )
    reasons = why_not_authorise(
        AuthoriseFacts(
            on=today,
            giver=by.user_id,
            giver_position=by.position,
            person=membership.user_id,
            name=membership.user.name,
            position=membership.position,
            starts=starts,
            until=until,
            held=tuple(standing.values_list("starts", "until")),
        )
    )
    if membership.ended_at:
        reasons.append(Reason(f"{membership.user.name} has left this position.", PARAGRAPH))
    refuse(reasons)
    made = Authorisation.objects.create(
        school=school,
        person=membership.user,
        person_name=membership.user.name,
        person_position=membership.position,
        permission=Permission.DECIDE_PENALTY,
        starts=starts,
        until=until,
        given_on=today,
        given_by_id=by.person,
        given_name=by.name,
        given_position=by.position,
    )
    days = f"from {starts:%-d %B %Y}" + (f" to {until:%-d %B %Y}" if until else " until it is withdrawn")
    said = f"Authorised {made.person_name}, {made.person_position}, to decide and sign penalty notices {days}."
    audit.record("authorise_signer", made, school_id=school.pk, by=by, summary=said)
    return made


@transaction.atomic
def withdraw(*, authorisation: Authorisation, why: str, by: Actor) -> None:
    """End an authorisation from today on; what was signed under it stays. Raises Refused."""
    made = Authorisation.objects.select_for_update().get(pk=authorisation.pk)
    today = clock.today(authorisation.school)
    if made.withdrawn_on:
        raise Refused([f"It was withdrawn on {made.withdrawn_on:%-d %B %Y} already."])
    if made.until and made.until < today:
        raise Refused([f"It ended on {made.until:%-d %B %Y} by itself."])
    if not why.strip():
        raise Refused(["Say why."])
    made.withdrawn_on, made.withdrawn_by_id, made.withdrawn_why = today, by.user_id, why
    made.save(update_fields=["withdrawn_on", "withdrawn_by", "withdrawn_why"])
    said = f"Withdrew the authorisation of {made.person_name} to sign penalty notices. {why}"
    audit.record("withdraw_authorisation", made, school_id=made.school_id, by=by, summary=said)


def authorisation_of(school: School, by: Actor, on: date) -> Authorisation | None:
    """Under which authorisation somebody signs, held until the transaction ends; None for the headteacher herself."""
    held = school.authorisations.in_force(on).filter(person=by.user_id, permission=Permission.DECIDE_PENALTY)
    return held.select_for_update().first() if transaction.get_connection().in_atomic_block else held.first()

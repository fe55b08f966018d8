"""Keep the list of agencies, refer a child, record what the agency answered."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.models import Agency, Referral
from casework.referral_rules import Service, why_not_answer, why_not_refer
from letters.actions import queue_letter
from letters.occasions import Occasion
from registers.models import Pupil


def save_agency(*, school: School, values: dict[str, Any], by: Actor, agency: Agency | None = None) -> Agency:
    """Add an agency to the school's list, or change one. Raises Refused for a name that is there already."""
    verb = "change_agency" if agency else "add_agency"
    agency = agency or Agency(school=school)
    for name, value in values.items():
        setattr(agency, name, value)
    try:
        with transaction.atomic():
            agency.save()
            said = f"{agency}, {agency.get_service_display().lower()}"
            words = f"Changed the agency {said}." if verb == "change_agency" else f"Added the agency {said}."
            audit.record(verb, agency, school_id=school.pk, by=by, summary=words)
    except IntegrityError as error:
        raise Refused([f"{values['name']} is on the list already."]) from error
    return agency


@transaction.atomic
def refer(
    *,
    pupil: Pupil,
    agency: Agency,
    sent_on: date,
    concern: str,
    what: str,
    consent: str,
    because: str,
    due: date,
    by: Actor,
    with_letter: bool = False,
) -> Referral:
    """Record a referral that was sent. Raises Refused with every reason against it.

    `with_letter` proposes the letter that tells the parents; none for the safeguarding hub, whose advice comes first.
    """
    today = clock.today(pupil.school)
    reasons = why_not_refer(
        agency.service, consent=consent, because=because, sent_on=sent_on, due=due, today=today
    )  # fmt: skip
    if with_letter and agency.service == Service.MASH:
        reasons.append("Parents are told of a referral to the safeguarding hub once the hub advises it, not by letter.")
    if reasons:
        raise Refused(reasons)
    referral = Referral.objects.create(
        school=pupil.school,
        pupil=pupil,
        agency=agency,
        sent_on=sent_on,
        concern=concern,
        what=what,
        consent=consent,
        because=because,
        due=due,
        made_at=clock.now(pupil.school),
        made_by_id=by.user_id,
    )
    _record("refer", referral, f"Referred to {agency} on {sent_on:%-d %B %Y}, answer by {due:%-d %B %Y}.", by)
    if with_letter:
        queue_letter(
            school=pupil.school,
            pupil=pupil,
            occasion=Occasion.REFERRAL,
            by=by,
            why=f"Referred to {agency}.",
            values={"service": agency.name},
            key=f"referral-{referral.pk}",
        )
    return referral


@transaction.atomic
def answer_referral(*, referral: Referral, on: date, outcome: str, answer: str, by: Actor) -> None:
    """Record what an agency answered, once. Raises Refused with every reason against it."""
    referral = Referral.objects.select_for_update(of=("self",)).select_related("agency", "school").get(pk=referral.pk)
    today = clock.today(referral.school)
    if reasons := why_not_answer(
        is_answered=referral.answered_on is not None, sent_on=referral.sent_on, on=on, today=today
    ):
        raise Refused(reasons)
    referral.answered_on, referral.answered_by_id, referral.outcome, referral.answer = on, by.user_id, outcome, answer
    referral.save(update_fields=["answered_on", "answered_by", "outcome", "answer"])
    label = Referral.Outcome(outcome).label
    said = f"{referral.agency} answered the referral of {referral.sent_on:%-d %B %Y}: {label[:1].lower()}{label[1:]}."
    _record("answer_referral", referral, said, by)


def _record(verb: str, referral: Referral, summary: str, by: Actor) -> None:
    audit.record(verb, referral, school_id=referral.school_id, by=by, summary=summary, pupil_id=referral.pupil_id)

"""Plan a meeting, record what became of it, put its minutes into kinder words."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from casework.actions import deciding
from casework.actions.cases import record
from casework.actions.contacts import Agreed
from casework.meeting_rules import State, why_not_invite, why_not_plan_meeting, why_not_record_meeting
from casework.models import Case, Invitee, Meeting
from letters.actions import queue_letter
from letters.actions.queueing import drop_letters
from letters.fields import to_json
from letters.models import Letter, Sensitivity
from letters.occasions import Occasion
from registers.models import Contact, Pupil
from registers.querysets import standing_on

Kind = Meeting.Kind


def barred_contacts(pupil: Pupil, today: date) -> set[int]:
    """The contacts of a child about whom a court order stands on a day."""
    orders = Sensitivity.objects.filter(standing_on(today), pupil=pupil, kind=Sensitivity.Kind.COURT_ORDER)
    return set(orders.exclude(contact=None).values_list("contact_id", flat=True))


def why_not_invite_contact(contact: Contact, barred: Collection[int]) -> list[str]:
    """Why a contact cannot be invited to a meeting."""
    return why_not_invite(
        contact.name, parental_responsibility=contact.parental_responsibility, is_barred=contact.pk in barred
    )


@transaction.atomic
def plan_meeting(
    *,
    case: Case,
    kind: str,
    at: datetime,
    place: str,
    others: str,
    invited: Sequence[Contact],
    by: Actor,
    with_letter: bool = True,
) -> Meeting:
    """Plan a meeting, and propose its letter. Raises Refused with every reason against it."""
    now = clock.now(case.school)
    case = Case.objects.select_for_update(of=("self",)).select_related("school", "pupil").get(pk=case.pk)
    barred = barred_contacts(case.pupil, now.date())
    reasons = why_not_plan_meeting(case.state, at, now)
    for contact in invited:
        reasons += why_not_invite_contact(contact, barred)
    if case.meetings.filter(state=State.PLANNED, at=at).exists():
        reasons.append("A meeting is planned for this moment already.")
    if not invited and not others.strip():
        reasons.append("Say who is to come.")
    if reasons:
        raise Refused(reasons)
    meeting = Meeting.objects.create(
        school=case.school,
        case=case,
        kind=kind,
        at=at,
        place=place,
        others=others,
        planned_at=now,
        planned_by_id=by.user_id,
    )
    Invitee.objects.bulk_create(
        Invitee(school=case.school, meeting=meeting, contact=contact, addressee=contact.name) for contact in invited
    )
    who = " and ".join(filter(None, [", ".join(contact.name for contact in invited), others]))
    record("plan_meeting", case, f"Planned: {meeting}, {place}, with {who}.", by)
    if with_letter and invited:
        _invite(meeting, by)
    return meeting


def _invite(meeting: Meeting, by: Actor) -> None:
    values = _when(meeting) | {"meeting_place": meeting.place, "meeting_with": meeting.others}
    queue_letter(
        school=meeting.school,
        pupil=meeting.case.pupil,
        occasion=_occasion(meeting),
        by=by,
        why=f"Invitation: {meeting}.",
        values={name: value for name, value in values.items() if value},
        key=f"meeting-{meeting.pk}",
    )


def _occasion(meeting: Meeting) -> Occasion:
    return Occasion.IMPROVEMENT_MEETING if meeting.kind == Kind.IMPROVEMENT else Occasion.MEETING


def _when(meeting: Meeting) -> dict[str, Any]:
    at = meeting.at.astimezone(meeting.school.zone)
    return {"meeting_day": at.date(), "meeting_time": at.time()}


def _stop_invitation(meeting: Meeting, by: Actor) -> None:
    """An invitation that still waits to be approved is dropped; one to another moment stays."""
    said = {f"given__{name}": to_json(value) for name, value in _when(meeting).items()}
    waiting = Letter.objects.proposed().filter(pupil=meeting.case.pupil_id, occasion=_occasion(meeting).value, **said)
    if letters := list(waiting.values_list("pk", flat=True)):
        drop_letters(letters=letters, reason="The meeting was put off.", by=by)


@transaction.atomic
def record_meeting(
    *,
    meeting: Meeting,
    outcome: str,
    came: Collection[int],
    present: str,
    minutes: str,
    agreed: Sequence[Agreed],
    next_on: date | None,
    by: Actor,
    with_letter: bool = True,
) -> None:
    """Record that a meeting was held, missed or put off; once. Raises Refused with every reason against it.

    What was agreed, and the next date, become tasks; the letter with the minutes, or about nobody having come, is
    proposed.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("case__pupil", "school").get(pk=meeting.pk)
    now, case, school = clock.now(meeting.school), meeting.case, meeting.school
    invitees = list(meeting.invitees.all())
    here = [each.addressee for each in invitees if each.pk in came]
    somebody = len(here) + bool(present.strip() and outcome != State.MISSED)
    reasons = why_not_record_meeting(meeting.state, outcome, at=meeting.at, now=now, came=somebody)
    if next_on and next_on < now.date():
        reasons.append("The next date is past.")
    if reasons:
        raise Refused(reasons)
    for each in invitees:
        each.came = None if outcome == State.CANCELLED else each.pk in came
    Invitee.objects.bulk_update(invitees, ["came"])
    meeting.state, meeting.present, meeting.minutes, meeting.next_on = outcome, present, minutes, next_on
    meeting.agreed = [{"what": each.what, "who": each.who, "by": each.by.isoformat()} for each in agreed]
    meeting.recorded_at, meeting.recorded_by_id, meeting.version = now, by.user_id, meeting.version + 1
    meeting.save()
    who = ", ".join(filter(None, [*here, present if outcome == State.HELD else ""]))
    said = f"came: {who}" if outcome == State.HELD else meeting.get_state_display().lower()
    record("record_meeting", case, f"{meeting}, {said}. {minutes}".strip(), by)
    for one in agreed:
        deciding.add_task(
            school=school, pupil_id=case.pupil_id, title=f"{one.what} ({one.who})"[:200], owner=one.owner, due=one.by,
            text=f"Agreed: {meeting}.", by=by,
        )  # fmt: skip
    if next_on:
        title = f"{meeting.get_kind_display()}: the next one"
        deciding.add_task(
            school=school, pupil_id=case.pupil_id, title=title, owner="attendance manager", due=next_on, by=by
        )  # fmt: skip
    if outcome == State.CANCELLED:
        _stop_invitation(meeting, by)
    elif with_letter:
        _tell(meeting, who, by)


def _tell(meeting: Meeting, who: str, by: Actor) -> None:
    """The letter with what was agreed, or the one to a family that did not come."""
    day = meeting.at.astimezone(meeting.school.zone).date()
    lines = [
        f"{each['what']} ({each['who']}, by {date.fromisoformat(each['by']):%-d %B %Y})" for each in meeting.agreed
    ]
    given = {"was_held": who, "agreed": lines, "next_day": meeting.next_on}
    queue_letter(
        school=meeting.school,
        pupil=meeting.case.pupil,
        occasion=Occasion.MEETING_NOTES,
        by=by,
        why=f"{meeting}: {meeting.get_state_display().lower()}.",
        values={"meeting_day": day, **{name: value for name, value in given.items() if value}},
        key=f"meeting-notes-{meeting.pk}",
    )


@transaction.atomic
def change_minutes(*, meeting: Meeting, version: int, minutes: str, by: Actor) -> None:
    """Put the minutes into other words; the trail keeps what they said. Raises Refused when changed meanwhile."""
    if meeting.state == State.PLANNED:
        raise Refused(["There are no minutes yet: record the meeting first."])
    found = Meeting.objects.filter(pk=meeting.pk, version=version)
    if not found.update(minutes=minutes, version=version + 1):
        raise Refused(["Somebody changed these minutes meanwhile. Look at them again; what you typed is still here."])
    record("change_minutes", meeting.case, f"Changed the minutes: {meeting}. They say now: {minutes}", by)

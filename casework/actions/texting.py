"""Text or e-mail the families of children without a reason: by hand for all at once, or at the school's own time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.actions import contacts
from casework.models import ContactRecord, FirstDaySettings
from casework.unexplained import Family, Reachable, families_missing, first_to_text
from letters.actions.messages import queue_message, why_not_queue
from letters.models import Message
from registers.models import Contact, Pupil, SchoolDay

# The clock's texts go within this time after the school's own; later the worker was down, and a person decides.
STILL_IN_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be sent to one family; `reasons` say why nothing can."""

    family: Family
    to: Reachable | None
    way: str
    address: str
    body: str
    reasons: list[str]


def drafts(school: School) -> list[Draft]:
    """A message for each family without a reason whose child has not come in since."""
    return [_draft(school, family) for family in families_missing(school) if not _has_come(family)]


def _has_come(family: Family) -> bool:
    return all(child.has_come for child in family.children)


def _draft(school: School, family: Family) -> Draft:
    body = wording(school, [child.pupil for child in family.children])
    if family.minutes is None:
        return Draft(family, None, "", "", body, ["The register is still being taken."])
    if any(record.message_id for record in family.records):
        return Draft(family, None, "", "", body, ["A message went to this family today."])
    if family.is_reached:
        return Draft(family, None, "", "", body, ["Somebody has answered today."])
    refused: list[str] = []
    for to in first_to_text(family.people):
        way, address, reasons = way_to(school, to.contact)
        if not reasons:
            return Draft(family, to, way, address, body, [])
        refused += reasons
    return Draft(family, None, "", "", body, list(dict.fromkeys(refused))[:1] or ["There is nobody to write to."])


def way_to(school: School, contact: Contact) -> tuple[str, str, list[str]]:
    """How a person is written to and at which address: as a text, else by e-mail; or why not at all."""
    refused: list[str] = []
    for way, address in ((Message.Way.TEXT, contact.mobile), (Message.Way.EMAIL, contact.email)):
        reasons = why_not_queue(school, way, address)
        if not reasons:
            return way, address, []
        refused += reasons
    return "", "", refused


def wording(school: School, pupils: list[Pupil]) -> str:
    """The message in plain words: forenames only, no reason to fear, and what to do."""
    names = [pupil.forename for pupil in pupils]
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "is" if len(names) == 1 else "are"
    call = f"Please call {school.telephone}" if school.telephone else "Please call the school office"
    return (
        f"{school.name}: {who} {verb} not in school today and we have not heard why. {call} or reply to this message."
    )


def send(*, school: School, drafts: list[Draft], by: Actor) -> int:
    """Queue these messages; returns how many. A family that was written to meanwhile is left out."""
    sent = 0
    for draft in drafts:
        if not draft.reasons:
            sent += _send(school, draft, by)
    return sent


@transaction.atomic
def text_contact(*, school: School, pupils: Sequence[Pupil], person: Sequence[Contact], by: Actor) -> Message:
    """Write to one person about these children now; `person` is her rows among their contacts, the one to use first.

    Raises `Refused` when she can not be written to, or was today and that message did not fail.
    """
    contacts.hold_pupils(pupils)
    to = person[0]
    sent = ContactRecord.objects.filter(
        contact__in=person, day=clock.today(school), message__isnull=False
    ).exclude(message__status__in=[Message.Status.FAILED, Message.Status.CANCELLED])  # fmt: skip
    if before := sent.first():
        raise Refused([f"A message went to {to.name} at {before.at.astimezone(school.zone):%H:%M} already."])
    way, address, reasons = way_to(school, to)
    if reasons:
        raise Refused(reasons)
    message = _queue(school, pupils, to, way, address, wording(school, list(pupils)), by)
    contacts.note_message(school=school, pupils=pupils, contact=to, message=message, by=by)
    return message


@transaction.atomic
def _send(school: School, draft: Draft, by: Actor) -> bool:
    """One family: locked, looked at again, queued and noted in one transaction."""
    pupils, to = draft.family.pupils, draft.to.contact
    contacts.hold_pupils(pupils)
    if ContactRecord.objects.filter(pupil__in=pupils, day=clock.today(school), message__isnull=False).exists():
        return False
    try:
        message = _queue(school, pupils, to, draft.way, draft.address, draft.body, by)
    except Refused:
        return False
    contacts.note_message(school=school, pupils=pupils, contact=to, message=message, by=by)
    return True


def _queue(
    school: School, pupils: Sequence[Pupil], to: Contact, way: str, address: str, body: str, by: Actor
) -> Message:
    return queue_message(
        school=school,
        way=way,
        address=address,
        body=body,
        subject="Absence from school today",
        pupil=to.pupil if to.pupil in pupils else pupils[0],
        contact=to,
        expires_at=_end_of_day(school),
        by=by,
    )


def _end_of_day(school: School) -> datetime:
    """The true moment at which the school day ends: a text about this morning is of no use after it."""
    now = clock.now(school)
    end = datetime.combine(now.date(), school.day_ends, school.zone)
    return clock.true_now(school) + max(end - now, timedelta(hours=1))


def text_by_the_clock(school: School) -> int:
    """What the worker asks at every tick: is it the school's time, and has nobody sent them today? Returns how many.

    The day is done when the last family's message is queued: a worker that dies in the middle is followed by another,
    which leaves out whom this one reached.
    """
    settings = FirstDaySettings.objects.first()
    now = clock.now(school)
    if settings is None or not is_time(settings.text_at, now) or settings.texted_on == now.date():
        return 0
    if not SchoolDay.objects.filter(day=now.date()).exists():
        return 0
    sent = send(school=school, drafts=drafts(school), by=Actor.system("texts on the first day"))
    FirstDaySettings.objects.filter(pk=settings.pk).update(texted_on=now.date())
    return sent


def is_time(text_at: time | None, now: datetime) -> bool:
    """Whether the school's own time for texts has come and is not long past."""
    if text_at is None:
        return False
    at = datetime.combine(now.date(), text_at, now.tzinfo)
    return at <= now < at + STILL_IN_TIME


@transaction.atomic
def change_settings(*, school: School, text_at: time | None, by: Actor) -> None:
    """Set the time at which families are texted by themselves; None: never."""
    FirstDaySettings.objects.update_or_create(school=school, defaults={"text_at": text_at})
    said = f"Families are texted at {text_at:%H:%M}." if text_at else "Families are texted by hand only."
    audit.record("change_first_day_settings", school_id=school.pk, by=by, summary=said)

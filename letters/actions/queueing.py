"""Propose a letter: from a page, from an action of a floor above in its transaction, or by the schedule."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from letters.actions.templates import template_for
from letters.fields import BLOCKS, fields_of, to_json
from letters.models import Channel, Copy, Letter, LetterTemplate
from letters.occasions import Occasion
from letters.recipients import Recipient, families
from registers.models import Contact, Pupil

LONGEST_VALUE = 2_000  # characters of one given value


@transaction.atomic
def queue_letter(
    *,
    school: School,
    pupil: Pupil,
    occasion: Occasion | str,
    by: Actor,
    why: str,
    values: Mapping[str, Any] | None = None,
    siblings: Collection[Pupil] = (),
    contacts: Collection[int] = (),
    key: str = "",
    corrects: Letter | None = None,
) -> Letter:
    """Propose the letter of an occasion to the pupil's parents, or to these `contacts`; a person approves or drops it.

    `values` are the given fields of the occasion (`letters.fields.GIVEN`; days and times as such), as far as they are
    known: who approves is asked for the rest. `why` is one line for that person. A letter of this occasion that waits
    for this pupil and the same contacts already is brought up to date and returned, not doubled; with a `key` the same
    letter is never queued twice, whatever became of it. Raises Refused for a value the occasion does not know, and for
    a contact of another pupil.
    """
    occasion = Occasion(occasion)
    given, only = given_values(occasion, values or {}), sorted(set(contacts))
    if key and (known := Letter.objects.filter(key=key).first()):
        return known
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    if Contact.objects.filter(pupil=pupil, pk__in=contacts).count() < len(set(contacts)):
        raise Refused(["The letter is for somebody who is no contact of this pupil."])
    waiting = Letter.objects.proposed().filter(pupil=pupil, occasion=occasion.value, contacts=only).first()
    if waiting:
        waiting.given, waiting.why = {**waiting.given, **given}, why
        waiting.siblings = sorted({*waiting.siblings, *(sibling.pk for sibling in siblings)})
        waiting.save(update_fields=["given", "why", "siblings"])
        return waiting
    template = template_for(school, occasion)
    letter = _proposal(template, pupil, why, by, clock.now(school))
    letter.siblings, letter.contacts = sorted(sibling.pk for sibling in siblings), only
    letter.key, letter.given, letter.corrects = key, given, corrects
    letter.save()
    _propose(school, [letter], by)
    return letter


@transaction.atomic
def queue_letters(*, school: School, occasion: Occasion, by: Actor, whys: Mapping[Pupil, str], key: str = "") -> int:
    """Propose one letter for many pupils, each with the line that says why; how many.

    Who has it waiting already, or had it under this `key` (the half-term, the week), is passed over. A constant number
    of queries for any number of pupils.
    """
    chosen = Pupil.objects.filter(pk__in=[pupil.pk for pupil in whys])
    list(chosen.select_for_update(no_key=True).order_by("pk").values_list("pk"))  # nobody queues for them meanwhile
    passed_over = proposed_or_queued(occasion, key)
    template, now = template_for(school, occasion), clock.now(school)
    letters = []
    for pupil, why in whys.items():
        if pupil.pk not in passed_over:
            letters.append(_proposal(template, pupil, why, by, now))
            letters[-1].key = f"{key}:{pupil.pk}" if key else ""
    _propose(school, Letter.objects.bulk_create(letters, batch_size=200), by)
    return len(letters)


def proposed_or_queued(occasion: Occasion, key: str) -> set[int]:
    """Pupils for whom a letter waits already, or who had it under this key."""
    proposed = set(Letter.objects.proposed().filter(occasion=occasion.value).values_list("pupil_id", flat=True))
    queued = Letter.objects.filter(key__startswith=f"{key}:").values_list("pupil_id", flat=True)
    return proposed | set(queued if key else ())


def _proposal(template: LetterTemplate, pupil: Pupil, why: str, by: Actor, now: datetime) -> Letter:
    """Not saved yet."""
    return Letter(
        school_id=template.school_id,
        pupil=pupil,
        template=template,
        occasion=template.occasion,
        why=why[:500],
        queued_at=now,
        queued_by_id=by.user_id,
        queued_by_name=str(by),
    )


def _propose(school: School, letters: Sequence[Letter], by: Actor) -> None:
    """Give letters that were just saved their copies, and record them."""
    found = families([letter.pupil_id for letter in letters], clock.today(school))
    Copy.objects.bulk_create(
        [
            copy_for(letter, recipient, letter.template.channel, Copy.Status.PROPOSED)
            for letter in letters
            for recipient in found[letter.pupil_id].of(letter.contacts).recipients
        ],
        batch_size=200,
    )
    rows = [
        audit.Row("propose_letter", letter, f"Proposed the letter {letter.label}. {letter.why}", letter.pupil_id)
        for letter in letters
    ]
    audit.record_all(rows, school_id=school.pk, by=by)


def given_values(occasion: Occasion, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises Refused for one that the occasion does not ask for, or that is no value."""
    fields = fields_of(occasion)
    stored = {}
    for name, value in values.items():
        if name not in fields or not fields[name].is_given:
            raise Refused([f"The letter {occasion.label} has no value {name!r} to be given."])
        stored[name] = to_json(value)
        if fields[name].kind in BLOCKS and not isinstance(value, list):
            raise Refused([f"{fields[name].label}: give a list."])
        if len(str(stored[name])) > LONGEST_VALUE:
            raise Refused([f"{fields[name].label}: use {LONGEST_VALUE} characters at most."])
    return stored


def can_go(channel: str, email: str, mobile: str) -> bool:
    """Whether what is known of a parent lets a letter go this way."""
    match channel:
        case Channel.EMAIL | Channel.NOTE:
            return bool(email)
        case Channel.TEXT:
            return bool(mobile)
    return True


def copy_for(letter: Letter, recipient: Recipient, channel: str, status: str) -> Copy:
    """A parent's copy, not saved yet. What cannot go its way is printed."""
    return Copy(
        school_id=letter.school_id,
        letter=letter,
        contact_id=recipient.contact_id,
        addressee=recipient.addressee,
        address=recipient.address,
        email=recipient.email,
        mobile=recipient.mobile,
        language=recipient.language,
        channel=channel if can_go(channel, recipient.email, recipient.mobile) else Channel.PRINT,
        status=status,
        reference=uuid4(),
    )


@transaction.atomic
def drop_letters(*, letters: Collection[int], reason: str, by: Actor) -> int:
    """Drop proposed letters; how many. Raises Refused without a reason, or when one was decided meanwhile."""
    if not reason.strip():
        raise Refused(["Say why: whoever looks at the child next will want to know."])
    rows = list(Letter.objects.select_for_update(of=("self",)).filter(pk__in=letters).order_by("pk"))
    if any(letter.state != Letter.State.PROPOSED for letter in rows):
        raise Refused(["Somebody has decided one of these letters already. Look at the list again."])
    for letter in rows:
        letter.state, letter.decision_reason = Letter.State.DROPPED, reason.strip()
        letter.decided_at, letter.decided_by_id = clock.now(letter.school), by.user_id
        letter.save(update_fields=["state", "decision_reason", "decided_at", "decided_by"])
        audit.record(
            "drop_letter", letter, school_id=letter.school_id, by=by, pupil_id=letter.pupil_id,
            summary=f"Dropped the letter {letter.label}. {reason.strip()}",
        )  # fmt: skip
    Copy.objects.filter(letter__in=rows).update(status=Copy.Status.CANCELLED)
    return len(rows)


@transaction.atomic
def give_values(*, letter: Letter, values: Mapping[str, Any], by: Actor) -> None:
    """Say values of a proposed letter. Raises Refused when it is decided, or for a value it does not know."""
    given = given_values(Occasion(letter.occasion), values)
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if letter.state != Letter.State.PROPOSED:
        raise Refused(["This letter is decided: its values stand."])
    letter.given = {**letter.given, **given}
    letter.save(update_fields=["given"])
    audit.record(
        "give_letter_values", letter, school_id=letter.school_id, by=by, pupil_id=letter.pupil_id,
        summary=f"Filled in the letter {letter.label}.",
    )  # fmt: skip


@transaction.atomic
def join_siblings(*, letter: Letter, siblings: Collection[int], by: Actor) -> None:
    """Let one letter speak of siblings too. Raises Refused when it is decided."""
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if letter.state != Letter.State.PROPOSED:
        raise Refused(["This letter is decided."])
    letter.siblings = sorted(siblings)
    letter.save(update_fields=["siblings"])
    audit.record(
        "join_siblings", letter, school_id=letter.school_id, by=by, pupil_id=letter.pupil_id,
        summary=f"Joined {len(letter.siblings)} siblings in the letter {letter.label}.",
    )  # fmt: skip

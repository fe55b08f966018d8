"""Log contacts with families, decide what follows when nobody can be reached, correct what was written wrongly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.actions import deciding
from casework.models import ContactRecord
from letters.models import Message
from registers.models import Contact, Pupil

Kind, Outcome, Step = ContactRecord.Kind, ContactRecord.Outcome, ContactRecord.Step
# Who carries out what was decided; the rest is done with being recorded.
OWNERS = {
    Step.EMERGENCY: "office staff",
    Step.HOME_VISIT: "attendance manager",
    Step.WELFARE: "safeguarding lead",
    Step.POLICE: "safeguarding lead",
    Step.SOCIAL_WORKER: "safeguarding lead",
}


@dataclass(frozen=True, slots=True)
class Agreed:
    """One thing agreed: by whom and until when. `owner` is the role that does it, or sees that it is done."""

    what: str
    who: str
    by: date
    owner: str


def add_records(
    *,
    school: School,
    pupils: Sequence[Pupil],
    kind: str,
    who: str,
    by: Actor,
    outcome: str = "",
    contact: Contact | None = None,
    contacts: Mapping[int, Contact] | None = None,
    at: datetime | None = None,
    key: UUID | None = None,
    together: UUID | None = None,
    **values: Any,
) -> list[ContactRecord]:
    """Add one row a child, all of one contact; for the verbs below. `contacts` is the same person's row by child."""
    now = clock.now(school)
    at = at or now
    together = together or uuid4()
    chosen = contacts or ({contact.pupil_id: contact} if contact else {})
    rows = [
        ContactRecord(
            school=school,
            pupil=pupil,
            together=together,
            kind=kind,
            at=at,
            day=at.astimezone(school.zone).date(),
            contact=chosen.get(pupil.pk),
            who=who,
            outcome=outcome,
            made_at=now,
            made_by_id=by.user_id,
            by_name=by.name,
            by_position=by.position,
            key=key,
            **values,
        )
        for pupil in pupils
    ]
    return ContactRecord.objects.bulk_create(rows)


def why_not_record(who: str, at: datetime, now: datetime) -> list[str]:
    """Why a contact can not be recorded; empty means it can."""
    reasons = []
    if not who.strip():
        reasons.append("Say who was reached or tried: choose a contact, or type a name.")
    if at > now:
        reasons.append("This moment has not come yet.")
    return reasons


@transaction.atomic
def log_try(
    *,
    school: School,
    pupils: Sequence[Pupil],
    contacts: Sequence[Contact],
    outcome: str,
    by: Actor,
    key: UUID | None = None,
    who: str = "",
) -> list[ContactRecord]:
    """Log a telephone call with one click, for every child of the family. The same `key` again does nothing."""
    hold_pupils(pupils)
    if key and ContactRecord.objects.filter(key=key).exists():
        return list(ContactRecord.objects.filter(key=key))
    who = contacts[0].name if contacts else who
    now = clock.now(school)
    if reasons := why_not_record(who, now, now):
        raise Refused(reasons)
    rows = add_records(
        school=school,
        pupils=pupils,
        kind=Kind.CALL,
        outcome=outcome,
        who=who,
        contacts={contact.pupil_id: contact for contact in contacts},
        key=key,
        by=by,
    )
    _record(rows, f"Called {who}: {Outcome(outcome).label.lower()}.", by)
    return rows


@transaction.atomic
def decide_step(*, school: School, pupils: Sequence[Pupil], step: str, why: str, by: Actor) -> list[ContactRecord]:
    """Record who decided what follows, nobody having been reached; it becomes a task of today."""
    if not why.strip():
        raise Refused(["Say why: somebody may have to answer for this decision."])
    hold_pupils(pupils)
    label = Step(step).label
    rows = add_records(school=school, pupils=pupils, kind=Kind.DECISION, step=step, who=by.name, said=why, by=by)
    _record(rows, f"Decided: {label[:1].lower()}{label[1:]}. {why}", by)
    if owner := OWNERS.get(Step(step)):
        today = clock.today(school)
        for row in rows:
            deciding.add_task(
                school=school, pupil_id=row.pupil_id, title=label, owner=owner, due=today, text=why, by=by
            )
    return rows


@transaction.atomic
def record_contact(
    *,
    school: School,
    pupils: Sequence[Pupil],
    kind: str,
    at: datetime,
    who: str,
    said: str,
    by: Actor,
    contact: Contact | None = None,
    outcome: str = "",
    present: str = "",
    agreed: Sequence[Agreed] = (),
    review_on: date | None = None,
    key: UUID | None = None,
) -> list[ContactRecord]:
    """Record a contact of any kind (appendix 7). What was agreed, and its review, become tasks."""
    hold_pupils(pupils)
    if key and ContactRecord.objects.filter(key=key).exists():
        return list(ContactRecord.objects.filter(key=key))
    who = contact.name if contact else who
    if reasons := why_not_record(who, at, clock.now(school)):
        raise Refused(reasons)
    rows = add_records(
        school=school,
        pupils=pupils,
        kind=kind,
        at=at,
        who=who,
        contact=contact,
        outcome=outcome,
        present=present,
        said=said,
        agreed=[{"what": each.what, "who": each.who, "by": each.by.isoformat()} for each in agreed],
        review_on=review_on,
        key=key,
        by=by,
    )
    _record(rows, f"{Kind(kind).label} with {who}. {said}".strip(), by)
    first = rows[0]
    for each in agreed:
        title = f"{each.what} ({each.who})"[:200]
        deciding.add_task(
            school=school, pupil_id=first.pupil_id, title=title, owner=each.owner, due=each.by, by=by,
            text=f"Agreed with {who} on {first.day:%-d %B %Y}.",
        )  # fmt: skip
    if review_on:
        deciding.add_task(
            school=school, pupil_id=first.pupil_id, title=f"Review what was agreed with {who}"[:200],
            owner="attendance manager", due=review_on, by=by,
        )  # fmt: skip
    return rows


@transaction.atomic
def correct_contact(
    *, record: ContactRecord, why: str, said: str, who: str, outcome: str, by: Actor
) -> list[ContactRecord]:
    """Add what is right beside what was wrong, for every child of the call; what was wrong stays. Raises `Refused`."""
    rows = list(ContactRecord.objects.filter(together=record.together).select_related("pupil", "contact"))
    hold_pupils([row.pupil for row in rows])
    if record.corrections.exists():
        raise Refused(["This entry was corrected already: correct the correction."])
    if not why.strip():
        raise Refused(["Say what was wrong: the entry stays, and the correction stands beside it."])
    together = uuid4()
    new = [_beside(row, together=together, who=who or row.who, outcome=outcome, said=said, by=by) for row in rows]
    _record(new, f"Corrected the contact of {record.day:%-d %B %Y} with {record.who}: {why} {said}".strip(), by)
    return new


def withdraw_answer(*, record: ContactRecord, because: str, by: Actor) -> None:
    """Say beside a contact that what was heard was not about this child: nobody has been reached about her then.

    For the undoing of an absence report, whose own audit row tells of it.
    """
    _beside(record, together=uuid4(), who=record.who, outcome="", said=f"Undone: {because}", by=by)


def _beside(record: ContactRecord, *, together: UUID, who: str, outcome: str, said: str, by: Actor) -> ContactRecord:
    """The same contact once more, as it should have been written."""
    kept = ("kind", "at", "step", "present", "review_on", "agreed", "contact")
    [row] = add_records(
        school=record.school,
        pupils=[record.pupil],
        who=who,
        outcome=outcome,
        said=said,
        corrects=record,
        together=together,
        by=by,
        **{name: getattr(record, name) for name in kept},
    )
    return row


def note_message(*, school: School, pupils: Sequence[Pupil], contact: Contact, message: Message, by: Actor) -> None:
    """A text or e-mail is a contact too; its row tells how far it has come."""
    kind = Kind.TEXT if message.way == Message.Way.TEXT else Kind.EMAIL
    rows = add_records(
        school=school, pupils=pupils, kind=kind, who=contact.name, contact=contact, said=message.body, message=message,
        by=by,
    )  # fmt: skip
    _record(rows, f"{message.get_way_display()} to {contact.name}: “{message.body}”", by)


def hold_pupils(pupils: Sequence[Pupil]) -> None:
    """One change of these children's stories at a time, until the transaction ends."""
    ids = sorted(pupil.pk for pupil in pupils)
    list(Pupil.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))


def _record(rows: Sequence[ContactRecord], summary: str, by: Actor) -> None:
    audit.record_all(
        [audit.Row("record_contact", row, summary, row.pupil_id) for row in rows], school_id=rows[0].school_id, by=by
    )

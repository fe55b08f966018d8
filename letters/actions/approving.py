"""Approve letters: from here their words and figures stand, and the worker makes each parent's copy."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.template.loader import render_to_string

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.permissions import Role
from attendance_mis.schedule import send_soon
from letters.actions.queueing import copy_for
from letters.facts import ENCLOSED
from letters.models import Copy, Letter
from letters.occasions import WITH_SUMMARY, Occasion
from letters.preparing import Prepared, prepare
from registers.enclosure import AttendanceEnclosure, attendance_enclosures, this_year
from registers.models import Pupil

COPIES_A_TASK = 100  # two workers share a large batch; more tasks than this find nothing left and end
TASKS = 4
FROZEN = [
    "state", "decided_at", "decided_by", "decision_reason", "version", "dated", "values", "marks_from", "marks_until",
    "marks", "sibling_marks", "enclosure", "last_entry",
]  # fmt: skip


@transaction.atomic
def approve_letters(*, school: School, letters: Collection[int], roles: Collection[str], by: Actor) -> int:
    """Approve these letters, all or none; how many. Raises Refused with the reasons, pupil by pupil."""
    today = clock.today(school)
    rows = list(
        Letter.objects.select_for_update(of=("self",))
        .filter(pk__in=letters)
        .select_related("template", "pupil")
        .order_by("pk")
    )
    prepared = prepare(school, rows, today, roles)
    if reasons := [f"{each.facts.pupil}: {reason}" for each in prepared for reason in each.reasons]:
        raise Refused(reasons)
    enclosures = _enclosures(school, prepared, today)
    for each in prepared:
        _freeze(each, today, by, enclosures)
    Letter.objects.bulk_update(rows, FROZEN, batch_size=200)
    copies = _make_copies(prepared)
    audit.record_all(
        [audit.Row("approve_letter", each.letter, _approved(each), each.letter.pupil_id) for each in prepared],
        school_id=school.pk,
        by=by,
    )
    render_soon(school, copies)
    return len(rows)


def approve_where_clear(*, school: School, letter: Letter, by: Actor) -> bool:
    """Approve a letter the school lets go by itself, where nothing refuses it and nothing warns; else it waits."""
    roles = {Role.HEAD}  # whoever let the step send by itself decided for every letter of it
    [prepared] = prepare(school, [letter], clock.today(school), roles)
    if prepared.reasons or prepared.warnings:
        return False
    approve_letters(school=school, letters=[letter.pk], roles=roles, by=by)
    return True


def _approved(each: Prepared) -> str:
    to = ", ".join(recipient.addressee for recipient in each.family.recipients)
    return f"Approved the letter {each.letter.label}, {each.version}, to {to}. {each.letter.why}"


def render_soon(school: School, copies: int = 1) -> None:
    """At once, if the worker runs; the tick makes what is left."""
    for _ in range(min(TASKS, -(-copies // COPIES_A_TASK))):
        send_soon("letters.tasks.render_letters", school.pk)


def _enclosures(school: School, prepared: list[Prepared], today: date) -> dict[int, AttendanceEnclosure]:
    """The attendance summaries to enclose, by pupil, of the joined siblings too."""
    pupils = {
        pupil.pk for each in prepared if Occasion(each.letter.occasion) in WITH_SUMMARY for pupil in _pupils(each)
    }
    found = attendance_enclosures(school, pupils, *this_year(school, today)) if pupils else []
    return {enclosure.pupil_id: enclosure for enclosure in found}


def _freeze(each: Prepared, today: date, by: Actor, enclosures: dict[int, AttendanceEnclosure]) -> None:
    letter, facts = each.letter, each.facts
    letter.state, letter.decision_reason = Letter.State.APPROVED, ""
    letter.decided_at, letter.decided_by_id = clock.now(letter.school), by.user_id
    salutations = {str(recipient.contact_id): recipient.salutation for recipient in each.family.recipients}
    letter.version, letter.dated = each.version, today
    letter.values = {**each.values, "salutations": salutations}
    letter.marks_from, letter.marks_until, letter.marks = facts.first, facts.last, facts.marks
    letter.last_entry = max(known.last_entry for known in (facts, *each.siblings))
    letter.sibling_marks = {
        str(sibling.pupil.pk): {
            "marks": sibling.marks,
            "forename": sibling.pupil.forename,
            "values": {name: sibling.values[name] for name in ENCLOSED},
        }
        for sibling in each.siblings
        if sibling.pupil.pk in enclosures
    }
    letter.enclosure = "".join(
        render_to_string("registers/_attendance_summary.html", {"of": enclosures[pupil.pk]})
        for pupil in _pupils(each)
        if pupil.pk in enclosures
    )


def _pupils(each: Prepared) -> list[Pupil]:
    return [facts.pupil for facts in (each.facts, *each.siblings)]


def _make_copies(prepared: list[Prepared]) -> int:
    """A copy for each parent as the address book has her now; who no longer gets one is cancelled."""
    known = {
        (copy.letter_id, copy.contact_id): copy
        for copy in Copy.objects.filter(letter__in=[each.letter for each in prepared])
    }
    new, kept = [], []
    for each in prepared:
        for recipient in each.family.recipients:
            copy = copy_for(each.letter, recipient, each.letter.template.channel, Copy.Status.APPROVED)
            if before := known.pop((each.letter.pk, recipient.contact_id), None):
                copy.pk, copy.reference = before.pk, before.reference
                kept.append(copy)
            else:
                new.append(copy)
    Copy.objects.bulk_create(new)
    fields = ["addressee", "address", "email", "mobile", "language", "channel", "status"]
    Copy.objects.bulk_update(kept, fields, batch_size=200)
    Copy.objects.filter(pk__in=[copy.pk for copy in known.values()]).update(status=Copy.Status.CANCELLED)
    return len(new) + len(kept)

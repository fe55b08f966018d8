"""What a return to the local authority says of each child: the fields the law lists and no other.

New pupil: the admission register (law.md 3.9, 3.10, 3.20). Deletion: name, address, the parents the child lived with
and how to reach them, where the child goes, the ground (3.22). Attendance and sickness (3.23, 3.24): name and
address, and from when and how long, with the cause where it is known; the texts list no more.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from attendance_mis.models import School
from attendance_mis.promises import promised
from casework.clocks import Kind
from casework.statutory import Running
from registers import codes
from registers.models import Contact, Mark, Pupil, Registration

TITLES = {
    Kind.ATTENDANCE: "Attendance return",
    Kind.SICKNESS: "Sickness return",
    Kind.NEW_PUPIL: "New pupil return",
    Kind.DELETION: "Deletion return",
}
WHY = {
    Kind.ATTENDANCE: "Absent without authority for ten continuous school days",
    Kind.IRREGULAR: "Fails to attend regularly",
}
Field = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """One child of a return: what it says, in order."""

    pupil_id: int
    fields: tuple[Field, ...]


def return_of(kind: Kind) -> Kind | None:
    """The return that tells of a clock; None: no return does. The two limbs of law.md 3.23 are one return."""
    kind = Kind.ATTENDANCE if kind is Kind.IRREGULAR else kind
    return kind if kind in TITLES else None


def told_of(school: School, kind: Kind, running: Sequence[Running]) -> list[Told]:
    """What the return of this kind says of these children; the same few queries for any number."""
    ids = [each.pupil.pk for each in running]
    contacts: dict[int, list[Contact]] = {pk: [] for pk in ids}
    for contact in Contact.objects.filter(Q(parental_responsibility=True) | Q(lives_with_pupil=True), pupil__in=ids):
        contacts[contact.pupil_id].append(contact)
    emergency: dict[int, list[str]] = {pk: [] for pk in ids}
    for contact in Contact.objects.filter(pupil__in=ids).order_by("priority"):
        emergency[contact.pupil_id] += contact.numbers
    spells = {spell.pupil_id: spell for spell in Registration.objects.filter(pupil__in=ids).order_by("admission_date")}
    causes = _causes(ids, running) if kind is Kind.ATTENDANCE else {}
    found = []
    for each in running:
        pupil = promised(each.pupil)
        known, numbers, spell = contacts[pupil.pk], emergency[pupil.pk], spells[pupil.pk]
        fields = _absence(pupil, known, each, causes.get(pupil.pk, "Illness (I)"))
        if kind is Kind.NEW_PUPIL:
            fields = _new_pupil(pupil, known, numbers, spell)
        elif kind is Kind.DELETION:
            fields = _deletion(pupil, known, spell)
        found.append(Told(pupil.pk, tuple(fields)))
    return found


def _new_pupil(pupil: Pupil, parents: list[Contact], numbers: list[str], spell: Registration) -> Iterable[Field]:
    yield "Full name", full_name(pupil)
    yield "Sex", pupil.get_sex_display()
    yield "Date of birth", f"{pupil.date_of_birth}"
    yield "Starting day", f"{spell.admission_date}"
    yield "School last attended", spell.last_school
    yield "Day pupil or boarder", "Boarder" if pupil.boarder else "Day pupil"
    yield "Address", address_of(parents)
    for number, parent in enumerate(parents, 1):
        yield f"Parent {number}: name", parent.name
        yield f"Parent {number}: address", parent.address
        yield f"Parent {number}: pupil normally lives with", "Yes" if parent.lives_with_pupil else "No"
        yield f"Parent {number}: emergency telephone", "; ".join(parent.numbers)
    yield "Emergency telephone", "; ".join(dict.fromkeys(numbers))


def _deletion(pupil: Pupil, parents: list[Contact], spell: Registration) -> Iterable[Field]:
    yield "Full name", full_name(pupil)
    yield "Address", address_of(parents)
    lived_with = [parent for parent in parents if parent.lives_with_pupil]
    for number, parent in enumerate(lived_with, 1):
        yield f"Parent {number} the pupil lived with: name", parent.name
        yield f"Parent {number} the pupil lived with: address", parent.address
        yield f"Parent {number} the pupil lived with: emergency telephone", "; ".join(parent.numbers)
    yield "Future school or address", spell.destination
    yield "Ground", f"{spell.leaving_ground}: {spell.get_leaving_ground_display()} (SI 2024/208 reg 9(1))"


def _absence(pupil: Pupil, parents: list[Contact], each: Running, cause: str) -> Iterable[Field]:
    yield "Full name", full_name(pupil)
    yield "Address", address_of(parents)
    if each.clock.kind in WHY:
        yield "Why", WHY[each.clock.kind]
    yield "Absent from", f"{each.clock.start}"
    yield "How long", each.clock.sentence
    yield "Cause, where known", cause


def full_name(pupil: Pupil) -> str:
    """The legal name: the register's."""
    return " ".join(filter(None, [pupil.legal_forename, pupil.middle_names, pupil.legal_surname]))


def address_of(contacts: Sequence[Contact]) -> str:
    """Where the child lives: with the first contact she lives with."""
    return next((contact.address for contact in contacts if contact.lives_with_pupil and contact.address), "")


def _causes(ids: Sequence[int], running: Sequence[Running]) -> dict[int, str]:
    """The codes of each absence, since it began: "N (No reason yet), O (Unauthorised)"."""
    starts = {each.pupil.pk: each.clock.start for each in running}
    marks = Mark.objects.unauthorised().filter(pupil__in=ids, day__gte=min(starts.values()))
    found: dict[int, set[int]] = {pk: set() for pk in ids}
    for pupil_id, day, code in marks.values_list("pupil", "day", "code"):
        if day >= starts[pupil_id]:
            found[pupil_id].add(code)
    return {
        pk: ", ".join(f"{code.letter} ({code.short})" for code in map(codes.by_number, sorted(numbers)))
        for pk, numbers in found.items()
    }


def as_csv(told: Sequence[Told]) -> bytes:
    """One line a child, the columns in the order in which they first appear; UTF-8 with a byte-order mark."""
    header = list(dict.fromkeys(name for each in sorted(told, key=lambda t: -len(t.fields)) for name, _ in each.fields))
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in each.fields} for each in told)
    return out.getvalue().encode("utf-8-sig")


def _harmless(value: str) -> str:
    """No cell begins as a formula does."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value

"""Write pupils, their spells on roll, classes and contacts: new rows added, changed ones updated, the others left."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import models

from attendance_mis import audit
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers import ages
from registers.actions.importing import classes
from registers.actions.importing.report import Report, Tally
from registers.models import Contact, Pupil, Registration
from registers.pack import columns, files
from registers.pack.columns import Column
from registers.pack.people import Days, People, StandingPupil, former_of, overlap, spell_of
from registers.pack.tables import Row

SPELL_FIELDS = ("admission_date", "leaving_date", "leaving_ground", "destination")
PUPIL_COLUMNS = [c for c in files.PUPILS if c.name not in ("class_name", *SPELL_FIELDS)]
CONTACT_COLUMNS = [c for c in files.CONTACTS if c.name != "upn"]
_NULL = (columns.yes_no, columns.day)  # an empty value of these is NULL, of any other an empty text


def standing() -> dict[str, StandingPupil]:
    """The pupils of the school in scope, by UPN, with their spells on roll."""
    spells: dict[int, list[Days]] = defaultdict(list)
    for pupil_id, first, last in Registration.objects.values_list("pupil_id", "admission_date", "leaving_date"):
        spells[pupil_id].append((first, last or date.max))
    return {
        upn: StandingPupil(pk, born, tuple(sorted(spells[pk])))
        for pk, upn, born in Pupil.objects.values_list("pk", "upn", "date_of_birth")
    }


def put(
    held: School, people: People, standing: Mapping[str, StandingPupil], now: datetime, by: Actor, report: Report
) -> None:
    """Write the rows of the four files, and tell the rolls the ids of new pupils."""
    pupils = _put_pupils(held, people, standing, now, by, report.tally("pupils"))
    for upn, pupil in pupils.items():
        people.rolls[upn].pupil_id = pupil.pk
    changed = _put_registrations(held, people, pupils, report.tally("registrations"))
    changed |= classes.put(held, people, pupils, now.astimezone(held.zone).date(), report.tally("classes"))
    changed |= _put_contacts(held, people, by, report.tally("contacts"))
    Pupil.objects.filter(pk__in=changed).update(changed_at=now)


def _values(row: Row, wanted: Iterable[Column]) -> dict[str, Any]:
    """The values of the columns that the file has, as the database keeps them."""
    return {
        c.name: "" if row.values[c.name] is None and c.parse not in _NULL else row.values[c.name]
        for c in wanted
        if c.name in row.values
    }


def differences(held: models.Model, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What of the values a row has otherwise: field, before and after."""
    return {name: [before, after] for name, after in values.items() if (before := getattr(held, name)) != after}


def _record(pupil: Pupil, what: str, changes: dict[str, list[Any]], by: Actor) -> None:
    data = json.loads(json.dumps(changes, default=str))
    summary = f"The pack changed {', '.join(changes)} of {what}."
    audit.record(
        "import_school", pupil, school_id=pupil.school_id, by=by, summary=summary, pupil_id=pupil.pk, data=data
    )


def _put_pupils(
    held: School, people: People, standing: Mapping[str, StandingPupil], now: datetime, by: Actor, tally: Tally
) -> dict[str, Pupil]:
    """The pupils of the pack by UPN, as they are written."""
    existing = {pupil.upn: pupil for pupil in Pupil.objects.all()}
    in_pack = {row["upn"] for row in people.pupils}
    pupils: dict[str, Pupil] = {}
    new: list[Pupil] = []
    changed: list[Pupil] = []
    for row in sorted(people.pupils, key=lambda each: each["upn"]):
        values = _values(row, PUPIL_COLUMNS)
        ages_from, ages_until = ages.compulsory_school_age(row["date_of_birth"])
        values |= {"compulsory_from": ages_from, "compulsory_until": ages_until}
        pupil = existing.pop(former_of(row, standing, in_pack) or row["upn"], None)
        if pupil is None:
            pupil = Pupil(school=held, changed_at=now, **values)
            new.append(pupil)
        elif changes := differences(pupil, values):
            for name, value in values.items():
                setattr(pupil, name, value)
            pupil.changed_at = now
            changed.append(pupil)
            _record(pupil, "a pupil", changes, by)
        pupils[row["upn"]] = pupil
    Pupil.objects.bulk_create(new, batch_size=1000)
    if changed:
        names = [*(c.name for c in PUPIL_COLUMNS), "compulsory_from", "compulsory_until", "changed_at"]
        Pupil.objects.bulk_update(changed, names, batch_size=200)
    tally.new, tally.changed, tally.same = len(new), len(changed), len(pupils) - len(new) - len(changed)
    for upn in sorted(existing):
        tally.leave(upn)
    return pupils


def _put_registrations(held: School, people: People, pupils: Mapping[str, Pupil], tally: Tally) -> set[int]:
    """A spell of the school that overlaps one of the pack is that spell, as the other system knows it now."""
    rows: dict[str, list[Row]] = defaultdict(list)
    last_schools: dict[tuple[str, date], str] = {}
    for row in people.registrations:
        last_schools[row["upn"], row["admission_date"]] = row["last_school"]
    for row in (*people.pupils, *people.registrations):
        if all(row["admission_date"] != other["admission_date"] for other in rows[row["upn"]]):
            rows[row["upn"]].append(row)
    existing: dict[int, list[Registration]] = defaultdict(list)
    for registration in Registration.objects.all():
        existing[registration.pupil_id].append(registration)
    new: list[Registration] = []
    touched: set[int] = set()
    wanted = [c for c in files.REGISTRATIONS if c.name in SPELL_FIELDS]
    for upn, spells in rows.items():
        pupil, candidates = pupils[upn], existing[pupils[upn].pk]
        for row in spells:
            values = _values(row, wanted)
            if last_school := last_schools.get((upn, row["admission_date"])):
                values["last_school"] = last_school
            same = [r for r in candidates if overlap(_days(r), spell_of(row))]
            candidates = [r for r in candidates if r not in same]
            if not same:
                new.append(Registration(school=held, pupil=pupil, **values))
            elif differences(same[0], values) or same[1:]:
                for other in same[1:]:
                    other.delete()
                Registration.objects.filter(pk=same[0].pk).update(**values)
                tally.changed += 1
            else:
                tally.same += 1
                continue
            touched.add(pupil.pk)
        for registration in candidates:
            tally.leave(f"{upn} from {registration.admission_date}")
    Registration.objects.bulk_create(new, batch_size=1000)
    tally.new = len(new)
    return touched


def _days(spell: Registration) -> Days:
    return spell.admission_date, spell.leaving_date or date.max


def _put_contacts(held: School, people: People, by: Actor, tally: Tally) -> set[int]:
    existing = {(contact.pupil.upn, contact.priority): contact for contact in Contact.objects.select_related("pupil")}
    new: list[Contact] = []
    touched: set[int] = set()
    for row in people.contacts:
        pupil_id = people.rolls[row["upn"]].pupil_id
        values = _values(row, CONTACT_COLUMNS)
        contact = existing.pop((row["upn"], row["priority"]), None)
        if contact is None:
            new.append(Contact(school=held, pupil_id=pupil_id, **values))
        elif changes := differences(contact, values):
            Contact.objects.filter(pk=contact.pk).update(**values)
            _record(contact.pupil, f"contact {contact.priority} of a pupil", changes, by)
            tally.changed += 1
        else:
            tally.same += 1
            continue
        touched.add(pupil_id)
    Contact.objects.bulk_create(new, batch_size=1000)
    tally.new = len(new)
    for upn, priority in sorted(existing):
        tally.leave(f"{upn} priority {priority}")
    return touched

"""pupils.csv, registrations.csv, classes.csv and contacts.csv, put beside what the school holds already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

from registers import ages
from registers.pack import files
from registers.pack.faults import Faults
from registers.pack.tables import Row, read_rows

PUPILS_CSV, REGISTRATIONS_CSV = "pupils.csv", "registrations.csv"
CLASSES_CSV, CONTACTS_CSV = "classes.csv", "contacts.csv"
EARLIEST_BIRTH = date(1900, 1, 1)

Days = tuple[date, date]  # both inclusive; an open end is date.max


@dataclass(slots=True)
class Roll:
    """When one pupil is on roll, and of compulsory school age. `is_faulty`: her row is refused, so nothing is known.

    `pupil_id` is 0 until a new pupil is written.
    """

    pupil_id: int
    spells: list[Days]
    compulsory: Days
    line: int = 0
    is_faulty: bool = False

    def on_roll(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.spells)


@dataclass(frozen=True, slots=True)
class StandingPupil:
    """A pupil the school holds already."""

    id: int
    date_of_birth: date
    spells: tuple[Days, ...]


@dataclass(slots=True)
class People:
    """The rows of the four files, and the rolls that follow from them and from what the school holds already."""

    pupils: list[Row] = field(default_factory=list)
    registrations: list[Row] = field(default_factory=list)
    contacts: list[Row] = field(default_factory=list)
    classes: list[Row] | None = None
    rolls: dict[str, Roll] = field(default_factory=dict)
    is_readable: bool = True


def overlap(one: Days, other: Days) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def read_people(folder: Path, standing: Mapping[str, StandingPupil], today: date, faults: Faults) -> People:
    """Read and check the four files. `standing` holds the school's own pupils by UPN."""
    pupils = read_rows(folder, PUPILS_CSV, files.PUPILS, faults)
    people = People(
        pupils or [],
        read_rows(folder, REGISTRATIONS_CSV, files.REGISTRATIONS, faults, optional=True) or [],
        read_rows(folder, CONTACTS_CSV, files.CONTACTS, faults) or [],
        read_rows(folder, CLASSES_CSV, files.CLASSES, faults, optional=True),
        is_readable=pupils is not None,
    )
    people.rolls = {
        upn: Roll(pupil.id, list(pupil.spells), ages.compulsory_school_age(pupil.date_of_birth))
        for upn, pupil in standing.items()
    }
    _check_pupils(people, standing, today, faults)
    _check_contacts(people, faults)
    _check_classes(people, faults)
    return people


def former_of(row: Row, standing: Mapping[str, StandingPupil], in_pack: Iterable[str]) -> str | None:
    """The UPN under which the school holds a pupil who has a new one now, or None."""
    former = row["former_upn"]
    return former if former in standing and row["upn"] not in standing and former not in in_pack else None


def spell_of(row: Row) -> Days:
    return row["admission_date"], row["leaving_date"] or date.max


def _check_pupils(people: People, standing: Mapping[str, StandingPupil], today: date, faults: Faults) -> None:
    in_pack: dict[str, Row] = {}
    for row in people.pupils:
        upn = row["upn"] or row.wrong.get("upn", "")
        if upn in in_pack:
            faults.add(PUPILS_CSV, f"the pupil stands on line {in_pack[upn].line} already", line=row.line, column="upn")
        in_pack.setdefault(upn, row)
    earlier = _earlier_spells(people, in_pack, faults)
    for upn, row in in_pack.items():
        sentences = list(_pupil_faults(row, today))
        for column, sentence in sentences:
            faults.add(PUPILS_CSV, sentence, line=row.line, column=column)
        if row.wrong or sentences:
            people.rolls[upn] = Roll(0, [], (date.max, date.min), is_faulty=True)
            continue
        former = former_of(row, standing, in_pack)
        held = standing.get(former or upn)
        if former:
            del people.rolls[former]
        spells = sorted({spell_of(row), *(spell_of(each) for each in earlier[upn])})
        if held:
            spells = sorted({*spells, *(old for old in held.spells if not any(overlap(old, new) for new in spells))})
        if any(overlap(one, other) for one, other in pairwise(spells)):
            sentence = "overlaps an earlier spell of the pupil"
            faults.add(PUPILS_CSV, sentence, line=row.line, column="admission_date")
        compulsory = ages.compulsory_school_age(row["date_of_birth"])
        people.rolls[upn] = Roll(held.id if held else 0, spells, compulsory, row.line)


def _pupil_faults(row: Row, today: date) -> Iterable[tuple[str, str]]:
    born, (admitted, left) = row["date_of_birth"], (row["admission_date"], row["leaving_date"])
    if born and born > today:
        yield "date_of_birth", f"{born} is in the future"
    elif born and born < EARLIEST_BIRTH:
        yield "date_of_birth", f"{born} is too long ago"
    elif born and admitted and admitted <= born:
        yield "admission_date", f"{admitted} is not after the date of birth, {born}"
    yield from _spell_faults(row)
    if left and not admitted:
        yield "leaving_date", "needs an admission date before it"


def _spell_faults(row: Row) -> Iterable[tuple[str, str]]:
    admitted, left = row["admission_date"], row["leaving_date"]
    if admitted and left and left < admitted:
        yield "leaving_date", f"{left} is before the admission date, {admitted}"
    if row["leaving_ground"] and not left and "leaving_date" not in row.wrong:
        yield "leaving_ground", "needs a leaving date"


def _earlier_spells(people: People, in_pack: Mapping[str, Row], faults: Faults) -> dict[str, list[Row]]:
    """The rows of registrations.csv by UPN that are spells of their own."""
    earlier: dict[str, list[Row]] = defaultdict(list)
    for row in people.registrations:
        sentences = list(_spell_faults(row))
        newest = in_pack.get(row["upn"])
        if row["upn"] and newest is None and people.is_readable:
            sentences.append(("upn", "no such pupil in pupils.csv"))
        for column, sentence in sentences:
            faults.add(REGISTRATIONS_CSV, sentence, line=row.line, column=column)
        if sentences or row.wrong or newest is None or newest.wrong:
            continue
        if row["admission_date"] == newest["admission_date"]:
            # The newest spell again: only this file can hold the school the pupil came from.
            for column in ("leaving_date", "leaving_ground", "destination"):
                if row[column] != newest[column]:
                    sentence = f"differs from line {newest.line} of pupils.csv, which holds this spell too"
                    faults.add(REGISTRATIONS_CSV, sentence, line=row.line, column=column)
            continue
        others = [newest, *earlier[row["upn"]]]
        if any(overlap(spell_of(row), spell_of(other)) for other in others):
            sentence = "overlaps another spell of the pupil"
            faults.add(REGISTRATIONS_CSV, sentence, line=row.line, column="admission_date")
        elif row["admission_date"] > newest["admission_date"]:
            sentence = "is later than the spell in pupils.csv; the newest spell stands there"
            faults.add(REGISTRATIONS_CSV, sentence, line=row.line, column="admission_date")
        earlier[row["upn"]].append(row)
    return earlier


def _known(row: Row, file: str, people: People, faults: Faults) -> bool:
    if row["upn"] and row["upn"] not in people.rolls and people.is_readable:
        faults.add(file, "no such pupil in pupils.csv", line=row.line, column="upn")
    return row["upn"] in people.rolls


def _check_contacts(people: People, faults: Faults) -> None:
    lines: dict[tuple[str, int], int] = {}
    for row in people.contacts:
        if not _known(row, CONTACTS_CSV, people, faults) or row["priority"] is None:
            continue
        before = lines.setdefault((row["upn"], row["priority"]), row.line)
        if before != row.line:
            sentence = f"the pupil has a contact with this priority on line {before} already"
            faults.add(CONTACTS_CSV, sentence, line=row.line, column="priority")
        if not row["surname"] and not row["forename"] and not row.wrong:
            faults.add(CONTACTS_CSV, "a contact needs a surname or a forename", line=row.line, column="surname")


def _check_classes(people: People, faults: Faults) -> None:
    by_upn: dict[str, list[Row]] = defaultdict(list)
    for row in people.classes or ():
        if not _known(row, CLASSES_CSV, people, faults) or row.wrong:
            continue
        if row["end"] and row["end"] < row["start"]:
            faults.add(CLASSES_CSV, f"{row['end']} is before the start, {row['start']}", line=row.line, column="end")
        else:
            by_upn[row["upn"]].append(row)
    for rows in by_upn.values():
        for before, row in pairwise(sorted(rows, key=lambda each: (each["start"], each.line))):
            if (before["end"] or date.max) >= row["start"]:
                sentence = f"the pupil is in {before['class_name']} then (line {before.line})"
                faults.add(CLASSES_CSV, sentence, line=row.line, column="start")

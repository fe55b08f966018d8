"""Import a school pack: all of it or none, and twice is as once (interchange.md).

The files are read and judged by `registers.pack`; here they are put beside what the school holds and written in one
transaction. A check run does everything and takes it back, so that it says exactly what an import would.
"""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from attendance_mis import audit, seals
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers.actions.importing import calendar, marks, people, school
from registers.actions.importing.report import Report
from registers.pack.calendar import read_calendar
from registers.pack.faults import Faults, PackRefused
from registers.pack.marks import Ground
from registers.pack.people import read_people
from registers.pack.school import SCHOOL_TOML, SchoolFacts, read_school
from registers.pack.tables import Progress

__all__ = ["PackRefused", "Report", "import_pack"]


def no_progress(file: str, done: int, whole: int) -> None:
    """Say nothing."""


def import_pack(
    folder: Path, *, by: Actor, check: bool = False, only: School | None = None, progress: Progress = no_progress
) -> Report:
    """Read a pack and write all of it, or with `check` nothing.

    `only` holds a person to her own school. Raises PackRefused with every fault found; nothing is written then.
    """
    faults = Faults()
    try:
        with transaction.atomic():
            held, report = _import(folder, by, only, progress, faults)
            if check:
                transaction.set_rollback(True)
    except (IntegrityError, marks.Overtaken) as error:
        if isinstance(error, IntegrityError) and "registers_mark_pkey" not in str(error):
            raise
        sentence = "somebody took a register of these sessions while the file was read; import it again"
        faults.add("marks.csv", sentence)
        raise PackRefused(faults) from error
    if not check:
        seals.seal(held)
    return report


def _import(folder: Path, by: Actor, only: School | None, progress: Progress, faults: Faults) -> tuple[School, Report]:
    report, now = Report(), timezone.now()
    facts = read_school(folder, faults)
    held = _school_of(facts, only, faults)
    with acting_for(*filter(None, [held])):
        standing = people.standing()
        zone = held.zone if held else timezone.get_current_timezone()
        today = now.astimezone(zone).date()
        dates = read_calendar(folder, calendar.standing(), faults)
        calendar_faults = faults.count
        persons = read_people(folder, standing, today, faults)
        if held:
            if dates.sessions:
                calendar.check_stranded(dates, faults)
            marks.check_stranded(held, persons, standing, faults)
    if not faults and facts:
        held = school.put(held, facts, today, by, report)
    with acting_for(*filter(None, [held])):
        if not faults and held:
            calendar.put(held, dates, by, report)
            people.put(held, persons, standing, now, by, report)
        ground = Ground(
            calendar=dates if dates.sessions or not calendar_faults else None,
            rolls=persons.rolls if persons.is_readable else None,
            zone=zone,
            today=today,
        )
        if not faults and held:
            # Writers pass the gate before they draw an id, or the sealer could close a block over a gap.
            audit.pass_gate(held.pk)
        marks.put(held, folder, ground, now, by, report, progress, faults)
        if faults or held is None:
            raise PackRefused(faults)
        if report.changes:
            summary = "Imported a school pack. " + ". ".join(report.lines) + "."
            audit.record("import_school", held, school_id=held.pk, by=by, summary=summary)
    return held, report


def _school_of(facts: SchoolFacts | None, only: School | None, faults: Faults) -> School | None:
    """The school of the pack as it is held, locked against a second import; None when it is new."""
    if facts is None:
        return None
    for file, table in facts.policy_tables():
        for place, sentence in _policy_faults(table):
            faults.add(file, sentence, column=place)
    urn = facts.values["urn"]
    if only and only.urn != urn:
        faults.add(SCHOOL_TOML, f"this is the pack of school {urn}; yours is {only.urn}", column="school.urn")
        return only
    return School.objects.select_for_update(no_key=True).filter(urn=urn).first()


def _policy_faults(table: dict) -> Sequence[tuple[str, str]]:
    """What the floor that works by the policy finds wrong with it; it stands above, so settings name it."""
    try:
        import_string(settings.POLICY_READER)(table)
    except ValueError as error:
        return getattr(error, "faults", [("policy", str(error))])
    return ()

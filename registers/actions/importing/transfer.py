"""Write what a Common Transfer File tells: new pupils, what the school does not know yet of others, earlier attendance.

What the school holds itself is never overwritten by a transfer file: it is the older knowledge. Differences are listed.
"""

from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers.actions.importing.report import Report
from registers.actions.pupils import admit_pupil
from registers.ctf import Ctf, CtfPupil, read_ctf
from registers.models import Contact, PreviousAttendance, Pupil
from registers.pack.faults import Faults, PackRefused


def import_ctf(path: Path, *, school: School, by: Actor, check: bool = False, admitted: date | None = None) -> Report:
    """Read a Common Transfer File and write all of it, or with `check` nothing.

    New pupils are on roll from `admitted` (today, when it is not given). Raises PackRefused with every fault found.
    """
    faults, now = Faults(), timezone.now()
    today = now.astimezone(school.zone).date()
    ctf = read_ctf(path, faults, today)
    if faults or ctf is None:
        raise PackRefused(faults)
    with transaction.atomic(), acting_for(school):
        School.objects.select_for_update(no_key=True).get(pk=school.pk)
        report = Report(warnings=_warnings(ctf, school))
        for told in ctf.pupils:
            try:
                _put(told, school, admitted or today, by, now, report)
            except Refused as refused:
                for reason in refused.reasons:
                    faults.add(path.name, reason, line=told.line, column=told.upn)
        if faults:
            raise PackRefused(faults)
        _conclude(ctf, school, by, report)
        if check:
            transaction.set_rollback(True)
    return report


def _warnings(ctf: Ctf, school: School) -> list[str]:
    """A file that was made for somebody else. Not refused: a school that became an academy was another number once."""
    if ctf.meant_for in ("", school.laestab):
        return []
    made_for, here = (f"{number[:3]}/{number[3:]}" for number in (ctf.meant_for, school.laestab))
    return [
        f"Stop and look: the file was made for the school {made_for}, and {school.name} is {here}. Import it only if "
        "that was this school's number; otherwise delete the file and tell the school that sent it."
    ]


def _put(told: CtfPupil, school: School, admitted: date, by: Actor, now: datetime, report: Report) -> None:
    tally = report.tally("pupils")
    numbers = [told.upn, told.values.get("former_upn", told.upn)]
    held = Pupil.objects.filter(upn__in=numbers).order_by("pk").first()
    if held is None:
        pupil = admit_pupil(
            school=school, values=told.values, admission_date=admitted, by=by, last_school=told.last_school
        )
        tally.new += 1
        _put_contacts(told, pupil, report)
        _put_years(told, pupil, report)
        return
    is_changed = _fill(told, held, by, report)
    is_changed |= _put_contacts(told, held, report)
    is_changed |= _put_years(told, held, report)
    tally.changed, tally.same = tally.changed + is_changed, tally.same + (not is_changed)
    if is_changed:
        Pupil.objects.filter(pk=held.pk).update(changed_at=now)


def _fill(told: CtfPupil, held: Pupil, by: Actor, report: Report) -> bool:
    """Write what the school does not know; say what it knows otherwise."""
    kept = [name for name, value in told.values.items() if getattr(held, name) not in ("", None, value)]
    new = {name: value for name, value in told.values.items() if getattr(held, name) in ("", None)}
    if kept:
        report.notes.append(f"{held.upn}: {', '.join(kept)} in the file differ; the school's own were kept.")
    if not new:
        return False
    Pupil.objects.filter(pk=held.pk).update(**new)
    summary = f"A Common Transfer File added {', '.join(new)}."
    audit.record("import_ctf", held, school_id=held.school_id, by=by, pupil_id=held.pk, summary=summary)
    return True


def _conclude(ctf: Ctf, school: School, by: Actor, report: Report) -> None:
    version = f"version {ctf.version}" if ctf.version else "no version"
    report.notes.append(f"Common Transfer File, {version}, from {ctf.source or 'a school it does not name'}.")
    if ctf.unused:
        named = ", ".join(f"{path} ({count})" for path, count in sorted(ctf.unused.items()))
        report.notes.append(f"Not used: {named}.")
    if report.changes:
        summary = "Imported a Common Transfer File. " + ". ".join(map(str, report.tallies.values())) + "."
        audit.record("import_ctf", school, school_id=school.pk, by=by, summary=summary)


def _put_contacts(told: CtfPupil, pupil: Pupil, report: Report) -> bool:
    tally = report.tally("contacts")
    held = list(pupil.contacts.all())
    names = {(contact.surname.lower(), contact.forename.lower()) for contact in held}
    taken = {contact.priority for contact in held}
    added = False
    for values in told.contacts:
        name = (values["surname"].lower(), values["forename"].lower())
        if name in names:
            tally.same += 1
            continue
        priority = next(n for n in (values["priority"], *range(1, 1000)) if n not in taken)
        Contact.objects.create(school_id=pupil.school_id, pupil=pupil, **{**values, "priority": priority})
        taken.add(priority)
        names.add(name)
        tally.new += 1
        added = True
    return added


def _put_years(told: CtfPupil, pupil: Pupil, report: Report) -> bool:
    tally = report.tally("earlier years of attendance")
    changed = False
    for year in told.years:
        key = {name: year[name] for name in ("academic_year", "laestab")}
        held = PreviousAttendance.objects.filter(pupil=pupil, **key).first()
        if held is None:
            PreviousAttendance.objects.create(school_id=pupil.school_id, pupil=pupil, **year)
            tally.new += 1
        elif any(getattr(held, name) != value for name, value in year.items()):
            PreviousAttendance.objects.filter(pk=held.pk).update(**year)
            tally.changed += 1
        else:
            tally.same += 1
            continue
        changed = True
    return changed

"""Admit pupils, change what the admission register holds of them, remove them from roll, and take them back."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.words import how_many
from registers import roll
from registers.ages import age_on, compulsory_school_age
from registers.calendar_rules import Session
from registers.models import ClassGroup, ClassMembership, Mark, Pupil, Registration, SchoolDay
from registers.upn import make_upn, why_not_upn

YOUNGEST, OLDEST = 2, 19

# Why a child may be vulnerable: seen and changed by those alone who may see it (roles.md); reading it is recorded.
CONFIDENTIAL = (
    "child_protection",
    "looked_after",
    "previously_looked_after",
    "adopted",
    "young_carer",
    "social_worker",
    "youth_offending",
)


@transaction.atomic
def admit_pupil(
    *,
    school: School,
    values: Mapping[str, Any],
    admission_date: date,
    by: Actor,
    class_group: ClassGroup | None = None,
    last_school: str = "",
    contact: Mapping[str, Any] | None = None,
) -> Pupil:
    """Put a child on the admission register from the starting day (law.md 3.7 to 3.10).

    `values` are fields of `Pupil`; without a `upn` the school gives one. Raises `Refused` for a number that is wrong
    or on this school's registers already.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # one new number at a time
    values = dict(values)
    values["upn"] = values.get("upn") or free_upn(school)
    if reasons := [*_why_not_number(values["upn"]), *_why_not_born(values["date_of_birth"], admission_date)]:
        raise Refused(reasons)
    pupil = Pupil.objects.create(school=school, **values, **_ages(values["date_of_birth"]), changed_at=timezone.now())
    _begin_spell(pupil, admission_date, class_group, last_school)
    if contact:
        pupil.contacts.create(school=school, priority=1, **contact)
    audit.record(
        "admit_pupil",
        pupil,
        school_id=school.pk,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Admitted to the register from {admission_date:%-d %B %Y}.",
        data={"after": _plain(values), "class": str(class_group or ""), "last_school": last_school},
    )
    return pupil


@transaction.atomic
def edit_pupil(*, pupil: Pupil, changes: Mapping[str, tuple[Any, Any]], by: Actor) -> Pupil:
    """Change fields of a pupil. `changes` are field: (what the person saw, what she wants).

    Raises `Refused`, and changes nothing, when somebody changed one of these fields meanwhile.
    """
    pupil = _locked(pupil)
    gone = [name for name, (seen, _) in changes.items() if getattr(pupil, name) != seen]
    reasons = [
        f"The {_label(name)} was changed meanwhile, to “{_shown(getattr(pupil, name))}”. Look at it, then save again."
        for name in gone
    ]
    after = {name: new for name, (_, new) in changes.items()}
    if "upn" in after:
        reasons += _why_not_number(after["upn"])
    if "date_of_birth" in after:
        reasons += _why_not_born(after["date_of_birth"], clock.today(pupil.school))
        after |= _ages(after["date_of_birth"])
    if reasons:
        raise Refused(reasons)
    if not after:
        return pupil
    before = {name: getattr(pupil, name) for name in after}
    _write(pupil, **after)
    audit.record(
        "edit_confidential" if set(changes) & set(CONFIDENTIAL) else "edit_pupil",
        pupil,
        school_id=pupil.school_id,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Changed {', '.join(_label(name) for name in changes)}.",
        data={"before": _plain(before), "after": _plain(after)},
    )
    return pupil


@transaction.atomic
def remove_from_roll(
    *, pupil: Pupil, ground: str, leaving_date: date, destination: str, confirmed: Collection[str], by: Actor
) -> Registration:
    """Take a name off the admission register after `leaving_date`, on a ground of reg 9.

    Her class ends with it. Raises `Refused` with what the law still asks for (law.md 3.12, 3.22, 3.28).
    """
    pupil = _locked(pupil)
    known = roll.GROUNDS[ground]
    facts = leaving_facts(pupil)
    if reasons := roll.why_not_remove(known, facts, leaving_date=leaving_date, where=destination, confirmed=confirmed):
        raise Refused(reasons)
    spell = pupil.registrations.get(leaving_date=None)
    spell.leaving_date, spell.leaving_ground, spell.destination = leaving_date, ground, destination
    spell.save()
    _end_classes(pupil, leaving_date)
    _write(pupil)
    audit.record(
        "remove_from_roll",
        spell,
        school_id=pupil.school_id,
        by=by,
        pupil_id=pupil.pk,
        summary=f"To come off the register after {leaving_date:%-d %B %Y}, ground {ground}: {known.meaning}.",
        data={
            "ground": ground,
            "leaving_date": str(leaving_date),
            "destination": destination,
            "confirmed": sorted(confirmed),
            "days_without_trace": facts.days_without_trace,
        },
    )
    return spell


@transaction.atomic
def remove_leavers(
    *, destinations: Mapping[Pupil, str], leaving_date: date, confirmed: Collection[str], by: Actor
) -> int:
    """Take the pupils of a class off the register who go on to another school (ground a); returns how many.

    `destinations` are the pupils who leave, each with the next school. Raises `Refused` for all of them with each
    one's reasons.
    """
    reasons = [] if destinations else ["Write down the next school of at least one child."]
    for pupil, destination in destinations.items():
        try:
            remove_from_roll(
                pupil=pupil,
                ground="a",
                leaving_date=leaving_date,
                destination=destination,
                confirmed=confirmed,
                by=by,
            )
        except Refused as refused:
            reasons += [f"{pupil}: {reason}" for reason in refused.reasons]
    if reasons:
        raise Refused(reasons)
    return len(destinations)


@transaction.atomic
def change_starting_day(*, pupil: Pupil, admission_date: date, last_school: str, by: Actor) -> Registration:
    """Put the starting day of the current spell right; the class that began with it moves along.

    Raises `Refused` when a mark or another class would be left before the starting day, or the spells overlap.
    """
    pupil = _locked(pupil)
    spell = pupil.registrations.latest("admission_date")
    before = {"admission_date": str(spell.admission_date), "last_school": spell.last_school}
    marks = pupil.marks.filter(day__gte=spell.admission_date, day__lt=admission_date).count()
    reasons = []
    if marks:
        reasons.append(f"{how_many(marks, 'mark')} before {_said(admission_date)}: the child was on roll then.")
    if spell.leaving_date and admission_date > spell.leaving_date:
        reasons.append(f"The starting day is after the last day on roll, {_said(spell.leaving_date)}.")
    if pupil.registrations.filter(leaving_date__gte=admission_date).exclude(pk=spell.pk).exists():
        reasons.append("An earlier spell on roll ends after this starting day.")
    first = pupil.class_memberships.filter(start=spell.admission_date).first()
    if first and first.end and first.end < admission_date:
        reasons.append(f"The child moved on from {first.class_group} before {_said(admission_date)}.")
    if reasons:
        raise Refused(reasons)
    if first:
        first.start = admission_date
        first.save(update_fields=["start"])
    spell.admission_date, spell.last_school = admission_date, last_school
    spell.save()
    _write(pupil)
    audit.record(
        "change_starting_day",
        spell,
        school_id=pupil.school_id,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Changed the starting day to {_said(admission_date)}.",
        data={"before": before, "after": {"admission_date": str(admission_date), "last_school": last_school}},
    )
    return spell


@transaction.atomic
def cancel_admission(*, pupil: Pupil, by: Actor) -> None:
    """Forget a child who was to start and will not: a name is on the register from the starting day only (law.md 3.7).

    The audit row keeps the UPN and the day. Raises `Refused` from the starting day on, and for one who was here before.
    """
    pupil = _locked(pupil)
    spell = pupil.registrations.latest("admission_date")
    if spell.admission_date <= clock.today(pupil.school):
        raise Refused(["The starting day has come: the name is on the register, and comes off on a ground only."])
    if pupil.registrations.count() > 1:
        raise Refused(["The child was at this school before: put the starting day right, or remove on a ground."])
    audit.record(
        "cancel_admission",
        pupil,
        school_id=pupil.school_id,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Cancelled the admission that was to begin on {_said(spell.admission_date)}.",
        data={"upn": pupil.upn, "admission_date": str(spell.admission_date)},
    )
    try:
        for related in (pupil.contacts, pupil.class_memberships, pupil.planned_absences, pupil.registrations):
            related.all().delete()
        pupil.delete()
    except ProtectedError as error:
        raise Refused(["Letters, calls or a case of this child are on record, so the name stays."]) from error


@transaction.atomic
def keep_on_roll(*, pupil: Pupil, by: Actor) -> None:
    """Take back a removal whose day has not passed: the spell and the class stay open."""
    pupil = _locked(pupil)
    today = clock.today(pupil.school)
    spell = pupil.registrations.filter(leaving_date__gte=today).last()
    if not spell:
        raise Refused(["The last day has passed. To take the child back, readmit from a new starting day."])
    ended = pupil.class_memberships.filter(end=spell.leaving_date).last()
    leaving_date, ground = spell.leaving_date, spell.leaving_ground
    spell.leaving_date, spell.leaving_ground, spell.destination = None, "", ""
    spell.save()
    if ended:
        ended.end = None
        ended.save()
    _write(pupil)
    audit.record(
        "keep_on_roll",
        spell,
        school_id=pupil.school_id,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Stays on the register; was to come off after {leaving_date:%-d %B %Y}, ground {ground}.",
    )


@transaction.atomic
def readmit_pupil(
    *,
    pupil: Pupil,
    admission_date: date,
    year_group: str,
    by: Actor,
    class_group: ClassGroup | None = None,
    last_school: str = "",
) -> Registration:
    """Begin a new spell on roll of a child who left; the earlier spells stay as they were."""
    pupil = _locked(pupil)
    last = pupil.registrations.latest("admission_date")
    if last.leaving_date is None:
        raise Refused(["The child is on the roll already."])
    if admission_date <= last.leaving_date:
        raise Refused([f"The new starting day must be after the last day on roll, {last.leaving_date:%-d %B %Y}."])
    _write(pupil, year_group=year_group)
    spell = _begin_spell(pupil, admission_date, class_group, last_school)
    audit.record(
        "readmit_pupil",
        spell,
        school_id=pupil.school_id,
        by=by,
        pupil_id=pupil.pk,
        summary=f"Readmitted to the register from {admission_date:%-d %B %Y}.",
        data={"class": str(class_group or ""), "year_group": year_group, "last_school": last_school},
    )
    return spell


def leaving_facts(pupil: Pupil) -> roll.LeavingFacts:
    """What the rules of removal need to know of a pupil today."""
    spell = pupil.registrations.latest("admission_date")
    today = clock.today(pupil.school)
    return roll.LeavingFacts(
        admission_date=spell.admission_date,
        on_roll=spell.leaving_date is None,
        today=today,
        compulsory_until=pupil.compulsory_until,
        year_group=pupil.year_group,
        boarder=bool(pupil.boarder),
        days_without_trace=_days_without_trace(pupil, spell.admission_date, today),
    )


def free_upn(school: School) -> str:
    """The next permanent number of the school's own, for a child who comes to a school for the first time.

    Raises `Refused` when the year's 999 are used up.
    """
    year = clock.today(school).year
    la, estab = int(school.laestab[:3]), int(school.laestab[3:])
    start = f"{school.laestab}{year % 100:02}"
    used = Pupil.objects.filter(upn__regex=rf"^.{start}\d\d\d$").order_by("upn").values_list("upn", flat=True)
    serial = max((int(upn[-3:]) for upn in used), default=0) + 1
    if serial > 999:
        raise Refused(["All numbers of this year are used: ask the local authority for one, and enter it."])
    return make_upn(la, estab, year, serial)


def _days_without_trace(pupil: Pupil, since: date, today: date) -> int:
    days = SchoolDay.objects.filter(day__range=(max(since, today - timedelta(120)), today - timedelta(1)))
    expected = [
        (day.day, session) for day in days for session, held in ((Session.AM, day.am), (Session.PM, day.pm)) if held
    ]
    marks = Mark.objects.filter(pupil=pupil, day__gte=today - timedelta(120)).values_list("day", "session", "code")
    return roll.days_without_trace(expected, ((day, Session(session), code) for day, session, code in marks))


def _locked(pupil: Pupil) -> Pupil:
    """The pupil's row, held until the transaction ends: one change of a child at a time."""
    return Pupil.objects.select_for_update(no_key=True, of=("self",)).select_related("school").get(pk=pupil.pk)


def _write(pupil: Pupil, **values: Any) -> None:
    for name, value in values.items():
        setattr(pupil, name, value)
    pupil.changed_at = timezone.now()
    pupil.save(update_fields=[*values, "changed_at"])


def _begin_spell(pupil: Pupil, day: date, class_group: ClassGroup | None, last_school: str) -> Registration:
    if class_group:
        ClassMembership.objects.create(school_id=pupil.school_id, pupil=pupil, class_group=class_group, start=day)
    return pupil.registrations.create(school_id=pupil.school_id, admission_date=day, last_school=last_school)


def _end_classes(pupil: Pupil, day: date) -> None:
    pupil.class_memberships.filter(start__gt=day).delete()
    pupil.class_memberships.filter(end=None).update(end=day)
    pupil.class_memberships.filter(end__gt=day).update(end=day)


def _ages(date_of_birth: date) -> dict[str, date]:
    first, last = compulsory_school_age(date_of_birth)
    return {"compulsory_from": first, "compulsory_until": last}


def _why_not_number(upn: str) -> list[str]:
    if fault := why_not_upn(upn):
        return [f"The UPN {fault}."]
    if Pupil.objects.filter(upn=upn).exists():
        return ["A pupil with this UPN is in this school's register already. Find the record by its UPN, and readmit."]
    return []


def _why_not_born(date_of_birth: date, day: date) -> list[str]:
    age = age_on(date_of_birth, day)
    if YOUNGEST <= age <= OLDEST:
        return []
    return [f"Born on {date_of_birth:%-d %B %Y} the child would be {age} years old. Check the date of birth."]


def _said(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _label(name: str) -> str:
    return str(getattr(Pupil._meta.get_field(name), "verbose_name", name))


def _shown(value: Any) -> str:
    return {True: "yes", False: "no", None: "not known"}.get(value, str(value))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, date) else value for name, value in values.items()}

"""Classes by date: who is in them, who teaches them, and the move into a new school year."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School, User
from attendance_mis.words import how_many
from registers.models import ClassGroup, ClassMembership, Pupil, SchoolDay, Teaching
from registers.querysets import standing_on
from registers.roll import next_year


@transaction.atomic
def make_class(*, school: School, name: str, by: Actor) -> ClassGroup:
    """Add a class. Raises `Refused` when the school has one of this name."""
    name = name.strip()
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two people press at once
    if ClassGroup.objects.filter(name=name).exists():
        raise Refused([f"There is a class {name} already."])
    group = ClassGroup.objects.create(school=school, name=name)
    audit.record("make_class", group, school_id=school.pk, by=by, summary=f"Made the class {name}.")
    return group


@transaction.atomic
def move_class(*, pupils: Iterable[Pupil], class_group: ClassGroup, day: date, by: Actor) -> None:
    """Put pupils into a class from a day on; the class before ends the day before, and stays in their history.

    Raises `Refused` for all of them when one is not on roll that day or has moved since.
    """
    wanted = [pupil.pk for pupil in pupils]
    locked = list(Pupil.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    on_roll = set(Pupil.objects.filter(pk__in=wanted).on_roll(day).values_list("pk", flat=True))
    spells = ClassMembership.objects.filter(pupil__in=wanted).select_related("class_group")
    later = {spell.pupil_id: spell for spell in spells.filter(start__gt=day).order_by("-start")}
    before = {spell.pupil_id: spell for spell in spells.filter(standing_on(day))}
    reasons = [f"{pupil} is not on roll on {_said(day)}." for pupil in locked if pupil.pk not in on_roll]
    reasons += [
        f"{pupil} moves to {later[pupil.pk].class_group} on {_said(later[pupil.pk].start)}: choose a later day."
        for pupil in locked
        if pupil.pk in later
    ]
    if reasons:
        raise Refused(reasons)
    for pupil in locked:
        spell = before.get(pupil.pk)
        if spell and spell.class_group_id == class_group.pk:
            continue
        _end(spell, day)
        ClassMembership.objects.create(school_id=pupil.school_id, pupil=pupil, class_group=class_group, start=day)
        audit.record(
            "move_class",
            pupil,
            school_id=pupil.school_id,
            by=by,
            pupil_id=pupil.pk,
            summary=f"Moves to {class_group} from {_said(day)}.",
            data={"before": str(spell.class_group) if spell else "", "after": str(class_group), "day": str(day)},
        )
    Pupil.objects.filter(pk__in=wanted).update(changed_at=timezone.now())


def why_not_promote(school: School, first_day: date) -> list[str]:
    """Why the year cannot be rolled over to this day now; empty means it can."""
    today = clock.today(school)
    left = SchoolDay.objects.filter(day__gte=today, day__lt=first_day).count()
    if left:
        still = how_many(left, "school day")
        return [f"{still} still to come before {_said(first_day)}. Roll over when the year is at its end."]
    if not SchoolDay.objects.filter(day__gte=first_day).exists():
        return [f"The calendar has no school days from {_said(first_day)} on. Enter the new year's term dates first."]
    return []


@transaction.atomic
def promote_classes(*, school: School, first_day: date, targets: Mapping[int, str], by: Actor) -> int:
    """Move whole classes, and their pupils up a year, on the first day of a school year; returns how many pupils.

    `targets` are class id: the name of next year's class, made when there is none; empty: the pupils leave, and have
    no class from that day. The old memberships keep the year group held then. Raises `Refused` while school days of
    the old year are left, and when it was done already.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    reasons = why_not_promote(school, first_day)
    last_day = first_day - timedelta(1)
    spells = list(
        ClassMembership.objects.filter(
            standing_on(last_day), class_group__in=targets, pupil__in=Pupil.objects.on_roll(last_day)
        )
        .select_related("pupil", "class_group")
        .order_by("pupil")
    )
    done = ClassMembership.objects.filter(pupil__in=[spell.pupil_id for spell in spells], start__gte=first_day)
    if moved := done.count():
        reasons.append(f"{moved} of these pupils have a class from {_said(first_day)} on: this was done already.")
    if reasons:
        raise Refused(reasons)
    groups = {name: _class_named(school, name, by) for name in sorted({*targets.values()} - {""})}
    pupils = [spell.pupil for spell in spells]
    for spell in spells:
        spell.end, spell.year_group = last_day, spell.year_group or spell.pupil.year_group
    ClassMembership.objects.bulk_update(spells, ["end", "year_group"])
    ClassMembership.objects.bulk_create(
        ClassMembership(
            school=school, pupil=spell.pupil, class_group=groups[targets[spell.class_group_id]], start=first_day
        )
        for spell in spells
        if targets[spell.class_group_id]
    )
    for pupil in pupils:
        pupil.year_group, pupil.changed_at = next_year(pupil.year_group), timezone.now()
    Pupil.objects.bulk_update(pupils, ["year_group", "changed_at"])
    audit.record(
        "promote_classes",
        school,
        school_id=school.pk,
        by=by,
        summary=f"Rolled {how_many(len(pupils), 'pupil')} over to the school year from {_said(first_day)}.",
        data={
            "first_day": str(first_day),
            "classes": {str(s.class_group): targets[s.class_group_id] for s in spells},
            "pupils": {str(spell.pupil_id): targets[spell.class_group_id] for spell in spells},
        },
    )
    return len(pupils)


@transaction.atomic
def set_teaching(*, class_group: ClassGroup, user: User, start: date, by: Actor, end: date | None = None) -> Teaching:
    """Say who teaches a class from a day on: its registers are hers to take."""
    if end and end < start:
        raise Refused(["The last day is before the first."])
    ClassGroup.objects.select_for_update(no_key=True).get(pk=class_group.pk)  # two people press at once
    holds = Teaching.objects.filter(class_group=class_group, user=user).exclude(end__lt=start)
    if end:
        holds = holds.filter(start__lte=end)
    if holds.exists():
        raise Refused([f"{user} teaches {class_group} in this time already."])
    teaching = Teaching.objects.create(
        school_id=class_group.school_id, class_group=class_group, user=user, start=start, end=end
    )
    _record_teaching("set_teaching", teaching, by, f"{user} teaches {class_group} from {_said(start)}.")
    return teaching


@transaction.atomic
def end_teaching(*, teaching: Teaching, end: date, by: Actor) -> None:
    """Say until when somebody teaches a class; the history stays."""
    if end < teaching.start:
        raise Refused([f"The last day is before the first, {_said(teaching.start)}."])
    teaching.end = end
    teaching.save(update_fields=["end"])
    said = f"{teaching.user} teaches {teaching.class_group} until {_said(end)}."
    _record_teaching("end_teaching", teaching, by, said)


def _record_teaching(verb: str, teaching: Teaching, by: Actor, summary: str) -> None:
    data = {"user": teaching.user_id, "class": str(teaching.class_group), "end": str(teaching.end or "")}
    audit.record(verb, teaching, school_id=teaching.school_id, by=by, summary=summary, data=data)


def _class_named(school: School, name: str, by: Actor) -> ClassGroup:
    return ClassGroup.objects.filter(name=name).first() or make_class(school=school, name=name, by=by)


def _end(spell: ClassMembership | None, day: date) -> None:
    """End a membership the day before, or take it away when it would only have begun that day."""
    if spell is None:
        return
    if spell.start == day:
        spell.delete()
        return
    spell.end = day - timedelta(1)
    spell.year_group = spell.year_group or spell.pupil.year_group
    spell.save(update_fields=["end", "year_group"])


def _said(day: date) -> str:
    return f"{day:%-d %B %Y}"

"""How near one child is to the national threshold, with the working a page shows."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

from attendance_mis.models import School
from casework.measures import Mark, PupilFacts
from penalties.models import Evidence, Readings
from penalties.notices import Session
from penalties.readings import PenaltySettings, settings_on
from penalties.thresholds import WATCHED, Working, working
from registers.calendar_rules import Period
from registers.models import CalendarEntry, Pupil, SchoolDay
from registers.models import Mark as MarkRow

REACH = timedelta(days=400)
"""Ten school weeks lie within it, whatever the holidays."""


def settings_of(school: School, on: date) -> PenaltySettings:
    """The school's readings on a day. Whether N counts is the school's own field: a pack brings it (interchange.md)."""
    versions = [each.settings for each in Readings.objects.filter(school=school)]
    return replace(settings_on(versions, on), count_n=school.count_n_for_penalties)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the working needs of a school's calendar around a day."""

    periods: tuple[Period, ...]
    days: tuple[date, ...]


def calendar_of(school: School, on: date, until: date | None = None) -> Calendar:
    """The calendar from well before the ten weeks to well after them, or to `until`."""
    last = max(on + REACH, until or on)
    entries = CalendarEntry.objects.filter(school=school, end__gte=on - REACH, start__lte=last)
    days = SchoolDay.objects.filter(school=school, day__range=(on - REACH, last)).order_by("day")
    return Calendar(tuple(entry.period for entry in entries), tuple(days.values_list("day", flat=True)))


def facts_of(pupil: Pupil, first: date, last: date) -> PupilFacts:
    """The pupil's unauthorised marks of a range, with her spells on roll. Two queries."""
    marks = MarkRow.objects.filter(school=pupil.school_id, pupil=pupil, day__range=(first, last), code__in=WATCHED)
    return PupilFacts(
        marks=list(marks.order_by("day", "session").values_list("day", "session", "code")),
        spells=list(pupil.registrations.values_list("admission_date", "leaving_date")),
        compulsory=(pupil.compulsory_from, pupil.compulsory_until),
    )


def evidence_of(pupil: Pupil) -> list[Mark]:
    """What other schools said, as marks."""
    return list(Evidence.objects.filter(pupil=pupil).values_list("day", "session", "code"))


def working_of(
    pupil: Pupil, on: date, settings: PenaltySettings, calendar: Calendar, used: Collection[Session] = ()
) -> Working | None:
    """The ten weeks of one child up to a day; `used` are the sessions an earlier notice to the parent has spent."""
    facts = facts_of(pupil, on - REACH, on)
    return working(facts, calendar.periods, calendar.days, on, settings, used=used, evidence=evidence_of(pupil))

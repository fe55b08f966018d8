"""Set the calendar: what follows is shown first, and no mark is ever left on a day without a session."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers.calendar_rules import Period, Session, school_days, why_not_calendar, year_name
from registers.models import CalendarEntry, Mark, Pupil, SchoolDay

Slot = tuple[date, Session]


@dataclass(frozen=True, slots=True)
class MonthSessions:
    """How many sessions a month has before and after a change, and which come and go; `month` is its first day."""

    month: date
    before: int
    after: int
    gained: tuple[Slot, ...]
    lost: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class YearSessions:
    """The same of an academic year, with each of its months that has sessions."""

    academic_year: int
    months: tuple[MonthSessions, ...]

    @property
    def before(self) -> int:
        return sum(month.before for month in self.months)

    @property
    def after(self) -> int:
        return sum(month.after for month in self.months)

    @property
    def gained(self) -> int:
        return sum(len(month.gained) for month in self.months)

    @property
    def lost(self) -> int:
        return sum(len(month.lost) for month in self.months)

    @property
    def name(self) -> str:
        return year_name(self.academic_year)


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What follows from adding and removing periods. `stranded` are lost sessions with marks, and how many."""

    periods: tuple[Period, ...]
    add: tuple[Period, ...]
    remove: tuple[Period, ...]
    years: tuple[YearSessions, ...]
    gained: tuple[Slot, ...]
    lost: tuple[Slot, ...]
    stranded: tuple[tuple[Slot, int], ...]
    faults: tuple[str, ...]

    def why_not(self) -> list[str]:
        """Why the calendar cannot be set like this; empty means it can."""
        reasons = list(self.faults)
        if self.stranded:
            named = [
                f"{day:%A %-d %B %Y} {session} ({count} mark{'s' if count > 1 else ''})"
                for (day, session), count in self.stranded
            ]
            more = f" and {len(named) - 10} more" if len(named) > 10 else ""
            reasons.append(
                f"Marks stand on sessions that would be no more: {', '.join(named[:10])}{more}. "
                "A mark is never lost: leave these sessions in the calendar, and amend their marks (Y3 or Y4) instead."
            )
        return reasons


def calendar_change(*, add: Iterable[Period] = (), remove: Iterable[Period] = ()) -> CalendarChange:
    """Works out what follows for the school in scope; writes nothing."""
    add, remove = tuple(add), tuple(remove)
    now = [entry.period for entry in CalendarEntry.objects.all()]
    faults = [
        f"{period} is no longer in the calendar: somebody changed it meanwhile." for period in set(remove) - {*now}
    ]
    kept = [period for period in now if period not in remove]
    faults += [f"{period} is in the calendar already." for period in add if period in kept]
    periods = tuple(sorted([*kept, *add], key=lambda period: (period.start, period.kind)))
    faults += why_not_calendar(periods)
    before = _slots(now)
    after = before if faults else _slots(periods)
    lost = tuple(sorted(before.keys() - after.keys()))
    return CalendarChange(
        periods=periods,
        add=add,
        remove=remove,
        years=_years(before, after),
        gained=tuple(sorted(after.keys() - before.keys())),
        lost=lost,
        stranded=_stranded(lost),
        faults=tuple(faults),
    )


@transaction.atomic
def set_calendar(
    *, school: School, by: Actor, add: Iterable[Period] = (), remove: Iterable[Period] = ()
) -> CalendarChange:
    """Add and remove periods, and rebuild the school days with them.

    Raises `Refused` for a calendar that cannot be, and when a mark would be left on a day without its session.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # one change of the calendar at a time
    Pupil.objects.update(changed_at=timezone.now())  # before the gate, as every other writer locks pupils before it
    audit.close_gate(school.pk)  # a save of marks that has begun is seen, and another waits
    change = calendar_change(add=add, remove=remove)
    if reasons := change.why_not():
        raise Refused(reasons)
    gone = [entry.pk for entry in CalendarEntry.objects.all() if entry.period in change.remove]
    CalendarEntry.objects.filter(pk__in=gone).delete()
    CalendarEntry.objects.bulk_create(CalendarEntry.of(school, period) for period in change.add)
    days = school_days(change.periods)
    SchoolDay.objects.exclude(day__in=[day.day for day in days]).delete()
    SchoolDay.objects.bulk_create(
        [
            SchoolDay(school=school, day=d.day, am=d.am, pm=d.pm, half_term=d.half_term, academic_year=d.academic_year)
            for d in days
        ],
        update_conflicts=True,
        unique_fields=["school", "day"],
        update_fields=["am", "pm", "half_term", "academic_year"],
    )
    audit.record(
        "set_calendar",
        school,
        school_id=school.pk,
        by=by,
        summary=f"Changed the calendar: {_said(change)}.",
        data={
            "added": [str(period) for period in change.add],
            "removed": [str(period) for period in change.remove],
            "sessions_gained": len(change.gained),
            "sessions_lost": len(change.lost),
        },
    )
    return change


@transaction.atomic
def begin_calendar(*, school: School, by: Actor, add: Iterable[Period]) -> CalendarChange:
    """The first term dates of a school; raises `Refused` once there are any, and for a calendar that cannot be.

    A technician's import brings a calendar too, so she may paste it; to change one is the head's and the manager's.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    if CalendarEntry.objects.exists():
        raise Refused(["Term dates are here already: the headteacher or the attendance manager changes them."])
    return set_calendar(school=school, by=by, add=add)


def _said(change: CalendarChange) -> str:
    parts = [f"added {', '.join(map(str, change.add))}"] if change.add else []
    parts += [f"removed {', '.join(map(str, change.remove))}"] if change.remove else []
    return "; ".join(parts) or "nothing"


def _slots(periods: Sequence[Period]) -> dict[Slot, int]:
    return {(day.day, session): day.academic_year for day in school_days(periods) for session in day.sessions}


def _years(before: dict[Slot, int], after: dict[Slot, int]) -> tuple[YearSessions, ...]:
    found = []
    for year in sorted({*before.values(), *after.values()}):
        was, will = ({slot for slot, held_in in slots.items() if held_in == year} for slots in (before, after))
        if was != will:
            found.append(YearSessions(year, _months(was, will)))
    return tuple(found)


def _months(before: set[Slot], after: set[Slot]) -> tuple[MonthSessions, ...]:
    found = []
    for month in sorted({day.replace(day=1) for day, _ in before | after}):
        was, will = ({slot for slot in slots if slot[0].replace(day=1) == month} for slots in (before, after))
        gained, lost = (tuple(sorted(slots)) for slots in (will - was, was - will))
        found.append(MonthSessions(month, len(was), len(will), gained, lost))
    return tuple(found)


def _stranded(lost: Sequence[Slot]) -> tuple[tuple[Slot, int], ...]:
    if not lost:
        return ()
    marks = Mark.objects.filter(day__in={day for day, _ in lost}).values_list("day", "session")
    counts = {(day, session): count for day, session, count in marks.annotate(Count("code")).order_by()}
    return tuple(((day, session), counts[day, session]) for day, session in lost if (day, session) in counts)

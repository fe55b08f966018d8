"""Every statutory clock that runs at a school today, in the order of its due date: a fixed number of queries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from attendance_mis.models import School, User
from attendance_mis.permissions import Permission, can
from attendance_mis.promises import promised
from casework import clocks
from casework.clocks import Clock, Interval, Kind
from casework.models import ClockDone, ReturnAgreement
from casework.querysets import clocks as facts
from registers import roll
from registers.calendar_rules import (
    Session,
    academic_year_bounds,
    academic_year_of,
    nth_school_day_after,
    window_of_school_weeks,
)
from registers.missing import MissingRegister, missing_registers
from registers.models import PlannedAbsence, Pupil, Registration, SchoolDay
from registers.planning import sessions_of

# Older than this a name on or off the register was told of before the school came here.
TOLD_WITHIN = timedelta(92)
TOLD_DAYS = 5  # school days in which an unexplained absence not told of stays listed
REVIEW_AHEAD = timedelta(14)
AHEAD = timedelta(60)
A_YEAR = timedelta(366)
MISSING_SINCE = timedelta(14)
NEVER = date.max


@dataclass(frozen=True, slots=True)
class Running:
    """A clock of one child, or of a register."""

    clock: Clock
    pupil: Pupil | None = None
    register: MissingRegister | None = None
    plan_id: int | None = None

    @property
    def key(self) -> str:
        """What a checkbox or an address carries."""
        return f"{self.clock.kind}:{self.pupil.pk if self.pupil else 0}:{self.clock.occasion}"


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The school's days around today, with and without their sessions."""

    held: tuple[tuple[date, Session], ...]
    days: tuple[date, ...]
    year_began: date
    year_days: tuple[date, ...]
    today: date


def running_clocks(school: School, now: datetime) -> list[Running]:
    """What runs and nobody has recorded done, what is overdue first. Constant queries."""
    calendar = _calendar(now.date())
    found = list(_of_pupils(school, calendar))
    pupils = {
        pupil.pk: pupil
        for pupil in Pupil.objects.filter(pk__in={pupil_id for pupil_id, _, _ in found}).with_class(now.date())
    }
    done = set(ClockDone.objects.filter(pupil__in=list(pupils)).values_list("kind", "pupil_id", "occasion"))
    running = [
        Running(clock, pupils[pupil_id], plan_id=plan_id)
        for pupil_id, clock, plan_id in found
        if (str(clock.kind), pupil_id, clock.occasion) not in done
    ]
    for missing in missing_registers(school, now.date() - MISSING_SINCE, now):
        clock = clocks.missing_register(missing.class_name, missing.day, missing.session)
        running.append(Running(clock, register=missing))
    return sorted(running, key=lambda each: (not each.clock.is_reached, each.clock.due or NEVER, each.key))


def kinds_read_by(user: User, school: School) -> list[Kind]:
    """The kinds this person reads of: that a child has a worker is not for everybody."""
    if not can(user, Permission.SEE_CONTACTS, school):
        return []
    may = can(user, Permission.SEE_VULNERABLE_WHY, school)
    return [kind for kind in Kind if may or kind not in clocks.CONFIDENTIAL]


def _calendar(today: date) -> _Calendar:
    year_began, year_ends = academic_year_bounds(academic_year_of(today))
    first = today - A_YEAR
    rows = SchoolDay.objects.filter(day__range=(first, year_ends + AHEAD)).order_by("day")
    known = list(rows.values_list("day", "am", "pm"))
    days = tuple(day for day, _, _ in known)
    return _Calendar(
        held=tuple((day, s) for day, am, pm in known for s, is_held in ((Session.AM, am), (Session.PM, pm)) if is_held),
        days=days,
        year_began=year_began,
        year_days=tuple(day for day in days if year_began <= day <= year_ends),
        today=today,
    )


Found = Iterator[tuple[int, Clock, int | None]]


def _of_pupils(school: School, calendar: _Calendar) -> Found:
    plans = list(
        PlannedAbsence.objects.standing().filter(
            kind__in=["exclusion", "part_time", "reported"], end__gte=calendar.today - AHEAD
        )
    )
    yield from _no_reason(school, calendar)
    yield from _workers(school, calendar)
    yield from _without_authority(school, calendar)
    yield from _sickness(school, calendar, plans)
    yield from _roll(calendar)
    yield from _exclusions(school, calendar, plans)
    for plan in plans:
        is_near = plan.review_on and plan.review_on <= calendar.today + REVIEW_AHEAD
        if plan.kind == "part_time" and plan.review_on and is_near and plan.end >= calendar.today:
            clock = clocks.part_time_review(plan.pk, plan.start, plan.end, plan.review_on)
            yield plan.pupil_id, clock, plan.pk
        if plan.kind == "part_time":
            yield plan.pupil_id, clocks.part_time_told(plan.pk, plan.start, plan.end), None


def _no_reason(school: School, calendar: _Calendar) -> Found:
    """One clock a child, of the oldest N, from the school day before its last: each morning's N are not news."""
    tomorrow = nth_school_day_after(calendar.days, calendar.today, 1) or calendar.today
    for pupil_id, (day, _) in facts.no_reason(school, calendar.today - A_YEAR, calendar.today).items():
        clock = clocks.no_reason(day, calendar.days)
        if clock.due and clock.due <= tomorrow:
            yield pupil_id, clock, None


def _workers(school: School, calendar: _Calendar) -> Found:
    past = [day for day in calendar.days if day <= calendar.today]
    if not past:
        return
    for each in facts.unexplained_with_worker(school, past[-TOLD_DAYS:][0], calendar.today):
        for kind, name in ((Kind.SOCIAL, each.social_worker), (Kind.YOUTH, each.youth_offending)):
            if name:
                yield each.pupil_id, clocks.worker_told(kind, each.day, name), None


def _without_authority(school: School, calendar: _Calendar) -> Found:
    """Ten days without authority, and twenty without trace, from the same marks; then who fails to attend regularly."""
    agreed = ReturnAgreement.of(school)
    interval = Interval(agreed.interval)
    returned = _returned(school, calendar)
    since = calendar.today - facts.LOOK_BACK
    before_today = [slot for slot in calendar.held if since <= slot[0] < calendar.today]
    known_days = sorted({day for day, _ in before_today})
    in_a_row = set()
    for pupil_id, marks in facts.without_authority(school, calendar.today).items():
        run = clocks.run_without_authority(marks)
        if len(run) >= clocks.WITHOUT_AUTHORITY_DAYS:
            in_a_row.add(pupil_id)
        if clock := clocks.attendance_return(run, calendar.days, interval, returned.get(pupil_id)):
            yield pupil_id, clock, None
        count = roll.days_without_trace(before_today, marks)
        if count and (clock := clocks.ground_i(known_days[-count:], calendar.days)):
            yield pupil_id, clock, None
    if window := window_of_school_weeks(calendar.days, calendar.today):
        found = facts.irregular(school, *window, least=agreed.irregular_sessions)
        for pupil_id, days in found.items():
            clock = clocks.irregular(days, interval, least=agreed.irregular_sessions, returned=returned.get(pupil_id))
            if clock and pupil_id not in in_a_row:
                yield pupil_id, clock, None


def _returned(school: School, calendar: _Calendar) -> dict[int, date]:
    """The day of the last attendance return made of each child."""
    rows = ClockDone.objects.filter(
        kind__in=[Kind.ATTENDANCE, Kind.IRREGULAR],
        done_at__gte=datetime.combine(calendar.today - facts.LOOK_BACK, time.min, school.zone),
    )
    return {
        pupil_id: at.astimezone(school.zone).date()
        for pupil_id, at in rows.order_by("done_at").values_list("pupil", "done_at")
    }


def _sickness(school: School, calendar: _Calendar, plans: Iterable[PlannedAbsence]) -> Found:
    ahead: dict[int, set] = {}
    coming = [slot for slot in calendar.held if slot[0] > calendar.today and slot[0] in calendar.year_days]
    for plan in plans:
        if plan.code in clocks.ILLNESS:
            ahead.setdefault(plan.pupil_id, set()).update(sessions_of(plan.plan, coming))
    for pupil_id, ill in facts.illness(school, calendar.year_began, calendar.today).items():
        sessions = {*ill, *ahead.get(pupil_id, ())}
        for clock in clocks.sickness_return(
            sessions, calendar.days, year_began=calendar.year_began, today=calendar.today
        ):
            yield pupil_id, clock, None


def _roll(calendar: _Calendar) -> Found:
    """Names that came on and off the register lately, and those that come off."""
    since = calendar.today - TOLD_WITHIN
    spells = list(Registration.objects.filter(admission_date__range=(since, calendar.today)).select_related("pupil"))
    leaving = list(Registration.objects.filter(leaving_date__gte=since).select_related("pupil"))
    if not spells and not leaving:
        return
    years = sorted(set(_year_groups(calendar.today)), key=Pupil.YEAR_GROUPS.index)
    junior, senior = (years[0], years[-1]) if years else ("", "")
    first = calendar.year_days[0] if calendar.year_days else None
    for spell in spells:
        clock = clocks.new_pupil(
            spell.admission_date, is_most_junior=spell.pupil.year_group == junior, first_day_of_year=first
        )
        if clock:
            yield spell.pupil_id, clock, None
    for spell in leaving:
        clock = clocks.deletion(
            promised(spell.leaving_date),
            ground=spell.leaving_ground,
            meaning=spell.get_leaving_ground_display(),
            is_most_senior=spell.pupil.year_group == senior,
            days=calendar.days,
        )
        if clock:
            yield spell.pupil_id, clock, None
        if worker := spell.pupil.social_worker:
            yield spell.pupil_id, clocks.worker_told_of_deletion(promised(spell.leaving_date), worker), None


def _year_groups(today: date) -> Sequence[str]:
    return list(Pupil.objects.on_roll(today).values_list("year_group", flat=True).order_by().distinct())


def _exclusions(school: School, calendar: _Calendar, plans: Iterable[PlannedAbsence]) -> Found:
    days = facts.excluded_days(school, calendar.today - AHEAD, calendar.today)
    for plan in plans:
        if plan.code in facts.EXCLUDED:
            coming = [slot for slot in calendar.held if slot[0] >= calendar.today]
            days.setdefault(plan.pupil_id, set()).update(day for day, _ in sessions_of(plan.plan, coming))
    for pupil_id, excluded in days.items():
        for clock in clocks.exclusion(excluded, calendar.days, calendar.today):
            if promised(clock.due) >= calendar.today - TOLD_WITHIN:
                yield pupil_id, clock, None

"""Children whose registers tell something, so that every list and every rule has somebody to show on any day."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from registers.calendar_rules import Session, monday_of, window_of_school_weeks
from registers.demo.activities import attend_elsewhere, classes_of
from registers.demo.codes import C2, LEAVE, D, E, G, I, L, M, O, U, V
from registers.demo.grid import Grid
from registers.demo.people import Child

WEEKDAYS = 0b11111


@dataclass(frozen=True, slots=True)
class Planned:
    """What the school knows ahead of a child's sessions."""

    child: Child
    kind: str
    start: date
    end: date
    code: int
    note: str
    weekdays: int = WEEKDAYS
    only_session: Session | None = None
    review_on: date | None = None


@dataclass(slots=True)
class Stories:
    """The stories of one school. `upto` is the index of the first session that has not begun."""

    grid: Grid
    upto: int
    told: list[tuple[str, Child]] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)

    def tell(self) -> None:
        """Every story, each of another child."""
        cast = self._cast()
        for sentence, story in self._stories():
            child = next(cast)
            story(child)
            self.told.append((sentence, child))
        self._siblings()
        self._unexplained_and_vulnerable()
        self._trips()
        self._part_time_plans()

    def _stories(self) -> Iterator[tuple[str, Callable[[Child], None]]]:
        yield "10 unauthorised sessions in ten school weeks: a week of holiday", self._holiday_week
        yield "9 unauthorised sessions in ten school weeks", lambda child: self._odd_days(child, 9)
        yield "12 unauthorised sessions in ten school weeks, some of them late", self._late_and_absent
        yield "one session short of persistent absence", self._nearly_persistent
        yield "ill for 16 days", self._long_illness
        yield "five days without a reason", lambda child: self._unexplained(child, 10)
        yield "improving: poor until five weeks ago, every session since", self._improving
        yield "late nearly every day of three weeks", self._always_late
        yield "part-time timetable for six weeks, half of them gone", self._part_time
        yield "registered at another school too, there on Thursdays", self._dual
        yield "leave granted for next week", self._leave
        yield "dentist on the next school day", self._appointment
        yield "reported ill for two days", self._reported
        yield "suspended", self._suspended

    def _cast(self) -> Iterator[Child]:
        """Children in years 1 to 6, here for a year and unremarkable, none of them of the same family."""
        rng = Random(f"cast/{self.grid.school.urn}")
        children = sorted((c for c in self.grid.rows if self._is_settled(c)), key=lambda child: child.upn)
        rng.shuffle(children)
        families = set()
        for child in children:
            absent = sum(not self.grid.is_present(child, i) for i in range(self.upto - 60, self.upto))
            if child.family not in families and absent < 9 and not child.facts["vulnerable"]:
                families.add(child.family)
                yield child

    def _is_settled(self, child: Child) -> bool:
        start, end = self.grid.extent[child]
        stays = start < self.upto - 250 and end == len(self.grid.sessions)
        return stays and 1 <= child.year_index(self.grid.years[-1].number) <= 6

    def _window(self) -> int:
        """The index of the first session of the ten school weeks."""
        on = self.grid.days[self.upto - 1]
        start, _ = window_of_school_weeks(self.grid.days[: self.upto], on) or (on, on)
        return bisect_left(self.grid.days, start)

    def _mornings(self, start: int, end: int) -> list[int]:
        return [i for i in range(start, end) if self.grid.sessions[i][1] is Session.AM]

    def _holiday_week(self, child: Child) -> None:
        start = self._window()
        self.grid.put_back(child, start, self.upto)
        weeks = [
            i
            for i in self._mornings(start, self.upto - 22)
            if self.grid.days[i].weekday() == 0 and self.grid.days[i + 9] == self.grid.days[i] + timedelta(4)
        ]
        self.grid.put(child, (weeks or [start])[-1], 10, G, self.upto)

    def _odd_days(self, child: Child, sessions: int) -> None:
        start = self._window()
        self.grid.put_back(child, start, self.upto)
        days = self._mornings(start, self.upto - 14)
        for n in range(-(-sessions // 2)):
            self.grid.put(child, days[(n + 1) * len(days) // 6], min(2, sessions - 2 * n), O, self.upto)

    def _late_and_absent(self, child: Child) -> None:
        self._odd_days(child, 6)
        days = [i for i in self._mornings(self._window(), self.upto - 2) if self.grid.is_present(child, i)]
        for index in days[2 :: max(1, len(days) // 6)][:6]:
            self.grid.put(child, index, 1, U, index + 1)

    def _nearly_persistent(self, child: Child) -> None:
        start = self.grid.years[-1].start
        self.grid.put_back(child, start, self.upto)
        missable = (self.upto - start - 1) // 10
        days = self._mornings(start, self.upto - 2)
        while missable > 0 and days:
            at = days[len(days) * 2 // 3 - 1 if len(days) > 2 else 0]
            placed = self.grid.put(child, at, min(4, missable), I, self.upto - 1)
            days = [i for i in days if self.grid.is_present(child, i)]
            missable -= placed

    def _long_illness(self, child: Child) -> None:
        start = max(self.upto - 38, self.grid.years[-1].start)
        self.grid.put_back(child, start - 40, self.upto)
        self.grid.put(child, start, 32, I, self.upto)

    def _unexplained(self, child: Child, sessions: int) -> None:
        self.grid.put_back(child, self.upto - 30, self.upto)
        self.grid.put(child, self.upto - sessions, sessions, O, self.upto)

    def _improving(self, child: Child) -> None:
        start = self.upto - 150
        self.grid.put_back(child, start, self.upto)
        for n, index in enumerate(self._mornings(start, self.upto - 50)):
            if n % 4 == 1:
                self.grid.put(child, index, 2, I if n % 8 == 1 else O, self.upto)

    def _always_late(self, child: Child) -> None:
        for n, index in enumerate(self._mornings(self.upto - 30, self.upto)):
            if n % 5 != 4 and self.grid.put(child, index, 1, L, index + 1):
                self.grid.minutes[child, index] = 4 + n

    def _part_time(self, child: Child) -> None:
        end = min(self.upto + 30, self.grid.years[-1].end)
        self.grid.put_back(child, self.upto - 30, end)
        self.grid.put_part_time(child, max(self.upto - 30, 0), 30, end)

    def _dual(self, child: Child) -> None:
        year = self.grid.years[-1]
        attend_elsewhere(self.grid, child, year.start, weekday=3)
        first, last = self.grid.days[year.start], self.grid.days[year.end - 1]
        self._plan(child, "dual", first, last, D, "Thursdays at Lighthouse Special School", weekdays=0b01000)

    def _leave(self, child: Child) -> None:
        monday = monday_of(self.grid.days[self.upto - 1]) + timedelta(7)
        days = [day for day in self._ahead() if day >= monday][2:4]
        if days:
            self._plan(child, "leave", days[0], days[-1], LEAVE, "Funeral of a grandparent abroad")

    def _appointment(self, child: Child) -> None:
        for day in self._ahead()[:1]:
            self._plan(child, "appointment", day, day, M, "Dentist at 09:10", only_session=Session.AM)

    def _reported(self, child: Child) -> None:
        days = [*self._ahead(), self.grid.days[self.upto - 1]][:2]
        self._plan(child, "reported", min(days), max(days), I, "Chickenpox; mother telephoned")

    def _suspended(self, child: Child) -> None:
        first = self.grid.days[self.upto - 1]
        self.grid.put_back(child, self.upto - 4, self.upto)
        self.grid.put(child, self.upto - 2, 2, E, self.upto)
        last = (self._ahead() or [first])[0]
        self._plan(child, "exclusion", first, last, E, "Suspended for two days")

    def _siblings(self) -> None:
        """Two of a family who miss the same Mondays."""
        families: dict[object, list[Child]] = {}
        told = {child for _, child in self.told}
        for child in self.grid.rows:
            if self._is_settled(child) and child not in told:
                families.setdefault(child.family, []).append(child)
        pair = next((children for children in families.values() if len(children) > 1), [])
        start = self._window()
        mondays = [i for i in self._mornings(start, self.upto - 14) if self.grid.days[i].weekday() == 0]
        for child in pair:
            self.grid.put_back(child, start, self.upto)
            for index in mondays[::2][:4]:
                self.grid.put(child, index, 2, O, self.upto)
            self.told.append(("misses the same Mondays as a sibling", child))

    def _unexplained_and_vulnerable(self) -> None:
        """A child with a social worker, absent without a reason in the last session."""
        watched = (c for c in self.grid.rows if c.facts["social_worker"] and self._is_settled(c))
        for child in list(watched)[:1]:
            self._unexplained(child, 3)
            self.told.append(("has a social worker and is absent without a reason", child))

    def _trips(self) -> None:
        """A class out on the day of the last session, another on the next school day."""
        classes = sorted(classes_of(self.grid, self.grid.years[-1]).items())
        days = [self.grid.days[self.upto - 1], *self._ahead()[:1]]
        for day, (_, children) in zip(days, classes[-3:], strict=False):
            for child in children:
                if child.on_roll(day):
                    self._plan(child, "activity", day, day, V, "Visit: Science Museum")

    def _part_time_plans(self) -> None:
        today = self.grid.days[self.upto - 1]
        for plan in self.grid.plans:
            if plan.start <= today:
                afternoon, review = Session.PM, monday_of(plan.end - timedelta(7))
                self._plan(
                    plan.child, "part_time", plan.start, plan.end, C2,
                    "Mornings only, as agreed with the parent", only_session=afternoon, review_on=review,
                )  # fmt: skip

    def _ahead(self) -> list[date]:
        """The school days after the last session that has begun, in order."""
        last = self.grid.days[self.upto - 1]
        return sorted({day for day in self.grid.days[self.upto :] if day > last})

    def _plan(
        self, child: Child, kind: str, start: date, end: date, code: int, note: str,
        *, weekdays: int = WEEKDAYS, only_session: Session | None = None, review_on: date | None = None,
    ) -> None:  # fmt: skip
        """Keep a plan, and write its code into the sessions of the plan that have begun."""
        self.planned.append(Planned(child, kind, start, end, code, note, weekdays, only_session, review_on))
        for index in range(bisect_left(self.grid.days, start), self.upto):
            day, session = self.grid.sessions[index]
            is_meant = day <= end and weekdays >> day.weekday() & 1 and only_session in (None, session)
            if is_meant and self.grid.put(child, index, 1, code, index + 1):
                self.grid.notes[child, index] = note

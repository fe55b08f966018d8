"""Who wrote each mark, and when: the office before the register, the teacher in it, and amendments after it.

A child's reason is often not known when the register is taken. She is marked N then, and N becomes what the grid says
when somebody finds out: an amendment, with its reason. Whatever lies after the moment of the demonstration has not
happened yet, so recent absences are still N, and a register of this hour may still be open.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from attendance_mis.permissions import Role
from registers.calendar_rules import Session, nth_school_day_after
from registers.demo.activities import classes_of
from registers.demo.codes import AM, C1, C2, J1, LEAVE, PM, Y4, B, D, E, G, I, K, L, M, N, O, P, R, T, U, V, X
from registers.demo.grid import Grid
from registers.demo.people import Child
from registers.demo.schools import DemoSchool, Person

LONDON = ZoneInfo("Europe/London")
IN_REGISTER = frozenset((0, AM, PM, L))
KNOWN_AHEAD = frozenset((B, C1, C2, D, E, J1, K, LEAVE, P, R, T, V, X, Y4))
SENT_LATE, COVERED, MARKED_WRONGLY = 0.02, 0.015, 0.0002
FORGOTTEN, FORGOTTEN_DAYS = 0.15, 24
REASONS = {
    I: (
        "Mother telephoned: temperature and headache",
        "Father e-mailed: sick in the night",
        "Mother telephoned: ear infection",
        "Grandmother telephoned: heavy cold",
        "Text from home: stomach ache",
    ),
    M: ("Appointment card seen", "Mother telephoned: optician this morning"),
    G: ("Family on holiday; leave had been refused", "Returned from abroad; no leave had been asked for"),
    O: ("Overslept, mother said; not authorised", "Birthday; not authorised", "Helping at home; not authorised"),
}
NO_REASON_GIVEN = "No reason given within five school days"


@dataclass(slots=True)
class Written:
    """One save: marks of one session. With a reason it is an amendment of a single mark."""

    at: datetime
    index: int
    by: Person
    source: str
    children: list[Child] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    minutes: dict[Child, int] = field(default_factory=dict)
    notes: dict[Child, str] = field(default_factory=dict)
    original: int | None = None
    reason: str = ""

    def add(self, child: Child, code: int, note: str | None = None) -> None:
        self.children.append(child)
        self.codes.append(code)
        if note:
            self.notes[child] = note


@dataclass(frozen=True, slots=True)
class Taken:
    """A class's register of one session. `sent_at` is None while it is being taken."""

    class_name: str
    index: int
    opened_at: datetime
    sent_at: datetime | None
    by: Person
    is_late: bool
    cover_for: str


class Taking:
    """The registers of one school up to a moment. The grid is settled; `upto` sessions have begun."""

    def __init__(self, grid: Grid, now: datetime, upto: int) -> None:
        self.grid, self.now, self.upto = grid, now, upto
        self.school: DemoSchool = grid.school
        people = list(self.school.people())
        self.office, self.manager, self.lead = (
            next(person for person in people if person.role == role) for role in (Role.OFFICE, Role.MANAGER, Role.LEAD)
        )
        self.teachers = [person for person in people if person.class_name]
        self.school_days = sorted(set(grid.days))
        self.not_taken = self._not_taken()
        self.written: list[Written] = []
        self.taken: list[Taken] = []

    def _not_taken(self) -> set[tuple[str, int]]:
        """Registers that nobody took: one on the day before, and one or two of this hour."""
        today = self.grid.days[self.upto - 1]
        before = max((i for i in range(self.upto) if self.grid.days[i] < today), default=0)
        missing = {(self.school.classes[-1][0], before)}
        if today == self.now.date():
            missing.add((self.school.visitors_class, self.upto - 1))
        return missing

    def take(self) -> None:
        """Write every register of the sessions that have begun; what lies after the moment is left out."""
        for year in self.grid.years:
            classes = sorted(classes_of(self.grid, year).items())
            for index in range(year.start, min(year.end, self.upto)):
                known = self._enter_what_is_known(index)
                for name, children in classes:
                    here = [child for child in children if self.grid.rows[child][index] and child not in known]
                    self._take(name, index, here)
        self.written = sorted((each for each in self.written if each.at <= self.now), key=lambda each: each.at)

    def _enter_what_is_known(self, index: int) -> set[Child]:
        """The office enters before the register what it knows of; the children it has entered."""
        opens, _ = self._times(index)
        at = opens - timedelta(minutes=self._dice(f"office/{index}").randrange(3, 15))
        entry = Written(at, index, self.office, "planned")
        for child, row in self.grid.rows.items():
            if row[index] not in IN_REGISTER and self._is_known(child, index):
                entry.add(child, row[index], self.grid.notes.get((child, index)))
        if entry.children:
            self.written.append(entry)
        return set(entry.children)

    def _is_known(self, child: Child, index: int) -> bool:
        code = self.grid.rows[child][index]
        if code in KNOWN_AHEAD:
            return True
        first = self._first_of_spell(child, index)
        if code == I and (index > first or self._session(index) is Session.PM):
            return True
        chance = self._dice(f"{child.upn}/{first}").random()
        return chance < {I: 0.6, M: 0.85, G: 0.5, O: 0.25 * self._is_short(child, first)}.get(code, 0)

    def _first_of_spell(self, child: Child, index: int) -> int:
        row = self.grid.rows[child]
        while index and row[index - 1] == row[index]:
            index -= 1
        return index

    def _is_short(self, child: Child, first: int) -> bool:
        """Whether a spell is of one day at most."""
        row = self.grid.rows[child]
        return row[first : first + 3].count(row[first]) < 3

    def _take(self, name: str, index: int, children: list[Child]) -> None:
        if (name, index) in self.not_taken:
            return
        dice = self._dice(f"{name}/{index}")
        opens, closes = self._times(index)
        at = opens + timedelta(seconds=dice.randrange(150, 840))
        if name == self.school.visitors_class:
            at = max(at, opens + timedelta(minutes=8))
        if dice.random() < SENT_LATE:
            at = closes + timedelta(minutes=dice.randrange(3, 45))
        if at > self.now:
            return
        by, cover_for = self._who_takes(name, self.grid.days[index])
        entry = Written(at, index, by, "teacher")
        for child in children:
            code = self.grid.rows[child][index]
            if code in IN_REGISTER:
                entry.add(child, code)
                if code == L:
                    entry.minutes[child] = self.grid.minutes[child, index]
            else:
                entry.add(child, N)
                self._find_out(child, index, at)
        if entry.children:
            self._mark_wrongly(entry, dice)
            self.written.append(entry)
        sent_at = at + timedelta(seconds=dice.randrange(20, 100))
        self.taken.append(
            Taken(name, index, at - timedelta(seconds=75), sent_at if sent_at <= self.now else None, by,
                  sent_at >= closes, cover_for)
        )  # fmt: skip

    def _mark_wrongly(self, entry: Written, dice: Random) -> None:
        """Now and then a child is marked N who was there: put right within the hour."""
        n = dice.randrange(len(entry.children))
        right = entry.codes[n]
        if dice.random() < MARKED_WRONGLY * len(entry.children) and right in (AM, PM):
            entry.codes[n] = N
            reason = "Was with the music teacher when the register was taken"
            at = entry.at + timedelta(minutes=dice.randrange(12, 50))
            self._amend(at, entry.index, self.office, entry.children[n], right, reason)

    def _find_out(self, child: Child, index: int, taken_at: datetime) -> None:
        """The amendment from N to what it turns out to be, whoever finds it out."""
        code, dice = self.grid.rows[child][index], self._dice(f"why/{child.upn}/{index}")
        reason = dice.choice(REASONS.get(code, ("",)))
        _, closes = self._times(index)
        if code == U:
            at = max(taken_at, closes) + timedelta(minutes=dice.randrange(2, 90))
            self._amend(at, index, self.office, child, U, f"Arrived at {at:%H:%M}", note=f"Arrived at {at:%H:%M}")
        elif code in (I, M):
            at = max(taken_at, closes) + timedelta(minutes=dice.randrange(8, 130))
            self._amend(at, index, self.office, child, code, reason)
        elif code == G:
            self._amend(self._school_day_after(index, 3, dice), index, self.manager, child, G, reason)
        else:
            is_short = self._is_short(child, self._first_of_spell(child, index))
            is_recent = self.grid.days[index] > self.now.date() - timedelta(FORGOTTEN_DAYS)
            if is_short and dice.random() < 0.35:
                self._amend(
                    self._school_day_after(index, dice.randrange(1, 5), dice), index, self.manager, child, O, reason
                )
            elif not (is_recent and dice.random() < FORGOTTEN):
                self._amend(self._school_day_after(index, 6, dice), index, self.manager, child, O, NO_REASON_GIVEN)

    def _amend(
        self, at: datetime | None, index: int, by: Person, child: Child, code: int, reason: str, note: str | None = None
    ) -> None:
        if at is not None and at <= self.now:
            amendment = Written(at, index, by, "amendment", original=N, reason=reason)
            amendment.add(child, code, note)
            self.written.append(amendment)

    def _school_day_after(self, index: int, n: int, dice: Random) -> datetime | None:
        day = nth_school_day_after(self.school_days, self.grid.days[index], n)
        at = timedelta(minutes=dice.randrange(80)) if day else timedelta()
        return datetime.combine(day, time(14, 30), LONDON) + at if day else None

    def _who_takes(self, name: str, day: date) -> tuple[Person, str]:
        """The teacher of the class that day, or who covers for her, and for whom."""
        own = next(
            t for t in self.teachers if t.class_name == name and t.start <= day and (t.end is None or day <= t.end)
        )
        dice = self._dice(f"cover/{name}/{day}")
        return (self.lead, own.name) if dice.random() < COVERED else (own, "")

    def _session(self, index: int) -> Session:
        return self.grid.sessions[index][1]

    def _times(self, index: int) -> tuple[datetime, datetime]:
        """When the register of a session opens and closes."""
        school, day = self.school, self.grid.days[index]
        if self._session(index) is Session.AM:
            times = school.am_register, school.am_closes
        else:
            times = school.pm_register, school.pm_closes
        opens, closes = (datetime.combine(day, at, LONDON) for at in times)
        return opens, closes

    def _dice(self, what: str) -> Random:
        return Random(f"{self.school.urn}/{what}")

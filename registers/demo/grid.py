"""The register of one demonstration school as a grid: a row of bytes for each child, one byte for each session."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registers.ages import compulsory_school_age
from registers.calendar_rules import Day, Session
from registers.demo.codes import AM, C2, PM, PRESENT, SET_2024
from registers.demo.people import Child
from registers.demo.schools import DemoSchool


@dataclass(frozen=True, slots=True)
class Year:
    """One academic year of a grid: its days, and the indexes of its sessions (`end` is not one of them)."""

    number: int
    days: tuple[Day, ...]
    start: int
    end: int
    indexes: dict[date, tuple[int, ...]]
    half_term_ends: tuple[int, ...]

    def sessions_on(self, day: date) -> tuple[int, ...]:
        """The indexes of a day's sessions; empty where school is closed."""
        return self.indexes.get(day, ())


@dataclass(frozen=True, slots=True)
class PartTimePlan:
    """A part-time timetable: afternoons at home from a day to a day."""

    child: Child
    start: date
    end: date


class Grid:
    """Every session of a school from September 2023 to the end of this academic year, and what each child did in it.

    Codes are numbers of the set of 2024 throughout (`codes.in_force_on` says what was written); 0 is not on roll.
    """

    def __init__(self, school: DemoSchool, first_year: int, this_year: int, children: Iterable[Child]) -> None:
        """Everybody on roll is present."""
        self.school = school
        self.sessions: list[tuple[date, Session]] = []
        self.years = [self._year(number) for number in range(first_year, this_year + 1)]
        self.days = [day for day, _ in self.sessions]
        self.minutes: dict[tuple[Child, int], int] = {}
        self.notes: dict[tuple[Child, int], str] = {}
        self.plans: list[PartTimePlan] = []
        self.extent: dict[Child, tuple[int, int]] = {}
        self.rows: dict[Child, bytearray] = {}
        everybody = bytes(AM if session is Session.AM else PM for _, session in self.sessions)
        for child in children:
            start = bisect_left(self.days, child.admission)
            end = bisect_right(self.days, child.leaving) if child.leaving else len(self.days)
            self.extent[child] = start, end
            self.rows[child] = bytearray(start) + everybody[start:end] + bytearray(len(everybody) - end)

    def _year(self, number: int) -> Year:
        days = self.school.days_of(number)
        start, indexes, ends = len(self.sessions), {}, {}
        for day in days:
            first = len(self.sessions)
            self.sessions += [(day.day, session) for session in day.sessions]
            indexes[day.day] = tuple(range(first, len(self.sessions)))
            ends[day.half_term] = len(self.sessions)
        return Year(number, days, start, len(self.sessions), indexes, tuple(ends.values()))

    def sessions_of(self, child: Child, year: Year) -> int:
        """How many sessions of a year the child is on roll."""
        start, end = self.extent[child]
        return max(0, min(end, year.end) - max(start, year.start))

    def is_present(self, child: Child, index: int) -> bool:
        return self.rows[child][index] in PRESENT

    def put(self, child: Child, start: int, length: int, code: int, end: int) -> int:
        """Write a code into a run of sessions as long as the child is present, before `end`; how many were written."""
        row = self.rows[child]
        index, end = start, min(start + length, end)
        while index < end and row[index] in PRESENT:
            row[index] = code
            index += 1
        return index - start

    def put_back(self, child: Child, start: int, end: int) -> None:
        """Make the child present from session `start` to just before `end`, where she is on roll."""
        first, last = self.extent[child]
        for index in range(max(start, first), min(end, last)):
            self.rows[child][index] = AM if self.sessions[index][1] is Session.AM else PM
            self.minutes.pop((child, index), None)
            self.notes.pop((child, index), None)

    def put_part_time(self, child: Child, start: int, afternoons: int, end: int) -> int:
        """Write C2 into the afternoons of a plan and keep the plan; nothing for a child below compulsory age."""
        if not start < end or compulsory_school_age(child.date_of_birth)[0] > self.days[start]:
            return 0
        row = self.rows[child]
        placed: list[int] = []
        for index in range(start, min(end, start + 2 * afternoons + 20)):  # a plan is for some weeks
            if len(placed) == afternoons or row[index] == 0:
                break
            if self.sessions[index][1] is Session.PM and row[index] in PRESENT:
                row[index] = C2
                placed.append(index)
        if placed and self.days[placed[0]] >= SET_2024:
            self.plans.append(PartTimePlan(child, self.days[placed[0]], self.days[placed[-1]]))
        return len(placed)

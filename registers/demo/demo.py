"""The whole demonstration as plain values: for each school its grid, its registers and its stories."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime

from registers.calendar_rules import Session, academic_year_of
from registers.demo import absence, activities, seats
from registers.demo.calendar import FIRST_YEAR
from registers.demo.grid import Grid
from registers.demo.people import Child
from registers.demo.schools import SCHOOLS, DemoSchool
from registers.demo.stories import Stories
from registers.demo.taking import Taking


@dataclass(frozen=True, slots=True)
class Demo:
    """One school of the demonstration up to a moment."""

    school: DemoSchool
    children: list[Child]
    grid: Grid
    stories: Stories
    taking: Taking


def make(now: datetime) -> list[Demo]:
    """The demonstration as it stands at a moment, which is in London's time. The same moment makes the same."""
    return [make_school(school, now) for school in SCHOOLS]


def make_school(school: DemoSchool, now: datetime) -> Demo:
    """One of its schools."""
    this_year = academic_year_of(now.date())
    children = seats.children(school, this_year)
    grid = Grid(school, FIRST_YEAR, this_year, children)
    for year in grid.years:
        absence.spread_absence(grid, year, children)
        activities.begin_reception(grid, year)
        activities.go_out(grid, year)
        activities.come_late(grid, year)
    activities.shut_unexpectedly(grid)
    stories = Stories(grid, _begun(grid, now))
    stories.tell()
    taking = Taking(grid, now, stories.upto)
    taking.take()
    return Demo(school, seats.as_known_on(now.date(), school, children), grid, stories, taking)


def _begun(grid: Grid, now: datetime) -> int:
    """How many sessions have begun."""
    opens = {Session.AM: grid.school.am_register, Session.PM: grid.school.pm_register}
    return bisect_right(grid.sessions, (now.date(), now.time()), key=lambda each: (each[0], opens[each[1]]))

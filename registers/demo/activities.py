"""What a register holds besides absence: lateness, trips and sport, Reception's first weeks, days the site was shut."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from random import Random

from registers.calendar_rules import Session, academic_year_of
from registers.demo.codes import AM, PM, Y4, B, D, K, L, P, V, X
from registers.demo.grid import Grid, Year
from registers.demo.people import Child
from registers.demo.schools import WILLOW, DemoSchool

TRIPS = (
    "Museum of London Docklands",
    "Epping Forest field day",
    "Theatre: The Snow Queen",
    "City farm",
    "Science Museum",
    "Tower Bridge",
)
SPORT = ("Borough football tournament", "Athletics at the borough stadium", "Tag rugby festival", "Cricket festival")
RESIDENTIAL = "Residential week in the Surrey hills"
OFF_SITE = "Forest school with Green Lantern Trust, supervised"
HOSPITAL = "Hospital school, arranged by the local authority"
# Share of mornings late: the child at each quantile. A third is never late; a few are late every other day.
LATENESS = ((0.35, 0.0), (0.70, 0.012), (0.90, 0.04), (0.97, 0.13), (1.0, 0.35))
NEARLY_SHUT = {  # one day at each school on which nobody could come in, and why
    WILLOW.urn: (date(2025, 1, 14), "Boiler failed; site closed without warning"),
    "990002": (date(2024, 2, 6), "Burst water main; site closed without warning"),
}


def classes_of(grid: Grid, year: Year) -> dict[str, list[Child]]:
    """The children of each class in a year, by surname."""
    found: dict[str, list[Child]] = defaultdict(list)
    for child in sorted(grid.rows, key=lambda child: (child.surname, child.forename, child.upn)):
        if 0 <= child.year_index(year.number) <= 6 and grid.sessions_of(child, year):
            found[class_of(grid.school, child, year.number)].append(child)
    return found


def class_of(school: DemoSchool, child: Child, academic_year: int) -> str:
    """The name of the child's class in an academic year."""
    return school.class_name(child.year_index(academic_year), child.class_stream)


def go_out(grid: Grid, year: Year) -> None:
    """Trips of whole classes, a week away for year 6, sport, forest school: V, P and B, with their nature."""
    days = [day.day for day in year.days if len(day.sessions) == 2][12:-8]
    for name, children in sorted(classes_of(grid, year).items()):
        rng = Random(f"trips/{grid.school.urn}/{name}/{year.number}")
        index = children[0].year_index(year.number)
        for day in rng.sample(days, 1 if index == 6 else rng.choice((1, 1, 2))):
            _send(grid, children, year.sessions_on(day), V, f"Visit: {rng.choice(TRIPS)}")
        if index == 6:
            start = year.sessions_on(rng.choice([day for day in days[90:130] if day.weekday() == 0] or days))[0]
            _send(grid, children, range(start, start + 6), V, RESIDENTIAL)
        if index >= 4:
            for day in rng.sample(days, 3):
                _send(grid, rng.sample(children, 9), year.sessions_on(day)[1:], P, rng.choice(SPORT))
        if index in (2, 3):
            for day in rng.sample([day for day in days if day.weekday() == 3], 2):
                _send(grid, children, year.sessions_on(day)[:1], B, OFF_SITE)
    _send_one(grid, year)


def _send(grid: Grid, children: Iterable[Child], sessions: Iterable[int], code: int, nature: str) -> None:
    for index in sessions:
        for child in children:
            if grid.put(child, index, 1, code, index + 1):
                grid.notes[child, index] = nature


def _send_one(grid: Grid, year: Year) -> None:
    """One child with a place at off-site provision on Tuesdays, one who is taught in hospital for some weeks."""
    rng = Random(f"one/{grid.school.urn}/{year.number}")
    older = [c for c in grid.rows if 3 <= c.year_index(year.number) <= 6 and grid.sessions_of(c, year) > 300]
    at_provision, in_hospital = rng.sample(older, 2)
    tuesdays = (index for day in year.days if day.day.weekday() == 1 for index in year.sessions_on(day.day))
    _send(grid, [at_provision], tuesdays, B, "Nurture place at the Lighthouse Centre, supervised")
    start = year.sessions_on(rng.choice(year.days[20:120]).day)[0]
    _send(grid, [in_hospital], range(start, start + 30), K, HOSPITAL)


def come_late(grid: Grid, year: Year) -> None:
    """L for those who are late, with the minutes; a family is late together."""
    rng = Random(f"late/{grid.school.urn}/{year.number}")
    here = [child for child in grid.rows if grid.sessions_of(child, year)]
    ranked = sorted(here, key=lambda child: (child.family.lateness + 0.4 * Random(child.upn).gauss(0, 1), child.upn))
    for rank, child in enumerate(ranked):
        share = _late_at((rank + 0.5) / len(ranked))
        start, end = grid.extent[child]
        span = range(max(start, year.start), min(end, year.end))
        for index in rng.sample(span, int(share * len(span) + rng.random())):
            is_morning = grid.sessions[index][1] is Session.AM
            if grid.is_present(child, index) and (is_morning or rng.random() < 0.12):
                grid.rows[child][index] = L
                grid.minutes[child, index] = min(24 if is_morning else 14, 1 + int(rng.expovariate(1 / 7)))


def _late_at(quantile: float) -> float:
    below = (0.0, 0.0)
    for at, share in LATENESS:
        if quantile <= at:
            return below[1] + (share - below[1]) * (quantile - below[0]) / (at - below[0])
        below = (at, share)
    return below[1]


def begin_reception(grid: Grid, year: Year) -> None:
    """X while Reception begins with half days, and afternoons until compulsory age for two children."""
    beginners = [c for c in grid.rows if c.cohort == year.number and grid.extent[c][0] == year.start]
    for n, child in enumerate(beginners):
        _not_required(grid, child, range(year.start + 1 - n % 2, year.start + 10, 2))
    for child in [c for c in beginners if c.date_of_birth.month in (4, 5)][:2]:
        until = year.sessions_on(max(day.day for day in year.days if day.day < date(year.number, 12, 31)))[-1]
        _not_required(grid, child, [i for i in range(year.start, until + 1) if grid.sessions[i][1] is Session.PM])


def _not_required(grid: Grid, child: Child, sessions: Iterable[int]) -> None:
    for index in sessions:
        if grid.rows[child][index]:
            grid.rows[child][index] = X


def shut_unexpectedly(grid: Grid) -> None:
    """The day on which the site was closed without warning: Y4 (Y before) for everybody, with the cause."""
    day, cause = NEARLY_SHUT[grid.school.urn]
    year = grid.years[academic_year_of(day) - grid.years[0].number]
    for index in year.sessions_on(day):
        for child, row in grid.rows.items():
            if row[index] in (AM, PM) or row[index]:
                row[index] = Y4
                grid.notes[child, index] = cause
                grid.minutes.pop((child, index), None)


def attend_elsewhere(grid: Grid, child: Child, start: int, weekday: int) -> None:
    """D on one day of the week from session `start`: the child is registered at another school too."""
    for index in range(start, len(grid.sessions)):
        if grid.days[index].weekday() == weekday and grid.rows[child][index]:
            grid.rows[child][index] = D

"""How children miss school: a rate for each child and year, spread over causes and over the days of the year.

Each child's share of sessions missed in a year is a quantile of England's distribution, so that every year has the
nation's rate and the nation's share of persistently absent children; a frail child is frail the next year too. What
is missed is laid into the year in spells, most of all in winter, round the holidays, on Mondays and on Fridays.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from registers.demo.calendar import eids
from registers.demo.codes import C1, C2, J1, LEAVE, E, G, I, M, O, R, T, U
from registers.demo.grid import Grid, Year
from registers.demo.people import Child, Family

# Share of children at or below a share of sessions missed, drawn after DfE's absence bands of primary schools and
# brought to the year 2025/26: 5.28 per cent missed, 13.8 per cent of the children persistently absent.
QUANTILES = (
    (0.000, 0.000),
    (0.100, 0.009),
    (0.300, 0.018),
    (0.450, 0.026),
    (0.620, 0.039),
    (0.750, 0.057),
    (0.862, 0.094),
    (0.863, 0.103),
    (0.935, 0.147),
    (0.962, 0.195),
    (0.980, 0.270),
    (0.990, 0.380),
    (0.995, 0.530),
    (1.000, 0.650),
)


def missed_at(quantile: float) -> float:
    """The share of sessions missed by the child at this quantile."""
    at = bisect_right(QUANTILES, (quantile, 1.0))
    (p0, r0), (p1, r1) = QUANTILES[at - 1], QUANTILES[min(at, len(QUANTILES) - 1)]
    return r0 if p1 == p0 else r0 + (r1 - r0) * (quantile - p0) / (p1 - p0)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why sessions are missed: how many at a time, when in the year and in the week, and how often from noon."""

    code: int
    lengths: Mapping[int, int]
    by_month: Mapping[int, float]
    by_weekday: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0, 1.0)
    half_day_is_afternoon: float = 0.5
    from_noon: float = 0.05


_EVENLY = dict.fromkeys(range(1, 13), 1.0)
_WINTER = {9: 0.85, 10: 1.0, 11: 1.25, 12: 1.5, 1: 1.25, 2: 1.2, 3: 1.05, 4: 0.8, 5: 0.8, 6: 0.8, 7: 0.75}
_SUMMER = {9: 0.8, 10: 0.9, 11: 0.9, 12: 1.1, 1: 0.9, 2: 0.9, 3: 1.0, 4: 1.1, 5: 1.2, 6: 1.3, 7: 1.5}
CAUSES = (
    Cause(I, {1: 16, 2: 42, 4: 20, 6: 10, 8: 5, 10: 4, 14: 2, 20: 1}, _WINTER, (1.1, 0.95, 0.85, 1.0, 1.15), 0.8, 0.12),
    Cause(M, {1: 80, 2: 20}, _EVENLY),
    Cause(LEAVE, {1: 10, 2: 62, 4: 22, 6: 6}, _EVENLY, (1.1, 0.9, 0.8, 1.0, 1.4)),
    Cause(C2, {30: 30, 45: 40, 60: 30}, _EVENLY),
    Cause(E, {2: 50, 4: 30, 6: 15, 10: 5}, _EVENLY),
    Cause(G, {4: 16, 6: 20, 8: 12, 10: 34, 14: 11, 20: 7}, _SUMMER),
    Cause(U, {1: 100}, _EVENLY, (1.2, 0.95, 0.85, 0.95, 1.05), 0.0),
    Cause(O, {1: 34, 2: 46, 4: 12, 6: 5, 10: 3}, _SUMMER, (1.25, 0.9, 0.75, 0.95, 1.35), 0.8, 0.08),
)
_CAUSE = {cause.code: cause for cause in CAUSES}
# Of what a child misses, the part of each cause: up to a share of sessions missed.
PARTS: tuple[tuple[float, Mapping[int, float]], ...] = (
    (0.05, {I: 0.66, M: 0.10, LEAVE: 0.09, G: 0.11, U: 0.025, O: 0.015}),
    (0.10, {I: 0.63, M: 0.05, LEAVE: 0.07, G: 0.165, U: 0.025, O: 0.06}),
    (0.20, {I: 0.53, M: 0.03, LEAVE: 0.06, C2: 0.02, E: 0.01, G: 0.115, U: 0.045, O: 0.19}),
    (0.50, {I: 0.35, M: 0.02, LEAVE: 0.05, C2: 0.10, E: 0.03, G: 0.05, U: 0.05, O: 0.35}),
    (1.00, {I: 0.29, LEAVE: 0.06, C2: 0.15, U: 0.02, O: 0.48}),
)
# How often a holiday ends with the half-term, by half-term: most of all before the summer.
HOLIDAY_HALF_TERMS = (1.2, 1.6, 0.8, 1.1, 1.2, 2.4)


def spread_absence(grid: Grid, year: Year, children: list[Child]) -> None:
    """Lay the absence of one year into the grid, for every child on roll in it."""
    rng = Random(f"absence/{grid.school.urn}/{year.number}")
    here = [child for child in children if grid.sessions_of(child, year)]
    frail = {child: child.frailty + 0.5 * Random(f"{child.upn}/{year.number}").gauss(0, 1) for child in here}
    ranked = sorted(here, key=lambda child: frail[child])
    missed = {child: missed_at((rank + 0.5) / len(ranked)) for rank, child in enumerate(ranked)}
    spells = _Spells(grid, year, rng)
    for child in sorted(here, key=lambda child: (child.family.number, child.upn)):
        spells.lay(child, missed[child])


class _Spells:
    """The spells of one school's year. `owed` are sessions per cause that the children's parts still ask for."""

    def __init__(self, grid: Grid, year: Year, rng: Random) -> None:
        self.grid, self.year, self.rng = grid, year, rng
        self.owed: dict[int, float] = defaultdict(float)
        self.holidays: dict[Family, tuple[int, int]] = {}
        self.weights = {
            cause.code: list(
                accumulate(cause.by_month[day.day.month] * cause.by_weekday[day.day.weekday()] for day in year.days)
            )
            for cause in CAUSES
        }
        self.eids = [year.sessions_on(day) for day in eids(year.number)]

    def lay(self, child: Child, share: float) -> None:
        budget = round(share * self.grid.sessions_of(child, self.year))
        left = budget - self._observances(child) - self._rare(child, budget)
        parts = next(parts for up_to, parts in PARTS if share <= up_to)
        for code, part in parts.items():
            self.owed[code] += part * max(left, 0)
        left -= self._holiday_of_the_family(child, left)
        for _ in range(200):
            if left <= 0:
                return
            left -= self._spell(child, self._next_cause(child, left, parts), left, share)

    def _next_cause(self, child: Child, left: int, parts: Iterable[int]) -> Cause:
        may = [
            _CAUSE[code]
            for code in parts
            if min(_CAUSE[code].lengths) <= left
            and (code != E or child.year_index(self.year.number) >= 3)
            and (code != C2 or child.year_index(self.year.number) >= 1)
        ]
        return max(may, key=lambda cause: self.owed[cause.code])

    def _spell(self, child: Child, cause: Cause, left: int, share: float) -> int:
        length = self.rng.choices(list(cause.lengths), list(cause.lengths.values()))[0]
        if share > 0.3 and cause.code in (I, O):
            length *= self.rng.choice((2, 3, 5))
        length = min(length, left)
        if cause.code == C2:
            placed = self._part_time(child, length)
        elif cause.code == G:
            placed = self._holiday(child, length)
        else:
            placed = self.grid.put(child, self._start(cause, length), length, cause.code, self.year.end)
        self.owed[cause.code] -= placed
        return placed

    def _start(self, cause: Cause, length: int) -> int:
        """A session to begin with: weighted by month and weekday, in the morning more often than at noon."""
        day = self.rng.choices(self.year.days, cum_weights=self.weights[cause.code])[0]
        noon = self.rng.random() < (cause.half_day_is_afternoon if length == 1 else cause.from_noon)
        sessions = self.year.sessions_on(day.day)
        return sessions[-1 if noon else 0]

    def _holiday(self, child: Child, length: int) -> int:
        ends = self.year.half_term_ends
        which = self.rng.choices(range(len(ends)), HOLIDAY_HALF_TERMS[: len(ends)])[0]
        late_back = self.rng.random() < 0.3 and ends[which] < self.year.end
        start = ends[which] if late_back else max(ends[which] - length, self.year.start)
        placed = self.grid.put(child, start, length, G, self.year.end)
        if placed > 3:
            self.holidays[child.family] = (start, placed)
        return placed

    def _holiday_of_the_family(self, child: Child, left: int) -> int:
        start, length = self.holidays.get(child.family, (0, 0))
        if not length or length > left:
            return 0
        placed = self.grid.put(child, start, length, G, self.year.end)
        self.owed[G] -= placed
        return placed

    def _part_time(self, child: Child, length: int) -> int:
        """Afternoons at home for some weeks, as agreed."""
        day = self.rng.choice(self.year.days[: max(1, len(self.year.days) - length)])
        return self.grid.put_part_time(child, self.year.sessions_on(day.day)[0], length, self.year.end)

    def _observances(self, child: Child) -> int:
        if not child.family.keeps_eid:
            return 0
        return sum(self.grid.put(child, at[0], len(at), R, self.year.end) for at in self.eids if at)

    def _rare(self, child: Child, budget: int) -> int:
        """A visit to a secondary school, a performance, a family that travels for its trade."""
        rng = Random(f"rare/{child.upn}/{self.year.number}")
        if child.year_index(self.year.number) == 6 and budget and rng.random() < 0.45:
            day = rng.choice(self.year.days[10:60])
            return self.grid.put(child, self.year.sessions_on(day.day)[0], 1, J1, self.year.end)
        if budget > 10 and rng.random() < 0.004:
            return self.grid.put(child, self._start(_CAUSE[M], 8), 8, C1, self.year.end)
        if budget > 20 and rng.random() < 0.012:
            return self.grid.put(child, self._start(_CAUSE[G], 20), 20, T, self.year.end)
        return 0

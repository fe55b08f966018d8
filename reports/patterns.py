"""When somebody is away: weekdays, halves of the day, the edges of holidays and weekends, broken weeks, siblings.

Pure: over the counts of one pupil, or of all pupils of a class or group. A pattern is told as a sentence, and only when
the evidence is enough (`RULE`). It is a question to ask a family, never an answer.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import comb
from typing import NamedTuple

from attendance_mis.words import how_many
from registers.calendar_rules import Session, monday_of
from reports.explained import Ask

AT_LEAST = 4
CHANCE = 1 / 200
SINGLE_DAYS = 4
FIRST_DAYS = 10
HOLIDAY = timedelta(days=5)
_MORE_THAN_CHANCE = (
    f"A pattern is told when at least {AT_LEAST} absences stand in it, they are half as many again as the school days "
    "of its kind would let one expect, and chance alone would do that in fewer than 1 of 200 cases."
)
# Kinds with a rule of their own.
_RULES = {
    "broken_weeks": "Broken weeks are told when, of at least six school weeks, half lack a day but not the whole week.",
    "single_days": "Single days are told when at least four absences, and three in four of all, were of one day alone.",
    "first_weeks": "First weeks are told when at least two of the first ten school days of the year were missed.",
    "siblings": "Siblings are told when at least four days, and half of all that were missed, were missed together.",
}
_QUESTION = "A pattern is a question to ask, never an answer."
RULE = " ".join((_MORE_THAN_CHANCE, *_RULES.values(), _QUESTION))
# What a pattern of each kind counts, and among what.
_DAYS = ("days missed in it", "days missed in all")
COUNTED = {
    "weekday": _DAYS,
    "weekend": _DAYS,
    "holiday": _DAYS,
    "session": ("half days missed in it", "half days missed in all"),
    "late": ("times late in it", "times late in all"),
    "broken_weeks": ("school weeks missed in part", "school weeks"),
    "single_days": ("absences of one day alone", "absences in all"),
    "siblings": ("days missed together", "days missed in all"),
    "first_weeks": ("days missed", "first school days of the year"),
}
_A_DAY = "A day counts once for each pupil who missed any of it, the whole or half."
# And how, in a sentence.
HOW = {
    "weekday": _A_DAY,
    "weekend": _A_DAY,
    "holiday": _A_DAY,
    "session": "Half a day counts for each pupil who missed it, could attend the other half and did not miss that.",
    "late": "Each session that a pupil was late for counts once.",
    "broken_weeks": "A week counts when a day of it was missed, the whole or half, and another was not.",
    "single_days": "A day counts once, missed whole or half; school days missed in a row are one absence.",
    "siblings": "A day counts when both missed any of it.",
    "first_weeks": _A_DAY,
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Slot(NamedTuple):
    """One session: how many of the pupils could attend, did, were away, were late and by how many minutes together, and
    how many of those away missed half a day: they could attend the other half, and did not miss it.

    `pupils` and `away` are those who could attend and were away in this session and in none before it of its day, so
    that the sessions of a day add up to its pupils, each counted once.
    """

    day: date
    session: int
    possible: int
    attended: int
    absent: int
    late: int = 0
    minutes: int = 0
    halves: int = 0
    pupils: int = 0
    away: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """`inside` of `among`, as the sentence says; `days` are those it is made of, with how many each adds, and `session`
    the half of them, where it is one. `key` names it among all of the same sessions.
    """

    key: str
    sentence: str
    inside: int
    among: int
    days: Mapping[date, int]
    session: int | None = None

    @property
    def kind(self) -> str:
        return self.key.partition("-")[0]

    def ask(self, **more: object) -> Ask:
        """Where its sessions are found."""
        return Ask("pattern", "", {"pattern": self.key, **more})

    @property
    def rule(self) -> str:
        """When a pattern of its kind is told."""
        return f"{_RULES.get(self.kind, _MORE_THAN_CHANCE)} {_QUESTION}"

    @property
    def counts(self) -> str:
        """The column of `Slot` that it adds up."""
        return "late" if self.kind == "late" else "halves" if self.session is not None else "away"

    @property
    def said(self) -> str:
        """Its days in words, for the head of a page."""
        half = "" if self.session is None else f", {Session(self.session).name}"
        return f"{how_many(len(self.days), 'day')} of the pattern{half}"

    def holds(self, slot: Slot) -> bool:
        """Whether a session of a child is of it: each that she missed of a day that counts, be it one or both."""
        if slot.day not in self.days or self.session not in (None, slot.session):
            return False
        return bool(slot.absent if self.counts == "away" else getattr(slot, self.counts))


@dataclass(frozen=True, slots=True)
class _Day:
    """The sessions of a day put together: the pupils who could attend any of it, and who missed any of it."""

    day: date
    pupils: int
    away: int
    late: int
    minutes: int


def find(
    slots: Iterable[Slot],
    school_days: Sequence[date],
    *,
    of_one: bool = True,
    from_start: bool = True,
    siblings: Mapping[str, Iterable[date]] | None = None,
) -> list[Pattern]:
    """What stands out. `school_days` are all of the range, in order; `siblings` the days each sibling missed, by name.

    `of_one` is False for a class or group: then spells of days mean nothing and are not told. `from_start`: whether
    the range begins with the school year, as only then it holds the first weeks.
    """
    slots = [slot for slot in slots if slot.possible]
    days = _by_day(slots)
    found = [*_weekdays(days), *_sessions(slots), *_edges(days, school_days), *_lateness(days)]
    if of_one:
        missed = [each.day for each in days if each.away]
        found += [
            *_broken_weeks(missed, days),
            *_single_days(missed, school_days),
            *_with_siblings(missed, siblings or {}),
            *(_first_weeks(days) if from_start else ()),
        ]
    return found


def chance_of(at_least: int, among: int, part: int, whole: int) -> float:
    """How often chance alone puts `at_least` of `among` absences into `part` of `whole` days (binomial tail)."""
    share = part / whole
    return sum(comb(among, n) * share**n * (1 - share) ** (among - n) for n in range(at_least, among + 1))


def stands_out(inside: int, among: int, part: int, whole: int) -> bool:
    """`RULE`: whether `inside` of `among` absences on `part` of `whole` possible days are more than chance."""
    if inside < AT_LEAST or not 0 < part < whole or 2 * inside * whole < 3 * among * part:
        return False
    # Past a thousand the binomial is the normal curve; scaling down keeps its powers within a float.
    scale = max(1, -(-among // 1000))
    return chance_of(inside // scale, among // scale, part, whole) < CHANCE


def _by_day(slots: Iterable[Slot]) -> list[_Day]:
    of_day: dict[date, list[Slot]] = {}
    for slot in slots:
        of_day.setdefault(slot.day, []).append(slot)
    return [
        _Day(
            day,
            sum(s.pupils for s in each),
            sum(s.away for s in each),
            sum(s.late for s in each),
            sum(s.minutes for s in each),
        )
        for day, each in sorted(of_day.items())
    ]


def _part(days: Iterable[_Day], chosen: Callable[[_Day], bool]) -> tuple[int, int, dict[date, int]]:
    """Of the chosen days: how many were away, how many could attend, and the first of these by day."""
    inside = [day for day in days if chosen(day)]
    away = {day.day: day.away for day in inside if day.away}
    return sum(away.values()), sum(day.pupils for day in inside), away


def _weekdays(days: list[_Day]) -> Iterable[Pattern]:
    among, whole, _ = _part(days, lambda _: True)
    told = []
    for number, name in enumerate(WEEKDAYS):
        inside, part, away = _part(days, lambda each, number=number: each.day.weekday() == number)  # type: ignore[misc]
        if stands_out(inside, among, part, whole):
            said = f"{name}s: {inside} of {among} days missed were {name}s ({_expected(among, part, whole)})."
            told.append(Pattern(f"weekday-{number}", said, inside, among, away))
    yield from told
    if told:
        return
    inside, part, away = _part(days, lambda each: each.day.weekday() in (0, 4))
    if stands_out(inside, among, part, whole):
        said = f"{inside} of {among} days missed were Mondays or Fridays ({_expected(among, part, whole)})."
        yield Pattern("weekend", f"Next to weekends: {said}", inside, among, away)


def _expected(among: int, part: int, whole: int) -> str:
    return f"{f'about {n}' if (n := round(among * part / whole)) else 'fewer than 1'} would be expected"


def _sessions(slots: list[Slot]) -> Iterable[Pattern]:
    """Only half days tell: whoever misses a whole day misses both halves alike."""
    halves: dict[Session, dict[date, int]] = {session: {} for session in Session}
    for slot in slots:
        if slot.halves:
            halves[Session(slot.session)][slot.day] = slot.halves
    among = sum(sum(each.values()) for each in halves.values())
    for session, name in ((Session.AM, "Mornings"), (Session.PM, "Afternoons")):
        inside = sum(halves[session].values())
        if stands_out(inside, among, 1, 2):
            said = f"{name}: {inside} of {among} half days missed were {name.lower()}."
            yield Pattern(f"session-{session.name}", said, inside, among, halves[session], session)


def edges_of_holidays(school_days: Sequence[date]) -> tuple[set[date], set[date]]:
    """The last school days before and the first after each gap that is longer than a weekend and a day."""
    gaps = [(before, after) for before, after in pairwise(school_days) if after - before >= HOLIDAY]
    return {before for before, _ in gaps}, {after for _, after in gaps}


def _edges(days: list[_Day], school_days: Sequence[date]) -> Iterable[Pattern]:
    """Before and after holidays, each for itself; both together only where neither is enough alone."""
    before, after = edges_of_holidays(school_days)
    among, whole, _ = _part(days, lambda _: True)
    told: list[Pattern] = []
    for name, which, edges in (
        ("Before", "the last before", before),
        ("After", "the first after", after),
        ("Next to", "the last before or the first after", before | after),
    ):
        inside, part, away = _part(days, lambda each, edges=edges: each.day in edges)  # type: ignore[misc]
        if stands_out(inside, among, part, whole) and not (told and name == "Next to"):
            expected = _expected(among, part, whole)
            said = f"{name} holidays: {inside} of {among} days missed were {which} one ({expected})."
            told.append(Pattern(f"holiday-{name.split()[0].lower()}", said, inside, among, away))
    return told


def _lateness(days: list[_Day]) -> Iterable[Pattern]:
    among, whole = sum(each.late for each in days), sum(each.pupils for each in days)
    for number, name in enumerate(WEEKDAYS):
        of_weekday = [each for each in days if each.day.weekday() == number]
        late, part = sum(each.late for each in of_weekday), sum(each.pupils for each in of_weekday)
        if stands_out(late, among, part, whole):
            minutes = sum(each.minutes for each in of_weekday)
            lost = f", {how_many(minutes, 'minute')} lost" if minutes else ""
            said = f"Late on {name}s: {late} of {among} times late{lost}."
            yield Pattern(
                f"late-{number}", said, late, among, {each.day: each.late for each in of_weekday if each.late}
            )


def _broken_weeks(missed: list[date], days: list[_Day]) -> Iterable[Pattern]:
    """Told from six weeks on, when at least half of them lack a day but not the whole week."""
    weeks = Counter(monday_of(each.day) for each in days)
    lacking = Counter(map(monday_of, missed))
    broken = {week for week, count in lacking.items() if count < weeks[week]}
    if len(weeks) >= 6 and len(broken) * 2 >= len(weeks):
        said = f"Broken weeks: {len(broken)} of {len(weeks)} school weeks were missed in part."
        away = {day: 1 for day in missed if monday_of(day) in broken}
        yield Pattern("broken_weeks", said, len(broken), len(weeks), away)


def _single_days(missed: list[date], school_days: Sequence[date]) -> Iterable[Pattern]:
    """Told when at least four absences were of one day alone, and three in four were."""
    place = {day: n for n, day in enumerate(school_days)}
    spells: list[list[date]] = []
    before = None
    for day in missed:
        if before is not None and place.get(day) == place.get(before, -2) + 1:
            spells[-1].append(day)
        else:
            spells.append([day])
        before = day
    alone = {spell[0]: 1 for spell in spells if len(spell) == 1}
    if len(alone) >= SINGLE_DAYS and len(alone) * 4 >= len(spells) * 3:
        said = f"Single days: {len(alone)} of {len(spells)} absences were of one day alone."
        yield Pattern("single_days", said, len(alone), len(spells), alone)


def _with_siblings(missed: list[date], siblings: Mapping[str, Iterable[date]]) -> Iterable[Pattern]:
    """Told when at least four days, and half of all missed, were missed together."""
    for nth, (name, away) in enumerate(siblings.items()):
        together = dict.fromkeys(sorted(set(missed) & set(away)), 1)
        if len(together) >= AT_LEAST and len(together) * 2 >= len(missed):
            said = f"Siblings: {name} was away too on {len(together)} of {len(missed)} days missed."
            yield Pattern(f"siblings-{nth}", said, len(together), len(missed), together)


def _first_weeks(days: list[_Day]) -> Iterable[Pattern]:
    """Told when two or more of the first ten days were missed: who misses them tends to go on so."""
    first = days[:FIRST_DAYS]
    missed = {each.day: 1 for each in first if each.away}
    if len(first) == FIRST_DAYS and len(missed) >= 2:
        said = f"First weeks: {len(missed)} of the first {FIRST_DAYS} days missed."
        yield Pattern("first_weeks", said, len(missed), FIRST_DAYS, missed)

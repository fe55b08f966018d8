"""What another policy would have made of the school's own marks, on a past day or over a whole term.

Only ladders on which the two policies differ are judged. A term is replayed from the marks, every school day of it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

from django.db import connection

from attendance_mis.models import School
from casework.ladders import Policy
from casework.measures import Measures, PupilFacts, Tally, ranges_on
from casework.querysets.measures import measures_of_school
from registers.calendar_rules import Period, Span, academic_year_bounds, academic_year_of, half_terms, terms
from registers.models import CalendarEntry, Pupil, Registration, SchoolDay

# A run of days that began longer than this before the academic year is counted from here: no ladder asks for more.
RUNS_REACH_BACK = timedelta(days=100)


class Direction(StrEnum):
    """What the change does to one pupil on one ladder."""

    IN = "comes on"
    UP = "moves up"
    DOWN = "moves down"
    OUT = "goes off"


@dataclass(frozen=True, slots=True)
class Difference:
    """One pupil on one ladder: the step by either policy, "" for none."""

    pupil_id: int
    ladder: str
    was: str
    becomes: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Replayed:
    """A difference over a term: on how many of its school days, from the first to the last; as it was on the last."""

    difference: Difference
    days: int
    first: date
    last: date


def differing(before: Policy, after: Policy) -> tuple[Policy, Policy]:
    """Both policies without the ladders they share."""
    shared = set(before.ladders) & set(after.ladders)
    return tuple(  # type: ignore[return-value]
        replace(policy, ladders=tuple(ladder for ladder in policy.ladders if ladder not in shared))
        for policy in (before, after)
    )


def differences(
    pupil_id: int, measures: Measures, before: Policy, after: Policy, *, vulnerable: bool
) -> Iterator[Difference]:
    """What the change does to one pupil: at most one difference a ladder."""
    was = {ladder.name: (ladder, ladder.in_force(measures, vulnerable=vulnerable)) for ladder in before.ladders}
    becomes = {ladder.name: (ladder, ladder.in_force(measures, vulnerable=vulnerable)) for ladder in after.ladders}
    for name in dict.fromkeys([*was, *becomes]):
        old, old_index = was.get(name, (None, None))
        new, new_index = becomes.get(name, (None, None))
        old_step = old.steps[old_index].name if old and old_index is not None else ""
        new_step = new.steps[new_index].name if new and new_index is not None else ""
        if old_step == new_step:
            continue
        if old_index is None:
            direction = Direction.IN
        elif new_index is None:
            direction = Direction.OUT
        else:
            direction = Direction.UP if new_index >= old_index else Direction.DOWN
        yield Difference(pupil_id, name, old_step, new_step, direction)


def on_day(school: School, on: date, before: Policy, after: Policy) -> list[Difference]:
    """What the change would have done on one day."""
    before, after = differing(before, after)
    return [
        difference
        for pupil in measures_of_school(school, on)
        for difference in differences(pupil.pupil_id, pupil.measures, before, after, vulnerable=pupil.vulnerable)
    ]


def last_whole_term(school: School, today: date) -> Span | None:
    """The last term that has ended; None before the first end."""
    entries = CalendarEntry.objects.filter(school=school).values_list("start", "end", "kind")
    ended = [span for span in terms(Period(*entry) for entry in entries) if span.end < today]
    return ended[-1] if ended else None


def over_term(school: School, term: Span, before: Policy, after: Policy) -> list[Replayed]:
    """What the change would have done on every school day of a term, the most days first."""
    before, after = differing(before, after)
    days = list(SchoolDay.objects.filter(school=school).order_by("day").values_list("day", flat=True))
    entries = CalendarEntry.objects.filter(school=school).values_list("start", "end", "kind")
    spans = half_terms(Period(*entry) for entry in entries)
    ranges = [ranges_on(spans, days, day) for day in days if term.start <= day <= term.end]
    found = []
    for pupil_id, facts in _facts(school, term).items():
        tally = Tally(facts)
        seen: dict[str, list[tuple[date, Difference]]] = {}
        for each in ranges:
            if not facts.on_roll(each.on):
                continue
            measures = tally.on(each, count_n=school.count_n_for_penalties)
            for difference in differences(pupil_id, measures, before, after, vulnerable=facts.vulnerable):
                seen.setdefault(difference.ladder, []).append((each.on, difference))
        found += [Replayed(dated[-1][1], len(dated), dated[0][0], dated[-1][0]) for dated in seen.values()]
    return sorted(found, key=lambda replayed: -replayed.days)


def counted(found: Iterable[Difference]) -> dict[Direction, int]:
    """How many pupils come on, move up, move down, go off; a pupil on two ladders counts on each."""
    counts = Counter(difference.direction for difference in found)
    return {direction: counts[direction] for direction in Direction}


_MARKS = """
SELECT m.pupil_id, m.day, m.session::int, m.code::int FROM registers_mark m
WHERE m.school_id = %s AND m.pupil_id = ANY(%s) AND m.day BETWEEN %s AND %s
ORDER BY m.pupil_id, m.day, m.session
"""


def _facts(school: School, term: Span) -> dict[int, PupilFacts]:
    """The facts of every pupil on roll on a day of the term, marks as far back as the ladders reach."""
    pupils = {
        pupil.pk: pupil
        for pupil in Pupil.objects.on_roll(term.start, term.end).only(
            "compulsory_from", "compulsory_until", "vulnerable", "social_worker", "child_protection", "looked_after"
        )
    }
    spells: dict[int, list[tuple[date, date | None]]] = {}
    rows = Registration.objects.filter(school=school).order_by("admission_date")
    for pupil_id, start, end in rows.values_list("pupil_id", "admission_date", "leaving_date"):
        spells.setdefault(pupil_id, []).append((start, end))
    first = academic_year_bounds(academic_year_of(term.start))[0] - RUNS_REACH_BACK
    marks = _marks(school, list(pupils), first, term.end)
    return {
        pupil_id: PupilFacts(
            marks.get(pupil_id, ()),
            spells[pupil_id],
            (pupil.compulsory_from, pupil.compulsory_until),
            vulnerable=pupil.needs_watching,
        )
        for pupil_id, pupil in pupils.items()
    }


def _marks(school: School, pupils: list[int], first: date, last: date) -> dict[int, list[tuple[date, int, int]]]:
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, [school.pk, pupils, first, last])
        rows = cursor.fetchall()
    return {pupil_id: [row[1:] for row in group] for pupil_id, group in groupby(rows, itemgetter(0))}

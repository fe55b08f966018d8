"""Sums of past weeks, kept until something of those days or of the roll changes; this week is always counted anew.

What is kept is known by the stamp of what it was made of: the number of entries of its days (every change of a mark is
an entry, and entries are never changed), and the row versions of pupils, spells, classes and school days. Another stamp
is another key, so what is kept is never older than the register. Only ids and counts are kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from django.core.cache import cache
from django.db import connection

from attendance_mis.tenancy import acting_for, schools_in_scope
from registers.attendance import Group
from registers.calendar_rules import monday_of
from registers.sums import PupilSum, sums
from reports.groups import whole
from reports.querysets.days import DayCount, counts_by_day

A_WEEK = timedelta(days=7)
KEEP_SECONDS = 8 * 24 * 3600

# Where a row lies and which transaction wrote it: any change, addition or removal gives a table another sum.
_TABLES = ("pupil", "registration", "classmembership", "classgroup", "schoolday")
_STAMPS = f"""
SELECT s.id, concat_ws(':',
  (SELECT count(*) FROM registers_entry WHERE school_id = s.id AND day BETWEEN %(first)s AND %(last)s),
  {
    ", ".join(
        f"(SELECT sum(hashtextextended(concat(ctid, xmin), 0)) FROM registers_{t} WHERE school_id = s.id)"
        for t in _TABLES
    )
})
FROM unnest(%(schools)s::int[]) AS s (id)
"""

T = TypeVar("T")


def pupil_sums(first: date, last: date, today: date) -> list[PupilSum]:
    """`registers.sums.sums`, with the weeks before this one from what is kept."""
    old, live = _split(first, last, today)
    before = _kept("sums", *old, lambda: sums(*old)) if old else []
    return added(before, sums(*live)) if live else before


def day_counts(first: date, last: date, today: date) -> list[DayCount]:
    """`counts_by_day` of the whole school, with the weeks before this one from what is kept."""
    old, live = _split(first, last, today)
    before = _kept("days", *old, lambda: counts_by_day(*old)) if old else []
    return before + counts_by_day(*live) if live else before


def added(before: Iterable[PupilSum], after: Iterable[PupilSum]) -> list[PupilSum]:
    """Two ranges of one academic year put together; year and class are those of the later one, as in one range."""
    found = {pupil.pupil_id: pupil for pupil in before}
    for pupil in after:
        old = found.get(pupil.pupil_id)
        found[pupil.pupil_id] = replace(pupil, summary=old.summary + pupil.summary) if old else pupil
    return sorted(found.values(), key=lambda pupil: pupil.upn)


def _split(first: date, last: date, today: date) -> tuple[tuple[date, date] | None, tuple[date, date] | None]:
    """The part before this week, and the part from its Monday on."""
    monday = monday_of(today)
    old = (first, min(last, monday - timedelta(1))) if first < monday else None
    live = (max(first, monday), last) if last >= monday else None
    return old, live


def _kept(name: str, first: date, last: date, make: Callable[[], list[T]]) -> list[T]:
    (school_id,) = schools_in_scope()
    key = _keys(name, [school_id], first, last)[school_id]
    found: list[T] | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEEP_SECONDS)
    return found


def of_schools(schools: Iterable[int], first: date, last: date) -> dict[int, Group]:
    """Each school as one group over a range of days that is over; one query and one look for what is kept."""
    keys = _keys("school", schools, first, last)
    kept = cache.get_many(keys.values())
    for school_id in keys.keys() - {school_id for school_id, key in keys.items() if key in kept}:
        with acting_for(school_id):
            kept[keys[school_id]] = whole(sums(first, last))
        cache.set(keys[school_id], kept[keys[school_id]], KEEP_SECONDS)
    return {school_id: kept[key] for school_id, key in keys.items()}


def _keys(name: str, schools: Iterable[int], first: date, last: date) -> dict[int, str]:
    """The stamp is taken before what it stands for is read: a change in between leaves a key nobody asks for again."""
    with connection.cursor() as cursor:
        cursor.execute(_STAMPS, {"schools": list(schools), "first": first, "last": last})
        return {
            school_id: f"figures:{name}:{school_id}:{first}:{last}:{stamp}" for school_id, stamp in cursor.fetchall()
        }

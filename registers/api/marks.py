"""Marks: first those there are, pupil by pupil, then every change since that reading began, for as long as asked."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from attendance_mis.api.door import Asked, BadParameter, CursorOver, Page
from attendance_mis.models import School
from registers import share
from registers.api import cursors
from registers.api.parameters import place_of
from registers.models import Entry
from registers.settled import newest_entry, settled_entry

# What a cursor holds: the days asked for, and the place. `held`: the last mark given, and up to which entry the
# changes are behind it. `changes`: the last entry and pupil given.
HELD, CHANGES = "held", "changes"
DAYS = (cursors.day, cursors.day)
KINDS = {
    HELD: (*DAYS, cursors.number, cursors.number, cursors.day, cursors.number),
    CHANGES: (*DAYS, cursors.number, cursors.number),
}
# An entry is written within a day of the moment it carries: what lies further back is not looked through for `since`.
SLOWEST = timedelta(days=1)

_HELD = f"""
SELECT t.pupil_id, t.day, t.session, {share.row_columns()}
FROM registers_pupil p
CROSS JOIN LATERAL (
  SELECT m.pupil_id, m.day, m.session, m.code, m.minutes_late, m.entry_id FROM registers_mark m
  WHERE m.school_id = %(school)s AND m.pupil_id = p.id AND m.day BETWEEN %(first)s AND %(last)s
    AND (p.id > %(pupil)s OR (m.day, m.session) > (%(day)s, %(session)s))
  ORDER BY m.day, m.session) AS m
LEFT JOIN registers_entry e ON e.school_id = %(school)s AND e.id = m.entry_id
CROSS JOIN LATERAL (SELECT m.pupil_id, m.day, m.session, e.at) AS t
LEFT JOIN {share.CODES_SQL} ON k.number = m.code
WHERE p.school_id = %(school)s AND p.id >= %(pupil)s
ORDER BY p.id, m.day, m.session LIMIT %(most)s
"""

# Each mark once: at the entry that made it what it is, or at the last that took it back.
_CHANGES = f"""
SELECT t.entry_id, t.pupil_id, t.day, {share.row_columns()}
FROM (
  SELECT e.id AS entry_id, e.day, e.session, e.at, u.pupil_id
  FROM registers_entry e CROSS JOIN LATERAL unnest(e.pupils) AS u (pupil_id)
  WHERE e.school_id = %(school)s AND e.id BETWEEN %(entry)s AND %(settled)s AND e.day BETWEEN %(first)s AND %(last)s
    AND (e.id > %(entry)s OR u.pupil_id > %(pupil)s)) AS t
JOIN registers_pupil p ON p.school_id = %(school)s AND p.id = t.pupil_id
LEFT JOIN registers_mark m
  ON m.school_id = %(school)s AND (m.pupil_id, m.day, m.session) = (t.pupil_id, t.day, t.session)
LEFT JOIN {share.CODES_SQL} ON k.number = m.code
WHERE m.entry_id = t.entry_id OR m.entry_id IS NULL AND NOT EXISTS (
  SELECT FROM registers_entry l
  WHERE l.school_id = %(school)s AND l.day = t.day AND l.session = t.session AND l.id > t.entry_id
    AND l.id <= %(settled)s AND t.pupil_id = ANY(l.pupils))
ORDER BY t.entry_id, t.pupil_id LIMIT %(most)s
"""


def marks(asked: Asked) -> Page:
    """A page of marks as the daily share has them; its cursor never ends."""
    values = asked.values
    if going_on := place_of(values, KINDS):
        kind, place = going_on
    else:
        days = values["first"] or date.min, values["last"] or date.max
        settled = settled_entry(asked.school)
        if since := values["since"]:
            kind, place = CHANGES, [*days, _first_after(since, settled), 0]
        else:
            kind, place = HELD, [*days, settled, 0, date.min, 0]
    given = _held if kind == HELD else _changes
    return given(asked.school, values["limit"], *place)


def _held(
    school: School, limit: int, first: date, last: date, settled: int, pupil: int, day: date, session: int
) -> Page:
    """Marks as they are; after the last of them come the changes since `settled`."""
    place = {"first": first, "last": last, "pupil": pupil, "day": day, "session": session}
    keys, rows, has_more = _asked(_HELD, school, limit, place)
    if has_more:
        cursor = cursors.pack(HELD, first, last, settled, *keys[-1])
    else:
        cursor = cursors.pack(CHANGES, first, last, settled + 1, 0)
    return Page(rows, cursor, has_more, _days([key[1] for key in keys]))


def _changes(school: School, limit: int, first: date, last: date, entry: int, pupil: int) -> Page:
    """Marks whose newest entry comes after the last given."""
    if entry > newest_entry() + 1:
        raise CursorOver("The school's record was restored to a moment before this cursor. Begin without a cursor.")
    settled = settled_entry(school)
    place = {"first": first, "last": last, "entry": entry, "pupil": pupil, "settled": settled}
    keys, rows, has_more = _asked(_CHANGES, school, limit, place)
    if has_more:
        entry, pupil = keys[-1][:2]
    elif settled >= entry:
        entry, pupil = settled + 1, 0
    return Page(rows, cursors.pack(CHANGES, first, last, entry, pupil), has_more, _days([key[2] for key in keys]))


def _asked(
    query: str, school: School, limit: int, place: dict[str, Any]
) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]], bool]:
    """The keys of the rows found, the rows, and whether there are more than the limit."""
    with share.in_zone_of(school), connection.cursor() as cursor:
        cursor.execute(query, {**place, "school": school.pk, "urn": school.urn, "most": limit + 1})
        found = cursor.fetchall()
    names = [field.name for field in share.FIELDS]
    rows = [dict(zip(names, row[3:], strict=True)) for row in found[:limit]]
    return [row[:3] for row in found[:limit]], rows, len(found) > limit


def _first_after(since: datetime, settled: int) -> int:
    """The entry to begin with, so that none of later than `since` is left out."""
    if since > timezone.now():
        raise BadParameter("since", "It lies in the future.")
    older = Entry.objects.filter(at__lte=since - SLOWEST).order_by("-id").values_list("id", flat=True).first() or 0
    later = Entry.objects.filter(id__gt=older, at__gt=since).order_by("id").values_list("id", flat=True).first()
    return min(later or settled + 1, settled + 1)


def _days(days: list[date]) -> tuple[date, date] | None:
    return (min(days), max(days)) if days else None

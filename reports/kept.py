"""What pages of figures keep: sessions by day of past weeks, the groups of schools, and what is hidden from governors,
until one of them changes.

What is kept is known by the stamp of what it was made of: the number of entries of its days (every change of a mark is
an entry, and entries are never changed), and the row versions of pupils, spells, classes and school days. Another stamp
is another key, so what is kept is never older than the register. Only ids, counts and names of groups are kept. Sums of
pupils need no such thing: the database keeps them counted (`registers.kept_counts`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256

from django.core.cache import cache
from django.db import connection

from attendance_mis.models import School
from attendance_mis.tenancy import schools_in_scope
from registers.attendance import Group
from registers.calendar_rules import academic_year_bounds, academic_year_of, monday_of
from registers.sums import groups_of_schools
from reports.patterns import Slot
from reports.querysets.days import slots_by_day
from reports.ranges import A_YEAR, DEFAULT, Range, a_year_before
from reports.shown import hidden_in_year
from reports.suppression import Families, Pupils, Row

KEEP_SECONDS = 8 * 24 * 3600

# Where a row lies and which transaction wrote it: any change, addition or removal gives a table another sum.
_ROWS = "(SELECT sum(hashtextextended(concat(ctid, xmin), 0)) FROM registers_{} WHERE school_id = s.id{})"
_TABLES = ("pupil", "registration", "classmembership", "classgroup")
_OF_RANGE = " AND day BETWEEN r.first AND r.last"
_STAMPS = f"""
SELECT s.id, r.first, r.last, concat_ws(':', t.stamp, {_ROWS.format("schoolday", _OF_RANGE)},
  (SELECT count(*) FROM registers_entry WHERE school_id = s.id{_OF_RANGE}))
FROM unnest(%(schools)s::int[]) AS s (id)
CROSS JOIN LATERAL (SELECT concat_ws(':', {", ".join(_ROWS.format(t, "") for t in _TABLES)}) AS stamp OFFSET 0) AS t
CROSS JOIN unnest(%(firsts)s::date[], %(lasts)s::date[]) AS r (first, last)
"""
Days = tuple[date, date]


def of_days(first: date, last: date, today: date) -> list[Slot]:
    """`slots_by_day` of the whole school, with the weeks before this one from what is kept."""
    monday = monday_of(today)
    before: list[Slot] = []
    if first < monday:
        before = _kept(first, min(last, monday - timedelta(1)))
    if last < monday:
        return before
    return before + slots_by_day(max(first, monday), last)


def _kept(first: date, last: date) -> list[Slot]:
    (school_id,) = schools_in_scope()
    ((_, key),) = _keys(f"slots-{_columns()}", [school_id], [(first, last)]).items()
    found: list[tuple[date | int, ...]] | None = cache.get(key)
    if found is None:
        found = [each[:] for each in slots_by_day(first, last)]  # plain tuples are read back three times as fast
        cache.set(key, found, KEEP_SECONDS)
    return [Slot._make(each) for each in found]


def _columns() -> str:
    """Stands for the names of the columns: a release that counts others reads nothing that an older one kept."""
    return _digest(",".join(Slot._fields))[:8]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def of_schools(schools: Iterable[int], *ranges: Days) -> list[dict[int, Group]]:
    """Each school as one group over each of these ranges, which are over; a query, and one for each range not kept."""
    keys = _keys("school", schools, ranges)
    kept = cache.get_many(keys.values())
    for days in ranges:
        missing = [school_id for (school_id, of), key in keys.items() if of == days and key not in kept]
        if missing:
            found = groups_of_schools(missing, *days)
            fresh = {keys[school_id, days]: group for school_id, group in found.items()}
            cache.set_many(fresh, KEEP_SECONDS)
            kept |= fresh
    return [{school_id: kept[key] for (school_id, of), key in keys.items() if of == days} for days in ranges]


def this_year(today: date) -> tuple[Days, Days]:
    """This academic year to the end of last week, and the same weeks of the year before."""
    last = monday_of(today) - timedelta(1)
    year = academic_year_of(last)
    return (academic_year_bounds(year)[0], last), (academic_year_bounds(year - 1)[0], last - A_YEAR)


def hidden_rows(school: School, families: Families, rolls: Sequence[Pupils]) -> frozenset[Row]:
    """`hidden_in_year`, which takes a table for each change of the roll; known by all that it is made of."""
    made_of = [
        school.small_numbers_under,
        [sorted(roll) for roll in rolls],
        [(name, sorted(ids)) for rows in families.values() for name, ids in sorted(rows.items())],
    ]
    key = f"figures:hidden:{school.pk}:{_digest(repr(made_of))}"
    found: list[tuple[str, str]] | None = cache.get(key)
    if found is None:
        found = [(row.family, row.name) for row in hidden_in_year(families, rolls, school.small_numbers_under)]
        cache.set(key, found, KEEP_SECONDS)
    return frozenset(Row(*each) for each in found)


def keep_beforehand(school_id: int, today: date) -> None:
    """Add up in the night what the first page of the day would: the school in its trust, and its sessions by day."""
    of_schools([school_id], *this_year(today))
    first, _ = academic_year_bounds(academic_year_of(today))
    so_far = Range(DEFAULT, "", first, today)
    for asked in (so_far, a_year_before(so_far, {})):
        of_days(asked.first, asked.last, today)


def _keys(name: str, schools: Iterable[int], ranges: Iterable[Days]) -> dict[tuple[int, Days], str]:
    """The stamp is taken before what it stands for is read: a change in between leaves a key nobody asks for again."""
    firsts, lasts = zip(*ranges, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_STAMPS, {"schools": list(schools), "firsts": list(firsts), "lasts": list(lasts)})
        return {
            (school_id, (first, last)): f"figures:{name}:{school_id}:{first}:{last}:{stamp}"
            for school_id, first, last, stamp in cursor.fetchall()
        }

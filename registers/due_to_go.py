"""What the registers of a school hold that need not be kept any longer, counted by the year in which it was made.

Nothing here deletes: entries and amendments stand in sealed blocks, and a block goes as a whole (`disposals`, decision
0036).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from attendance_mis.models import School


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of one kind, by calendar year."""

    what: str
    by_year: dict[int, int]


# When a row was made, as a day of the school. What was imported may not say when it was made: then the day of the
# session counts, which is the earliest it can be, so a person looks before anything goes. A spell's last entry is the
# leaving; a pupil still on roll is never due.
MADE = {
    "entries of the attendance register": (
        "registers_entry",
        "coalesce((made_at AT TIME ZONE %(zone)s)::date,"
        " CASE WHEN source = 'import' THEN day ELSE (at AT TIME ZONE %(zone)s)::date END)",
    ),
    "amendments": ("registers_amendment", "(at AT TIME ZONE %(zone)s)::date"),
    "spells of the admission register": ("registers_registration", "leaving_date"),
}


def due(school: School, kept_from: date) -> list[Due]:
    """The rows made before the day, by kind; one statement each."""
    return list(_due(school, kept_from))


def _due(school: School, kept_from: date) -> Iterator[Due]:
    values: dict[str, Any] = {"school": school.pk, "zone": school.timezone, "kept_from": kept_from}
    with connection.cursor() as cursor:
        for what, (table, made) in MADE.items():
            cursor.execute(
                f"SELECT extract(year FROM made)::int, count(*) FROM (SELECT {made} AS made FROM {table}"
                " WHERE school_id = %(school)s) AS rows WHERE made < %(kept_from)s GROUP BY 1 ORDER BY 1",
                values,
            )
            yield Due(what, dict(cursor.fetchall()))

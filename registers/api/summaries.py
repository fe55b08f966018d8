"""Summaries: the rows of `attendance_summary`, to the last digit."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from attendance_mis.api.door import Asked, Page
from attendance_mis.replica import reading_replica
from registers.summaries import Row, group_rows, pupil_rows
from registers.sums import PupilSum, sums


def pupil_summaries(asked: Asked) -> Page:
    """A row for every pupil with a school session on roll in the range; a school is one page."""
    return _page(asked, pupil_rows(_sums(asked)))


def group_summaries(asked: Asked) -> Page:
    """A row for every group of a kind."""
    return _page(asked, group_rows(_sums(asked), [asked.values["by"]]))


def _sums(asked: Asked) -> list[PupilSum]:
    with reading_replica():
        return sums(asked.values["first"], asked.values["last"])


def _page(asked: Asked, rows: Iterable[Row]) -> Page:
    return Page([_told(row) for row in rows], days=(asked.values["first"], asked.values["last"]))


def _told(row: Row) -> dict[str, Any]:
    """One decimal survives as a number of JSON."""
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}

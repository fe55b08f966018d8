"""`manage.py attendance_summary`: attendance by pupil or by group, as CSV (interchange.md)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.tenancy import acting_for
from registers.attendance import Group, Summary
from registers.management.arguments import add_school, day, school_with
from registers.sums import GROUPINGS, PupilSum, sums

COUNTS = ["possible", "attended", "late", "authorised", "unauthorised", "unmarked", "attendance_percent"]
PUPIL_HEADER = ["upn", *COUNTS, "persistent", "severe"]
SHARES = ["persistent_pupils", "persistent_percent", "severe_pupils", "severe_percent"]
GROUP_HEADER = ["group", "pupils", *COUNTS, *SHARES]

_Y_N = {True: "Y", False: "N", None: ""}


class Command(BaseCommand):
    help = "Print the attendance of a school over a range of days as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        add_school(parser)
        parser.add_argument("--from", dest="first", type=day, required=True, metavar="DAY", help="first day")
        parser.add_argument("--to", dest="last", type=day, required=True, metavar="DAY", help="last day, inclusive")
        parser.add_argument(
            "--by", default="pupil", metavar="GROUPS", help=f"one or more of {','.join(GROUPINGS)}, comma-separated"
        )

    def handle(self, *, school: str, first: date, last: date, by: str, **options: Any) -> None:
        if last < first:
            raise CommandError(f"The range is the wrong way round: {first} is after {last}.")
        groupings = by.split(",")
        if unknown := [name for name in groupings if name not in GROUPINGS]:
            raise CommandError(f"{unknown[0] or 'An empty name'} is no grouping: use {', '.join(GROUPINGS)}.")
        with acting_for(school_with(school)):
            pupils = sums(first, last)
        csv.writer(self.stdout, lineterminator="\n").writerows(
            _pupil_rows(pupils) if groupings == ["pupil"] else _group_rows(pupils, groupings)
        )


def _pupil_rows(pupils: Iterable[PupilSum]) -> Iterator[Sequence[object]]:
    yield PUPIL_HEADER
    for pupil in pupils:
        yield [pupil.upn, *_counts(pupil.summary), _Y_N[pupil.summary.persistent], _Y_N[pupil.summary.severe]]


def _group_rows(pupils: list[PupilSum], groupings: list[str]) -> Iterator[Sequence[object]]:
    yield GROUP_HEADER
    for grouping in groupings:
        for name, group in GROUPINGS[grouping](pupils):
            yield [name, group.pupils, *_counts(group.total), *_shares(group)]


def _counts(summary: Summary) -> list[object]:
    return [
        summary.possible,
        summary.attended,
        summary.late,
        summary.authorised,
        summary.unauthorised,
        summary.unmarked,
        summary.percent,
    ]


def _shares(group: Group) -> list[object]:
    return [group.persistent, group.persistent_percent, group.severe, group.severe_percent]

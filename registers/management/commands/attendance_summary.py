"""`manage.py attendance_summary`: attendance by pupil or by group, as CSV (interchange.md)."""

import csv
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.tenancy import acting_for
from registers.management.arguments import add_school, day, school_with
from registers.summaries import GROUP_FIELDS, PUPIL_FIELDS, group_rows, pupil_rows
from registers.sums import GROUPINGS, sums

_Y_N = {True: "Y", False: "N"}


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
        by_pupil = groupings == ["pupil"]
        fields = PUPIL_FIELDS if by_pupil else GROUP_FIELDS
        rows = pupil_rows(pupils) if by_pupil else group_rows(pupils, groupings)
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(field.name for field in fields)
        writer.writerows([_said(value) for value in row.values()] for row in rows)


def _said(value: object) -> object:
    """Yes and no are Y and N; what is not known is empty."""
    return _Y_N[value] if isinstance(value, bool) else value

"""`manage.py penalty_thresholds`: the sessions that count to the national threshold, as CSV (interchange.md)."""

import csv
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attendance_mis.tenancy import acting_for
from penalties.querysets import counted_at_school
from registers.management.arguments import add_school, day, school_with


class Command(BaseCommand):
    help = "Print each pupil's counted sessions of the ten school weeks up to a day, as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        add_school(parser)
        parser.add_argument("--on", type=day, required=True, metavar="DAY", help="the day, YYYY-MM-DD")

    def handle(self, *, school: str, on: date, **options: Any) -> None:
        found = school_with(school)
        with acting_for(found):
            rows = [
                (upn, c.window_start, c.window_end, c.counted, c.provisional, "Y" if c.met else "N")
                for upn, c in counted_at_school(found, on)
            ]
        header = ("upn", "window_start", "window_end", "counted", "provisional", "threshold_met")
        csv.writer(self.stdout, lineterminator="\n").writerows([header, *rows])

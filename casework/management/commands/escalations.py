"""`manage.py escalations`: the step each pupil is on, per ladder of the school's policy, as CSV (interchange.md)."""

import csv
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attendance_mis.tenancy import acting_for
from casework.judging import judge_school
from registers.management.arguments import add_school, day, school_with


class Command(BaseCommand):
    help = "Print the step reached on each ladder of a school's policy on a day, as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        add_school(parser)
        parser.add_argument("--on", type=day, required=True, metavar="DAY", help="the day, YYYY-MM-DD")

    def handle(self, *, school: str, on: date, **options: Any) -> None:
        found = school_with(school)
        with acting_for(found):
            rows = [
                (pupil.upn, reached.ladder.name, reached.step.name, reached.value_text, reached.reason)
                for pupil in judge_school(found, on)
                for reached in pupil.reached
            ]
        csv.writer(self.stdout, lineterminator="\n").writerows([("upn", "ladder", "step", "value", "reason"), *rows])

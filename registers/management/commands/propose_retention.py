from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from attendance_mis import clock
from attendance_mis.tenancy import acting_for
from registers import disposals, due_to_go
from registers.management import arguments
from registers.retention import CATEGORIES, kept_from


class Command(BaseCommand):
    help = "Says what has been kept for as long as the law or the school's own rule asks. Deletes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        arguments.add_school(parser)
        parser.add_argument(
            "--old-regulations",
            action="store_true",
            help="three years, not six, for what was made before 19 August 2024",
        )

    def handle(self, *args: Any, school: str, old_regulations: bool, **options: Any) -> None:
        found = arguments.school_with(school)
        first = kept_from(clock.today(found), old_regulations=old_regulations)
        with acting_for(found):
            due = due_to_go.due(found, first)
            others = [disposals.due(found, name) for name in CATEGORIES if name != "registers"]
        self.stdout.write(f"{found.urn} {found.name}: made before {first:%-d %B %Y}")
        for kind in due:
            for year, count in kind.by_year.items():
                self.stdout.write(f"  {year}  {count:>9,}  {kind.what}")
        total = sum(sum(kind.by_year.values()) for kind in due)
        due_otherwise = [other for other in others if other.total]
        for other in due_otherwise:
            self.stdout.write(f"{other.rule}: {other.total:,} rows before {other.made_before:%-d %B %Y}")
            for what, count in other.counts.items():
                if count:
                    self.stdout.write(f"        {count:>9,}  {what}")
        if total or due_otherwise:
            self.stdout.write(f"  {total:,} rows of the registers are due. Nothing was deleted.")
        else:
            self.stdout.write("  Nothing is due.")

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.models import School
from registers import record
from registers.management.arguments import add_one_or_all, one_or_all


class Command(BaseCommand):
    help = "Proves that seals, marks, entries and amendments agree; names each fault and fails if there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        add_one_or_all(parser)

    def handle(self, *args: Any, school: str | None = None, **options: Any) -> None:
        faults = sum(self._verify(each) for each in one_or_all(school))
        if faults:
            raise CommandError(f"The record is not whole: {faults} fault{'s' if faults > 1 else ''}.")

    def _verify(self, school: School) -> int:
        verdict = record.verify(school)
        self.stdout.write(f"{school.urn} {school.name}")
        for check in verdict.checks:
            self.stdout.write(f"  {'ok    ' if not check.fault_count else 'FAULT '} {check.count} {check.what}")
            for fault in check.faults:
                self.stdout.write(f"         {fault}")
            if more := check.fault_count - len(check.faults):
                self.stdout.write(f"         and {more} more")
        self.stdout.write(f"  Check value: {verdict.check_value}")
        return sum(check.fault_count for check in verdict.checks)

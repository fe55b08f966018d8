from typing import Any

from django.core.management.base import BaseCommand, CommandError

from attendance_mis import ticks


class Command(BaseCommand):
    help = "Fails unless beat, broker and worker have run the tick within the last three minutes."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not ticks.is_going():
            raise CommandError("The clock stands still: see that the worker, beat and the broker are running.")
        self.stdout.write("The clock is going.")

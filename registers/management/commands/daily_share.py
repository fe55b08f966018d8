"""`manage.py daily_share --school URN --since MOMENT`: what changed in the registers since then, for a partner."""

import io
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.actors import Actor
from registers.actions.exporting import daily_share
from registers.management.arguments import add_school, school_with
from registers.pack import columns


class Command(BaseCommand):
    help = "Print the marks entered, changed or taken back since a moment as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        add_school(parser)
        parser.add_argument(
            "--since", required=True, metavar="MOMENT", help="2025-03-11T09:00, local time of the school"
        )

    def handle(self, *, school: str, since: str, **options: Any) -> None:
        held = school_with(school)
        try:
            moment: datetime = columns.moment(held.zone)(since)
        except ValueError as error:
            raise CommandError(f"--since: {error}.") from error
        out = io.BytesIO()
        daily_share(school=held, since=moment, out=out, by=Actor.system("daily_share"))
        self.stdout.write(out.getvalue().decode(), ending="")

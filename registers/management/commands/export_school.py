"""`manage.py export_school URN DIR`: write one school out as a school pack."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.actors import Actor
from registers.actions.exporting import export_school
from registers.management.arguments import school_with


class Command(BaseCommand):
    help = "Export a school as a school pack; the same school gives the same files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("urn", metavar="URN", help="the school's URN, six digits")
        parser.add_argument(
            "folder", metavar="DIR", type=Path, help="the folder of the pack; made when it is not there"
        )

    def handle(self, *, urn: str, folder: Path, **options: Any) -> None:
        school = school_with(urn)
        try:
            export_school(school=school, folder=folder, by=Actor.system("export_school"))
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Exported {school} to {folder}.")

"""`manage.py import_ctf FILE --school URN [--check]`: pupils of a DfE Common Transfer File."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.actors import Actor
from registers.actions.importing.transfer import import_ctf
from registers.management.arguments import add_school, day, school_with
from registers.pack.faults import PackRefused


class Command(BaseCommand):
    help = "Import pupils, contacts, SEN and attendance summaries from a Common Transfer File."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        add_school(parser)
        parser.add_argument("--check", action="store_true", help="say what would be written and write nothing")
        parser.add_argument(
            "--admitted", type=day, metavar="DAY", help="starting day of new pupils; today, if not given"
        )

    def handle(self, *, file: Path, school: str, check: bool, admitted: date | None, **options: Any) -> None:
        if not file.is_file():
            raise CommandError(f"{file} is not a file. Name the Common Transfer File.")
        by = Actor.system("import_ctf")
        try:
            report = import_ctf(file, school=school_with(school), by=by, check=check, admitted=admitted)
        except PackRefused as refused:
            for fault in refused.faults.shown:
                self.stderr.write(str(fault), self.style.NOTICE)
            raise CommandError(refused.faults.verdict) from None
        for line in report.lines:
            self.stdout.write(line)
        self.stdout.write("Nothing was written: this was a check." if check else "Imported.")

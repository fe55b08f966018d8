"""`manage.py import_school DIR [--check]`: bring one school in from a school pack."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.actors import Actor
from registers.actions.importing import PackRefused, import_pack
from registers.progress import bar


class Command(BaseCommand):
    help = "Import a school pack: all of it, or nothing when anything in it is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="the folder of the pack")
        parser.add_argument("--check", action="store_true", help="report everything wrong and write nothing")

    def handle(self, *, folder: Path, check: bool, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder. Name the folder of the school pack.")
        with bar(sys.stderr) as progress:
            try:
                report = import_pack(folder, by=Actor.system("import_school"), check=check, progress=progress)
            except PackRefused as refused:
                progress.clear()
                for fault in refused.faults.shown:
                    self.stderr.write(str(fault), self.style.NOTICE)
                raise CommandError(refused.faults.verdict) from None
        for line in report.lines:
            self.stdout.write(line)
        self.stdout.write("Nothing was written: this was a check." if check else "Imported.")

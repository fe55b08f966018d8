from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from attendance_mis.actions import Refused
from registers.actions import backups


class Command(BaseCommand):
    help = "Writes database and files, of one moment, into one encrypted file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="Where the file goes; on another machine, best.")
        parser.add_argument("--recipient", default=settings.BACKUP_RECIPIENT, help="Public key; BACKUP_RECIPIENT.")

    def handle(self, *args: Any, folder: Path, recipient: str, **options: Any) -> None:
        try:
            path = backups.back_up(folder=folder, recipient=recipient)
        except Refused as refused:
            raise CommandError(" ".join(refused.reasons)) from refused
        self.stdout.write(f"{path}  {path.stat().st_size / 1e6:.1f} MB")

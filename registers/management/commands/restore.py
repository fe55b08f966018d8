from argparse import ArgumentParser, FileType
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from attendance_mis.actions import Refused
from registers.actions import backups


class Command(BaseCommand):
    help = "Restores a backup into an empty database and an empty file store, and proves the record whole."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument(
            "--identity", type=FileType(), required=True, help="A file with the private key; - reads it from the input."
        )

    def handle(self, *args: Any, archive: Path, identity: IO[str], **options: Any) -> None:
        try:
            manifest, now = backups.restore(archive=archive, identity=identity.read())
        except Refused as refused:
            raise CommandError(" ".join(refused.reasons)) from refused
        self.stdout.write(f"Restored the backup of {manifest.made_at}: {len(manifest.sha256)} files.")
        for then, proof in zip(manifest.proofs, now, strict=False):
            word = "equal" if proof == then else "NOT EQUAL"
            self.stdout.write(f"{proof.urn}  check value {proof.check_value}  {word}")
        if now != manifest.proofs:
            raise CommandError("The record is not what was backed up. Do not use this database.")
        if faulty := [proof.urn for proof in now if not proof.is_whole]:
            raise CommandError(f"It is what was backed up, and had faults then: verify_record names them ({faulty}).")
        self.stdout.write("Now run: manage.py migrate")

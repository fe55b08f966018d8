from typing import Any

from django.core.management.base import BaseCommand

from registers.actions import backups


class Command(BaseCommand):
    help = "Makes the pair of keys of the backups: the public one for the settings, the private one for a safe."

    def handle(self, *args: Any, **options: Any) -> None:
        recipient, identity = backups.make_key()
        self.stdout.write(f"Set on the server:  BACKUP_RECIPIENT={recipient}")
        self.stdout.write(f"Keep in a safe, not on the server; without it no backup can be read:  {identity}")

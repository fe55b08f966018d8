from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from attendance_mis.beginning import LASTS, make_token


class Command(BaseCommand):
    help = "Prints a link that adds one school and its first technician; good for a day, and once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--trust", default="", help="the trust the school belongs to; made when there is none")
        parser.add_argument("--address", help="where people reach this server; https:// and the first allowed host")

    def handle(self, *args: Any, **options: Any) -> None:
        host = next((host for host in settings.ALLOWED_HOSTS if "*" not in host), "localhost").lstrip(".")
        address = (options["address"] or f"https://{host}").rstrip("/")
        hours = int(LASTS.total_seconds() // 3600)
        self.stderr.write(f"Open this within {hours} hours, and give it to nobody else:")
        self.stdout.write(address + reverse("begin_school", args=[make_token(options["trust"].strip())]))

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from attendance_mis.beginning import LASTS, make_token
from attendance_mis.management.own_address import add_address, own_address


class Command(BaseCommand):
    help = "Prints a link that adds one school and its first technician; good for a day, and once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--trust", default="", help="the trust the school belongs to; made when there is none")
        add_address(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        hours = int(LASTS.total_seconds() // 3600)
        self.stderr.write(f"Open this within {hours} hours, and give it to nobody else:")
        self.stdout.write(
            own_address(options["address"]) + reverse("begin_school", args=[make_token(options["trust"].strip())])
        )

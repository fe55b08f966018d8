from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance_mis.actions import Refused, end_trust_lead
from attendance_mis.actors import Actor


class Command(BaseCommand):
    help = "Ends what add_trust_lead began: the role and every session of the person, at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("trust")
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ended = end_trust_lead(trust=options["trust"], email=options["email"], by=Actor.system("end_trust_lead"))
        except Refused as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(
            f"{ended.user.name} reads the schools of {ended.trust} no more, and is signed out everywhere."
        )

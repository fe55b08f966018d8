from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from attendance_mis import links
from attendance_mis.actions import Refused, add_trust_lead
from attendance_mis.actors import Actor
from attendance_mis.management.own_address import add_address, own_address


class Command(BaseCommand):
    help = "Lets a person read the schools of a trust side by side, without a name; prints her invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("trust", help="the trust's name, as begin_school --trust had it")
        parser.add_argument("email")
        parser.add_argument("name", help="first name and surname")
        parser.add_argument("--position", default="Trust lead", help="what the trust calls her")
        add_address(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        who = {key: options[key].strip() for key in ("trust", "email", "name", "position")}
        try:
            validate_email(who["email"])
            membership = add_trust_lead(**who, by=Actor.system("add_trust_lead"))
        except (Refused, ValidationError) as fault:
            raise CommandError(" ".join(getattr(fault, "reasons", None) or fault.messages)) from fault
        user = membership.user
        if user.has_usable_password():
            self.stdout.write(f"{user.name} has an account already and signs in as before.")
            return
        self.stderr.write(
            f"Give this to {user.name} and to nobody else; it works once, within {links.INVITATION.lasts.days} days:"
        )
        self.stdout.write(
            own_address(options["address"]) + reverse("invitation", args=[links.make(links.INVITATION, user)])
        )

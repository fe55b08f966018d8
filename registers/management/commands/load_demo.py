from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from attendance_mis import clock, seals
from attendance_mis.actions import Refused
from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers.demo.load import load_demo


class Command(BaseCommand):
    help = (
        "Loads the demonstration trust into an empty database, up to today, and prints whom to sign in as; "
        "with -v 2 also the children with a story."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            schools = load_demo()
        except Refused as refused:
            raise CommandError(str(refused)) from None
        for school in School.objects.all():
            for name in settings.DEMO_NIGHT:
                import_string(name)(school.pk, clock.today(school).isoformat())
            with acting_for(school):
                seals.seal(school)
        for each in schools:
            pupils = sum(child.on_roll(each.taking.now.date()) for child in each.children)
            self.stdout.write(f"{each.school.name}: {pupils} pupils, {len(each.taking.taken):,} registers taken.")
            for sentence, child in each.stories.told if options["verbosity"] > 1 else []:
                name = f"{child.preferred_forename or child.forename} {child.surname}"
                self.stdout.write(f"  {name}: {sentence}")
        if options["verbosity"]:
            call_command("demo_logins", stdout=self.stdout)

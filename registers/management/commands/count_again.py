from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers import kept_counts


class Command(BaseCommand):
    help = "Counts the kept sessions of each pupil anew from the marks, after verify_record found them unlike."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--school", metavar="URN", help="Only this school; without it every school.")

    def handle(self, *args: Any, school: str | None = None, **options: Any) -> None:
        schools = School.objects.filter(urn=school) if school else School.objects.all()
        if school and not schools:
            raise CommandError(f"There is no school with the URN {school}.")
        for each in schools:
            with acting_for(each), transaction.atomic():
                wrong = len(kept_counts.differences(each))
                kept_counts.count_again(each)
            self.stdout.write(f"{each.urn} {each.name}: counted again; {wrong} counts were wrong.")

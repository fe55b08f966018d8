from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from attendance_mis.tenancy import acting_for
from registers import kept_counts
from registers.management.arguments import add_one_or_all, one_or_all


class Command(BaseCommand):
    help = "Counts the kept sessions of each pupil anew from the marks, after verify_record found them unlike."

    def add_arguments(self, parser: CommandParser) -> None:
        add_one_or_all(parser)

    def handle(self, *args: Any, school: str | None = None, **options: Any) -> None:
        for each in one_or_all(school):
            with acting_for(each), transaction.atomic():
                wrong = len(kept_counts.differences(each))
                kept_counts.count_again(each)
            self.stdout.write(f"{each.urn} {each.name}: counted again; {wrong} counts were wrong.")

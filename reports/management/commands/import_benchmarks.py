"""`manage.py import_benchmarks FILE`: DfE's published year-to-date rates, for nation, region and local authority."""

from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from registers.management.arguments import day
from reports import benchmarks
from reports.models import PublishedRate

BATCH = 1000  # rows in memory at a time


class Command(BaseCommand):
    help = "Read DfE's year-to-date attendance CSV, so that figures are compared with nation, region and authority."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV as DfE publishes it (EES_ytd_data.csv)")
        parser.add_argument(
            "--until", type=day, metavar="DAY", help="the last day the file reaches (default: the end of its year)"
        )

    def handle(self, *, file: Path, until: date | None, **options: Any) -> None:
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines, transaction.atomic():
                rates = benchmarks.read(lines, until)
                read, areas = 0, set()
                while batch := list(islice(rates, BATCH)):
                    PublishedRate.objects.bulk_create(
                        map(PublishedRate.of, batch),
                        update_conflicts=True,
                        unique_fields=["series", "academic_year", "level", "area", "phase"],
                        update_fields=[
                            "until",
                            "absence",
                            "authorised",
                            "unauthorised",
                            "persistent",
                            "severe",
                            "source",
                            "region",
                        ],
                    )
                    read += len(batch)
                    areas |= {(rate.level, rate.area) for rate in batch}
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not a text file in UTF-8.") from error
        except benchmarks.BadFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{read} rates of {len(areas)} areas.")

"""What the commands of a school take: its URN, and days."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet

from attendance_mis.models import School
from registers.pack import columns


def add_school(parser: CommandParser) -> None:
    parser.add_argument("--school", required=True, metavar="URN", help="the school's URN, six digits")


def school_with(urn: str) -> School:
    """The school with this URN, or one sentence and exit status 1."""
    if school := School.objects.filter(urn=urn).first():
        return school
    raise CommandError(f"There is no school with URN {urn}.")


def add_one_or_all(parser: CommandParser) -> None:
    parser.add_argument("--school", metavar="URN", help="Only this school; without it every school.")


def one_or_all(urn: str | None) -> QuerySet[School]:
    """The school with this URN, every school without one; or one sentence and exit status 1."""
    if not urn:
        return School.objects.all()
    schools = School.objects.filter(urn=urn)
    if not schools:
        raise CommandError(f"There is no school with the URN {urn}.")
    return schools


def day(value: str) -> date:
    """A day of the command line."""
    try:
        return columns.day(value)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error

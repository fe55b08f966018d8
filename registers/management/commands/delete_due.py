from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Disposal, School
from attendance_mis.tenancy import acting_for
from registers import disposals
from registers.actions.disposing import delete_due
from registers.management import arguments
from registers.models import DisposalApproval
from registers.retention import CATEGORIES


class Command(BaseCommand):
    help = "Deletes what need not be kept any longer and was approved, and writes a certificate of it."

    def add_arguments(self, parser: CommandParser) -> None:
        arguments.add_school(parser)
        parser.add_argument("--category", required=True, choices=CATEGORIES, help="what to delete")
        parser.add_argument("--approved-by", metavar="NAME", help="who approved it; asked for without")
        parser.add_argument("--dry-run", action="store_true", help="does all of it, and takes it back at the end")

    def handle(self, *args: Any, school: str, category: str, dry_run: bool, **options: Any) -> None:
        found = arguments.school_with(school)
        with acting_for(found):
            if not dry_run:
                self._confirm(category, options["approved_by"])
            try:
                with transaction.atomic():
                    certificate = self._delete(found, category, dry_run)
                    self._say(certificate)
                    if dry_run:
                        transaction.set_rollback(True)
                        self.stdout.write("Tried only: nothing was deleted.")
            except Refused as refused:
                raise CommandError(str(refused)) from None

    def _delete(self, school: School, category: str, dry_run: bool) -> Disposal:  # noqa: FBT001
        by = Actor.system("manage.py delete_due")
        if dry_run and not DisposalApproval.objects.filter(category=category, done_at=None, withdrawn_at=None).exists():
            due = disposals.due(school, category)
            raise CommandError(
                f"{due.rule}. {due.total:,} rows are due that were made before {due.made_before:%-d %B %Y}. "
                "Nobody has approved it yet."
            )
        return delete_due(school=school, category=category, by=by)

    def _confirm(self, category: str, name: str | None) -> None:
        approval = DisposalApproval.objects.filter(category=category, done_at=None, withdrawn_at=None).first()
        if approval is None:
            return  # the action says so
        given = name or input("Who approved it? Type the name as it stands on the page: ")
        if given.strip().casefold() != approval.approved_by_name.casefold():
            raise CommandError(f"{given} did not approve this. Nothing was deleted.")

    def _say(self, certificate: Disposal) -> None:
        say = self.stdout.write
        say(f"Certificate of deletion {certificate.number}, {certificate.at:%-d %B %Y, %H:%M}")
        say(f"  {certificate.rule}")
        say(f"  made before {certificate.made_before:%-d %B %Y}")
        say(f"  approved by {certificate.approved_by_name}, {certificate.approved_by_position}")
        for what, count in certificate.removed.items():
            say(f"  {count:>9,} {what}" + (f" ({certificate.left[what]:,} left)" if what in certificate.left else ""))
        for block in certificate.blocks:
            say(f"  block {block['number']} of {block['log']}, {block['count']:,} rows, {block['hash']}")

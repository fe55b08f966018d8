from typing import Any

from django.core.management.base import BaseCommand

from attendance_mis import demo


class Command(BaseCommand):
    help = "Prints whom to sign in as in the demo trust: one person per role."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        logins = list(demo.logins())
        if logins:
            working = [password for password in (demo.NEW, demo.KNOWN) if logins[0].user.check_password(password)]
            self.stdout.write(f"Sign in with the password {(working or ['that load_demo printed'])[0]} as")
        for membership in logins:
            self.stdout.write(f"  {membership.get_role_display():<20}{membership.user.email}")

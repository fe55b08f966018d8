"""The few e-mails the ground sends: to people about their own accounts. Never about a child."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from attendance_mis.models import School, User

log = logging.getLogger(__name__)


def can_send() -> bool:
    """Whether this installation has a mail server."""
    return bool(settings.EMAIL_URL)


def send(*, user: User, subject: str, body: str) -> bool:
    """Mail one person; whether the mail server took it. A fault is logged without an address."""
    if not can_send():
        return False
    try:
        EmailMessage(subject, body, to=[user.email]).send()
    except (OSError, SMTPException) as fault:
        log.warning("mail to user %s not sent: %s", user.pk, type(fault).__name__)
        return False
    return True


def send_invitation(*, user: User, school: School, link: str) -> bool:
    """The first link of a new person, or another for one who cannot sign in."""
    return send(
        user=user,
        subject=f"Your account for attendance at {school.name}",
        body=f"""Dear {user.name},

{school.name} keeps its registers here. Choose your password at

{link}

The link works once, and for seven days. Afterwards you sign in with {user.email}.
If you did not expect this, tell the school office and do not follow the link.
""",
    )


def send_recovery(*, user: User, link: str) -> bool:
    """The link of a person who forgot her password."""
    return send(
        user=user,
        subject="Choose a new password for attendance",
        body=f"""Dear {user.name},

somebody, hopefully you, asked for a new password. Choose it at

{link}

The link works once, and for one hour. If it was not you, do nothing: your password stays as it is.
""",
    )


def send_password_changed(*, user: User) -> bool:
    """So that she knows when it was not she."""
    return send(
        user=user,
        subject="Your password for attendance was changed",
        body=f"""Dear {user.name},

your password was changed just now, and every other machine is signed out.

If it was not you, choose a new one (“Forgotten your password?”) and tell the technician of your school.
""",
    )

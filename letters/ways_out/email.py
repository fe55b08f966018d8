"""E-mail by the school's own mail server (SMTP), where there is no GOV.UK Notify.

SMTP can not be asked what became of a message. So what is not known to have failed before the message was handed over
is never sent again by itself.
"""

from collections.abc import Sequence
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from attendance_mis.models import School
from letters.ways_out import NotTaken, TryAgain

NOT_KNOWN = "The connection broke while it was being sent. Nobody knows whether it arrived: ask, or send it anew."


def can_send() -> bool:
    """Whether this installation has a mail server."""
    return bool(settings.EMAIL_URL)


def send(
    *,
    school: School,
    address: str,
    subject: str,
    body: str,
    reference: UUID,
    attachments: Sequence[tuple[str, bytes]] = (),
) -> None:
    """Hand one e-mail to the mail server, `attachments` are PDFs by file name.

    Raises `TryAgain` before it was handed over, else `NotTaken`.
    """
    connection = get_connection(timeout=settings.EMAIL_TIMEOUT)
    message = EmailMessage(
        " ".join(subject.split()),  # a name with the end of a line in it would begin another header
        body,
        settings.DEFAULT_FROM_EMAIL,
        [address],
        reply_to=[school.email] if school.email else None,
        headers={"Message-ID": f"<{reference}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"},
        connection=connection,
    )
    for name, data in attachments:
        message.attach(name, data, "application/pdf")
    try:
        connection.open()
    except (OSError, SMTPException) as fault:
        raise TryAgain("The mail server does not answer.") from fault
    try:
        message.send()
    except SMTPRecipientsRefused as fault:
        codes = [code for code, _ in fault.recipients.values()]
        _refuse(max(codes, default=550), fault)
    except SMTPResponseException as fault:
        _refuse(fault.smtp_code, fault)
    except (OSError, SMTPException) as fault:
        raise NotTaken(NOT_KNOWN) from fault
    finally:
        connection.close()


def _refuse(code: int, fault: Exception) -> None:
    """4xx: not now; 5xx: never (RFC 5321, 4.2.1)."""
    said = f"The mail server does not take it ({code})."
    raise (TryAgain if 400 <= code < 500 else NotTaken)(said) from fault

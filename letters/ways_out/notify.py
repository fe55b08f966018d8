"""GOV.UK Notify, through its own client: send, ask what became of it, read the replies.

Notify takes any number of notifications with one reference; that it never gets two of ours is for the caller, who asks
`by_reference` before a second attempt.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.conf import settings
from notifications_python_client.errors import HTTPError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient
from requests import RequestException

from attendance_mis.models import School
from letters.sending_rules import is_refusal
from letters.ways_out import NotTaken, TryAgain

# What Notify's refusals say may name the address; a person reads the field and the fault, never the value.
_VALUES = re.compile(r"[\w.+-]+@[\w.-]+|\+?\d[\d ]{5,}\d")


@dataclass(frozen=True, slots=True)
class Known:
    """A notification as Notify knows it."""

    id: str
    status: str


@dataclass(frozen=True, slots=True)
class Received:
    """A text that somebody sent to the school's number."""

    id: str
    number: str
    text: str
    at: datetime


def has_key(school: School) -> bool:
    """Whether the school has a GOV.UK Notify key (decision 0011: in the environment only)."""
    return bool(settings.NOTIFY.get(school.urn, {}).get("key"))


def can_send(school: School, way: str) -> bool:
    """Whether the school's key comes with a template for this way: `text` or `email`."""
    return has_key(school) and bool(settings.NOTIFY[school.urn].get(f"{way}_template"))


class Notify:
    """One school's service at Notify. Raises `TryAgain` and `NotTaken` only; use within `connect`."""

    def __init__(self, key: str, templates: dict[str, str]) -> None:
        self.client = NotificationsAPIClient(key, base_url=settings.NOTIFY_URL, timeout=settings.NOTIFY_TIMEOUT)
        self.templates = templates

    def text(self, number: str, body: str, reference: UUID) -> str:
        """Send a text; returns Notify's id. The template has one placeholder, `((body))`."""
        with _faults():
            answer = self.client.send_sms_notification(
                phone_number=number,
                template_id=self.templates["text_template"],
                personalisation={"body": body},
                reference=str(reference),
            )
        return answer["id"]

    def email(self, address: str, subject: str, body: str, reference: UUID) -> str:
        """Send an e-mail; returns Notify's id. The template has `((subject))` and `((body))`."""
        with _faults():
            answer = self.client.send_email_notification(
                email_address=address,
                template_id=self.templates["email_template"],
                personalisation={"subject": subject, "body": body},
                reference=str(reference),
            )
        return answer["id"]

    def letter(self, pdf: bytes, reference: UUID, postage: str = "second") -> str:
        """Have a finished PDF printed and posted; returns Notify's id."""
        with _faults():
            answer = self.client.send_precompiled_letter_notification(
                reference=str(reference), pdf_file=BytesIO(pdf), postage=postage
            )
        return answer["id"]

    def by_reference(self, reference: UUID) -> Known | None:
        """The notification that carries our reference; None: Notify never took one."""
        with _faults():
            found = self.client.get_all_notifications(reference=str(reference))["notifications"]
        return Known(found[0]["id"], found[0]["status"]) if found else None

    def status(self, notification_id: str) -> str:
        """Notify's word for how far a notification has come."""
        with _faults():
            return self.client.get_notification_by_id(notification_id)["status"]

    def received(self) -> list[Received]:
        """The latest texts that came back, newest first; Notify gives 250 at a time."""
        with _faults():
            texts: list[dict[str, Any]] = self.client.get_received_texts()["received_text_messages"]
        return [
            Received(each["id"], each["user_number"], each["content"], datetime.fromisoformat(each["created_at"]))
            for each in texts
        ]


@contextmanager
def connect(school: School) -> Iterator[Notify]:
    """The school's service, its connections closed afterwards. Raises `TryAgain` when it has no key (any more)."""
    if not has_key(school):
        raise TryAgain("The school has no GOV.UK Notify key.")
    chosen = settings.NOTIFY[school.urn]
    notify = Notify(chosen["key"], chosen)
    try:
        yield notify
    finally:
        notify.client.request_session.close()


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except HTTPError as fault:
        if fault.response is None:
            raise TryAgain("GOV.UK Notify does not answer.") from fault
        said = f"GOV.UK Notify: {_said(fault)} ({fault.status_code})."
        raise (NotTaken if is_refusal(fault.status_code) else TryAgain)(said) from fault
    except (InvalidResponse, RequestException, KeyError) as fault:
        raise TryAgain("GOV.UK Notify gave an answer that nobody understands.") from fault


def _said(fault: HTTPError) -> str:
    """Notify's own sentences, without the address they may name."""
    message = fault.message
    sentences = [each.get("message", "") for each in message] if isinstance(message, list) else [str(message)]
    return _VALUES.sub("…", "; ".join(filter(None, sentences)) or "no reason given").rstrip(".")[:200]

"""When a message is tried again, and what the provider's answers mean. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# After the first failure a minute, for a hiccup; then ever longer, for an outage; after the last nobody waits any more.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120))
# A task is killed after five minutes (CELERY_TASK_TIME_LIMIT), so whoever claimed a row so long ago is no more.
LEFT_BEHIND_AFTER = timedelta(minutes=6)
ASK_AGAIN_AFTER = timedelta(seconds=50)
ASK_FOR = timedelta(
    hours=75
)  # Notify gives up after 72 hours: docs.notifications.service.gov.uk, "Status: text message"
REPLY_WITHIN = timedelta(days=7)

NOTIFY_FAILURES = {
    "permanent-failure": "The provider says this address or number does not exist.",
    "temporary-failure": "It could not be delivered: the phone was off or out of reach, or the inbox was full.",
    "technical-failure": "GOV.UK Notify could not send it, for a reason of its own.",
    "validation-failed": "GOV.UK Notify could not read it.",
    "virus-scan-failed": "GOV.UK Notify found a virus in it.",
}
NOTIFY_ARRIVED = {"delivered", "received"}


@dataclass(frozen=True, slots=True)
class Word:
    """What the provider says became of a message: it arrived, it failed (why, for a person), or neither yet."""

    arrived: bool = False
    failed_because: str = ""

    @property
    def is_last(self) -> bool:
        return self.arrived or bool(self.failed_because)


def word_of(notify_status: str) -> Word:
    """Notify's status in our words. An unknown one is no last word."""
    return Word(notify_status in NOTIFY_ARRIVED, NOTIFY_FAILURES.get(notify_status, ""))


def next_try(attempts: int, now: datetime, expires_at: datetime | None) -> datetime | None:
    """When to try again after so many failed attempts; None: not any more."""
    if attempts > len(BACK_OFF):
        return None
    at = now + BACK_OFF[attempts - 1]
    return None if expires_at is not None and at >= expires_at else at


def is_refusal(status: int) -> bool:
    """Whether an answer of this HTTP status will be the same the next time.

    403 is a key the technician can put right and 429 the day's or minute's limit, so both are tried again.
    """
    return 400 <= status < 500 and status not in (403, 408, 429)


def digits(number: str) -> str:
    """A telephone number as it is compared: 020 7946 0123, +44 20 7946 0123 and 442079460123 are one."""
    found = "".join(filter(str.isdigit, number))
    if found.startswith("0044"):
        return found[4:]
    if found.startswith("44") and len(found) > 10:
        return found[2:].removeprefix("0")
    return found.removeprefix("0")


def is_mobile(number: str) -> bool:
    """Whether a text can reach this number: 07, but for pagers at 076 (Ofcom), or one of another country."""
    found = digits(number)
    is_foreign = number.strip().startswith(("+", "00")) and len(found) > 10
    if is_foreign:
        return True
    return len(found) == 10 and found.startswith("7") and (not found.startswith("76") or found.startswith("7624"))

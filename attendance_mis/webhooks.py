"""Webhooks: what is told to a partner's machine, how it is signed, and when it is tried again. Pure.

The scheme is that of Standard Webhooks (version 1): three headers, HMAC-SHA256 over id, timestamp and body. A message
says that something has changed, not what: the partner reads that with its token.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

PREFIX = "whsec_"
LONGEST_URL = 500
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 5 * 60, 10 * 60))
GIVE_UP_AFTER = timedelta(days=5)
GONE = 410  # the answer that wants no more (Standard Webhooks)


class Event(StrEnum):
    """What a partner can be told of."""

    MARKS = "marks.changed"
    PUPILS = "pupils.changed"
    TEST = "test"


SAYS = {
    Event.MARKS: "Marks were entered or changed",
    Event.PUPILS: "Pupils were admitted, left, moved class or were corrected",
    Event.TEST: "A test",
}
TOLD_OF = (Event.MARKS, Event.PUPILS)

# The verbs of the audit trail that change what a partner reads of pupils.
PUPIL_VERBS = frozenset(
    {
        "admit_pupil",
        "cancel_admission",
        "change_starting_day",
        "edit_pupil",
        "import_ctf",
        "import_school",
        "keep_on_roll",
        "make_class",
        "move_class",
        "promote_classes",
        "readmit_pupil",
        "remove_from_roll",
    }
)


def make_secret() -> str:
    """A secret as receivers' libraries read it: 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def body_of(event: str, *, at: datetime, urn: str, newest: int) -> bytes:
    """The message: which school, what kind of change, and a number that grows with each. The same for every try."""
    told = {"type": event, "timestamp": at.isoformat(), "data": {"school": urn, "newest": newest}}
    return json.dumps(told, separators=(",", ":")).encode()


def headers_of(message_id: str, *, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """The headers by which the receiver knows the message, its try's moment, and that it is ours."""
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, b".".join((message_id.encode(), seconds.encode(), body)), hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "user-agent": "Attendance-MIS-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def wait_after(tries: int) -> timedelta:
    """How long after this try the next one comes; a day at the longest."""
    return WAITS[tries - 1] if tries <= len(WAITS) else timedelta(days=1)


def why_not_address(url: str) -> list[str]:
    """Why no message may be sent there; empty: it may, as far as its text tells."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ["This is not an address."]
    if parts.scheme != "https" or not host or port == 0:
        return ["Give the whole address, beginning with https://."]
    if parts.username is not None or parts.password is not None:
        return ["Leave out the name and password: what is sent is signed."]
    if parts.fragment:
        return ["Leave out what stands after #: no server gets it."]
    if not url.isascii() or not url.isprintable() or " " in url:
        return ["Write the address in plain letters, as a browser shows it when it is copied."]
    if len(url) > LONGEST_URL:
        return [f"Give an address of at most {LONGEST_URL} characters."]
    return []


NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether a machine has this address on the internet: not here, not in this network, not within another address."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast

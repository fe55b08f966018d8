"""Posting to an address that somebody typed: only on the internet, only where its name led when it was looked at.

The name is asked for once, every address it has must be public, and the connection goes to that address, with the
certificate of the name: a name that leads elsewhere a moment later leads nowhere. No answer is followed elsewhere, none
is read but its status, and none may take long.
"""

import socket
import ssl
from contextlib import closing, suppress
from http.client import HTTPException
from threading import Event, Timer
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings
from requests.certs import where
from urllib3.connection import HTTPSConnection
from urllib3.util.ssl_match_hostname import CertificateError

from attendance_mis.webhooks import is_public, why_not_address

CONNECT_SECONDS = 5
DEADLINE_SECONDS = 15  # for the whole answer: one that comes a byte at a time is cut off


class NotSent(Exception):
    """It did not arrive, or nobody knows; the text is for a person to read."""


def post(url: str, *, body: bytes, headers: dict[str, str]) -> int:
    """Send it once; returns the status of the answer. Raises `NotSent`."""
    if reasons := why_not_address(url):
        raise NotSent(reasons[0])
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or 443
    connection = HTTPSConnection(
        _address_of(host, port),
        port,
        timeout=CONNECT_SECONDS,
        server_hostname=host,
        assert_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=settings.WEBHOOK_CA_FILE or where(),
    )
    with closing(connection):
        try:
            connection.connect()
            return _asked(connection, parts, body, headers)
        except (ssl.SSLCertVerificationError, CertificateError) as fault:
            raise NotSent("Its certificate is not the one of this address.") from fault
        except TooLong as fault:
            raise NotSent(f"No answer within {DEADLINE_SECONDS} seconds.") from fault
        except (urllib3.exceptions.HTTPError, HTTPException, OSError) as fault:
            raise NotSent("The connection could not be made, or broke.") from fault


class TooLong(OSError):
    """The answer took longer than anybody waits."""


def _asked(connection: HTTPSConnection, parts: SplitResult, body: bytes, headers: dict[str, str]) -> int:
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    is_cut = Event()
    deadline = Timer(DEADLINE_SECONDS, _cut, [connection.sock, is_cut])
    deadline.start()
    connection.sock.settimeout(2 * DEADLINE_SECONDS)  # the deadline is for the whole of it, this for each read
    try:
        connection.request("POST", target, body=body, headers={"host": parts.netloc, **headers}, preload_content=False)
        status = connection.getresponse().status
    except (OSError, HTTPException, urllib3.exceptions.HTTPError):
        if not is_cut.is_set():
            raise
    finally:
        deadline.cancel()
    if is_cut.is_set():
        raise TooLong  # what was read of it till then may look whole
    return status


def _cut(sock: socket.socket, is_cut: Event) -> None:
    is_cut.set()
    with suppress(OSError):  # it is over already
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # the connection below TLS: another thread reads from that


def _address_of(host: str, port: int) -> str:
    """The address the name has now; refused when any of them is of this machine or network."""
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as fault:
        raise NotSent("There is no machine of this name.") from fault
    if not settings.WEBHOOKS_INSIDE and not all(map(is_public, found)):
        raise NotSent("This address is not on the internet.")
    return min(found)

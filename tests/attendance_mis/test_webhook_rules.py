"""Webhooks on paper: how a message is signed, where it may go, when it is tried again, and which verbs it tells of."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from attendance_mis.webhooks import (
    PREFIX,
    PUPIL_VERBS,
    body_of,
    headers_of,
    is_public,
    make_secret,
    wait_after,
    why_not_address,
)

ACTIONS = Path(__file__).parents[2] / "registers" / "actions"
# Verbs of those files that change nothing a partner reads of pupils.
NOT_TOLD = {"edit_confidential", "import_policy", "upload_import"}


def test_a_message_is_signed_as_standard_webhooks_does() -> None:
    """The example that its libraries carry."""
    headers = headers_of(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_a_secret_is_made_of_chance() -> None:
    assert make_secret() != make_secret()
    assert make_secret().startswith(PREFIX)
    assert len(make_secret()) == len(PREFIX) + 44


def test_a_message_tells_what_kind_and_where_and_nothing_of_anybody() -> None:
    at = datetime(2025, 3, 11, 9, 5, tzinfo=UTC)
    assert body_of("marks.changed", at=at, urn="100001", newest=812) == (
        b'{"type":"marks.changed","timestamp":"2025-03-11T09:05:00+00:00","data":{"school":"100001","newest":812}}'
    )


def test_tries_come_less_and_less_often() -> None:
    waits = [wait_after(tries) for tries in range(1, 20)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://partner.example/hooks?x=1", ""),
        ("https://partner.example:8443/", ""),
        ("http://partner.example/", "https://"),
        ("partner.example", "https://"),
        ("https://", "https://"),
        ("https://partner.example:0/", "https://"),
        ("https://partner.example:99999/", "not an address"),
        ("https://[::1", "not an address"),
        ("https://me:word@partner.example/", "name and password"),
        ("https://partner.example/#x", "after #"),
        ("https://pärtner.example/", "plain letters"),
        ("https://partner.example/a b", "plain letters"),
        ("https://partner.example/a\r\nHost: x", "plain letters"),
        ("https://partner.example/" + "x" * 500, "at most 500"),
        ("file:///etc/passwd", "https://"),
        ("gopher://partner.example/", "https://"),
    ],
)
def test_where_a_message_may_go(url: str, said: str) -> None:
    reasons = " ".join(why_not_address(url))
    assert said in reasons
    assert bool(said) == bool(reasons)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_an_address_of_the_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.1.2.3", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "2001::1", "192.0.2.1", "198.18.0.1",
    ],
)  # fmt: skip
def test_an_address_within_is_none(address: str) -> None:
    assert not is_public(address)


def test_every_verb_about_pupils_is_told_of_or_said_not_to_be() -> None:
    """A new verb in these files makes its writer choose."""
    files = [ACTIONS / "pupils.py", ACTIONS / "classes.py", *(ACTIONS / "importing").glob("*.py")]
    found = {verb for file in files for verb in _verbs(ast.parse(file.read_text()))}
    assert found == PUPIL_VERBS | NOT_TOLD


def _verbs(tree: ast.AST) -> set[str]:
    """The first word of every `record(...)` and `Row(...)`."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    named = [call for call in calls if ast.unparse(call.func).split(".")[-1] in ("record", "Row", "_record")]
    texts = [each.value for call in named for each in ast.walk(call.args[0]) if isinstance(each, ast.Constant)]
    return {text for text in texts if isinstance(text, str)}

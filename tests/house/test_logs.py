"""An address that opens something to whoever holds it never stands in a log, whoever writes the line."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from attendance_mis.logs import Formatter, hide_secrets

SECRET = "c2VjcmV0:1t5Xyz:sQ-_9"
KINDS = {"token", "link", "secret"}  # what such a part is called in urls.py


def _open_addresses() -> list[str]:
    """The name of every url that carries a secret."""
    patterns = [each for each in get_resolver().url_patterns if isinstance(each, URLPattern)]
    included = [
        p for each in get_resolver().url_patterns if not isinstance(each, URLPattern) for p in each.url_patterns
    ]
    return [p.name for p in (*patterns, *included) if isinstance(p, URLPattern) and KINDS & set(p.pattern.converters)]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the server writes, as its own handler writes it."""
    [handler] = [each for each in logging.getLogger().handlers if isinstance(each.formatter, Formatter)]
    written = io.StringIO()
    before = handler.setStream(written)  # type: ignore[attr-defined]
    yield written
    handler.setStream(before)  # type: ignore[attr-defined]


def test_every_such_address_is_known() -> None:
    assert set(_open_addresses()) == {"invitation", "recovery", "begin_school", "read_feed"}
    for name in _open_addresses():
        assert SECRET not in hide_secrets(f"GET {reverse(name, args=[SECRET])} HTTP/1.1")


@pytest.mark.parametrize("name", ["invitation", "recovery", "begin_school", "read_feed"])
def test_the_line_of_a_request(db: None, lines: io.StringIO, name: str) -> None:
    answer = Client().get(reverse(name, args=[SECRET]), {"x": "1"})
    assert answer.status_code in (404, 410)
    assert "request_finished" in lines.getvalue()
    assert "/***" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_a_refused_form_and_an_error(db: None, lines: io.StringIO) -> None:
    path = reverse("invitation", args=[SECRET])
    assert Client(enforce_csrf_checks=True).post(path).status_code == 403
    assert "Forbidden" in lines.getvalue()
    try:
        raise ValueError(path)
    except ValueError:
        logging.getLogger("attendance_mis").exception("It broke.")
    assert "ValueError: /invitation/***" in lines.getvalue()
    assert SECRET not in lines.getvalue()


def test_other_addresses_are_told() -> None:
    line = "GET /s/100001/registers/pupils/7/?invitation=no HTTP/1.1"
    assert hide_secrets(line) == line

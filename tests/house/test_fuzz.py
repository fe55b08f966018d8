"""Every address that takes a form gets what no form would send: never an error of ours, never a row of another school.

What each page asks for is read from the page itself, so a new field is tried as soon as it stands there. The values are
hostile and many; which go where is drawn from the address, so that a run can be repeated.
"""

import random
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from tests.conftest import Cast
from tests.house.test_access import ACCESS, ROLES, ROUTES, address, expected
from tests.house.test_tenancy import OWNED

pytestmark = pytest.mark.usefixtures("clock")

TIMES = 2  # posts to each address
VALUES = [
    "", " ", "0", "-1", "1", "2", "99999999999999999999", "2147483648", "1e309", "NaN", "true", "None", "null", "[]",
    "{}",
    "a" * 5000, "9" * 5000, "\x00", "a\x00b", "\u202eabc", "é\u0301🏫", "<script>alert(1)</script>", "{{ 7|add:7 }}",
    "%s%n%d", "'; DROP TABLE registers_mark; --", "=HYPERLINK(1)", "../../etc/passwd", "2025-03-11", "2025-02-30",
    "0001-01-01", "9999-12-31", "25:61", "09:05", "10000-01-01T00:00", "N", "/", "B", "on",
    "\r\nSet-Cookie: a=b", "١٢", "1,2,3", "²",
]  # fmt: skip
FILES = [b"", b"\x00\xff\xfe", b"PK\x03\x04", b"<?xml version='1.0'?><a>", b"a,b\n1", b"%PDF-1.7", b"\xef\xbb\xbfupn\n"]
OFTEN = ["csrfmiddlewaretoken", "version", "next", "reason", "code", "day", "state", "text", "ids", "pupils", "seen"]


class Forms(HTMLParser):
    """The fields of the forms that a page posts to itself, and which of them take a file."""

    def __init__(self, page: str, where: str) -> None:
        super().__init__()
        self.where = where
        self.is_inside = self.is_any = False
        self.names: set[str] = set()
        self.queries: set[str] = {"page", "sort"}
        self.files: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self.queries |= set(parse_qs(urlsplit(given.get("href") or "").query))
        if not self.is_inside and tag in ("input", "select") and (name := given.get("name")):
            self.queries.add(name)
        if tag == "form":
            self.is_inside = given.get("method") == "post" and given.get("action", self.where) == self.where
            self.is_any |= self.is_inside
        elif self.is_inside and tag in ("input", "select", "textarea", "button") and (name := given.get("name")):
            (self.files if given.get("type") == "file" else self.names).add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False


def hostile(fields: Forms, dice: random.Random, strange: list[int]) -> dict[str, Any]:
    names = sorted(fields.names) + dice.sample(OFTEN, 4)
    values: dict[str, Any] = {
        name: [dice.choice([*VALUES, *map(str, strange)]) for _ in range(dice.choice([1, 1, 1, 3]))]
        for name in names
        if name != "csrfmiddlewaretoken" and dice.random() < 0.8
    }
    for name in fields.files:
        values[name] = SimpleUploadedFile(dice.choice(["a.zip", "a.xml", "a.csv"]), dice.choice(FILES))
    return values


# One statement: it is asked three times an address.
ROWS = " UNION ALL ".join(
    f"SELECT '{model._meta.label}', count(*) FROM {model._meta.db_table} WHERE school_id = %(school)s"
    for model in OWNED
)


def rows_of_the_other(cast: Cast) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(ROWS, {"school": cast.other_school.pk})
        return dict(cursor.fetchall())


# What is fetched and not posted to: a page without a form of its own is left when that is seen.
POSTED_TO = [name for name in ACCESS if "urn" in ROUTES[name][0] and not name.endswith(("_pdf", "_csv", "_file"))]


@pytest.mark.parametrize("name", POSTED_TO)
def test_posted_to(name: str, cast: Cast) -> None:
    dice = random.Random(name)
    client = cast.client(ROLES[dice.choice(expected(name)[0].upper().split())])
    client.raise_request_exception = False
    where = address(name, cast)
    page = client.get(where)
    is_page = page.status_code == 200 and page.headers.get("Content-Type", "").startswith("text/html")
    forms = Forms(page.content.decode() if is_page and not page.streaming else "", where)
    strange = [cast.strange_pupils[0].pk, cast.strange_class.pk, cast.stranger.pk]
    before = rows_of_the_other(cast)
    wrong = []
    for _ in range(TIMES if is_page else 0):
        query = {name: dice.choice(VALUES) for name in sorted(forms.queries) if dice.random() < 0.7}
        answer = client.get(where, query)
        if answer.status_code >= 500:
            wrong.append(f"{answer.status_code}: ?{query} -> {answer.exc_info[1]!r}")
    for _ in range(TIMES if forms.is_any or page.status_code == 405 else 0):
        values = hostile(forms, dice, strange)
        with transaction.atomic():
            answer = client.post(where, values)
            after = rows_of_the_other(cast)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            wrong.append(f"{answer.status_code}: {values} -> {answer.exc_info[1]!r}")
        if after != before:
            wrong.append(f"wrote in the other school: {values}")
    assert wrong == []

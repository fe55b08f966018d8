"""Files that tell of children leave by a click only: a signed link, for one person, one session and five minutes."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from attendance_mis.file_links import GOOD_FOR_SECONDS
from attendance_mis.models import AuditRow, User
from tests.conftest import Cast
from tests.factories import TokenFactory
from tests.house.test_access import certificate_of
from tests.stage import session_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ASKS = "Open this file?"


def browser(user: User, came_from: str | None = "cross-site") -> Client:
    """A browser that is signed in, and what it says of where the address was clicked."""
    client = Client(headers={"Sec-Fetch-Site": came_from} if came_from else {})
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
    return client


@pytest.fixture
def file(cast: Cast) -> str:
    return cast.url(f"registers/certificates/{certificate_of(cast.pupils[0], cast)}.csv")


def link_on(client: Client, address: str) -> str:
    """The link of the button on the page that asks."""
    answer = client.get(address)
    assert (answer.status_code, ASKS in answer.text) == (403, True)
    found = re.search(r'href="(\?[^"]+)">Open the file', answer.text)
    assert found, answer.text
    return address.partition("?")[0] + unescape(found[1])


def printed() -> int:
    return AuditRow.objects.filter(verb="print_certificate").count()


def test_a_click_on_a_page_of_ours_is_never_asked(cast: Cast, file: str) -> None:
    assert browser(cast.people["head"], "same-origin").get(file).headers["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("came_from", ["cross-site", "same-site", "none", None])
def test_from_elsewhere_it_is_asked_first_and_nothing_is_noted(cast: Cast, file: str, came_from: str | None) -> None:
    """A page of another site has a head's browser fetch it: no file, and no row that says she printed it."""
    head = browser(cast.people["head"], came_from)
    link = link_on(head, file)
    assert printed() == 0
    assert head.get(link).headers["Content-Type"].startswith("text/csv")
    assert printed() == 1


def test_a_table_of_a_page_too(cast: Cast) -> None:
    head, table = browser(cast.people["head"]), cast.url("interfaces/?file=tokens.csv")
    made = TokenFactory(school=cast.school)
    assert AuditRow.objects.filter(verb="export_table").count() == 0
    assert made.partner in head.get(link_on(head, table)).text


def test_a_link_is_over_after_five_minutes(cast: Cast, file: str, clock: Any) -> None:
    head = browser(cast.people["head"])
    link = link_on(head, file)
    clock.shift(timedelta(seconds=GOOD_FOR_SECONDS - 1))
    assert head.get(link).status_code == 200
    clock.shift(timedelta(seconds=2))
    answer = head.get(link)
    assert (answer.status_code, "five minutes, and they are over" in answer.text) == (403, True)
    assert head.get(link_on(head, link)).status_code == 200, "the page gives a fresh one"


def test_a_link_is_one_persons_in_one_session(cast: Cast, file: str) -> None:
    """Who may read the file herself is asked too, and who signed in again."""
    head = browser(cast.people["head"])
    link = link_on(head, file)
    for other in (browser(cast.people["office"]), browser(cast.people["head"])):
        assert "made for somebody else" in other.get(link).text
    head.post("/sign-out/")
    assert head.get(link).status_code == 302
    assert printed() == 0


def test_a_link_opens_nothing_else_and_none_that_was_touched(cast: Cast, file: str) -> None:
    head = browser(cast.people["head"])
    link = link_on(head, file)
    other = link.replace(".csv?", ".pdf?")
    assert "made for somebody else" in head.get(other).text
    assert "is not whole" in head.get(link[:-1] + ("A" if link[-1] != "A" else "B")).text
    assert "made for somebody else" in head.get(f"{link}&year=2024").text
    assert printed() == 0


def test_permission_is_asked_before_the_link(cast: Cast, file: str) -> None:
    """A governor's signed link is none: her role does not let her."""
    answer = browser(cast.people["governor"]).get(file)
    assert (answer.status_code, ASKS in answer.text) == (403, False)

"""Every role follows every link it is shown: none is broken, and no page names anybody of another school."""

from collections import deque
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from attendance_mis.permissions import Role
from tests.conftest import Cast
from tests.house.test_access import case_of, letter_of, penalty_rows

pytestmark = pytest.mark.usefixtures("clock")


class Links(HTMLParser):
    """The addresses of this server that a page leads to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") or ""
        if tag == "a" and href.startswith("/") and not href.endswith((".pdf", ".csv", ".xlsx", ".ics")):
            self.found.append(href)


@pytest.fixture
def full(cast: Cast) -> Cast:
    """Letters, cases and penalties at both schools, so that there is something to lead to, and to leak."""
    for pupil in (cast.pupils[0], cast.strange_pupils[0]):
        letter_of(cast, pupil)
        case_of(pupil, cast)
        penalty_rows(pupil)
    return cast


# The lead and the manager see what the head sees, and less.
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.LEAD, Role.MANAGER)])
def test_links_of(role: str, full: Cast) -> None:
    """One page of each kind: the table of access asks every address with every id."""
    client = full.client(role)
    client.raise_request_exception = False
    names = [f"{pupil.legal_forename} {pupil.legal_surname}" for pupil in full.strange_pupils]
    names += [full.other_school.name] if role != Role.TRUST_LEAD else []
    own = [f"{pupil.legal_forename} {pupil.legal_surname}" for pupil in (*full.pupils, *full.other_pupils)]
    names = [name for name in names if name not in own]
    waiting, seen, wrong = deque(["/", full.url(), "/account/"]), set(), []
    while waiting:
        address = waiting.popleft()
        try:
            kind = resolve(urlsplit(address).path).view_name
        except Resolver404:
            kind = address
        if kind in seen:
            continue
        seen.add(kind)
        answer = client.get(address, follow=True)
        if answer.status_code != 200:
            wrong.append(f"{address}: {answer.status_code}")
        if not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html"):
            text = answer.content.decode()
            wrong += [f"{address} names {name}" for name in names if name in text]
            waiting.extend(Links(text).found)
    assert wrong == []
    assert len(seen) >= 3

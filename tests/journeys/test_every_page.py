"""Every page of the access table, as somebody who may open it: axe finds nothing, and nothing is too wide."""

from collections import defaultdict

import pytest
from playwright.sync_api import Error, Page

from attendance_mis.permissions import Role
from tests.conftest import Cast
from tests.house.test_access import ACCESS, ROLES, address, expected
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage


def _visitors() -> dict[str, list[str]]:
    """Whom each page is opened as: the first role that may (roles.md); nobody for an open page."""
    pages: dict[str, list[str]] = defaultdict(list)
    for name in ACCESS:
        who, status = expected(name)
        if 200 in status:
            everybody = {"anyone": "", "signed in": Role.HEAD.value}
            pages[everybody[who] if who in everybody else ROLES[who.upper().split()[0]].value].append(name)
    return pages


VISITORS = _visitors()


@pytest.mark.parametrize("role", VISITORS)
def test_pages_of(role: str, cast: Cast, clock: object, open_page: OpenPage) -> None:
    user = cast.people[role] if role else None
    page = open_page("/sign-in/", user=user)
    for name in VISITORS[role]:
        page.set_viewport_size({"width": 1280, "height": 900})
        if not _shows(page, address(name, cast)):
            continue
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            screenshot(page, f"{name.replace(':', '-')}-{width}")
            assert_fits(page)
            assert_accessible(page)


def _shows(page: Page, url: str) -> bool:
    """Open it; false where the address gives a file, not a page."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise
    return answer is not None and answer.headers["content-type"].startswith("text/html")

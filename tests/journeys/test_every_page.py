"""Every page of the access table, as somebody who may open it: axe finds nothing, and nothing is too wide."""

from collections import defaultdict

import pytest
from playwright.sync_api import Error, Page

from attendance_mis.permissions import Role
from tests.conftest import Cast
from tests.house.test_access import ACCESS, ROLES, address, expected
from tests.journeys.browser import AXE, assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.long, pytest.mark.looks]
PAGES_AT_ONCE = 25  # of one test, so that two processes share them evenly


def _visitors() -> dict[str, list[str]]:
    """Whom each page is opened as: the first role that may (roles.md); nobody for an open page."""
    pages: dict[str, list[str]] = defaultdict(list)
    for name in ACCESS:
        who, status = expected(name)
        if 200 in status and who != "token":
            everybody = {"anyone": "", "signed in": Role.HEAD.value}
            pages[everybody[who] if who in everybody else ROLES[who.upper().split()[0]].value].append(name)
    return pages


WALKS = [
    pytest.param(role, names[start : start + PAGES_AT_ONCE], id=f"{role}-{start // PAGES_AT_ONCE + 1}")
    for role, names in _visitors().items()
    for start in range(0, len(names), PAGES_AT_ONCE)
]


@pytest.mark.parametrize(("role", "names"), WALKS)
def test_pages_of(role: str, names: list[str], cast: Cast, clock: object, open_page: OpenPage) -> None:
    page = open_page("/sign-in/", user=cast.people[role] if role else None)
    page.add_init_script(AXE)
    widths = [1280, 320]
    for name in names:
        if not shows(page, address(name, cast)):
            continue
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            screenshot(page, f"{name.replace(':', '-')}-{width}")
            assert_fits(page)
            assert_accessible(page)
        widths.reverse()  # the next page is opened at the width that this one was left in


def shows(page: Page, url: str) -> bool:
    """Open it; false where the address gives a file, not a page."""
    try:
        answer = page.goto(url)
    except Error as error:
        if "Download is starting" in error.message:
            return False
        raise
    return answer is not None and answer.headers["content-type"].startswith("text/html")

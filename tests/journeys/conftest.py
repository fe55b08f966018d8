"""A real browser: Debian's Chromium, no network but the test server, and no script error or CSP violation unseen."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from attendance_mis.models import User
from tests.journeys.browser import PATIENCE
from tests.stage import session_of

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-zygote",
    # Nothing but the test server is asked. Not by a route: that would send each request through Python.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("journey")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all journeys of a process."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop running in the test's thread
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server) -> Iterator[OpenPage]:
    """`open_page("/path/", user=..., width=320)`: a page in a browser of its own, signed in when a user is given.

    `faulty=True` allows console errors: for journeys that cut the network. The other words go to the browser's context.
    A frozen clock (`clock`) holds in the server; the browser's own runs on.
    """
    with ExitStack() as teardown:
        faults: list[str] = []

        def open_page(
            path: str = "/", *, user: User | None = None, width: int = 1280, faulty: bool = False, **context: Any
        ) -> Page:
            browser = chromium.new_context(
                base_url=live_server.url,
                viewport={"width": width, "height": 900},
                locale="en-GB",
                timezone_id="Europe/London",
                reduced_motion="reduce",
                **context,
            )
            teardown.callback(browser.close)
            browser.set_default_timeout(PATIENCE * 1000)
            if user:
                cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": live_server.url}
                browser.add_cookies([cookie])  # type: ignore[list-item]
            page = browser.new_page()
            if not faulty:
                page.on("pageerror", lambda error: faults.append(str(error)))
                page.on("console", lambda message: _is_fault(message) and faults.append(message.text))
            page.goto(path)
            return page

        yield open_page
        assert not faults, "\n".join(faults)


def _is_fault(message: ConsoleMessage) -> bool:
    """A script error or a breach of the Content-Security-Policy; a refused form (422) is none."""
    return message.type == "error" and "status of 4" not in message.text

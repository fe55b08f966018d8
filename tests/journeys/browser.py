"""What a journey asks of a page, whatever the page is."""

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Error, Page, expect

AXE = Axe().axe_script
# Not `preload`: it fetches the style sheets anew, for a rule that is none of these.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
FAULTS = """options => axe.run(options).then(({violations}) =>
  violations.flatMap(({id, help, nodes}) => nodes.map(({html}) => `${id}: ${help}: ${html.slice(0, 200)}`)))"""
KEPT = """async () => {
  const pages = await (await caches.open('registers-pages')).keys();
  return pages.map(({url}) => url.split('/').at(-2));
}"""
PATIENCE = 60  # seconds, of every wait: a busy machine takes its time
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest('.app-scroll, .app-subnav'))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
}"""


def assert_accessible(page: Page) -> None:
    """No fault of WCAG 2.2 AA or good practice that axe can find, in the state the page is in now."""

    def faults_found() -> list[str]:
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(AXE)
        return page.evaluate(FAULTS, OPTIONS)

    faults = _once_whole(page, faults_found)
    assert not faults, "\n".join([page.url, *faults])


def assert_fits(page: Page) -> None:
    """The page never scrolls sideways: what is wide scrolls inside a region of its own."""
    too_wide = _once_whole(page, lambda: page.evaluate(TOO_WIDE))
    assert too_wide == [], f"{page.url}: {too_wide}"


def _once_whole(page: Page, asked: Callable[[], list[str]]) -> list[str]:
    """The answer of a page that is loaded: a click returns as soon as the next page begins, before its style sheet is
    there. Asked again when a script led on to another page meanwhile.
    """
    for _ in range(5):
        page.wait_for_load_state()
        try:
            return asked()
        except Error as error:
            if not any(words in error.message for words in ("Execution context was destroyed", "axe is not defined")):
                raise
    raise AssertionError(f"{page.url} leads on and on")


def saved(page: Page) -> None:
    """Nothing that was marked in the register waits for its answer any more; a key's mark waits at once."""
    expect(page.locator(".rg-saving")).to_have_count(0)
    expect(page.locator("#state")).to_have_text("All saved")


def kept_pages(page: Page) -> list[str]:
    """The last part of the address of each page that the browser keeps for when the network is gone."""
    return page.evaluate(KEPT)


def until(true: Callable[[], bool]) -> None:
    """Wait for what follows a moment after what was done; what `expect` can wait for, it does."""
    deadline = monotonic() + PATIENCE
    while not true():
        assert monotonic() < deadline
        sleep(0.05)


def screenshot(page: Page, name: str) -> None:
    """The whole page as `var/screenshots/<name>.png`, to be looked at by a person; not where `SCREENSHOTS=0`."""
    if os.environ.get("SCREENSHOTS") != "0":
        page.screenshot(path=Path(settings.VAR_DIR) / "screenshots" / f"{name}.png", full_page=True)

"""What a journey asks of a page, whatever the page is."""

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page

AXE = Axe().axe_script
# Not `preload`: it fetches the style sheets anew, for a rule that is none of these.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,
}
FAULTS = """options => axe.run(options).then(({violations}) =>
  violations.flatMap(({id, help, nodes}) => nodes.map(({html}) => `${id}: ${help}: ${html.slice(0, 200)}`)))"""
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest('.app-scroll, .app-subnav'))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
}"""


def assert_accessible(page: Page) -> None:
    """No fault of WCAG 2.2 AA or good practice that axe can find, in the state the page is in now."""
    page.wait_for_load_state()
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    faults = page.evaluate(FAULTS, OPTIONS)
    assert not faults, "\n".join([page.url, *faults])


def assert_fits(page: Page) -> None:
    """The page never scrolls sideways: what is wide scrolls inside a region of its own."""
    page.wait_for_load_state()  # a click returns as soon as the next page begins, before its style sheet is there
    too_wide = page.evaluate(TOO_WIDE)
    assert too_wide == [], f"{page.url}: {too_wide}"


def screenshot(page: Page, name: str) -> None:
    """The whole page as `var/screenshots/<name>.png`, to be looked at by a person; not where `SCREENSHOTS=0`."""
    if os.environ.get("SCREENSHOTS") != "0":
        page.screenshot(path=Path(settings.VAR_DIR) / "screenshots" / f"{name}.png", full_page=True)

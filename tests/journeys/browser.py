"""What a journey asks of a page, whatever the page is."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest('.app-scroll, .app-subnav'))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
}"""


def assert_accessible(page: Page) -> None:
    """No fault of WCAG 2.2 AA or good practice that axe can find, in the state the page is in now."""
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
    faults = [f"{fault['id']}: {fault['help']}: {node['html'][:200]}" for fault in found for node in fault["nodes"]]
    assert not faults, "\n".join([page.url, *faults])


def assert_fits(page: Page) -> None:
    """The page never scrolls sideways: what is wide scrolls inside a region of its own."""
    too_wide = page.evaluate(TOO_WIDE)
    assert too_wide == [], f"{page.url}: {too_wide}"


def screenshot(page: Page, name: str) -> Path:
    """The whole page as `var/screenshots/<name>.png`, to be looked at by a person."""
    path = Path(settings.VAR_DIR) / "screenshots" / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path

"""What a person would stumble over on a page, found without one."""

from pathlib import Path

from playwright.sync_api import Page

FAULTS = Path(__file__).with_suffix(".js").read_text()


def faults(page: Page) -> list[str]:
    """Too wide, too small, one word on another, cut off; "None", "1 days", "on ."; a table or heading of nothing."""
    return page.evaluate(FAULTS)

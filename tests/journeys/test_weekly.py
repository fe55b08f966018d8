"""The weekly meeting by keyboard alone, child after child; and again without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from casework.actions.evaluating import evaluate
from casework.models import Task, WeeklyItem, WeeklyMeeting
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
FOCUSED = """() => {
  const element = document.activeElement;
  return element === document.body ? '' : element.labels?.[0]?.innerText || element.innerText;
}"""


@pytest.fixture
def movers(cast: Cast, attend: Attend) -> Cast:  # noqa: F811
    work_by(cast, "days-missed")
    for child, letter, days in zip(cast.pupils[:3], "NII", (5, 10, 4), strict=True):
        attend(child, letter, days=days)
    evaluate(school=cast.school, on=TODAY)
    return cast


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what says this has the focus."""
    for _ in range(60):
        if words in page.evaluate(FOCUSED):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches “{words}”.")


def at_child(page: Page, place: str) -> None:
    """The page of a child is there with its script, and the browser has put the focus where it belongs."""
    page.get_by_text(place).wait_for()
    page.wait_for_load_state()
    expect(page.get_by_label("Minutes")).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_by_keyboard_alone(open_page: OpenPage, movers: Cast, width: int) -> None:
    page = open_page(movers.url("casework/weekly/"), user=movers.people["manager"], width=width)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"weekly-{width}")
    tab_to(page, "Begin the meeting")
    page.keyboard.press("Enter")
    at_child(page, "1 of 3")
    assert_fits(page)
    assert_accessible(page)
    page.keyboard.type("The aunt brings her from Monday.")
    tab_to(page, "Agreed")
    page.keyboard.type("Ring the aunt")
    screenshot(page, f"weekly-child-{width}")
    page.keyboard.press("Control+Enter")
    at_child(page, "2 of 3")
    page.keyboard.type("Well again.")
    page.keyboard.press("Control+Enter")
    at_child(page, "3 of 3")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="Weekly meeting of 11 March 2025").wait_for()
    expect(page.get_by_text("Ring the aunt")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"weekly-agenda-{width}")
    tab_to(page, "End the meeting")
    page.keyboard.press("Enter")
    page.get_by_text("The meeting has ended.").wait_for()
    assert WeeklyMeeting.objects.get().ended_at
    assert list(WeeklyItem.objects.values_list("minutes", flat=True)) == [
        "The aunt brings her from Monday.", "Well again.", "",
    ]  # fmt: skip
    assert Task.objects.get(title="Ring the aunt").weekly_id


def test_without_javascript(open_page: OpenPage, movers: Cast) -> None:
    page = open_page(movers.url("casework/weekly/"), user=movers.people["manager"], java_script_enabled=False)
    page.get_by_role("button", name="Begin the meeting").press("Enter")
    at_child(page, "1 of 3")
    page.keyboard.type("Ring her.")
    page.get_by_role("button", name="Save, and the next child").press("Enter")
    at_child(page, "2 of 3")
    assert WeeklyItem.objects.get(place=1).minutes == "Ring her."

"""The class teacher records a conversation, and tells the lead of a concern in two clicks."""

import pytest

from casework.actions.evaluating import evaluate
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_conversation_and_a_concern(open_page: OpenPage, cast: Cast, attend: Attend, width: int) -> None:  # noqa: F811
    work_by(cast, "tiers")
    attend(cast.pupils[0], "I", days=7)
    evaluate(school=cast.school, on=TODAY)
    page = open_page(cast.url("casework/own-class/"), user=cast.people["teacher"], width=width)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"own-class-{width}")
    page.get_by_role("link", name="Record the conversation").click()
    for label, text in (
        ("Who was there", "Mother"),
        ("The parents say", "Asthma"),
        ("In class", "A quiet start"),
    ):
        page.get_by_label(label).fill(text)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"own-class-conversation-{width}")
    page.get_by_role("button", name="Record the conversation").click()
    page.get_by_text("The conversation is recorded").wait_for()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"own-class-form-{width}")
    page.get_by_role("navigation", name="Back").get_by_role("link").click()
    page.get_by_role("link", name=f"Tell the attendance lead about {cast.pupils[1]}").click()
    page.get_by_label("What have you seen or heard?").fill("She sleeps in class.")
    page.get_by_role("button", name="Tell the attendance lead").click()
    page.get_by_text("The attendance lead has it.").wait_for()

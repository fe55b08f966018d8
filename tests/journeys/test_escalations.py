"""The manager finds who needs her, decides for two pupils at once, and says what came of a task."""

import pytest
from playwright.sync_api import expect

from casework.actions.evaluating import evaluate
from casework.models import Proposal, Task
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_list_to_a_task_done(open_page: OpenPage, cast: Cast, attend: Attend, width: int) -> None:  # noqa: F811
    work_by(cast, "days-missed")
    for child, letter, days in zip(cast.pupils, "NIIII", (5, 4, 10, 16, 2), strict=True):
        attend(child, letter, days=days)
    evaluate(school=cast.school, on=TODAY)
    page = open_page(cast.url("casework/"), user=cast.people["manager"], width=width)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"escalations-{width}")
    for child in cast.pupils[:2]:
        page.get_by_label(f"Choose {child}").check()
    page.get_by_role("button", name="Decide for those chosen").click()
    expect(page.get_by_role("heading", name="Decide")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"escalations-decide-{width}")
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("accepted.").wait_for()
    assert not Proposal.objects.to_decide().filter(pupil__in=cast.pupils[:2]).exists()
    page.get_by_role("link", name=str(cast.pupils[0])).first.click()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"case-steps-{width}")
    task = Task.objects.filter(pupil=cast.pupils[0]).first()
    page.get_by_role("region", name="To do").get_by_role("link", name=task.title).first.click()
    page.get_by_label("What came of it").fill("The aunt has her; the mother is in hospital.")
    assert_accessible(page)
    page.get_by_role("button", name="It is done").click()
    page.get_by_text(f"Done: {task.title}.").wait_for()

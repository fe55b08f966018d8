"""A case in the browser: opened, a barrier, a plan, a review, closed; on a desk and on a phone."""

from datetime import datetime

import pytest
import time_machine
from pytest_django.live_server_helper import LiveServer

from casework.actions.evaluating import evaluate
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.factories import LONDON
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_concern_to_it_worked(
    open_page: OpenPage,
    cast: Cast,
    attend: Attend,  # noqa: F811
    clock: time_machine.Traveller,
    live_server: LiveServer,
    width: int,
) -> None:
    work_by(cast, "tiers")
    child = cast.pupils[0]
    attend(child, "I", days=14)
    evaluate(school=cast.school, on=TODAY)
    page = open_page(cast.url(f"casework/pupils/{child.pk}/"), user=cast.people["manager"], width=width)

    def looked_at(name: str) -> None:
        assert_fits(page)
        assert_accessible(page)
        screenshot(page, f"{name}-{width}")

    page.get_by_role("button", name="Open a case").click()
    page.get_by_label("The concern").fill("Often ill on Mondays.")
    page.get_by_label("What the child says").fill("I am tired.")
    looked_at("case-open")
    page.get_by_role("button", name="Open the case").click()
    page.get_by_role("link", name="Note a barrier").click()
    page.get_by_label("The parents'").check()
    page.get_by_label("What stands in the way").fill("Night shifts")
    page.get_by_role("button", name="Note it").click()
    page.get_by_role("button", name="Make a plan").click()
    page.get_by_label("Number").first.fill("99")
    page.get_by_label("It removes").first.select_option(label="Night shifts")
    page.get_by_label("What the parents do").fill("Set two alarms")
    looked_at("case-plan")
    page.get_by_role("button", name="Make the plan").click()
    page.get_by_text("It cannot be reached").first.wait_for()
    looked_at("case")
    clock.move_to(datetime(2025, 4, 4, 15, tzinfo=LONDON))  # a session does not live that long
    page = open_page(page.url.removeprefix(live_server.url), user=cast.people["manager"], width=width)
    page.get_by_role("button", name="Review the plan").click()
    page.get_by_label("Yes").check()
    page.get_by_label("Parents: Set two alarms").check()
    page.get_by_label("breakfast club").check()
    page.get_by_label("What was said and agreed").fill("Four weeks without a day missed.")
    looked_at("case-review")
    page.get_by_role("button", name="Record the review").click()
    page.get_by_role("link", name="Close the case").click()
    page.get_by_label("Attendance has improved").check()
    page.get_by_label("What was learnt").fill("The alarm clocks did it.")
    looked_at("case-close")
    page.get_by_role("button", name="Close the case").click()
    page.get_by_role("heading", name="Closed cases").wait_for()
    looked_at("case-closed")

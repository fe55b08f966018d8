"""Leave in the browser: asked for, refused, taken anyway, proposed as G and amended by a person."""

from datetime import date, timedelta

import pytest
import time_machine

from registers.codes import code_for
from registers.models import Mark
from tests import factories
from tests.conftest import Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
MONDAY = date(2025, 3, 17)


@pytest.mark.parametrize("width", [360, 1280])
def test_refused_leave_taken_anyway(open_page: OpenPage, cast: Cast, clock: time_machine.Traveller, width: int) -> None:
    child = cast.pupils[0]
    parent = factories.ContactFactory(pupil=child)
    office = open_page(cast.url("casework/leave/"), user=cast.people["office"], width=width)

    def looked_at(page: object, name: str) -> None:
        assert_fits(page)
        assert_accessible(page)
        screenshot(page, f"{name}-{width}")

    office.get_by_role("button", name="Enter a request").click()
    office.get_by_label("Name of the child").fill(child.legal_surname)
    office.get_by_role("button", name="Find").click()
    office.get_by_label("First day").fill("2025-03-17")
    office.get_by_label("Last day").fill("2025-03-18")
    office.get_by_label(parent.name).check()
    office.get_by_label("What for?").select_option(label="Holiday")
    office.get_by_label("in the parents' own words").fill("The flights are cheaper that week.")
    looked_at(office, "leave-ask")
    office.get_by_role("button", name="Enter the request").click()
    office.get_by_text("in the headteacher's queue").wait_for()
    head = open_page(cast.url("casework/leave/"), user=cast.people["head"], width=width)
    head.get_by_role("link", name="Decide on leave").click()
    head.get_by_label("Refuse").check()
    head.get_by_label("Reason for the decision").fill("A holiday is not an exceptional circumstance.")
    looked_at(head, "leave-decide")
    head.get_by_role("button", name="Record the decision").click()
    head.get_by_text("Decided: refused").wait_for()
    clock.shift(timedelta(days=9))
    for session in (1, 2):
        Mark.objects.create(
            school=cast.school, pupil=child, day=MONDAY, session=session, code=code_for("N", MONDAY).number, entry_id=1
        )  # fmt: skip
    office = open_page(cast.url("casework/leave/"), user=cast.people["office"], width=width)
    looked_at(office, "leave-queue")
    office.locator("table").get_by_role("link", name=child.name).first.click()
    looked_at(office, "leave-taken")
    office.get_by_role("button", name="Amend the ticked marks").click()
    office.get_by_text("2 marks put right").wait_for()
    assert set(Mark.objects.values_list("code", flat=True)) == {code_for("G", MONDAY).number}

"""From the first day without a reason to "it worked", in the browser with the clock moved, and the timeline of it."""

from datetime import date, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from casework.models import Case
from casework.tasks import evaluate_ladders
from registers.codes import code_for
from registers.models import Mark, SchoolDay
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.factories import LONDON, ContactFactory
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
DAY_1, DAY_5 = TODAY, date(2025, 3, 17)
MISSED_REVIEW, IN_MAY, A_WEEK_ON = date(2025, 4, 4), date(2025, 5, 14), date(2025, 5, 22)


def test_from_day_one_to_it_worked(
    open_page: OpenPage,
    cast: Cast,
    attend: Attend,  # noqa: F811
    clock: time_machine.Traveller,
) -> None:
    work_by(cast, "national")
    child = cast.pupils[0]
    ContactFactory(pupil=child, relationship="Mother", parental_responsibility=True, receives_letters=True,
                   address_1="1 Mill Lane", town="London", postcode="N1 2AB")  # fmt: skip

    def on(day: date, hour: int, role: str, path: str) -> Page:
        """Somebody opens a page at an hour of a day; a session does not live from one to the next."""
        clock.move_to(datetime(day.year, day.month, day.day, hour, tzinfo=LONDON))
        return open_page(cast.url(path), user=cast.people[role])

    def night(day: date) -> None:
        clock.move_to(datetime(day.year, day.month, day.day, 18, tzinfo=LONDON))
        evaluate_ladders(cast.school.pk, f"{day}")

    def present(after: date, until: date) -> None:
        days = SchoolDay.objects.filter(day__gt=after, day__lte=until).values_list("day", flat=True)
        Mark.objects.bulk_create(
            Mark(school=cast.school, pupil=child, day=day, session=n, code=code_for(letter, day).number, entry_id=0)
            for day in days
            for n, letter in ((1, "/"), (2, "\\"))
        )

    # Day 1: nobody has said why; the office rings
    attend(child, "N", days=1, until=DAY_1)
    office = on(DAY_1, 9, "office", "casework/first-day/")
    family = office.locator(f"#family-{child.pk}")
    family.get_by_role("button", name="No answer").first.click()
    expect(family).to_contain_text("No answer 09:00")
    night(DAY_1)

    # Day 5: the letter, by a person's decision
    attend(child, "N", days=5, until=DAY_5)
    night(DAY_5)
    page = on(DAY_5, 19, "manager", "casework/")
    page.get_by_label(f"Choose {child}").check()
    page.get_by_role("button", name="Decide for those chosen").click()
    page.get_by_text("Send the letter: Unexplained absence day 5").wait_for()
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("accepted.").wait_for()
    page.goto(cast.url("letters/"))
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Approve those chosen").click()
    page.get_by_text("1 letter approved").wait_for()

    # The case and its plan
    page.goto(cast.url(f"casework/pupils/{child.pk}/"))
    page.get_by_role("button", name="Open a case").click()
    page.get_by_label("The concern").fill("No word for five days.")
    page.get_by_label("What the child says").fill("My mum was in hospital.")
    page.get_by_role("button", name="Open the case").click()
    plan(page, "Ring each morning", MISSED_REVIEW)

    # Nobody comes to the review; a new plan all the same
    present(DAY_5, MISSED_REVIEW)
    page = on(MISSED_REVIEW, 16, "manager", f"casework/pupils/{child.pk}/")
    page.get_by_role("button", name="Review the plan").click()
    page.get_by_label("No", exact=True).check()
    page.get_by_label("What was said and agreed").fill("Nobody came; we visit on Monday.")
    page.get_by_role("button", name="Record the review").click()
    page.get_by_role("heading", name="Reviews").wait_for()
    plan(page, "The aunt brings her", IN_MAY)
    night(MISSED_REVIEW)

    # It gets better: the step ends after two evaluations, and that is celebrated
    present(MISSED_REVIEW, A_WEEK_ON)
    night(IN_MAY)
    page = on(IN_MAY, 19, "manager", f"casework/pupils/{child.pk}/")
    page.get_by_role("button", name="Review the plan").click()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("School: The aunt brings her").check()
    page.get_by_label("a family support worker").check()
    page.get_by_label("What was said and agreed").fill("Every day since Easter.")
    page.get_by_role("button", name="Record the review").click()
    page = on(A_WEEK_ON, 16, "manager", "casework/own-class/")
    page.get_by_role("button", name="I have told the child").first.click()
    page.get_by_text("Noted. It will have done good.").wait_for()
    page.goto(cast.url("casework/"))
    page.get_by_role("heading", name="Good news").wait_for()
    page.get_by_role("link", name=f"{child}").first.click()
    page.get_by_role("link", name="Close the case").click()
    page.get_by_label("Attendance has improved").check()
    page.get_by_label("What was learnt").fill("Ask about the family first.")
    page.get_by_role("button", name="Close the case").click()
    page.get_by_role("heading", name="Closed cases").wait_for()
    assert Case.objects.get().outcome == "improved"

    story = page.locator(".app-timeline").inner_text()
    told = [
        "Closed the case: attendance has improved. Ask about the family first.",
        "Praised the child: Consider welfare officer (Unexplained) has ended.",
        "Reviewed the plan: ",
        "Improved: Consider welfare officer (Unexplained) has ended.",
        "Made a plan until 14 May 2025",
        "The family did not come to the review of the plan",
        "Made a plan until 4 April 2025",
        "Opened a case at",
        "Approved the letter Unexplained absence day 5",
        "Accepted: Send the letter: Unexplained absence day 5.",
        "Reached Consider welfare officer (Unexplained): 5 days in a row unexplained",
        "Reached First day call (Unexplained): 1 day in a row unexplained",
        "no answer.",
    ]
    assert [line for line in told if line not in story] == []
    places = [story.index(line) for line in told]
    assert places == sorted(places), "the newest first, each in its place"
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, "whole-story-1280")


def plan(page: Page, what: str, review_on: date) -> None:
    page.get_by_role("button", name="Make a plan").click()
    page.get_by_label("It is reviewed on").fill(f"{review_on}")
    page.get_by_label("Number").first.fill("90")
    page.get_by_label("By which day").first.fill(f"{review_on}")
    page.get_by_label("What the school does").fill(what)
    page.get_by_role("button", name="Make the plan").click()
    page.get_by_role("heading", name="Plan from").wait_for()

"""An empty system becomes a school that can take its first register, as the technician lives it."""

import pytest
from playwright.sync_api import expect

from attendance_mis.beginning import make_token
from attendance_mis.models import School
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage
from tests.journeys.test_second_step import set_up_app

TERM_DATES = """Autumn term
HT1: 4 September to 25 October 2024
HT2: 4 November to 20 December 2024
Spring term
HT3: 6 January to 14 February 2025
HT4: 24 February to 4 April 2025
Summer term
HT5: 22 April to 23 May 2025
HT6: 2 June to 22 July 2025
INSET: 2 and 3 September 2024"""


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.django_db(transaction=True)
def test_from_the_link_to_the_first_register(width: int, clock: object, open_page: OpenPage) -> None:
    page = open_page(f"/begin/{make_token()}/", width=width)
    screenshot(page, f"begin-{width}")
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    for label, value in {
        "Name of the school": "Elm Lane Primary School",
        "URN": "123456",
        "LAESTAB": "2012345",
        "Local authority": "Camden",
        "Your name": "Samuel Iyer",
        "Your e-mail address": "samuel@elm-lane.example",
    }.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("textbox", name="A password").fill("three quiet herons")
    page.get_by_label("Phase").select_option("primary")
    page.get_by_label("Type").select_option("maintained")
    page.get_by_role("button", name="Begin").click()
    set_up_app(page)  # whoever sees a whole school signs in with a second step
    expect(page.get_by_role("heading", level=1)).to_contain_text("Set up Elm Lane Primary School")
    screenshot(page, f"set-up-{width}")
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("link", name="Term dates of 2024/25").click()
    page.get_by_label("Term dates").fill(TERM_DATES)
    page.get_by_role("button", name="Save the term dates").click()
    expect(page.get_by_text("The calendar is saved")).to_be_visible()
    screenshot(page, f"set-up-calendar-{width}")
    assert_fits(page)
    page.goto(School.objects.get().get_absolute_url())
    expect(page.get_by_text("school days.")).to_be_visible()

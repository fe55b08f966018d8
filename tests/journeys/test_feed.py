"""A person puts the school's dates into her own calendar, on her telephone and at her desk."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.conftest import Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage


@pytest.mark.parametrize("width", [360, 1280])
def test_a_head_makes_her_calendars_address(cast: Cast, clock: object, open_page: OpenPage, width: int) -> None:
    page = open_page(cast.url("registers/calendar/"), user=cast.people["head"], width=width)
    page.get_by_role("link", name="These dates in your own calendar").click()
    expect(page.get_by_text("Your calendar has no address yet")).to_be_visible()
    screenshot(page, f"feed-none-{width}")
    page.get_by_role("button", name="Make an address").click()
    expect(page.get_by_text("It is shown only now")).to_be_visible()
    address = page.locator("code").inner_text()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"feed-made-{width}")
    answer = page.request.get(address)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    page.goto(cast.url("calendar/"))
    expect(page.get_by_text("Last read")).to_be_visible()
    screenshot(page, f"feed-kept-{width}")
    page.get_by_role("button", name="End the address").click()
    expect(page.get_by_text("The address is over.")).to_be_visible()
    assert_accessible(page)
    assert Client().get(address.partition("/feed/")[1] + address.partition("/feed/")[2]).status_code == 404

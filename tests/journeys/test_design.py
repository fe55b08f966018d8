"""Every part, filled, empty and refused, on a desk and on a phone: axe finds nothing, and nothing is too wide."""

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage
from tests.journeys.design_urls import ERROR_PAGES

pytestmark = pytest.mark.urls("tests.journeys.design_urls")
WIDTHS = (320, 1280)  # 320 px is also 1280 px at 400 % zoom (WCAG 1.4.10)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("state", ["", "?nothing", "?faults&messages"])
def test_parts(open_page: OpenPage, state: str, width: int) -> None:
    page = open_page(f"/design/{state}", width=width)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"design{state.replace('?', '-').replace('&', '-')}-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_sign_in(open_page: OpenPage, width: int) -> None:
    page = open_page("/sign-in/", width=width)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="E-mail address: Fill this in.").click()
    expect(page.locator("#id_email")).to_be_focused()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"sign-in-{width}")


@pytest.mark.parametrize("error", ERROR_PAGES)
def test_error_pages(open_page: OpenPage, error: str) -> None:
    page = open_page(f"/error/{error}/", width=320)
    assert_fits(page)
    assert_accessible(page)


def test_the_menu_opens_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/design/", width=320)
    menu = page.get_by_role("navigation", name="Menu").get_by_role("list")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(menu).to_be_visible()
    assert_accessible(page)


def test_the_school_switcher_opens_and_closes_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/design/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    other = page.get_by_role("link", name="Larkfield Community Primary School")
    page.locator(".app-switcher summary").press("Enter")
    expect(other).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(other).to_be_hidden()
    expect(page.locator(".app-switcher summary")).to_be_focused()


def test_a_toast_is_announced(open_page: OpenPage) -> None:
    page = open_page("/design/")
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', {detail: {value: 'Saved'}, bubbles: true}))")
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()


def test_a_refused_form_is_shown_in_its_place(open_page: OpenPage) -> None:
    page = open_page("/design/")
    page.evaluate("htmx.ajax('POST', '/refused/', '#main')")
    expect(page.locator("#main").get_by_text("Refused", exact=True)).to_be_visible()


def test_a_write_that_failed_says_so_and_a_poll_keeps_quiet(open_page: OpenPage) -> None:
    page = open_page("/design/", faulty=True)
    page.evaluate("htmx.ajax('GET', '/broken/', '#main')")
    page.evaluate("htmx.ajax('POST', '/broken/', '#main')")
    expect(page.locator(".app-toast")).to_have_text(
        ["That was not saved: something went wrong on our side. Try again."]
    )


def test_a_lost_session_reloads_the_page(open_page: OpenPage) -> None:
    page = open_page("/design/")
    with page.expect_navigation():
        page.evaluate("htmx.ajax('GET', '/account/', '#main')")
    expect(page.get_by_role("heading", name="Parts of every page")).to_be_visible()


def test_without_script_the_menu_and_the_form_are_there(open_page: OpenPage) -> None:
    page = open_page("/design/", width=320, java_script_enabled=False)
    expect(page.get_by_role("link", name="First day contact").first).to_be_visible()
    expect(page.get_by_role("button", name="Save").first).to_be_visible()
    screenshot(page, "design-no-script-320")


def test_paper_has_no_menu_and_no_buttons(open_page: OpenPage) -> None:
    page = open_page("/design/")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Send the register")).to_be_hidden()
    expect(page.locator(".app-header")).to_be_hidden()
    expect(page.locator(".app-code").first).to_be_visible()

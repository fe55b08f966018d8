"""By keyboard alone: the technician asks for a token, the head opens it, sees its secret once, and revokes it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def looked_at(page: Page, name: str) -> None:
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, name)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_partner_is_let_in_and_shut_out(open_page: OpenPage, cast: Cast, width: int) -> None:
    page = open_page(cast.url("interfaces/"), user=cast.people["technician"], width=width)
    looked_at(page, f"interfaces-none-{width}")
    page.get_by_role("button", name="Ask for a token").press("Enter")
    page.get_by_label("Partner").focus()
    page.keyboard.type("Elm Analytics")
    page.keyboard.press("Tab")
    page.keyboard.type("Figures for the trust")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Marks of each pupil")).to_be_checked()
    looked_at(page, f"interfaces-ask-{width}")
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    expect(page.get_by_text("It can read nothing before the head opens it")).to_be_visible()
    looked_at(page, f"interfaces-asked-{width}")
    address = page.url

    head = open_page(address, user=cast.people["head"], width=width)
    looked_at(head, f"interfaces-to-open-{width}")
    head.get_by_role("button", name="Open and show the secret").press("Enter")
    expect(head.get_by_role("heading", name="The secret, shown only now")).to_be_visible()
    looked_at(head, f"interfaces-secret-{width}")
    secret = head.get_by_text(re.compile(r"^amis_")).text_content()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert head.request.get("/api/v1/school", headers=bearer).json()["data"][0]["urn"] == cast.school.urn

    head.get_by_role("link", name="I have it: go on").press("Enter")
    expect(head.get_by_role("heading", name="What was read")).to_be_visible()
    expect(head.get_by_text(secret)).to_have_count(0)
    expect(head.get_by_role("row", name="School")).to_be_visible()
    looked_at(head, f"interfaces-open-{width}")
    head.get_by_role("button", name="Revoke the token").press("Enter")
    expect(head.get_by_text("Elm Analytics reads nothing any more.")).to_be_visible()
    looked_at(head, f"interfaces-revoked-{width}")
    assert head.request.get("/api/v1/school", headers=bearer).status == 401


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_for_partners(open_page: OpenPage, db: None, width: int) -> None:
    page = open_page("/api/v1/", width=width)
    expect(page.get_by_role("heading", name="Marks and their changes")).to_be_visible()
    looked_at(page, f"interface-{width}")

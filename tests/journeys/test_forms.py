"""A checklist that refuses to call itself complete, a contract with its signature; the PDFs lie in var/screenshots."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from casework.actions import cases
from tests import factories
from tests.casework.conftest import Attend, attend  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize("width", [360, 1280])
def test_forms_of_a_child(open_page: OpenPage, cast: Cast, attend: Attend, width: int) -> None:  # noqa: F811
    child = cast.pupils[0]
    factories.ContactFactory(pupil=child, parental_responsibility=True, relationship="Mother")
    attend(child, "O", days=6)
    cases.open_case(
        pupil=child, lead_id=cast.people["manager"].pk, concern="No word for six days.", voice="I am tired.",
        today=TODAY, by=cast.actor("manager"),
    )  # fmt: skip
    page = open_page(cast.url(f"casework/pupils/{child.pk}/"), user=cast.people["manager"], width=width)

    def looked_at(name: str) -> None:
        assert_fits(page)
        assert_accessible(page)
        screenshot(page, f"{name}-{width}")

    page.get_by_role("link", name="Forms", exact=True).click()
    looked_at("forms")
    page.get_by_role("link", name="Checklist before legal action", exact=True).click()
    expect(page.get_by_text("From the record, 11 March 2025: Written in the case.")).to_be_visible()
    page.get_by_label("It is complete").check()
    page.get_by_role("button", name="Save the form").click()
    page.get_by_text("The parents were invited to talk about the absence: not answered.").wait_for()
    looked_at("form-checklist-refused")
    page.get_by_label("It is complete").uncheck()
    page.get_by_role("button", name="Save the form").click()
    page.get_by_text("12 lines missing").wait_for()
    looked_at("form-checklist")
    page.get_by_role("navigation", name="Back").get_by_role("link").click()
    page.get_by_role("link", name="Attendance contract", exact=True).click()
    for label, text in (
        ("What it is to reach", "No more than two sessions missed until half-term."),
        ("It ends on", "2025-06-11"),
        ("The parents will", "Set two alarms\nRing before 08:45 when something is wrong"),
        ("The school will", "Keep a place at the breakfast club\nRing home every Friday"),
        ("First review", "2025-04-08"),
        ("Whom to ring when something changes", "The office, 020 7946 0000"),
    ):
        page.get_by_label(label).fill(text)
    looked_at("form-contract-fill")
    page.get_by_role("button", name="Save the form").click()
    page.get_by_text("The form is kept.").wait_for()
    page.get_by_role("link", name="Note a signature").click()
    page.get_by_label("Parent").check()
    page.get_by_label("Name of who signed").fill("Sara Ahmed")
    page.get_by_role("button", name="Note the signature").click()
    page.get_by_text("Sara Ahmed").wait_for()
    looked_at("form-contract")
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF to sign").click()
    download.value.save_as(Path(settings.VAR_DIR) / "screenshots" / f"form-contract-{width}.pdf")

"""A technician adds a partner's address, sends a test and sees what became of it, also when it never arrives."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from attendance_mis import seals
from attendance_mis.actions import note_changes, send_webhooks
from attendance_mis.models import Delivery, Webhook
from tests.attendance_mis import receiver as receivers
from tests.conftest import REGISTER_TIME, Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage


@pytest.mark.parametrize("width", [360, 1280])
def test_a_partner_is_told_of_changes(
    cast: Cast, clock: object, open_page: OpenPage, settings, tmp_path: Path, width: int
) -> None:
    with receivers.running(tmp_path) as receiver:
        settings.WEBHOOKS_INSIDE, settings.WEBHOOK_CA_FILE = True, str(receiver.certificate)
        page = open_page(cast.url("interfaces/"), user=cast.people["technician"], width=width)
        expect(page.get_by_text("No partner is told of changes.")).to_be_visible()
        screenshot(page, f"webhooks-none-{width}")
        page.get_by_role("button", name="Tell a partner of changes").click()
        page.get_by_label("Partner").fill("Elm Analytics")
        page.get_by_label("Address").fill("http://elm.example/")
        page.get_by_label("marks were entered or changed").check()
        page.get_by_role("button", name="Add the address").click()
        expect(page.get_by_text("beginning with https://").first).to_be_visible()
        expect(page.get_by_label("Partner")).to_have_value("Elm Analytics")
        assert_accessible(page)
        screenshot(page, f"webhooks-refused-{width}")
        page.get_by_label("Address").fill(receiver.url)
        page.get_by_role("button", name="Add the address").click()
        expect(page.get_by_text("The secret, shown only now")).to_be_visible()
        assert_fits(page)
        assert_accessible(page)
        screenshot(page, f"webhooks-secret-{width}")
        page.get_by_role("link", name="I have it").click()
        expect(page.get_by_text("Nothing was sent yet.")).to_be_visible()
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("The test is on its way.")).to_be_visible()
        expect(page.get_by_text("Waiting")).to_be_visible()
        tick(cast)
        page.reload()
        expect(page.get_by_text("Arrived")).to_be_visible()
        assert_accessible(page)
        # It answers no more.
        receiver.answer = 500
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("Waiting")).to_be_visible()
        tick(cast)
        page.reload()
        expect(page.get_by_text("Answer 500")).to_be_visible()
        assert_fits(page)
        assert_accessible(page)
        screenshot(page, f"webhooks-failing-{width}")
        Webhook.objects.update(failing_since=REGISTER_TIME - timedelta(days=6))
        Delivery.objects.filter(arrived_at=None).update(next_try_at=REGISTER_TIME)
        tick(cast)
        page.reload()
        expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
        assert_accessible(page)
        screenshot(page, f"webhooks-stopped-{width}")
        page.get_by_role("button", name="Begin again").click()
        expect(page.get_by_text("The partner is told of changes again.")).to_be_visible()
        page.get_by_role("button", name="End it").click()
        expect(page.get_by_text("Ended", exact=True).first).to_be_visible()
        assert_accessible(page)
        page.get_by_role("link", name="Back to the interfaces").click()
        expect(page.get_by_role("cell", name="Ended")).to_be_visible()
        assert_fits(page)
        assert_accessible(page)
        screenshot(page, f"webhooks-hub-{width}")


def tick(cast: Cast) -> None:
    """What the clock does each minute."""
    seals.seal(cast.school)
    note_changes(school=cast.school)
    send_webhooks(school=cast.school)

"""A manager changes a step, asks what it would have done, proposes it; the lead puts it into force."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from casework.models import PolicyDraft
from registers.models import PolicyVersion
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize("width", [360, 1280])
def test_what_if(open_page: OpenPage, cast: Cast, attend: Attend, width: int) -> None:  # noqa: F811
    work_by(cast, "days-missed")
    for child, days in zip(cast.pupils, (2, 3, 5, 10, 16), strict=True):
        attend(child, "I", days=days)
    attend(cast.other_pupils[0], "I", days=5, until=TODAY - timedelta(days=95))
    page = open_page(cast.url("casework/policy/"), user=cast.people["manager"], width=width)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"policy-{width}")
    page.get_by_role("button", name="Change this policy").click()
    page.get_by_role("link", name="Change the step Stage 1 letter").click()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"policy-step-{width}")
    page.get_by_label("Number at which it begins").fill("3")
    page.get_by_role("button", name="Keep in the draft").click()
    expect(page.get_by_text("When days missed this year reach 3:")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"policy-draft-{width}")
    page.get_by_role("button", name="What if it were in force?").click()
    expect(page.get_by_role("row", name=str(cast.pupils[1])).get_by_text("comes on")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"policy-what-if-{width}")
    page.get_by_role("button", name="Replay the whole of Autumn term 2024/25").click()
    expect(page.get_by_role("row", name=str(cast.other_pupils[0]))).to_be_visible()
    assert not PolicyVersion.objects.filter(in_force_from=TODAY).exists()
    page.get_by_role("navigation", name="Back").get_by_role("link").click()
    page.get_by_role("button", name="Propose").click()
    page.get_by_label("Why the policy changes").fill("Letters come too late.")
    page.get_by_role("button", name="Propose the policy").click()
    page.get_by_text("The draft is proposed.").wait_for()
    draft = PolicyDraft.objects.get()
    lead = open_page(draft.get_absolute_url(), user=cast.people["lead"], width=width)
    lead.get_by_role("button", name="Put into force").click()
    lead.get_by_role("button", name="Put the policy into force").click()
    lead.get_by_text("The policy is in force from 11 March 2025.").wait_for()

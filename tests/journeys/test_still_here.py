"""The idle time-out as a person meets it who has typed for long: she is kept, warned, and loses nothing."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from attendance_mis.permissions import Role
from casework.models import AbsenceReport
from tests.journeys.browser import assert_accessible

PASSWORD = "a long walk to school"
WORDS = "Chickenpox since Sunday, the doctor says a week"


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_typing_keeps_her_signed_in_and_the_end_loses_nothing(cast, clock, open_page) -> None:
    office = cast.people[Role.OFFICE]
    office.set_password(PASSWORD)
    office.save()
    form = cast.url(f"casework/absence/report/{cast.pupils[0].pk}/")
    page = open_page(f"/sign-in/?next={form}")
    page.clock.install()

    def pass_by(minutes: int) -> None:
        clock.shift(timedelta(minutes=minutes))
        page.clock.fast_forward(minutes * 60_000)

    sign_in(page, office.email)
    page.get_by_label("Who reported it").wait_for()
    page.wait_for_load_state()  # its script hears what is typed
    page.get_by_label("Who reported it").fill("Her mother")
    with page.expect_response("**/account/still-here/"):
        pass_by(6)
    pass_by(28)
    warning = page.get_by_role("dialog", name="Are you still there?")
    expect(warning).to_contain_text("You will be signed out at")
    assert_accessible(page)
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_have_count(0)

    page.get_by_label("The reason, in their words").fill(WORDS)
    clock.shift(timedelta(minutes=40))  # the lid was shut meanwhile: no script ran
    page.clock.set_fixed_time(page.evaluate("Date.now()") + 40 * 60_000)
    page.get_by_role("button", name="Record the absence").click()
    over = page.get_by_role("dialog", name="You were signed out")
    expect(over).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Go on").click()
    expect(over).to_contain_text("You are not signed in yet.")

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in").click()
    sign_in(opened.value, office.email)
    expect(opened.value.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(over).to_have_count(0)
    page.clock.run_for(1_000)  # two clicks within a second are taken for one (govuk-frontend)
    page.get_by_role("button", name="Record the absence").click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    assert AbsenceReport.objects.get().words == WORDS

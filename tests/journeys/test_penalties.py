"""From the ninth session to the referral pack, in the browser; the pack lies in var/screenshots to be looked at."""

import os
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from playwright.sync_api import Page

from casework.legal_checklist import CHECKLIST
from penalties.actions import watch
from penalties.models import Pack
from tests import factories
from tests.conftest import TODAY, Cast
from tests.factories import LONDON
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage
from tests.penalties.test_packs import enter

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
LATER = date(2025, 3, 25)


def looked_at(page: Page, name: str) -> None:
    """Held to the rules on a phone and on a desk, and kept as a picture of both."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page)
        screenshot(page, f"penalties-{name}-{width}")
    assert_accessible(page)


def yes(page: Page, *questions: str) -> None:
    for question in questions:
        page.get_by_role("group", name=question).get_by_label("Yes", exact=True).check()


def prepare(page: Page) -> None:
    page.get_by_role("link", name="Prepare").first.click()
    yes(page, "best tool", "Has support been tried", "Equality Act", "Did this parent allow")
    page.get_by_label("Which support").fill("Breakfast club, and a mentor since January.")
    page.get_by_label("When was the local authority asked").fill(f"{TODAY}")
    with page.expect_navigation():  # the address of the next page is asked for
        page.get_by_role("button", name="Put it before the headteacher").click()


def decide(page: Page, outcome: str) -> None:
    page.get_by_role("radio", name=outcome, exact=True).check()
    page.get_by_label("Why?").fill("The absence goes on.")
    page.get_by_role("button", name="Record the decision").click()


@pytest.mark.long
def test_from_the_ninth_session_to_the_referral_pack(
    open_page: OpenPage, cast: Cast, clock: time_machine.Traveller
) -> None:
    def at(path: str, role: str = "head") -> Page:
        return open_page(cast.url(path), user=cast.people[role])

    clock.move_to(datetime(2025, 3, 11, 16, tzinfo=LONDON))
    mother = factories.ContactFactory(pupil=cast.pupils[0], address_1="2 Example Street", postcode="N1 2AA")
    enter(cast, mother, "O", date(2025, 3, 3), date(2025, 3, 6))
    page = at("penalties/watch/", "manager")
    page.get_by_text("8", exact=True).first.wait_for()
    looked_at(page, "watch")
    enter(cast, mother, "U", date(2025, 3, 7), date(2025, 3, 10))
    page.reload()
    page.get_by_role("heading", name="Threshold met 1").wait_for()
    page.get_by_role("link", name=str(mother.pupil), exact=True).click()
    page.get_by_text("12 sessions counted").wait_for()
    looked_at(page, "family")
    prepare(page)
    decision = page.url

    page = at("penalties/")
    page.goto(decision)
    looked_at(page, "decision")
    decide(page, "A notice to improve")
    page.get_by_label("The further support offered").fill("A place in the mentoring group.")
    page.get_by_label("For how many weeks?").fill("3")
    page.get_by_role("button", name="Offer the notice to improve").click()
    page.get_by_text("so far; enough is no unauthorised absence").wait_for()
    looked_at(page, "improvement")
    improvement = page.url

    clock.move_to(datetime(2025, 3, 25, 16, tzinfo=LONDON))
    enter(cast, mother, "O", date(2025, 3, 24), LATER)
    watch.look(school=cast.school, on=LATER)
    page = at("penalties/")
    page.goto(improvement)
    page.get_by_label("Not met").check()
    page.get_by_label("Why?").fill("Absent on two days without a reason.")
    page.get_by_role("button", name="Record it").click()
    page.get_by_role("link", name=str(mother.pupil), exact=True).click()
    prepare(page)
    decide(page, "A penalty notice")
    page.get_by_role("button", name="Write the draft").click()
    page.get_by_label("Name and address of the local authority").fill("Camden Council, 1 Example Square, N1 1AB")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_text("£80 up to and including").first.wait_for()
    looked_at(page, "draft")
    page.get_by_role("button", name="Sign and issue").click()
    page.get_by_label("Sign with your name").fill(cast.people["head"].name)
    page.get_by_role("button", name="Sign and issue").click()
    page.get_by_text("The local authority has not said anything yet.").wait_for()
    looked_at(page, "issued")
    page.goto(cast.url("penalties/"))
    looked_at(page, "hub")

    clock.move_to(datetime(2025, 4, 24, 9, tzinfo=LONDON))
    page = at("penalties/answers/")
    page.get_by_role("link", name="the answer about").click()
    page.get_by_label("Unpaid at the end of the period").check()
    page.get_by_label("Who said so, and how?").fill("Letter of the council")
    page.get_by_role("button", name="Record the answer").click()
    page.get_by_role("link", name=str(mother.pupil), exact=True).click()
    page.get_by_role("link", name="Begin a referral pack").click()
    page.get_by_label("Prosecution under section 444(1):").check()
    page.get_by_label(str(mother)).check()
    page.get_by_label("Last day").fill(f"{LATER}")
    page.get_by_role("button", name="Begin the pack").click()
    page.get_by_text("It cannot be called complete yet").wait_for()
    looked_at(page, "pack")
    for part, what in (("letters", "Stage 1 letter"), ("contacts", "Telephone call"), ("voice", "Talk with the pupil"),
                       ("agencies", "Social care"), ("meetings", "Meeting"), ("plan", "Plan")):  # fmt: skip
        page.locator(f"a[href$='/add/{part}/']").click()
        page.get_by_label("Of which day?").fill("2025-03-05")
        page.get_by_label("What is it?").fill(what)
        page.get_by_label("Its words").fill("Said by everybody present: breakfast club from Monday on.")
        page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="Answer", exact=True).click()
    for key in CHECKLIST:
        page.locator(f"select[name={key}]").select_option("yes")
        page.locator(f"input[name={key}_on]").fill("2025-03-05")
    looked_at(page, "checklist")
    page.get_by_role("button", name="Save the checklist").click()
    page.get_by_role("link", name="Write and sign").click()
    page.get_by_label("Sign with your name").fill(cast.people["head"].name)
    page.get_by_role("button", name="Sign the statement").click()
    page.get_by_role("button", name="Complete the pack").click()
    page.get_by_text("sessions have no mark at all").first.wait_for()
    enter(cast, mother, "/", date(2025, 3, 11), date(2025, 3, 21))
    page.get_by_role("button", name="Complete the pack").click()
    page.get_by_text("It stays as it was sent.").wait_for()
    looked_at(page, "pack-complete")
    pack = Pack.objects.get()
    assert pack.document
    if os.environ.get("SCREENSHOTS") != "0":
        Path(settings.VAR_DIR, "screenshots", "penalties-pack.pdf").write_bytes(bytes(pack.document.content))

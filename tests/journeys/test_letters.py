"""Words are changed, forty letters proposed, two dropped, the rest approved and printed; the PDF says what was seen."""

import hashlib
from io import BytesIO

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from letters.actions import queue_letter, rendering
from letters.actions.approving import approve_letters
from letters.actions.evidence import check_evidence
from letters.models import Copy, Letter, LetterTemplate
from letters.occasions import Occasion
from registers.models import Mark
from tests.casework.conftest import Attend, attend  # noqa: F401 - a fixture
from tests.conftest import Cast
from tests.factories import ContactFactory, make_class
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
FORTY = 40
CLICKED = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of a click, and a request made beside it does not


@pytest.mark.long
def test_forty_letters(open_page: OpenPage, cast: Cast, attend: Attend) -> None:  # noqa: F811
    _, children = make_class(cast.school, "5C", FORTY, year_group="5")
    for number, child in enumerate(children):
        attend(child, "I" if number in (3, 7) else "U", days=4 + number % 5)
        ContactFactory(pupil=child, address_1=f"{number} Mill Lane", town="London", postcode="N1 2AB",
                       mobile=f"07700 9001{number:02}", email=f"parent{number}@home.example")  # fmt: skip

    lead = open_page(cast.url("letters/templates/"), user=cast.people["lead"])
    with lead.expect_navigation():  # the preview is a script's: whoever types before it is there waits for her next key
        lead.get_by_role("link", name="Attendance concern").click()
    body = lead.get_by_label("Text", exact=True)
    body.fill("Dear {{salutation}},\n\n{{forname}} has missed {{days_missed}}.")
    lead.get_by_text("Cannot be kept yet").wait_for()
    lead.get_by_role("button", name="Keep as a new version").click()
    lead.get_by_text("There is no field 'forname'").first.wait_for()
    assert_accessible(lead)
    screenshot(lead, "letters-refused-1280")
    lead.get_by_label("Text", exact=True).fill("Dear {{salutation}},\n\n{{forename}} has missed **{{days_missed}}**.")
    lead.get_by_label("Preview with").select_option(str(children[0].pk))
    lead.get_by_role("article").get_by_text(f"{children[0].forename} has missed 4 days").wait_for()
    lead.get_by_role("button", name="Keep as a new version").click()
    lead.get_by_text("Kept as version 2.").wait_for()
    assert LetterTemplate.objects.get(occasion="concern").versions.count() == 2

    page = open_page(cast.url("letters/propose/"), user=cast.people["manager"])
    page.locator("#id_class_group").select_option(label="5C")
    page.get_by_role("button", name="Propose the letters").click()
    page.get_by_text(f"{FORTY} letters to approve.").wait_for()
    expect(page.get_by_text("Most of the absence is illness")).to_have_count(2)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, "letters-to-approve-1280")
    drop = [Letter.objects.get(pupil=children[number]).pk for number in (3, 7)]
    for letter in Letter.objects.all():
        page.locator(f"input[value='{letter.pk}']").set_checked(letter.pk in drop)
    page.get_by_label("Reason").fill("Ill: we ring first.")
    page.get_by_role("button", name="Drop those chosen").click()
    page.get_by_text("2 letters dropped.").wait_for()
    page.get_by_role("button", name="Approve those chosen").click()
    page.get_by_text("38 letters approved").wait_for()

    rendering.render_due(school=cast.school)
    page.get_by_role("link", name="Printing").click()
    assert_accessible(page)
    page.get_by_role("button", name="Make a print run").click()
    page.get_by_role("heading", name="Print run of").wait_for()
    assert_accessible(page)
    screenshot(page, "letters-print-run-1280")
    href = page.get_by_role("button", name="Open to print").get_attribute("href")
    reader = PdfReader(BytesIO(page.request.get(href, headers=CLICKED).body()))
    copy = Copy.objects.get(letter__pupil=children[0])
    page.locator(f'a[href="{reverse("letters:see_letter", args=[cast.school.urn, copy.letter_id])}"]').click()
    expect(page.get_by_role("article")).to_contain_text(f"{children[0].forename} has missed 4 days.")
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, "letter-1280")
    printed = [each.extract_text() for each in reader.pages if f"-{copy.pk}\n" in each.extract_text()]
    assert any("has missed 4 days" in text.replace("\n", " ") for text in printed)
    assert sum("Page 1 of" in each.extract_text() for each in reader.pages) == FORTY - 2

    phone = open_page(reverse("letters:see_letter", args=[cast.school.urn, copy.letter_id]), user=cast.people["head"],
                      width=360)  # fmt: skip
    assert_fits(phone)
    screenshot(phone, "letter-360")
    phone.goto(cast.url("letters/schedule/"))
    assert_fits(phone)
    assert_accessible(phone)
    screenshot(phone, "letters-schedule-360")


def test_a_letter_that_became_wrong_is_corrected(open_page: OpenPage, cast: Cast, attend: Attend) -> None:  # noqa: F811
    """A mark is amended: the letter says so, a corrected one is proposed, and what was printed stays as it was."""
    child = cast.pupils[0]
    attend(child, "U", days=6)
    ContactFactory(pupil=child, address_1="1 Mill Lane", town="London", postcode="N1 2AB")
    by = cast.actor("manager")
    letter = queue_letter(
        school=cast.school, pupil=child, occasion=Occasion.PENALTY_WARNING, by=by, why="12 sessions missed."
    )
    approve_letters(school=cast.school, letters=[letter.pk], roles=["manager"], by=by)
    rendering.render_due(school=cast.school)
    printed = rendering.stored(letter.copies.get())
    check_evidence(school=cast.school)  # the clock's look of this minute, and below of the next

    page = open_page(letter.get_absolute_url(), user=cast.people["manager"])
    address = page.get_by_role("link", name="Open the letter to").get_attribute("href")
    page.get_by_text(hashlib.sha256(printed).hexdigest()).wait_for()
    day = Mark.objects.filter(pupil=child, session=1).order_by("-day")[1].day
    page.goto(reverse("registers:amend_mark", args=[cast.school.urn, child.pk, day, 1]))
    page.get_by_label("New code").select_option("M")
    page.get_by_label("Reason for the amendment").fill("The hospital has written.")
    page.get_by_role("button", name="Amend the mark").click()
    page.get_by_text("the mark is now M").wait_for()
    check_evidence(school=cast.school)

    page.goto(letter.get_absolute_url())
    page.get_by_text("Now wrong: Unauthorised sessions this year: 12, now 11").wait_for()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert_fits(page)
        assert_accessible(page)
        screenshot(page, f"letter-now-wrong-{width}")
    page.get_by_role("button", name="Propose a corrected letter").click()
    page.get_by_text("Corrects the letter of 11 March 2025").first.wait_for()
    assert page.request.get(address, headers=CLICKED).body() == printed, "a reprint is the same bytes"


def test_every_page_of_letters_fits_a_phone_and_a_desk(open_page: OpenPage, cast: Cast, attend: Attend) -> None:  # noqa: F811
    """The pages as a lead finds them after a week of letters: one of each state."""
    by, letters = cast.actor("lead"), []
    for child, occasion in zip(cast.pupils, (Occasion.CONCERN, Occasion.LATENESS, Occasion.ILLNESS, Occasion.MEETING,
                                             Occasion.PENALTY_WARNING), strict=False):  # fmt: skip
        attend(child, "U", days=6)
        ContactFactory(pupil=child, address_1="1 Mill Lane", town="London", postcode="N1 2AB")
        letters.append(
            queue_letter(school=cast.school, pupil=child, occasion=occasion, by=by, why="12 sessions missed.")
        )
    approve_letters(school=cast.school, letters=[each.pk for each in letters[:2]], roles=["lead"], by=by)
    rendering.render_due(school=cast.school)
    page = open_page(cast.url("letters/templates/"), user=cast.people["lead"])
    template = LetterTemplate.objects.get(occasion="concern")

    def of(name: str, *args: object) -> str:
        return reverse(f"letters:{name}", args=[cast.school.urn, *args])

    pages = {
        "list": of("see_letters"),
        "letter-proposed": letters[3].get_absolute_url(),
        "letter-made": letters[0].get_absolute_url(),
        "proposals": of("see_proposals"),
        "propose": of("propose_letters"),
        "values": of("give_values", letters[3].pk),
        "write": of("write_letter", cast.pupils[4].pk),
        "siblings": of("join_siblings", letters[3].pk),
        "returned": of("note_returned", letters[0].copies.get().pk),
        "again": of("try_again", letters[0].copies.get().pk),
        "versions": of("see_versions", template.pk),
        "print-runs": of("see_print_runs"),
        "texts": of("see_templates"),
        "text": of("edit_template", template.pk),
        "sending": of("change_sending", template.pk),
        "letterhead": of("change_letterhead"),
        "schedule": of("see_schedule"),
        "family": of("see_correspondence", cast.pupils[0].pk),
        "note": of("note_sensitivity", cast.pupils[0].pk),
    }
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for name, address in pages.items():
            answer = page.goto(address)
            assert answer.status == 200, name
            assert_fits(page)
            assert_accessible(page)
            screenshot(page, f"letters-{name}-{width}")

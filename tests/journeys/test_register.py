"""The register page in a real browser: keyboard, touch, two people at once, no network, no script."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from attendance_mis.models import User
from attendance_mis.permissions import Role
from registers.codes import by_number, code_for
from registers.models import ClassMembership, Entry, Mark, PlannedAbsence, Register, Teaching
from tests import factories
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.journeys.browser import assert_accessible, assert_fits, kept_pages, saved, until

LONG_NAME = ("Oluwaseun-Alexander", "Adébáyọ̀-Featherstonehaugh")


@pytest.fixture(autouse=True)
def _clock(clock):
    """09:05, the register has been open for five minutes."""


@dataclass
class Class:
    """The teacher's class of thirty, in the order of the register."""

    cast: Cast
    url: str

    @property
    def pupils(self) -> list:
        rows = ClassMembership.objects.filter(class_group=self.cast.own_class).select_related("pupil")
        return sorted(
            (row.pupil for row in rows), key=lambda pupil: (pupil.legal_surname, pupil.legal_forename, pupil.pk)
        )

    def letters(self) -> str:
        """The marks as the database has them, in the order of the register; a dot is a blank."""
        marks = {mark.pupil_id: by_number(mark.code).letter for mark in Mark.objects.filter(day=TODAY, session=1)}
        return " ".join(marks.get(pupil.pk, ".") for pupil in self.pupils)

    def teacher(self) -> User:
        return self.cast.people[Role.TEACHER]


@pytest.fixture
def thirty(cast) -> Class:
    for pupil in factories.PupilFactory.create_batch(24, school=cast.school):
        factories.RegistrationFactory(pupil=pupil)
        factories.ClassMembershipFactory(pupil=pupil, class_group=cast.own_class)
    pupil = factories.PupilFactory(school=cast.school, legal_forename=LONG_NAME[0], legal_surname=LONG_NAME[1])
    factories.RegistrationFactory(pupil=pupil)
    factories.ClassMembershipFactory(pupil=pupil, class_group=cast.own_class)
    return Class(cast, cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/"))


def mark(page: Page, number: int) -> Locator:
    """The mark of the n-th pupil, from 0."""
    return page.locator(".rg-mark button.rg-code").nth(number)


def present(n: int, **exceptions: str) -> str:
    letters = ["/"] * n
    for place, letter in exceptions.items():
        letters[int(place[1:])] = letter
    return " ".join(letters)


def test_a_class_of_thirty_with_three_exceptions_is_ten_keys_and_two_clicks(thirty, open_page):
    """One click from signing in: the address of the school leads to the open register of her own class.

    Ten keys and two clicks are what a person does in under 15 seconds (docs/registers.md).
    """
    page = open_page(thirty.cast.url(), user=thirty.teacher())
    expect(page).to_have_url(re.compile(f"/registers/{thirty.cast.own_class.pk}/{TODAY}/AM/$"))
    expect(mark(page, 0)).to_be_focused()
    type_slowly = {"delay": 120}
    page.keyboard.type("//N/L12", **type_slowly)
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type("n", **type_slowly)
    page.get_by_role("button", name="All present").click()
    page.get_by_role("button", name="Send register").click()
    expect(page.get_by_text("This register is with the office.")).to_be_visible()
    until(lambda: thirty.letters() == present(30, _2="N", _4="L", _29="N"))
    assert Mark.objects.get(minutes_late=12).code == code_for("L", TODAY).number
    register = Register.objects.get()
    assert (register.sent_by, register.is_late) == (thirty.teacher(), False)
    expect(page.locator("#sent")).to_contain_text("27 present AM")


def test_everything_works_by_keyboard(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher())
    page.keyboard.type("/nl")
    expect(page.get_by_label(re.compile("^Minutes late"))).to_have_count(30)
    expect(page.locator(".rg-minutes input").nth(2)).to_be_focused()
    expect(page.locator(".rg-minutes input").nth(2)).to_have_value("5")  # by the clock
    page.keyboard.press("ArrowDown")
    expect(mark(page, 3)).to_be_focused()
    page.keyboard.press("End")
    expect(mark(page, 29)).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(mark(page, 2)).to_be_focused()
    saved(page)
    until(lambda: thirty.letters().startswith(". N L . "))
    page.keyboard.press("Control+z")
    saved(page)
    until(lambda: thirty.letters().startswith("/ N L . "))
    page.keyboard.press("f")
    page.keyboard.type("adebayo")
    page.keyboard.press("Enter")
    focused = page.locator("button.rg-code:focus")
    expect(focused).to_have_attribute("aria-label", re.compile("Adébáyọ̀-Featherstonehaugh: "))
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox", name="Codes")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    long_name = Mark.objects.filter(pupil__legal_surname=LONG_NAME[1], code=code_for("N", TODAY).number)
    until(long_name.exists)


def test_the_keys_are_in_sight_and_all_of_them_one_key_away(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher())
    expect(page.locator(".rg-hint")).to_contain_text("no reason yet")
    expect(page.locator(".rg-hint")).to_be_visible()
    page.keyboard.type("L?")  # in the minutes of the first, so the key is the second's
    keys = page.locator(".rg-keys")
    expect(keys).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(mark(page, 1)).to_be_focused()
    page.keyboard.type("L.")
    expect(page.locator("input:focus")).to_have_attribute("aria-label", re.compile("^Note"))


def test_a_teacher_of_two_classes_goes_from_one_to_the_next(thirty, open_page):
    other = thirty.cast.other_class
    Teaching.objects.create(school=other.school, user=thirty.teacher(), class_group=other, start=TODAY)
    page = open_page(thirty.url, user=thirty.teacher())
    page.get_by_role("button", name="All present").click()
    page.get_by_role("button", name="Send register").click()
    page.get_by_role("link", name="Back to the registers").click()
    expect(page).to_have_url(re.compile(f"/registers/{other.pk}/{TODAY}/AM/$"))


def test_a_key_that_does_nothing_says_why_until_the_cursor_moves_on(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher())
    row = page.locator("#grid tbody tr").nth(0)
    page.keyboard.type("i")
    expect(row).to_contain_text("I, Illness, is set by the office: tell them, or enter N with a note.")
    assert_accessible(page)
    page.keyboard.type("h")
    expect(row).to_contain_text("H is not a code.")
    page.keyboard.press("ArrowDown")
    expect(row).not_to_contain_text("is not a code")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("n")
    saved(page)
    until(lambda: thirty.letters().startswith("N . "))


def test_the_office_types_codes_of_two_letters_and_is_asked_for_their_cause(thirty, open_page):
    page = open_page(thirty.url, user=thirty.cast.people[Role.OFFICE])
    mark(page, 0).focus()
    page.keyboard.type("Y2")
    page.get_by_label("What is the cause?").fill("snow")
    page.keyboard.press("Enter")
    expect(mark(page, 1)).to_be_focused()
    page.keyboard.type("i")
    saved(page)
    until(lambda: thirty.letters().startswith("Y2 I . "))
    assert Mark.objects.get(code=code_for("Y2", TODAY).number).note == "snow"
    mark(page, 2).focus()
    page.keyboard.type("c")
    expect(page.locator("#grid tbody tr").nth(2)).to_contain_text("C, Leave granted, is for the headteacher to decide")
    # The palette asks in its own place: the code, Enter, what the activity is, Enter.
    mark(page, 2).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox", name="Codes")).to_be_focused()
    page.keyboard.press("v")
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is the activity?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("V needs this")
    assert_accessible(page)
    page.keyboard.type("museum")
    page.keyboard.press("Enter")
    expect(mark(page, 3)).to_be_focused()
    saved(page)
    until(lambda: thirty.letters().startswith("Y2 I V . "))
    assert Mark.objects.get(code=code_for("V", TODAY).number).note == "museum"


def test_a_finger_goes_round_the_marks_and_a_long_press_opens_the_palette(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher(), width=390, has_touch=True, is_mobile=True)
    assert_fits(page)
    box = mark(page, 0).bounding_box()
    assert min(box["width"], box["height"]) >= 44
    mark(page, 0).tap()
    mark(page, 1).tap()
    mark(page, 1).tap()
    mark(page, 2).evaluate("(button) => { for (let n = 0; n < 3; n += 1) button.click(); }")  # faster than a machine's
    saved(page)
    until(lambda: thirty.letters().startswith("/ N L . "))
    assert Entry.objects.filter(pupils__contains=[thirty.pupils[2].pk]).count() == 1
    mark(page, 3).dispatch_event("pointerdown", {"button": 0})
    expect(page.get_by_role("option", name=re.compile("^N, "))).to_be_visible()
    page.get_by_role("option", name=re.compile("^N, ")).tap()
    saved(page)
    until(lambda: thirty.letters().startswith("/ N L N "))
    page.get_by_role("button", name="Undo").tap()
    saved(page)
    until(lambda: thirty.letters().startswith("/ N L . "))
    assert_fits(page)


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_it_fits_and_is_accessible_at_every_width(thirty, open_page, width):
    pupil = thirty.pupils[3]
    PlannedAbsence.objects.create(
        school=thirty.cast.school, pupil=pupil, kind="appointment", start=TODAY, end=TODAY, note="dentist at 09:30",
        code=code_for("M", TODAY).number, noted_at=REGISTER_TIME, noted_by=thirty.cast.people[Role.OFFICE],
    )  # fmt: skip
    page = open_page(thirty.url, user=thirty.teacher(), width=width)
    expect(page.locator(f"#pupil-{pupil.pk}")).to_contain_text("Appointment, dentist at 09:30")
    mark(page, 0).focus()
    page.keyboard.type("/nl")
    saved(page)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("button", name="Send register").click()
    expect(page.get_by_role("dialog")).to_contain_text("26 pupils have no mark")
    assert_accessible(page)
    page.get_by_role("button", name="Go back").click()
    page.goto(thirty.cast.url(f"registers/{TODAY}/"))
    assert_fits(page)
    assert_accessible(page)


# Two people at once


def test_what_the_office_enters_appears_in_the_open_page_and_is_not_wiped(thirty, open_page):
    office = thirty.cast.people[Role.OFFICE]
    teachers = open_page(thirty.url, user=thirty.teacher())
    offices = open_page(thirty.url, user=office)
    mark(offices, 1).focus()
    offices.keyboard.type("i")
    saved(offices)
    row = teachers.locator("#grid tbody tr").nth(1)
    expect(mark(teachers, 1)).to_have_text("I")
    expect(row).to_contain_text(f"Illness. {office.name}, 09:05.")
    teachers.get_by_role("button", name="All present").click()
    saved(teachers)
    until(lambda: thirty.letters() == present(30, _1="I"))
    expect(mark(offices, 0)).to_have_text("/")


def test_what_the_office_takes_back_is_a_blank_that_anybody_fills(thirty, open_page):
    teachers = open_page(thirty.url, user=thirty.teacher())
    offices = open_page(thirty.url, user=thirty.cast.people[Role.OFFICE])
    mark(offices, 1).focus()
    offices.keyboard.type("i")
    saved(offices)
    expect(mark(teachers, 1)).to_have_text("I")
    mark(offices, 1).focus()
    offices.keyboard.press("Delete")
    saved(offices)
    expect(mark(teachers, 1)).to_have_text("")
    expect(teachers.locator("#grid tbody tr").nth(1)).to_contain_text("Taken back. ")
    mark(teachers, 1).focus()
    teachers.keyboard.type("n")
    saved(teachers)
    until(lambda: thirty.letters().startswith(". N . "))


def test_a_true_clash_is_shown_to_both_and_settled_by_a_choice(thirty, open_page):
    office = thirty.cast.people[Role.OFFICE]
    teachers = open_page(thirty.url, user=thirty.teacher(), faulty=True)
    offices = open_page(thirty.url, user=office)
    teachers.context.set_offline(True)
    mark(offices, 0).focus()
    offices.keyboard.type("m")
    saved(offices)
    mark(teachers, 0).focus()
    teachers.keyboard.type("/")
    expect(teachers.locator("#state")).to_contain_text("1 mark waiting")
    teachers.context.set_offline(False)
    row = teachers.locator("#grid tbody tr").nth(0)
    expect(row).to_contain_text("You marked / at 09:05")
    expect(row).to_contain_text(f"{office.name}, 09:05")
    expect(mark(teachers, 0)).to_have_text("M")
    expect(offices.locator("#grid tbody tr").nth(0)).to_contain_text(
        f"{thirty.teacher().name} marked / (Present AM) at 09:05"
    )
    assert_accessible(teachers)
    row.get_by_role("button", name="Use /").click()
    teachers.get_by_label("Why do you change it?").fill("She is in class")
    teachers.keyboard.press("Enter")
    expect(mark(offices, 0)).to_have_text("/")
    saved(teachers)
    until(lambda: thirty.letters().startswith("/ . "))
    expect(offices.locator("#grid tbody tr").nth(0)).not_to_contain_text("marked /")


# Without a network


def test_marks_wait_for_the_network_and_are_sent_once_in_order(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher(), faulty=True)
    page.context.set_offline(True)
    mark(page, 0).focus()
    page.keyboard.type("//n")
    page.keyboard.press("ArrowUp")
    page.keyboard.type("l")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_contain_text("4 marks waiting")
    assert not Mark.objects.exists()
    page.context.set_offline(False)
    saved(page)
    until(lambda: thirty.letters().startswith("/ / L . "))
    entries = Entry.objects.order_by("pk")
    assert [by_number(entry.codes[0]).letter for entry in entries] == ["/", "/", "N", "L"]


def test_marks_wait_in_a_closed_tab_and_the_page_opens_again_without_a_network(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher(), faulty=True)
    until(lambda: kept_pages(page) == ["AM"])
    context = page.context
    context.unroute_all()  # a request that Playwright looks at does not reach the service worker
    context.set_offline(True)
    mark(page, 0).focus()
    page.keyboard.type("/n")
    expect(page.locator("#state")).to_contain_text("2 marks waiting")
    page.close()
    page = context.new_page()
    page.goto(thirty.url)
    expect(mark(page, 1)).to_have_text("N")
    expect(page.locator("#state")).to_contain_text("2 marks waiting")
    context.set_offline(False)
    saved(page)
    until(lambda: thirty.letters().startswith("/ N . "))
    assert Entry.objects.count() == 2


def test_whoever_was_signed_out_signs_in_again_and_nothing_is_lost(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher(), faulty=True)
    teacher = thirty.teacher()
    teacher.set_password("a long walk to school")
    teacher.save()  # ends every session
    mark(page, 0).focus()
    page.keyboard.type("/n")
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("E-mail").fill(teacher.email)
    page.get_by_label("Password", exact=True).fill("a long walk to school")
    page.keyboard.press("Enter")
    expect(mark(page, 1)).to_have_text("N")
    saved(page)
    until(lambda: thirty.letters().startswith("/ N . "))


def test_the_sign_in_page_forgets_the_kept_pages(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher())
    until(lambda: kept_pages(page) == ["AM"])
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in/"))
    until(lambda: kept_pages(page) == [])


# Without script


def test_a_plain_form_works_without_script(thirty, open_page):
    page = open_page(thirty.url, user=thirty.teacher(), java_script_enabled=False)
    assert_fits(page)
    marks = page.get_by_label(re.compile("^Mark of "))
    marks.nth(0).fill("N")
    marks.nth(1).fill("L")
    page.get_by_label(re.compile("^Minutes late")).nth(1).fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    until(lambda: thirty.letters().startswith("N L . "))
    page.get_by_role("button", name="Send register").click()
    expect(page.get_by_role("alert")).to_contain_text("have no mark yet")
    page.get_by_role("button", name="All present").click()
    until(lambda: thirty.letters() == present(30, _0="N", _1="L"))
    page.get_by_role("button", name="Send register").click()
    expect(page.get_by_text("This register is with the office.")).to_be_visible()

"""The office logs a call while the teacher's register is open: it appears there, and nothing of hers is lost."""

import re

import pytest
from playwright.sync_api import expect

from attendance_mis.permissions import Role
from casework.models import AbsenceReport, ContactRecord
from registers.codes import by_number, code_for
from registers.models import Mark
from tests.casework.conftest import work_by
from tests.conftest import TODAY, Cast
from tests.factories import ContactFactory
from tests.journeys.browser import assert_accessible, assert_fits, saved, screenshot
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def letters(cast: Cast) -> dict[int, str]:
    return {mark.pupil_id: by_number(mark.code).letter for mark in Mark.objects.filter(day=TODAY, session=1)}


def test_a_call_in_the_office_appears_in_the_open_register(open_page: OpenPage, cast: Cast) -> None:
    work_by(cast, "day-by-day")
    in_order = sorted(cast.pupils, key=lambda p: (p.legal_surname, p.legal_forename, p.pk))
    absent, brother = in_order[2], cast.other_pupils[0]
    for child in (absent, brother):
        ContactFactory(pupil=child, language="Polish")
        ContactFactory(pupil=child, priority=2, forename="Omar", mobile="", home_phone="020 7946 0123", email="")
    absent.vulnerable = True
    absent.save()
    Mark.objects.create(
        school=cast.school, pupil=brother, day=TODAY, session=1, code=code_for("N", TODAY).number, entry_id=0
    )
    teacher = open_page(cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/"), user=cast.people[Role.TEACHER])
    marks = teacher.locator(".rg-mark button.rg-code")
    marks.nth(0).focus()
    teacher.keyboard.type("//n")
    saved(teacher)

    office = open_page(cast.url("casework/first-day/"), user=cast.people[Role.OFFICE])
    family = office.locator(f"#family-{min(absent.pk, brother.pk)}")
    expect(family).to_contain_text("Vulnerable")
    family.get_by_role("button", name=re.compile("No answer.*Nadia")).click()
    expect(family).to_contain_text("No answer 09:05")
    family.get_by_role("button", name=re.compile("No answer.*Omar")).click()
    expect(family).to_contain_text("Nobody could be reached")
    # A screenshot leaves empty styles behind, which htmx copies when it asks again, against the CSP: a page of its own.
    looked = open_page(cast.url("casework/first-day/"), user=cast.people[Role.OFFICE], faulty=True)
    assert_accessible(looked)
    screenshot(looked, "first-day-1280")
    for width in (360, 320):
        looked.set_viewport_size({"width": width, "height": 900})
        assert_fits(looked)
        screenshot(looked, f"first-day-{width}")
    looked.close()
    family.get_by_role("button", name=re.compile("Answered.*Nadia")).click()
    expect(office.get_by_role("heading", name="Report an absence")).to_be_visible()
    expect(office.get_by_label(f"{absent.name}, 3A")).to_be_checked()
    office.get_by_label("Find a child").type(cast.other_pupils[1].surname)
    expect(office.get_by_label(f"{cast.other_pupils[1].name}, 4B")).to_be_visible()
    office.get_by_label("The reason, in their words").fill("Both have a fever")
    office.set_viewport_size({"width": 360, "height": 900})
    assert_fits(office)
    assert_accessible(office)
    screenshot(office, "report-absence-360")
    office.set_viewport_size({"width": 1280, "height": 900})
    screenshot(office, "report-absence-1280")
    office.get_by_role("button", name="Record the absence").click()
    expect(office.get_by_role("heading", name="First day contact")).to_be_visible()
    office.goto(cast.url("casework/absence/"))
    assert_fits(office)
    assert_accessible(office)
    screenshot(office, "absence-reports-1280")

    row = teacher.locator("#grid tbody tr").nth(2)
    expect(row).to_contain_text("Illness")
    expect(marks.nth(0)).to_have_text("/")
    marks.nth(3).focus()
    teacher.keyboard.type("/")
    saved(teacher)
    after = letters(cast)
    assert [after[pupil.pk] for pupil in in_order[:4]] == ["/", "/", "I", "/"]
    assert after[brother.pk] == "I"
    assert AbsenceReport.objects.count() == 2
    assert {record.outcome for record in ContactRecord.objects.all()} == {"no_answer", "answered"}

    office.goto(cast.url(f"casework/pupils/{absent.pk}/contacts/add/"))
    assert_fits(office)
    assert_accessible(office)
    screenshot(office, "record-contact-1280")
    office.goto(cast.url(f"registers/pupils/{absent.pk}/"))
    expect(office.get_by_text("The whole contact record")).to_be_visible()
    screenshot(office, "pupil-with-contacts-1280")

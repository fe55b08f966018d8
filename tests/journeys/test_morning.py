"""A whole morning in the office: 26 classes, 14 absences, 9 calls, 4 late, one trip, the day closed at zero."""

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from attendance_mis.permissions import Role
from casework.models import AccountedFor, ContactRecord, SessionClose
from registers.codes import by_number, code_for
from registers.models import ClassGroup, Mark, Register
from tests.conftest import TODAY, Cast
from tests.journeys.a_morning import HALF_PAST, OPENED, a_morning
from tests.journeys.browser import assert_accessible, assert_fits, kept_pages, screenshot, until
from tests.journeys.conftest import OpenPage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.mark.long
def test_every_child_is_accounted_for(open_page: OpenPage, cast: Cast, clock) -> None:
    morning = a_morning(cast)
    clock.move_to(HALF_PAST)
    page = open_page(cast.url(), user=cast.people[Role.OFFICE])
    number = page.locator("#unaccounted b")
    expect(number).to_have_text("30")  # 14 without a reason, 16 in the two registers that are not in
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, "today-1280")

    assert ClassGroup.objects.count() == 26
    page.get_by_role("button", name=f"Remind about {morning.missing[0].name}").click()
    page.get_by_text("reminded 09:26").wait_for()
    for group in morning.missing:  # the teachers send; the board says so by itself
        send(cast, group)
    expect(number).to_have_text("14")

    page.get_by_role("link", name="Late desk").first.click()
    for pupil in morning.late:
        arrive(page, pupil.name, "Bus")
    page.get_by_role("link", name="Today").first.click()
    expect(number).to_have_text("10")
    assert {letter(pupil) for pupil in morning.late} == {"U"}

    page.get_by_role("link", name="First day contact").click()
    for pupil in morning.unexplained[1:]:
        ring(page, pupil)
    page.get_by_role("link", name="Today").click()
    expect(number).to_have_text("1")
    page.get_by_text(morning.vulnerable.name).first.wait_for()
    assert ContactRecord.objects.filter(outcome="answered").count() == 9
    assert letters() == {"I": 13, "N": 1, "U": 4, "V": 12}, "14 absences, 4 late, one trip"

    page.get_by_role("link", name="Close the morning").click()
    page.get_by_role("button", name="Close the morning").click()
    page.get_by_text(f"{morning.vulnerable.name} is not accounted for").first.wait_for()
    page.get_by_label(morning.vulnerable.name).fill("Social worker is on the way to the home")
    assert_accessible(page)
    page.get_by_role("button", name="Close the morning").click()
    expect(number).to_have_text("0")
    assert SessionClose.objects.get().closed_by == cast.people[Role.OFFICE]
    assert AccountedFor.objects.get().pupil_id == morning.vulnerable.pk

    page.goto(cast.url("registers/evacuation/"))
    page.get_by_text(morning.trip[0].name).wait_for(state="attached")
    works_without_a_network(page)
    for address, name in (("casework/today/", "today"), ("registers/evacuation/", "evacuation")):
        page.set_viewport_size({"width": 360, "height": 800})
        page.goto(cast.url(address))
        assert_fits(page)
        screenshot(page, f"{name}-360")


def test_a_name_typed_before_the_scripts_came_is_looked_for(open_page: OpenPage, cast: Cast) -> None:
    pupil = cast.pupils[0]
    page = open_page("/sign-in/", user=cast.people[Role.OFFICE])
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => {"
        f"  document.getElementById('find-name').value = '{pupil.upn}';"
        "})"
    )
    page.goto(cast.url("registers/desk/"))
    page.get_by_role("link", name=f"Late {pupil.name}", exact=True).wait_for()


def send(cast: Cast, group) -> None:
    """As the teacher's page would: everybody is here."""
    present = code_for("/", TODAY).number
    pupils = group.memberships.values_list("pupil_id", flat=True)
    Mark.objects.bulk_create(
        Mark(school=cast.school, pupil_id=pupil, day=TODAY, session=1, entry_id=0, code=present) for pupil in pupils
    )
    Register.objects.create(
        school=cast.school, class_group=group, day=TODAY, session=1, opened_at=OPENED, sent_at=HALF_PAST,
        sent_by=cast.people[Role.TEACHER],
    )  # fmt: skip


def arrive(page: Page, name: str, reason: str) -> None:
    """From the late desk's slip to the next child, found by the beginning of the name."""
    page.get_by_label("Find a child").press_sequentially(name[:-1])
    page.get_by_role("link", name=f"Late {name}", exact=True).click()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Next child").click()


def ring(page: Page, pupil) -> None:
    """The mother answers; her reason is written down and entered at once, and the next family is rung."""
    page.locator(f"#family-{pupil.pk}").get_by_role("button", name="Answered").click()
    page.get_by_role("textbox", name="The reason, in their words").fill("A cold")
    page.get_by_label("Code proposed").select_option("I")
    page.get_by_role("button", name="Record the absence").click()
    page.get_by_text(f"{pupil.name}: the absence is recorded").wait_for()


def works_without_a_network(page: Page) -> None:
    """The list that was open opens again, and says how old it is."""
    until(lambda: kept_pages(page) == ["evacuation"])
    page.context.set_offline(True)
    page.goto(page.url)
    page.get_by_text("There is no network").wait_for()
    page.context.set_offline(False)


def letters() -> Counter:
    """How often each code but present stands in the morning's registers."""
    marks = Mark.objects.filter(day=TODAY, session=1).values_list("code", flat=True)
    found = Counter(by_number(number).letter for number in marks)
    del found["/"]
    return found


def letter(pupil) -> str:
    return by_number(Mark.objects.get(pupil=pupil, day=TODAY, session=1).code).letter

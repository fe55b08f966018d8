"""Numbers open their explanations by keyboard and by name, on a desk and a phone, with children and without."""

import re

import pytest
from playwright.sync_api import expect

from attendance_mis.tenancy import acting_for
from registers.models import Pupil
from tests.conftest import Cast
from tests.factories import make_class
from tests.house.test_access import case_of
from tests.journeys.browser import assert_accessible, assert_fits, screenshot
from tests.journeys.conftest import OpenPage
from tests.reports.conftest import FIRST, written
from tests.reports.test_explain_cells import with_patterns  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def class_of_twenty(cast: Cast) -> None:
    with acting_for(cast.school):
        _, pupils = make_class(cast.school, "5C", 20, year_group="5")
        written(pupils[:8], missed=9)
        written(pupils[8:], missed=1)
        written([*cast.pupils, *cast.other_pupils], missed=2)


@pytest.mark.usefixtures("class_of_twenty")
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    ("role", "path", "name", "says"),
    [
        ("head", "figures/groups/", r"8 of 20 .*: Persistent absence, Year 5, explained", "8"),
        ("governor", "figures/governors/", r"20: Pupils, Year 5, explained", "20"),
    ],
)
def test_from_a_number_to_what_it_is(
    open_page: OpenPage, cast: Cast, role: str, path: str, name: str, says: str, width: int
) -> None:
    page = open_page(cast.url(path), user=cast.people[role], width=width)
    assert_fits(page)
    assert_accessible(page)
    page.get_by_role("link", name=re.compile(name)).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("explained")
    expect(page.locator(".app-facts dd").first).to_have_text(says)
    expect(page.get_by_role("heading", name="Who is left out, and why")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"explained-{role}-{width}")


@pytest.mark.usefixtures("class_of_twenty")
@pytest.mark.parametrize("width", [360, 1280])
def test_from_a_case_to_what_was_kept(open_page: OpenPage, cast: Cast, width: int) -> None:
    """Of a child with marks of this year; the page shows every sum, session and reason, and fits."""
    case = case_of(cast.pupils[0], cast)
    page = open_page(cast.url(f"casework/pupils/{case.pupil_id}/"), user=cast.people["manager"], width=width)
    page.get_by_role("link", name=re.compile("per cent attended: at the start of the case, explained")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Attendance at the start of the case, explained")
    expect(page.locator(".app-facts dd").first).to_contain_text(f"{case.baseline.percent} per cent attended")
    expect(page.locator("#sums")).to_contain_text("The register as it was recorded at that moment")
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"explained-case-{width}")


@pytest.mark.usefixtures("class_of_twenty")
@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("forced_colors", ["none", "active"])
def test_a_tile_is_one_link_by_its_number_too(open_page: OpenPage, cast: Cast, width: int, forced_colors: str) -> None:
    """One stop of the Tab key, named by what it shows; where it is stands out, and a press on the number opens it."""
    page = open_page(cast.url("figures/school/?range=2024-HT3"), user=cast.people["head"], width=width)
    page.emulate_media(forced_colors=forced_colors, color_scheme="dark")
    assert_fits(page)
    tile = page.locator(".app-stat").first
    expect(tile.get_by_role("link")).to_have_count(1)
    number = tile.locator(".app-stat__number").inner_text()
    link = page.get_by_role("link", name=f"Days missed {number}", exact=True)
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    mark = "outlineStyle" if forced_colors == "active" else "boxShadow"
    assert link.evaluate(f"each => getComputedStyle(each).{mark}") != "none"
    screenshot(page, f"tiles-{width}-{forced_colors}")
    page.keyboard.press("Tab")
    expect(page.locator(".app-stat").nth(1).get_by_role("link")).to_be_focused()
    tile.locator(".app-stat__number").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Days missed, explained")


@pytest.mark.usefixtures("class_of_twenty")
@pytest.mark.parametrize("width", [320, 360])
def test_what_is_chosen_is_read_and_taken_away_on_a_phone(open_page: OpenPage, cast: Cast, width: int) -> None:
    """The filters stay closed; beside them stands what is chosen, each a press from being taken away."""
    page = open_page(
        cast.url("figures/pupils/?range=2024-HT3&year=5&group=sex:F&show=missed"), user=cast.people["head"], width=width
    )
    expect(page.get_by_label("When")).to_be_hidden()
    expect(page.locator(".app-fold summary")).to_have_text("Choose days and groups: 4 chosen")
    tags = page.get_by_role("list", name="Chosen").get_by_role("link")
    expect(tags).to_have_count(5)  # and the one that clears all
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"chosen-{width}")
    page.get_by_role("link", name="Take away Group: Girls").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".app-fold summary")).to_have_text("Choose days and groups: 3 chosen")
    page.get_by_role("link", name="Clear all").click()
    expect(page.locator(".app-fold summary")).to_have_text("Choose days and groups")
    expect(tags).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(page.url + "?year=5")
    expect(page.get_by_label("When")).to_be_visible()
    expect(page.get_by_role("list", name="Chosen")).to_be_hidden()


@pytest.mark.usefixtures("class_of_twenty")
def test_a_chart_behind_which_its_numbers_open(open_page: OpenPage, cast: Cast) -> None:
    """The table behind a chart is closed until somebody asks for it; each of its numbers is a link."""
    page = open_page(cast.url("figures/school/?range=2024-HT3"), user=cast.people["head"])
    chart = page.locator("#chart-sessions-missed-by-weekday-per-cent")
    chart.locator("summary").click()
    assert_accessible(page)
    chart.get_by_role("link", name=re.compile("Sessions missed, Mon AM, explained")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sessions missed, explained")
    expect(page.locator("#main")).to_contain_text(f"Mondays, AM, {FIRST:%-d %B %Y} to 14 February 2025")


@pytest.mark.parametrize("width", [360, 1280])
def test_from_a_sentence_to_its_sessions(
    open_page: OpenPage,
    cast: Cast,
    with_patterns: list[Pupil],  # noqa: F811
    width: int,
) -> None:
    """A number within a sentence, and a pattern: each opens what it is made of."""
    teacher, pupil = cast.people["teacher"], with_patterns[3]
    page = open_page(cast.url("figures/class/"), user=teacher, width=width)
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"sentences-class-{width}")
    page.get_by_role("link", name=re.compile("times late.*: Pattern, explained")).click()
    expect(page.get_by_role("heading", name="The days behind it")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"pattern-class-{width}")
    page.goto(cast.url(f"figures/pupils/{pupil.pk}/"))
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"sentences-pupil-{width}")
    page.get_by_role("link", name=re.compile("^Single days: .*: Pattern, explained")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pattern, explained")
    expect(page.get_by_text("Absences of one day alone")).to_be_visible()
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, f"pattern-pupil-{width}")


@pytest.mark.usefixtures("class_of_twenty")
def test_no_address_is_printed_behind_a_figure(open_page: OpenPage, cast: Cast) -> None:
    """GOV.UK Frontend prints one behind every link; within the school it says nothing, and no table has room for it."""
    page = open_page(cast.url("figures/groups/"), user=cast.people["head"])
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name=re.compile("explained$")).first).to_be_visible()
    printed = page.locator("table a").evaluate_all("all => all.map(each => getComputedStyle(each, '::after').content)")
    assert set(printed) == {"none"}

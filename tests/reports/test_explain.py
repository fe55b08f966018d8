"""Each figure of each page opens what it means, and what stands behind it adds up to it."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from attendance_mis.permissions import Role
from registers import codes
from registers.calendar_rules import Session
from registers.models import Mark, Pupil, SchoolDay
from reports.definitions import DEFINITIONS, TILES
from tests.conftest import TODAY
from tests.house.test_access import ACCESS, ROLES, address, expected

SINCE = date(2024, 9, 2)
LETTERS = "OINLUG/VB"


@pytest.fixture
def school(cast, clock):
    """Seven children with marks of every kind that the figures count, since September."""
    Pupil.objects.filter(pk__in=[cast.pupils[1].pk, cast.other_pupils[0].pk]).update(fsm=True)
    days = list(SchoolDay.objects.filter(day__range=(SINCE, TODAY - timedelta(1))).values_list("day", flat=True))
    pupils = [*cast.pupils, *cast.other_pupils]
    Mark.objects.bulk_create(
        Mark(school=cast.school, pupil=pupil, day=day, session=session, entry_id=1,
             code=codes.code_for(_letter(nth, number, session), day).number)
        for nth, pupil in enumerate(pupils) for number, day in enumerate(days) for session in Session
        if (number + nth) % 17  # a session without a mark now and then
    )  # fmt: skip
    return cast


def _letter(nth, number, session):
    """The first child is away most, the last least."""
    if number % (nth + 2) == 0:
        return LETTERS[(number + session) % len(LETTERS)]
    return "/" if session is Session.AM else "\\"


def read(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return html.fromstring(answer.content.decode())


def lines(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, url
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


QUERIES = ["", "range=2024-HT3", "group=fsm:yes", "range=week", "year=3&group=sex:F"]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(("role", "page"), [("head", "school/"), ("safeguarding", "school/"), ("teacher", "class/")])
def test_what_is_behind_a_tile_adds_up_to_it(school, role, page, query):
    client = school.client(role)
    tiles = read(client, f"{school.url(f'figures/{page}')}?{query}").find_class("app-stat")
    found = {}
    for tile in tiles:
        [link] = tile.iter("a")
        figure = re.search(r"/explain/([a-z-]+)/", link.get("href"))[1]
        found[figure] = tile.find_class("app-stat__number")[0].text_content().split()[0]
        assert query in unquote(link.get("href"))
        _adds_up(client, school, figure, found[figure], link.get("href"), query)
    assert set(found) == set(TILES), "a tile for each, and each with its link"


def _adds_up(client, school, figure, shown, href, query):
    explained = read(client, href)
    part, whole = (int(dd.text_content()) for dd in explained.find_class("app-facts")[0].findall("dd")[:2])
    behind = DEFINITIONS[figure].behind
    joint = f"{query}&show={behind}" if query else f"show={behind}"
    rows = lines(client, f"{school.url('figures/pupils/export/csv/')}?{joint}")
    listed = lines(client, f"{href}{'&' if query else '?'}file=behind.csv") if rows else []
    assert len(listed) == len(rows), figure
    total = {
        name: sum(int(row[name]) for row in rows)
        for name in ("possible", "attended", "late", "authorised", "unauthorised", "unmarked")
    }
    match figure:
        case "missed":
            assert Decimal(shown) == (Decimal(part) / 2 / whole).quantize(Decimal("0.1"), "ROUND_HALF_UP")
            assert sum(Decimal(row["days_missed"]) for row in rows) * 2 == part
        case "attendance":
            assert Decimal(shown) == (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), "ROUND_HALF_UP")
            assert total["possible"] - total["attended"] == whole - part, "who attended all adds nothing to the rest"
        case "persistent" | "severe" | "at-risk":
            assert int(shown) == part == len(rows)
        case "unexplained":
            assert int(shown) == part == sum(_sessions(row["What counts"]) for row in listed)
        case "unauthorised":
            assert total["unauthorised"] == part
            assert Decimal(shown) == (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), "ROUND_HALF_UP")
        case _:
            assert int(shown) == part == total[figure]


def _sessions(said):
    days = "0.5" if said.startswith("half a day") else said.split()[0]
    return int(Decimal(days) * 2)


def test_the_sessions_behind_a_child_are_her_figures(school):
    for pupil in school.pupils[:3]:
        url = school.url(f"figures/pupils/{pupil.pk}/")
        tiles = {
            tile.find_class("app-stat__label")[0].text_content().strip(): tile.find_class("app-stat__number")[0]
            for tile in read(school.client("manager"), url).find_class("app-stat")
        }
        said = [row["Code"][0] for row in lines(school.client("manager"), f"{url}?file=sessions.csv")]
        late = [letter for letter in said if letter == "L"]
        assert Decimal(tiles["Days missed"].text_content()) * 2 == len(said) - len(late)
        assert int(tiles["Late"].text_content()) == len(late)


def test_the_sums_of_a_pupil_s_page_open_their_sessions(school):
    """The page of the register shows them in days; the number beside her name opens all that she missed."""
    client, halves = school.client("manager"), {}
    page = read(client, school.url(f"registers/pupils/{school.pupils[0].pk}/"))
    for tile in page.find_class("app-stat"):
        [link] = tile.iter("a")
        halves[tile.find_class("app-stat__label")[0].text_content()] = (
            int(Decimal(tile.find_class("app-stat__number")[0].text_content().split()[0]) * 2),
            link.get("href"),
        )
    for label in ("Authorised absence", "Unauthorised absence"):
        count, href = halves[label]
        assert len(lines(client, f"{href}&file=sessions.csv")) == count
        assert f"{count}" == read(client, href).find_class("app-facts")[0].find("dd").text_content()
    attended, href = halves["Attended"]
    assert f"{attended}" == read(client, href).find_class("app-facts")[0].find("dd").text_content()
    [beside] = page.find_class("app-pupil")[0].find_class("app-figure")
    missed = halves["Authorised absence"][0] + halves["Unauthorised absence"][0]
    assert len(lines(client, f"{beside.get('href')}&file=sessions.csv")) == missed
    seen = read(school.client("office"), school.url(f"registers/pupils/{school.pupils[0].pk}/"))
    assert not seen.find_class("app-stat")


@pytest.mark.parametrize("part", range(3))
def test_no_page_shows_a_figure_that_explains_nothing(school, part):
    """A tile is one link, by its label and its number, to what is behind it: another page, or a part of its own.

    Its name for a screen reader is what it shows (WCAG 2.5.3), as no `aria-label` says otherwise.
    """
    wrong, tiles = [], 0
    for name in [name for name in ACCESS if "405" not in ACCESS[name]][part::3]:
        letters = expected(name)[0].upper().split()
        role = ROLES.get(letters[0], Role.HEAD)
        client = school.client(role)
        answer = client.get(address(name, school))
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = html.fromstring(answer.content.decode())
        for tile in page.find_class("app-stat"):
            tiles += 1
            shown = [tile.find_class(f"app-stat__{each}")[0] for each in ("label", "number")]
            links = list(tile.iter("a"))
            if len(links) != 1 or not all(each in links[0].iter() for each in shown) or links[0].get("aria-label"):
                wrong.append(f"{name}: {tile.text_content().split()}")
            for link in links:
                answer = client.get(link.get("href"))
                wrong += [f"{name}: {link.get('href')}"] if answer.status_code != 200 else []
                at = urlsplit(link.get("href")).fragment
                wrong += [f"{name}: no {at}"] if at and f'id="{at}"' not in answer.content.decode() else []
    assert wrong == []
    assert tiles

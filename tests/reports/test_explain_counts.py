"""A number over a list of its own page opens as many lines as it says, what it means, who is left out and the days."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from casework.actions.policy import start_draft
from letters.models import Copy, Letter
from registers.models import Registration
from tests.casework.conftest import Attend, attend, work_by  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.house.test_access import letter_of
from tests.registers.test_set_calendar import INSET
from tests.reports.test_explain_cells import read

pytestmark = pytest.mark.usefixtures("clock")


@dataclass(frozen=True)
class Opened:
    """A tile, and the page that it opens."""

    label: str
    number: int
    href: str
    page: Any

    def lines(self, tables: str) -> list[list[str]]:
        """The rows of the tables that are so called, a list of texts each."""
        found = [table for table in self.page.iter("table") if re.fullmatch(tables, table.get("id", ""))]
        rows = [row for table in found for row in table.xpath("tbody/tr")]
        return [[" ".join(cell.text_content().split()) for cell in row.iter("td")] for row in rows]


def opened(client: Client, url: str) -> Iterator[Opened]:
    """Each tile of a page, opened; its explanation says what it says, and the way back shows every line."""
    tiles = read(client, url).find_class("app-stat")
    assert tiles
    for tile in tiles:
        [link] = tile.iter("a")
        label, number = (tile.find_class(f"app-stat__{each}")[0].text_content() for each in ("label", "number"))
        page = read(client, link.get("href"))
        [card] = page.find_class("app-card--tint")
        assert card.get("id") == urlsplit(link.get("href")).fragment
        assert [card.find("h2").text_content(), *_facts(card)] == [
            f"{label}: {number}", "What is counted", "Left out", "Days",
        ]  # fmt: skip
        [back] = card.iter("a")
        assert not read(client, back.get("href")).find_class("app-card--tint")
        again = {each.text_content() for each in page.find_class("app-stat__number")}
        assert again == {each.text_content() for each in read(client, url).find_class("app-stat__number")}
        yield Opened(label, int(number), link.get("href").partition("#")[0], page)


def _facts(card: Any) -> dict[str, str]:
    facts = {dt.text: dd.text for dt, dd in zip(card.iter("dt"), card.iter("dd"), strict=True)}
    assert all(facts.values())
    return facts


def file_of(client: Client, href: str, table: str) -> int:
    answer = client.get(f"{href}&file={table}.csv")
    assert answer.status_code == 200, href
    return len(list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))))


def test_each_number_of_the_clocks(cast: Cast, attend: Attend) -> None:  # noqa: F811
    """One that is overdue, some of today, and some with time left."""
    attend(cast.pupils[0], "N", days=9)
    Registration.objects.filter(pupil=cast.pupils[1]).update(admission_date=TODAY - timedelta(4))
    Registration.objects.filter(pupil=cast.pupils[2]).update(leaving_date=TODAY, leaving_ground="a")
    client = cast.client("manager")
    found = {each.label: each for each in opened(client, cast.url("casework/clocks/"))}
    assert list(found) == ["Overdue", "Due today", "Still to come"]
    for each in found.values():
        lines = each.lines("clock-.*")
        assert len(lines) == each.number > 0, each
        if each.label == "Overdue":
            assert all(due.startswith("Overdue") for *_, due, _ in lines), lines
        tables = [table.get("id") for table in each.page.iter("table") if table.get("id", "").startswith("clock-")]
        assert sum(file_of(client, each.href, table) for table in tables) == each.number
    every = Opened("", 0, "", read(client, cast.url("casework/clocks/")))
    assert len(every.lines("clock-.*")) == sum(each.number for each in found.values())
    assert client.get(cast.url("casework/clocks/?show=x")).status_code == 404


def test_who_reads_of_no_worker_is_told_so(cast: Cast) -> None:
    said = {}
    for role in ("office", "safeguarding"):
        found = list(opened(cast.client(role), cast.url("casework/clocks/?show=overdue")))
        said[role] = {_facts(each.page.find_class("app-card--tint")[0])["Left out"] for each in found}
    assert all("youth offending worker" in each for each in said["office"])
    assert not any("youth offending worker" in each for each in said["safeguarding"])


@pytest.mark.parametrize("query", ["", "?on=2025-03-10", "?term=1"])
def test_each_number_of_what_if(cast: Cast, attend: Attend, query: str) -> None:  # noqa: F811
    work_by(cast, "national")
    for nth, pupil in enumerate(cast.pupils):
        attend(pupil, "I", days=5 + 6 * nth, until=TODAY - timedelta(100 if "term" in query else 0))
    draft = start_draft(school=cast.school, start_from="days-missed", today=TODAY, by=cast.actor("manager"))
    url = cast.url(f"casework/policy/drafts/{draft.pk}/what-if/{query}")
    client, total = cast.client("manager"), 0
    for each in opened(client, url):
        lines = each.lines("what-if")
        assert [line[4] for line in lines] == [each.label.lower()] * each.number
        assert query.strip("?") in each.href
        total += each.number
    assert total == len(Opened("", 0, "", read(client, url)).lines("what-if")) > 1
    assert client.get(f"{url}{'&' if query else '?'}show=down").status_code == 404


def _copies(letter: Letter, status: str, number: int, **values: object) -> None:
    Copy.objects.bulk_create(
        Copy(school=letter.school, letter=letter, addressee=f"Ms {nth}", status=status, reference=uuid4(), **values)
        for nth in range(number)
    )


def test_each_number_of_printing(cast: Cast) -> None:
    """More than a page of them; those in a run, by e-mail or not approved are in neither number."""
    letter = letter_of(cast, cast.pupils[0])
    for status, number in (("rendered", 53), ("approved", 2), ("rendering", 1), ("proposed", 1), ("failed", 1)):
        _copies(letter, status, number)
    _copies(letter, "rendered", 1, channel="notify")
    _copies(letter, "rendering", 1, channel="email")
    client = cast.client("manager")
    found = list(opened(client, cast.url("letters/print/")))
    assert [(each.label, each.number) for each in found] == [("To print", 53), ("Being made", 3)]
    assert [len(each.lines("copies")) for each in found] == [50, 3]
    assert [file_of(client, each.href, "copies") for each in found] == [53, 3]
    [following] = [a.get("href") for a in found[0].page.iter("a") if a.get("rel") == "next"]
    assert len(Opened("", 0, "", read(client, f"{cast.url('letters/print/')}{following}")).lines("copies")) == 3
    assert not read(client, cast.url("letters/print/")).xpath("//table[@id='copies']")
    assert client.get(cast.url("letters/print/?show=sent")).status_code == 404


def test_each_number_of_a_change_of_the_calendar(cast: Cast) -> None:
    """Month by month it adds up to before and after, and each session that comes or goes is named."""
    changes = [
        {"kind": "inset", "start": f"{INSET.start}", "end": "", "session": "", "label": ""},
        {"kind": "closure", "start": "2025-06-03", "end": "2025-06-04", "session": "PM", "label": ""},
        {"kind": "HT1", "start": "2027-09-03", "end": "2027-10-22", "session": "", "label": ""},
    ]
    for change in changes:
        answer = cast.client("manager").post(cast.url("registers/calendar/add/"), change)
        assert answer.status_code == 200, answer.context["form"].errors
        page = html.fromstring(answer.content.decode())
        [tile] = page.find_class("app-stat")
        [link] = tile.iter("a")
        after = int(link.find_class("app-stat__number")[0].text_content())
        before = int(tile.find_class("app-stat__why")[0].text_content().split()[0])
        card = page.get_element_by_id(link.get("href").removeprefix("#"))
        assert list(_facts(card)) == ["What is counted", "Left out", "Days"]
        table = card.getnext()
        *months, together = ([each.text_content().strip() for each in row] for row in table.xpath("tbody/tr"))
        sums = [sum(int(month[column] or 0) for month in months) for column in range(1, 5)]
        assert sums == [int(each) for each in together[1:5]] == [before, sums[1], sums[2], after]
        assert before + sums[1] - sums[2] == after != before
        for month in months:
            come, go = (re.findall(rf"{word}: ([^.]*)\.", month[5]) for word in ("Come", "Go"))
            assert [_sessions(each) for each in (come, go)] == [int(month[2] or 0), int(month[3] or 0)], month


def _sessions(said: list[str]) -> int:
    days = said[0].split(", ") if said else []
    return sum(1 if day.endswith(("AM", "PM")) else 2 for day in days)


@pytest.mark.parametrize("show", ["to-print", "being-made"])
def test_lines_cost_no_query(cast: Cast, show: str) -> None:
    letter, client = letter_of(cast, cast.pupils[0]), cast.client("manager")
    queries = []
    for _ in range(2):
        _copies(letter, "rendered", 4)
        _copies(letter, "approved", 4)
        with CaptureQueriesContext(connection) as counted:
            assert client.get(cast.url(f"letters/print/?show={show}")).status_code == 200
        queries.append(len(counted))
    assert queries[0] == queries[1]

"""Every number of every table of figures opens its own explanation, which says the same number and adds up to it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from attendance_mis.tenancy import acting_for
from casework.models import Barrier, Case, Plan, Standing
from penalties.actions.watch import follow_changes
from penalties.amounts import Scheme
from penalties.models import ImprovementNotice, NoticeEvent, NoticeSession, PenaltyNotice
from penalties.notices import COUNTING, Source, State
from registers import codes
from registers.calendar_rules import Session, monday_of
from registers.models import Mark, Pupil, SchoolDay
from reports import patterns
from reports.actions import governor
from reports.patterns import COUNTED, HOW, edges_of_holidays
from tests.conftest import TODAY, Cast
from tests.factories import ContactFactory
from tests.house.test_access import leave_of

NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?")
# Numbers of tables that no link stands on, and why.
WITHOUT = {
    "checks": "how many findings: they stand below, each with its fix",
    "sessions": "the sessions themselves",
    "weeks": "an explanation already: the weeks behind a class's tokens",
}
# What is no sentence: links, numbers of tables (`numbers_of`), tiles (`test_explain.py`), and what is folded away.
NO_SENTENCE = (
    "ancestor::a", "ancestor::button", "ancestor::form", "ancestor::nav", "ancestor::figure", "ancestor::details",
    "ancestor::*[contains(@class, 'app-stat')]", "ancestor::td[contains(@class, 'app-num')]",
)  # fmt: skip
DATE = re.compile(r"\b\d{1,2} [A-Z][a-z]+( \d{4})?|\b\d{4}/\d{2}\b|\bHT\d\b|\b\d{1,2} to (?=\d{1,2} [A-Z])")
CLASS = re.compile(r"\b\d[A-Z]\b")
SINCE = date(2023, 9, 4)
COMPARED = ("Attendance", "Persistently absent", "Severely absent")


@dataclass(frozen=True)
class Found:
    """A number in a table: where it stands, what it says, and where it leads."""

    table: str
    shown: str
    href: str


@pytest.fixture
def school(cast: Cast, clock: object) -> Cast:
    """Seven children with marks of every kind, this year and last, one of them on a step."""
    Pupil.objects.filter(pk__in=[cast.pupils[1].pk, cast.other_pupils[0].pk]).update(fsm=True)
    Pupil.objects.filter(pk=cast.pupils[2].pk).update(sex="M", sen_status="K")
    for pupil in (*cast.pupils, *cast.other_pupils):
        pupil.registrations.update(admission_date=SINCE)
    days = list(SchoolDay.objects.filter(day__range=(SINCE, TODAY - timedelta(1))).values_list("day", flat=True))
    Mark.objects.bulk_create(
        Mark(school=cast.school, pupil=pupil, day=day, session=session, entry_id=1, minutes_late=None,
             code=codes.code_for(_letter(nth, number, session), day).number)
        for nth, pupil in enumerate((*cast.pupils, *cast.other_pupils)) for number, day in enumerate(days)
        for session in Session if (number + nth) % 17
    )  # fmt: skip
    _on_a_step(cast, cast.pupils[0])
    return cast


def _on_a_step(cast: Cast, pupil: Pupil) -> None:
    first, last = date(2024, 9, 1), TODAY - timedelta(4)
    marks = Mark.objects.filter(pupil=pupil, day__range=(first, last))
    counts = [marks.filter(code__in=numbers).count() for numbers in (codes.ATTENDED, codes.ABSENT, codes.POSSIBLE)]
    Standing.objects.create(
        school=cast.school, pupil=pupil, ladder="Attendance", step="First conversation", index=0,
        since=date(2025, 2, 3), value="10", reason="Ten sessions missed.", owner="class teacher", evaluated_on=last,
        attended=counts[0], absent=counts[1], possible=counts[2],
    )  # fmt: skip


def _letter(nth: int, number: int, session: Session) -> str:
    """The first child is away most, the last least."""
    if number % (nth + 2) == 0:
        return "OINLUG/VB"[(number + session) % 9]
    return "/" if session is Session.AM else "\\"


def read(client: Client, url: str) -> Any:
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return html.fromstring(answer.content.decode())


def numbers_of(page: Any) -> Iterator[Found]:
    """Every cell that holds a number of a column of numbers."""
    for table in page.iter("table"):
        for cell in table.iter("td"):
            if not {"app-num", "gr__num"} & set(cell.get("class", "").split()):
                continue
            links = cell.find_class("app-figure")
            shown = (links[0] if links else cell).text_content().strip()
            if NUMBER.search(shown):
                yield Found(table.get("id", ""), shown, links[0].get("href") if links else "")


def sentences_of(page: Any) -> list[str]:
    """What stands in sentences without a link and holds a number that is no part of a date or of a class's name."""
    said = page.get_element_by_id("main").xpath(f".//text()[not({' or '.join(NO_SENTENCE)})]")
    return [each.strip() for each in said if NUMBER.search(CLASS.sub("", DATE.sub("", each)))]


def rows_of(client: Client, url: str) -> list[dict[str, str]]:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def assert_explained(client: Client, found: Found) -> None:
    page = read(client, found.href)
    said = [dd.text_content() for dd in page.find_class("app-facts")[0].findall("dd")]
    first = NUMBER.search(found.shown)
    assert first
    assert first[0] in {each for text in said for each in NUMBER.findall(text)}, f"{found}: {said}"
    assert page.find_class("app-card")[-1].findall("p"), "who is left out, and why"
    if re.search(r"/(governors|trust|newsletter|penalties)/", found.href):
        return
    if "/casework/explain/" in found.href:
        _counts(client, page, found)
    else:
        _adds_up(client, page, found.href)


def _counts(client: Client, page: Any, found: Found) -> None:
    """The cases or pupils behind a number of casework, taken as a file, are as many."""
    rows = rows_of(client, f"{found.href}&file=behind.csv") if _table(page, "behind") else []
    if "/with-plan/" in found.href:
        assert rows
    else:
        assert len(rows) == int(NUMBER.findall(found.shown)[0]), found


def _adds_up(client: Client, page: Any, href: str) -> None:
    """What stands behind a number, taken as a file, makes the parts of its sum."""
    figure = re.search(r"/explain/([a-z-]+)/", href)[1]
    part, whole = (dd.text_content() for dd in page.find_class("app-facts")[0].findall("dd")[:2])
    if "pupil" in parse_qs(urlsplit(href).query):
        _sessions_add_up(client, page, href, figure, part, whole)
        return
    behind = rows_of(client, f"{href}{'&' if '?' in href else '?'}file=behind.csv") if _table(page, "behind") else []
    lists = [a.get("href") for a in page.iter("a") if re.fullmatch(r"All \d+ as a list", a.text_content())]
    listed = rows_of(client, lists[0].replace("/pupils/?", "/pupils/export/csv/?")) if lists else []
    assert len(listed) == len(behind) or not lists, figure
    match figure:
        case "missed":
            assert sum(Decimal(row["days_missed"]) for row in listed) * 2 == int(part)
        case "absence" | "attendance":
            missed = sum(int(row["authorised"]) + int(row["unauthorised"]) for row in listed)
            assert missed == (int(part) if figure == "absence" else int(whole) - int(part))
        case "gap":
            assert behind
        case "pupils":
            assert len(behind) == int(whole)
        case "persistent" | "severe" | "band" | "step":
            assert len(behind) == int(part)
        case _:
            assert sum(int(row[figure]) for row in listed) == int(part)


def _sessions_add_up(client: Client, page: Any, href: str, figure: str, part: str, whole: str) -> None:
    rows = rows_of(client, f"{href}&file=sessions.csv") if _table(page, "sessions") else []
    match figure:
        case "attendance" | "best":
            assert len(rows) == int(whole) - int(part), href
        case "to-spare":
            assert len(rows) == Decimal(part) * 2
        case "begins":
            assert rows
        case _:
            assert len(rows) == int(part), href


def _table(page: Any, name: str) -> bool:
    return any(table.get("id") == name for table in page.iter("table"))


NAMED = [
    (role, path)
    for role, paths in {
        "head": ["school/", "school/?range=2024-HT3&group=sex:F", "groups/", "groups/?year=3&group=sex:F"],
        "manager": ["pupils/?range=2024-HT3", "pupils/PUPIL/", "reports/certificates/",
                    "reports/newsletter/2025-03-04/"],
        "teacher": ["class/", "class/?range=2024-HT4", "pupils/?group=sex:F", "reports/classes/CLASS/2025-03-04/"],
    }.items()
    for path in paths
]  # fmt: skip


@pytest.mark.parametrize(("role", "path"), NAMED)
def test_each_number_of_a_page_with_names(school: Cast, role: str, path: str) -> None:
    path = path.replace("PUPIL", f"{school.pupils[0].pk}").replace("CLASS", f"{school.own_class.pk}")
    _walk(school.client(role), school.url(f"figures/{path}"))


@pytest.mark.parametrize(("role", "path"), [("manager", "casework/"), ("teacher", "casework/own-class/")])
def test_each_number_of_casework(school: Cast, role: str, path: str) -> None:
    _walk(school.client(role), school.url(path))


def test_each_number_of_a_case_and_of_leave(school: Cast) -> None:
    """How the year and the plan go, and the year of a child for whom leave is asked: the sessions add up to each.

    What a case has kept is in `test_explain_frozen.py`.
    """
    pupil, client = school.pupils[0], school.client("manager")
    _with_cases(school, [school.pupils[3], school.pupils[4], pupil])
    case = Case.objects.get(pupil=pupil)
    Plan.objects.create(
        school=school.school, case=case, starts=TODAY - timedelta(20), review_on=TODAY + timedelta(9),
        made_at=timezone.now(),
    )  # fmt: skip
    leave = leave_of(pupil, school)
    for path, numbers in ((f"casework/pupils/{pupil.pk}/", 6), (f"casework/leave/{leave}/", 3)):
        figures = read(client, school.url(path)).find_class("app-figure")
        links = [a for a in figures if "/figures/explain/" in a.get("href")]
        assert len(links) == numbers, path
        for link in links:
            page = read(client, link.get("href"))
            said = NUMBER.findall(page.find_class("app-facts")[0].text_content())
            assert {each.lstrip("+-") for each in NUMBER.findall(link.text)} <= {*said}, (link.text, said)
            _adds_up(client, page, link.get("href"))


def test_each_number_of_what_casework_has_done(school: Cast) -> None:
    """Six families, two of them with a support that helped; one case was closed as improved, one for another reason."""
    _with_cases(school, [*school.pupils, school.other_pupils[0]])
    client = school.client("manager")
    _walk(client, school.url("casework/impact/"))
    page = read(client, school.url("casework/impact/"))
    tiles = [a.get("href") for tile in page.find_class("app-stats") for a in tile.iter("a")]
    behind = [rows_of(client, f"{href}?file=behind.csv") for href in tiles]
    assert [len(rows) for rows in behind] == [6, 2, 1]
    assert behind[2][0]["What counts"].endswith("attendance has improved")
    told = [a for a in page.find_class("app-figure") if "with it" in a.text_content()]
    assert told[0].text_content() in read(client, told[0].get("href")).find_class("app-facts")[0].text_content()
    for asked in ("opened/?barrier=x", "with-plan/?barrier=In+school", "missed/", "needing/?family=Sex&row=x"):
        assert client.get(school.url(f"figures/casework/explain/{asked}")).status_code == 404, asked
    assert school.client("teacher").get(school.url("figures/casework/explain/opened/")).status_code == 403


def _with_cases(cast: Cast, pupils: list[Pupil]) -> None:
    lead, opened = cast.people["manager"], TODAY - timedelta(60)
    for nth, pupil in enumerate(pupils):
        outcome = {0: "improved", 1: "other"}.get(nth, "")
        case = Case.objects.create(
            school=cast.school, pupil=pupil, state="closed" if outcome else "opened", opened_on=opened, lead=lead,
            concern="x", baseline_attended=50, baseline_absent=10, baseline_possible=60, outcome=outcome,
            closed_on=TODAY if outcome else None,
        )  # fmt: skip
        Barrier.objects.create(school=cast.school, case=case, side="in_school", what="Mornings", noted_on=opened)
        Plan.objects.create(
            school=cast.school, case=case, starts=opened, review_on=TODAY, made_at=timezone.now(), is_reviewed=True,
            reviewed_on=TODAY, was_held=True, helped=["a mentor"], before_attended=10, before_absent=10,
            before_possible=20, after_attended=18, after_absent=2, after_possible=20,
        )  # fmt: skip


def test_each_number_of_penalties(school: Cast) -> None:
    """Seven notices to improve of this year are a number; the one of last year is "fewer than 5", its parts are not."""
    parent = ContactFactory(pupil=school.pupils[0])
    for nth in range(8):
        offered = TODAY - timedelta(400 if nth == 7 else 60)
        ImprovementNotice.objects.create(
            school=school.school, pupil=school.pupils[0], contact=parent, state="met",
            weeks=3, unit="school weeks", offered_on=offered, starts=offered, until=offered + timedelta(21), at_most=2,
            contents={}, ended_on=offered + timedelta(21),
        )  # fmt: skip
    client = school.client("lead")
    _walk(client, school.url("penalties/summary/"))
    shown = {each.shown: each.href for each in numbers_of(read(client, school.url("penalties/summary/")))}
    said = read(client, shown["7"]).find_class("govuk-main-wrapper")[0].text_content()
    assert "1 August 2024 to 31 July 2025" in said
    assert "offered" in said
    for asked in (
        "decisions/", "notices/?of=Decisions+made&year=2024", "notices/?of=x&year=soon", "notices/?of=x&year=0000",
        "improvements/?of=Notices+to+improve%3A+met&year=2023",
    ):  # fmt: skip
        assert client.get(school.url(f"figures/penalties/explain/{asked}")).status_code == 404, asked
    assert school.client("teacher").get(school.url("figures/penalties/explain/decisions/")).status_code == 403
    hub = read(client, school.url("penalties/"))
    tiles = [[a.get("href") for a in tile.iter("a")] for tile in hub.find_class("app-stat")]
    paths = ("watch/", "watch/", "#decide", "#improve")
    money = ("due-now", "paid-this-year")
    assert tiles == [
        *([school.url(f"penalties/{path}")] for path in paths),
        *([school.url(f"figures/penalties/money/explain/{figure}/")] for figure in money),
    ]
    assert all(hub.get_element_by_id(name) is not None for name in ("decide", "improve"))
    numbers = list(numbers_of(read(client, school.url("penalties/watch/"))))
    assert numbers
    for each in numbers:
        assert each.shown in read(client, each.href).get_element_by_id("weeks").getparent().text_content(), each
        assert each.href.endswith("#weeks")


def test_each_number_of_notices_on_the_hub(school: Cast) -> None:
    """It opens the notices that it counts, as many, those of others among them; one decided against is not counted."""
    states = [State.ISSUED, State.ISSUED, State.PAID, State.UNPAID, State.PREPARED, State.DECLINED]
    PenaltyNotice.objects.bulk_create(
        PenaltyNotice(
            school=school.school, pupil=pupil, contact=ContactFactory(pupil=pupil),
            source=Source.LOCAL_AUTHORITY.value, state=state.value, scheme=Scheme.NATIONAL.value, prepared_on=TODAY,
            issued_on=SINCE if state in COUNTING else None, place=1 if state in COUNTING else None,
            counts_until=date(2026, 9, 4) if state in COUNTING else None,
        )
        for pupil, state in zip((*school.pupils, *school.other_pupils), states, strict=False)
    )  # fmt: skip
    client = school.client("manager")
    hub = read(client, school.url("penalties/"))
    assert sentences_of(hub) == []
    links = [a for a in hub.find_class("app-figure") if "/notices/?" in a.get("href")]
    told = {a.text_content(): a.get("href") for a in links}
    assert list(told) == ["1 prepared", "2 issued", "1 paid", "1 unpaid after the period"]
    for said, href in told.items():
        count, state = said.split(maxsplit=1)
        page = read(client, href)
        assert f"{count} notice" in page.get_element_by_id("main").text_content()
        rows = rows_of(client, f"{href}&file=notices.csv")
        assert [row["Stands"] for row in rows] == [state.capitalize()] * int(count)
    assert len(rows_of(client, school.url("penalties/notices/?file=notices.csv"))) == len(states) - 1
    for asked in ("decided+against", "x"):
        assert client.get(school.url(f"penalties/notices/?state={asked}")).status_code == 404, asked


def test_each_number_of_a_notice_on_the_hub(school: Cast) -> None:
    """What is due, what was paid and how many sessions are left: each opens what it is, what makes it and the days."""
    pupil = school.pupils[0]
    due = _notice(pupil, State.ISSUED, full_pounds=160, reduced_pounds=80, sessions=10)
    paid = _notice(pupil, State.PAID_LATE, full_pounds=160, sessions=0, issued_on=TODAY - timedelta(90), place=2)
    NoticeEvent.objects.create(
        school=school.school, notice=paid, verb="record_late_payment", on=TODAY - timedelta(9), pounds=160,
        said="E-mail of the authority", noted_on=TODAY,
    )  # fmt: skip
    changed = due.sessions.first()
    assert changed
    Mark.objects.filter(pupil=pupil, day=changed.day, session=changed.session).update(
        code=codes.code_for("I", changed.day).number
    )
    follow_changes(school=school.school)
    client = school.client("manager")
    hub = read(client, school.url("penalties/"))
    assert sentences_of(hub) == []
    told = {a.text_content(): a.get("href") for a in hub.find_class("app-figure") if "/explain/" in a.get("href")}
    assert list(told) == ["9 sessions", "£80"]
    amounts = []
    for notice in (due, paid):
        for link in read(client, notice.get_absolute_url()).find_class("app-figure"):
            if "amounts" in link.get("href"):
                said = read(client, link.get("href")).find_class("app-facts")[0].find("dd").text_content()
                assert f"{link.text} up to and including" in said
                amounts.append(link.text)
            else:
                told[link.text_content()] = link.get("href")
    for each in numbers_of(read(client, school.url("penalties/answers/"))):
        assert told[each.shown] == each.href
    assert len({*told.values()}) == 3
    assert amounts == ["£80", "£160", "£160"]
    for said, href in told.items():
        page = read(client, href)
        facts = page.find_class("app-facts")[0].text_content()
        assert NUMBER.findall(said)[0] in NUMBER.findall(facts), (said, facts)
        assert page.find_class("app-card")[-1].findall("p"), "who is left out, and why"
    rows = rows_of(client, f"{told['9 sessions']}?file=sessions.csv")
    assert (len(rows), [row["Day"] for row in rows if row["Still counts"] == "No"]) == (
        10, [f"{changed.day:%a %-d %b %Y}"],
    )  # fmt: skip
    assert sum(row["Still counts"] == "Yes" for row in rows) == 9
    [payment] = [href for href in told.values() if href.endswith("/paid/")]
    assert sum(int(row["Pounds"] or 0) for row in rows_of(client, f"{payment}?file=payments.csv")) == 160
    refused = (
        (paid, "due"),
        (due, "paid"),
        (paid, "sessions-left"),
        (due, "missed"),
        (due, "unpaid"),
        (paid, "unpaid"),
    )
    for notice, figure in refused:
        href = school.url(f"figures/penalties/notices/{notice.pk}/explain/{figure}/")
        assert client.get(href).status_code == 404, href
    assert school.client("teacher").get(told["£80"]).status_code == 403


def test_the_money_of_penalty_notices(school: Cast) -> None:
    """Due now and told as paid this year: the notices behind each add up to it, and each opens what it is."""
    pupils = [*school.pupils, *school.other_pupils]
    amounts = {"full_pounds": 160, "reduced_pounds": 80, "sessions": 0}
    late = {"issued_on": TODAY - timedelta(60)}
    _notice(pupils[0], State.ISSUED, **amounts)
    full = _notice(pupils[1], State.ISSUED, **amounts, issued_on=TODAY - timedelta(22))
    over = _notice(pupils[2], State.ISSUED, **amounts, **late)
    unpaid = _notice(pupils[3], State.UNPAID, **amounts, **late)
    told = [
        (_notice(pupils[4], State.PAID, **amounts), TODAY, 80),
        (_notice(pupils[5], State.PAID_LATE, **amounts, **late), date(2024, 8, 1), 160),
        (_notice(pupils[5], State.PAID, **amounts, issued_on=date(2024, 7, 1), place=2), date(2024, 7, 31), 80),
        (_notice(pupils[4], State.WITHDRAWN, **amounts, **late | {"place": None}), TODAY - timedelta(40), 80),
    ]
    for notice, on, pounds in told:
        verb = "record_late_payment" if notice.state == State.PAID_LATE else "record_payment"
        NoticeEvent.objects.create(
            school=school.school, notice=notice, verb=verb, on=on, pounds=pounds, said="E-mail", noted_on=TODAY
        )
    NoticeEvent.objects.create(  # the form lets a sum stand beside any verb: it is no payment
        school=school.school, notice=unpaid, verb="record_unpaid", on=TODAY, pounds=160, said="E-mail", noted_on=TODAY
    )
    client = school.client("head")
    hub = read(client, school.url("penalties/"))
    assert sentences_of(hub) == []
    shown = {tile.find_class("app-stat__label")[0].text: tile for tile in hub.find_class("app-stat")}
    for label, pounds, until in (("Due now", [160, 80], True), ("Told to us as paid", [160, 80], False)):
        [link] = shown[label].iter("a")
        page = read(client, link.get("href"))
        assert link.find_class("app-stat__number")[0].text == f"£{sum(pounds)}"
        facts = page.find_class("app-facts")[0]
        assert facts.find("dd").text_content() == f"£{sum(pounds)}"
        assert page.find_class("app-card")[-1].findall("p"), "who is left out, and why"
        assert "goes to the local authority, not to the school" in page.find_class("app-card")[-1].text_content()
        assert ("Paid and refunded" in facts.text_content()) is not until
        rows = rows_of(client, f"{link.get('href')}?file=notices.csv")
        assert [row["Pounds"] for row in rows] == [*(f"£{each}" for each in pounds), f"£{sum(pounds)}"]
        for each in numbers_of(page):
            if each.href:
                assert each.shown in read(client, each.href).find_class("app-facts")[0].find("dd").text_content()
    assert "1 August 2024 to 11 March 2025" in page.find_class("app-facts")[0].text_content()
    for notice in (over, unpaid):
        [link] = [
            a for a in read(client, notice.get_absolute_url()).find_class("app-figure") if "unpaid" in a.get("href")
        ]
        assert link.text == "£160"
        assert read(client, link.get("href")).find_class("app-facts")[0].find("dd").text_content() == "£160"
    assert [a.get("href") for a in hub.find_class("app-figure") if a.get("href").endswith("/unpaid/")] == [
        school.url(f"figures/penalties/notices/{over.pk}/explain/unpaid/")
    ]
    amounts_of = read(client, school.url(f"figures/penalties/notices/{full.pk}/explain/amounts/"))
    said = amounts_of.find_class("app-facts")[0].text_content()
    for day in (full.day_one, full.reduced_until, full.full_until):
        assert f"{day:%-d %B %Y}" in said, day
    paid_in_time = school.url(f"figures/penalties/notices/{told[0][0].pk}/explain/due/")
    for asked in (paid_in_time, school.url("figures/penalties/money/explain/due/")):
        assert client.get(asked).status_code == 404, asked
    assert school.client("teacher").get(school.url("figures/penalties/money/explain/due-now/")).status_code == 403


def test_money_costs_no_query(school: Cast) -> None:
    client, queries = school.client("head"), []
    paths = ["penalties/", *(f"figures/penalties/money/explain/{each}/" for each in ("due-now", "paid-this-year"))]
    client.get(school.url(paths[0]))  # the first opening takes its look at the registers
    for pupil in school.pupils[:2]:
        _notice(pupil, State.ISSUED, full_pounds=160, reduced_pounds=80, sessions=0)
        paid = _notice(pupil, State.PAID, full_pounds=160, sessions=0, issued_on=TODAY - timedelta(90), place=2)
        NoticeEvent.objects.create(
            school=school.school,
            notice=paid,
            verb="record_payment",
            on=TODAY,
            pounds=160,
            said="E-mail",
            noted_on=TODAY,
        )
        for path in paths:
            with CaptureQueriesContext(connection) as counted:
                assert client.get(school.url(path)).status_code == 200
            queries.append(len(counted))
    assert queries[:3] == queries[3:]


def _notice(pupil: Pupil, state: State, *, sessions: int, **values: Any) -> PenaltyNotice:
    """A notice that the local authority has told of, for so many sessions without leave in February and March."""
    values = {"issued_on": TODAY - timedelta(1), "place": 1, **values}
    issued, parent = values["issued_on"], pupil.contacts.first() or ContactFactory(pupil=pupil)
    notice = PenaltyNotice.objects.create(
        school=pupil.school, pupil=pupil, contact=parent, source=Source.LOCAL_AUTHORITY.value,
        state=state.value, scheme=Scheme.NATIONAL.value, prepared_on=issued, day_one=issued,
        reduced_until=issued + timedelta(20), full_until=issued + timedelta(27), counts_until=date(2028, 3, 12),
        **values,
    )  # fmt: skip
    code = codes.code_for("O", TODAY).number
    slots = Mark.objects.filter(pupil=pupil, day__lt=TODAY).order_by("-day", "-session")[:sessions]
    for day, session in slots.values_list("day", "session"):
        Mark.objects.filter(pupil=pupil, day=day, session=session).update(code=code)
        NoticeSession.objects.create(
            school=pupil.school, notice=notice, contact=notice.contact, kind=notice.kind, day=day, session=session,
            code=code,
        )  # fmt: skip
    return notice


@pytest.mark.parametrize(("role", "path"), [("head", "school/"), ("teacher", "class/?range=2024-HT4")])
def test_each_number_of_a_sentence(school: Cast, role: str, path: str) -> None:
    """Those of the lead are links; what a tile compares with stands on the page that it opens."""
    client = school.client(role)
    page = read(client, school.url(f"figures/{path}"))
    lead = page.find_class("govuk-body-l")[0]
    assert NUMBER.findall(lead.text_content()) == NUMBER.findall(" ".join(a.text for a in lead.iter("a")))
    told = [(a.text_content(), a.get("href")) for a in lead.iter("a")]
    for tile in page.find_class("app-stat"):
        [link] = tile.iter("a")
        if link.find_class("app-stat__label")[0].text_content() in COMPARED:
            told.append((tile.text_content(), link.get("href")))
    assert len(told) > 6
    for text, href in told:
        explained = " ".join(read(client, href).find_class("govuk-main-wrapper")[0].itertext())
        numbers = {each.lstrip("+-") for each in NUMBER.findall(explained)}
        assert {each.lstrip("+-") for each in NUMBER.findall(text)} <= numbers, (text, explained)


@pytest.mark.parametrize(
    ("role", "path"),
    [("head", "figures/school/"), ("teacher", "figures/class/?range=2024-HT4"), ("teacher", "casework/own-class/")],
)
def test_no_sentence_holds_a_number_without_a_link(school: Cast, role: str, path: str) -> None:
    assert sentences_of(read(school.client(role), school.url(path))) == []


def test_each_number_of_the_sentence_about_a_child(school: Cast) -> None:
    """On her own page, and beside her name on the dashboard: of this year, whatever days the page asks for."""
    client, told = school.client("manager"), []
    for pupil in (*school.pupils, *school.other_pupils):
        page = read(client, school.url(f"figures/pupils/{pupil.pk}/?range=2024-HT3"))
        assert sentences_of(page) == []
        told += page.find_class("govuk-body-l")[0].iter("a")
    moved = read(client, school.url("figures/school/?range=2024-HT3")).get_element_by_id("moved-most")
    beside = [link for cell in moved.find_class("app-small") for link in cell.iter("a")]
    assert {(a.text, a.get("href").partition("?")[0]) for a in beside} <= {
        (a.text, a.get("href").partition("?")[0]) for a in told
    }
    assert len(beside) > 4
    for link in told:
        href = link.get("href")
        page = read(client, href)
        said = page.find_class("app-facts")[0].text_content()
        assert set(NUMBER.findall(link.text)) <= set(NUMBER.findall(said)), (link.text, said)
        assert link.text in said or "/to-spare/" in href
        _adds_up(client, page, href)
    figures = {re.search(r"/explain/([a-z-]+)/", link.get("href"))[1] for link in told}
    assert figures == {"missed", "absence", "to-spare"}


def test_each_number_of_the_newsletter_s_sentence(school: Cast) -> None:
    """Beside it, as it is copied into a letter."""
    client = school.client("manager")
    page = read(client, school.url("figures/reports/newsletter/2025-03-04/"))
    assert not list(page.find_class("app-card--tint")[0].iter("a"))
    links = [link for link in page.iter("a") if link.get("href", "").endswith("?of=school")]
    assert len(links) == 2
    for link in links:
        explained = read(client, link.get("href"))
        assert link.text_content().removeprefix("attendance ") in explained.find_class("app-facts")[0].text_content()
        [pupils] = [a.get("href") for a in explained.iter("a") if a.text_content() == "The pupils of these days"]
        assert not read(client, pupils).find_class("govuk-error-summary")
    treats = [
        a for cell in page.get_element_by_id("challenge").xpath(".//td[@data-label='Treat']") for a in cell.iter("a")
    ]
    assert {a.text_content() for a in treats} == {"1 treat", "5 tokens"}
    for link in treats:
        explained = read(client, link.get("href"))
        assert link.text_content() == explained.find_class("app-facts")[0].find("dd").text_content()
        earned = sum(row["Token"] == "Earned" for row in rows_of(client, f"{link.get('href')}&file=weeks.csv"))
        count = earned // 6 if "/treats/" in link.get("href") else 6 - earned % 6
        assert count == int(link.text_content().split()[0])
    left = sentences_of(page)
    assert len(left) == 2, "the sentence that is copied, and the rule"
    assert left[0].startswith("This week our pupils")
    assert left[1].startswith("A class at 96 per cent")
    for asked in ("2025-03-04/explain/late", "2025-02-19/explain/missed"):
        assert client.get(school.url(f"figures/reports/newsletter/{asked}/?of=school")).status_code == 404, asked


def _away(days: list[date], this_year: list[date]) -> dict[tuple[int, date, Session], str]:
    """One child is away next to holidays, one by turns on Mondays and Fridays, one in afternoons, one on Wednesdays and
    her brother on some of them; one is late on Tuesdays, and was away half of two days on which another was.
    """
    of_weekday = [[day for day in this_year if day.weekday() == number] for number in range(5)]
    before, after = edges_of_holidays(days)
    whole = {
        0: [*before, *after],
        1: of_weekday[0][2:6] + of_weekday[4][8:12],
        3: of_weekday[2][::2] + this_year[:2],
        5: of_weekday[2][::4],
    }
    found = {(nth, day, session): "I" for nth, away in whole.items() for day in away for session in Session}
    found |= {(2, day, Session.PM): "O" for day in this_year[8:60:4]} | {(2, this_year[9], Session.AM): "O"}
    found |= {(4, this_year[8], Session.AM): "I", (4, this_year[12], Session.PM): "I"}
    return found | {(4, day, Session.AM): "L" for day in of_weekday[1]}


@pytest.fixture
def with_patterns(cast: Cast, clock: object) -> list[Pupil]:
    """Six children, each with a habit of her own; two are siblings."""
    pupils = [*cast.pupils, cast.other_pupils[0]]
    days = list(SchoolDay.objects.filter(day__range=(SINCE, TODAY - timedelta(1))).values_list("day", flat=True))
    away = _away(sorted(days), sorted(day for day in days if day > date(2024, 8, 1)))
    for pupil in pupils:
        pupil.registrations.update(admission_date=SINCE)
    for pupil in (pupils[3], pupils[5]):
        ContactFactory(pupil=pupil, email="mother@family.example", parental_responsibility=True)
    Mark.objects.bulk_create(
        Mark(
            school=cast.school, pupil=pupil, day=day, session=session, entry_id=1, minutes_late=None,
            code=codes.code_for(away.get((nth, day, session), "/\\"[session - 1]), day).number,
        )
        for nth, pupil in enumerate(pupils) for day in days for session in Session
    )  # fmt: skip
    return pupils


def _patterns_of(page: Any) -> list[tuple[str, str]]:
    """Each pattern's sentence and where it leads."""
    return [(a.text_content(), a.get("href")) for a in page.find_class("app-figure") if "/pattern/" in a.get("href")]


def test_each_pattern_of_a_child_opens_its_sessions_and_no_others(cast: Cast, with_patterns: list[Pupil]) -> None:
    client, found = cast.client("manager"), {}
    for query in ("", "?range=custom&first=2023-09-04&last=2025-03-10"):
        for pupil in with_patterns:
            for said, href in _patterns_of(read(client, cast.url(f"figures/pupils/{pupil.pk}/{query}"))):
                page = read(client, href)
                facts = [dd.text_content() for dd in page.find_class("app-facts")[0].findall("dd")]
                assert facts[:2] == NUMBER.findall(said)[:2]
                assert facts[2] == said
                rows = rows_of(client, f"{href}&file=sessions.csv")
                kind, days = parse_qs(urlsplit(href).query)["pattern"][0], {row["Day"] for row in rows}
                found[kind] = rows
                match kind.partition("-")[0]:
                    case "session" | "late":
                        counted = len(rows)
                    case "broken_weeks":
                        held = [datetime.strptime(day, "%a %d %b %Y").date() for day in days]  # noqa: DTZ007 - a day
                        counted = len({monday_of(day) for day in held})
                    case _:
                        counted = len(days)
                assert counted == int(facts[0]), (said, rows)
    assert {kind.partition("-")[0] for kind in found} == set(COUNTED)
    assert {"holiday-before", "holiday-after", "holiday-next"} <= set(found)
    assert all(row["Day"].startswith("Tue") and row["Code"].startswith("L") for row in found["late-1"])
    assert {row["Session"] for row in found["session-PM"]} == {"PM"}
    assert {row["Day"][:3] for row in found["weekend"]} == {"Mon", "Fri"}
    assert "Fri 25 Oct 2024" in {row["Day"] for row in found["holiday-before"]}


@pytest.mark.parametrize(("role", "path"), [("head", "school/"), ("teacher", "class/"), ("head", "school/?year=3")])
def test_each_pattern_of_many_opens_its_days(cast: Cast, with_patterns: list[Pupil], role: str, path: str) -> None:
    """Which add up to it, and so do the pupils who were away or late on them; each opens her sessions of it."""
    client = cast.client(role)
    told = _patterns_of(read(client, cast.url(f"figures/{path}")))
    for said, href in told:
        _assert_made_of(client, said, href)
    kinds = {parse_qs(urlsplit(href).query)["pattern"][0] for _, href in told}
    assert {"late-1", "session-PM"} <= kinds
    [afternoons] = [href for _, href in told if "session-PM" in href]
    behind = rows_of(client, f"{afternoons}&file=behind.csv")
    assert [(row["Pupil"], row["What counts"]) for row in behind] == [
        (f"{with_patterns[2]}", "13 half days missed in it"), (f"{with_patterns[4]}", "1 half day missed in it"),
    ]  # fmt: skip


def test_each_pattern_that_many_may_have_opens_its_days(
    cast: Cast, with_patterns: list[Pupil], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kinds that these six do not make: told whatever their number, but of no single weekday."""
    monkeypatch.setattr(patterns, "stands_out", _but_of_weekdays)
    client = cast.client("teacher")
    told = _patterns_of(read(client, cast.url("figures/class/")))
    assert {parse_qs(urlsplit(href).query)["pattern"][0] for _, href in told} >= {
        "weekend", "holiday-before", "holiday-after", "session-AM",
    }  # fmt: skip
    for said, href in told:
        _assert_made_of(client, said, href)


def _but_of_weekdays(inside: int, _: int, part: int, whole: int) -> bool:
    return bool(inside) and not 4 * part < whole < 6 * part


def _assert_made_of(client: Client, said: str, href: str) -> None:
    page = read(client, href)
    facts = [dd.text_content() for dd in page.find_class("app-facts")[0].findall("dd")]
    assert facts[:2] == NUMBER.findall(said)[:2]
    assert facts[2] == said
    rows = rows_of(client, f"{href}&file=days.csv")
    assert sum(int(list(row.values())[1]) for row in rows) == int(facts[0])
    assert HOW[parse_qs(urlsplit(href).query)["pattern"][0].partition("-")[0]] in page.text_content()
    behind = rows_of(client, f"{href}&file=behind.csv")
    assert sum(int(NUMBER.findall(row["What counts"])[0]) for row in behind) == int(facts[0])
    links = page.get_element_by_id("behind").find_class("app-figure")
    assert [link.text_content() for link in links] == [row["What counts"] for row in behind]
    days = {row["Day"]: int(list(row.values())[1]) for row in rows}
    for link in links:
        for day, count in _part_of_a_pattern(client, link, facts, href).items():
            days[day] -= count
    assert not any(days.values()), said


def _part_of_a_pattern(client: Client, link: Any, whole: list[str], href: str) -> Counter[str]:
    """What a child adds to a pattern of many, by day, of the sessions that her row opens; it leads back to all."""
    page = read(client, link.get("href"))
    facts = [dd.text_content() for dd in page.find_class("app-facts")[0].findall("dd")]
    count = NUMBER.findall(link.text_content())[0]
    assert facts[:3] == [count, whole[0], whole[2]]
    assert href in {a.get("href") for a in page.iter("a")}
    sessions = rows_of(client, f"{link.get('href')}&file=sessions.csv")
    days = [row["Day"] for row in sessions]
    added = Counter(days) if "half day" in link.text_content() or "late" in link.text_content() else Counter(set(days))
    assert added.total() == int(count)
    return added


def test_whose_part_of_a_pattern_is_asked_for(cast: Cast, with_patterns: list[Pupil]) -> None:
    """Of a child of these figures only, and for who reaches her."""
    other, own = cast.other_pupils[0].pk, cast.pupils[0].pk
    url = cast.url("figures/explain/pattern/?pattern=late-1")
    assert cast.client("head").get(f"{url}&whose={other}").status_code == 200
    assert cast.client("head").get(f"{url}&class_group={cast.own_class.pk}&whose={other}").status_code == 404
    assert cast.client("teacher").get(f"{url}&whose={own}").status_code == 200
    for whose, status in ((other, 403), (cast.strange_pupils[0].pk, 404), (0, 404), ("x", 404)):
        assert cast.client("teacher").get(f"{url}&whose={whose}").status_code == status, whose


def test_a_pattern_that_is_not_told(cast: Cast, with_patterns: list[Pupil]) -> None:
    """Of other days it is made of nothing; what is no pattern is not there."""
    client, pupil = cast.client("manager"), with_patterns[2].pk
    page = read(client, cast.url(f"figures/explain/pattern/?pattern=late-1&pupil={pupil}"))
    assert "Not told of these days" in page.find_class("app-facts")[0].text_content()
    for asked in ("", "?pattern=x", f"?pattern=&pupil={pupil}"):
        assert client.get(cast.url(f"figures/explain/pattern/{asked}")).status_code == 404, asked


def _walk(client: Client, url: str) -> None:
    found = list(numbers_of(read(client, url)))
    assert [each for each in found if not each.href and each.table not in WITHOUT] == []
    explained = {each.href: each for each in found if each.href}
    assert explained, "no table of numbers"
    for each in explained.values():
        assert_explained(client, each)


PRINTED = [
    *(("governor", path) for path in ("governors/", "governors/?range=2024-HT3", "REPORT")),
    ("trust_lead", "TRUST"), ("head", "governors/"), ("governor", "governors/casework/"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "path"), PRINTED)
def test_each_number_of_a_page_without_names(
    school_of_sixty: Any, cast: Cast, clock: object, role: str, path: str
) -> None:
    if "casework" in path:
        _with_cases(cast, [*school_of_sixty["third"][:20], *school_of_sixty["fourth"][8:22]])
    client = cast.client(role)
    url = _address(cast, path)
    page = read(client, url)
    _walk(client, url)
    everybody = [*cast.pupils, *(pupil for group in school_of_sixty.values() for pupil in group)]
    printed = set(NUMBER.findall(" ".join(page.find_class("govuk-main-wrapper")[0].itertext())))
    for found in numbers_of(page):
        explained = read(client, found.href)
        said = explained.find_class("govuk-main-wrapper")[0].text_content()
        assert not [pupil for pupil in everybody if pupil.legal_surname in said or pupil.upn in said]
        facts = explained.find_class("app-facts")[0]
        named = zip(facts.findall("dt"), facts.findall("dd"), strict=True)
        numbers = {
            each for dt, dd in named if dt.text not in ("Days", "That is") for each in NUMBER.findall(dd.text_content())
        }
        assert numbers <= printed, f"{found.href} tells what its page does not"


def _address(cast: Cast, path: str) -> str:
    if path == "TRUST":
        return f"/trust/{cast.school.trust_id}/"
    if path == "REPORT":
        with acting_for(cast.school):
            report = governor.make_governor_report(
                school=cast.school, academic_year=2024, half_term=3, by=cast.actor("head")
            )
        path = f"governors/reports/{report.pk}/"
    return cast.url(f"figures/{path}")


def test_what_is_hidden_has_no_explanation(school_of_sixty: Any, cast: Cast, clock: object) -> None:
    """Nor has what is not there: nobody learns from the answer which of the two it is."""
    client = cast.client("governor")
    page = read(client, cast.url("figures/governors/?range=2024-HT3"))
    hidden = [cell for cell in page.iter("td") if cell.text_content().strip() == "hidden"]
    assert hidden
    assert not [cell for cell in hidden if list(cell.iter("a"))]
    for asked in (
        "persistent/?range=2024-HT3&of=service_child:yes", "pupils/?range=2024-HT3&of=service_child:yes",
        "pupils/?of=looked_after:yes", "missed/?of=year:3&week=2025-01-06", "late/",
        "pupils/?range=custom&first=2025-01-06&last=2025-01-06&of=year:3", "attendance/?group=sex:F",
    ):  # fmt: skip
        assert client.get(cast.url(f"figures/governors/explain/{asked}")).status_code == 404, asked
    # Days of her own choice are not asked for, whatever the address says.
    of_a_week, plain = (
        read(client, cast.url(f"figures/governors/explain/attendance/{query}"))
        .find_class("app-facts")[0]
        .text_content()
        for query in ("?range=week", "")
    )
    assert of_a_week == plain
    assert client.get(cast.url("figures/explain/pupils/?of=service_child:yes")).status_code == 403


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("teacher", "pupils/?of=social_worker:yes"), ("head", "pupils/?of=nothing:yes"), ("head", "absence/?weekday=9"),
        ("head", "gap/"), ("head", "band/"), ("head", "band/?band=7"), ("head", "step/?ladder=x"), ("head", "best/"),
        ("head", "england/"), ("head", "missed/?pupil=x"), ("head", "attendance/?week=soon"),
    ],
)  # fmt: skip
def test_an_address_that_names_no_number(school: Cast, role: str, asked: str) -> None:
    assert school.client(role).get(school.url(f"figures/explain/{asked}")).status_code == 404


def test_a_teacher_explains_her_own_children_only(school: Cast) -> None:
    client, other = school.client("teacher"), school.other_pupils[0]
    assert client.get(school.url(f"figures/explain/missed/?pupil={other.pk}")).status_code == 403
    assert client.get(school.url(f"figures/explain/missed/?pupil={school.pupils[0].pk}")).status_code == 200


def test_links_cost_no_query(school: Cast) -> None:
    """As many for a page of seven children as for one of a class more, and for an explanation of either."""

    def queries(path: str) -> int:
        client = school.client("head")
        with CaptureQueriesContext(connection) as counted:
            assert client.get(school.url(f"figures/{path}")).status_code == 200
        return len(counted)

    paths = ("groups/", "explain/absence/?weekday=4&half=AM", "explain/pupils/", "explain/gap/?of=sex:F")
    few = {path: queries(path) for path in paths}
    pupil = school.pupils[0].pk
    assert queries(f"explain/late/?pupil={pupil}") <= 30
    extra = Pupil.objects.exclude(pk=pupil).values_list("pk", flat=True)
    Mark.objects.filter(pupil__in=extra, code__in=codes.ABSENT).update(code=codes.code_for("/", TODAY).number)
    assert {path: queries(path) for path in paths} == few


def test_where_no_explanation_may_be_seen_a_number_is_plain(school: Cast) -> None:
    page = read(school.client("office"), school.url("figures/checks/"))
    assert not page.find_class("app-figure")

"""A number kept on a day opens the register of that moment; a correction made after is told, and changes nothing."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attendance_mis.models import AuditRow
from casework.actions import cases, plans
from casework.models import Case, Plan
from registers.actions.amending import Wanted, amend_mark
from registers.actions.marking import Change, enter_marks
from registers.attendance import percent_of
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.facts import Slot
from registers.models import Entry, Mark, Pupil, SchoolDay
from tests.conftest import TODAY, Cast
from tests.factories import LONDON
from tests.house.test_access import weekly_of
from tests.reports.test_explain_cells import _with_cases as with_cases
from tests.reports.test_explain_cells import read, rows_of

pytestmark = pytest.mark.usefixtures("clock")
ADMITTED, REVIEWS = date(2025, 1, 6), (date(2025, 3, 28), date(2025, 5, 9))
KEPT = re.compile(r"/casework/(cases|plans)/\d+/explain/")


def _take(cast: Cast, pupil: Pupil, first: date, last: date, clock: time_machine.Traveller) -> None:
    """The registers of these days, each taken at its time: every third day ill, every fifth morning late."""
    for nth, day in enumerate(SchoolDay.objects.filter(day__range=(first, last)).order_by("day")):
        for session, hour in ((Session.AM, 9), (Session.PM, 13)):
            at = datetime.combine(day.day, time(hour, 0), LONDON)
            letter = "I" if nth % 3 == 0 else "L" if nth % 5 == 0 and session is Session.AM else "/\\"[session - 1]
            enter_marks(
                school_id=cast.school.pk, day=day.day, session=session, by=cast.actor("teacher"), at=at, made_at=at,
                changes=[Change(pupil.pk, code_for(letter, day.day).number, 0)], source=Entry.Source.TEACHER,
            )  # fmt: skip
    clock.move_to(datetime.combine(last, time(16), LONDON))


@pytest.fixture
def case(cast: Cast, clock: time_machine.Traveller) -> Case:
    """Opened at four o'clock, with two plans that were reviewed and one that runs."""
    pupil, by = cast.pupils[0], cast.actor("manager")
    pupil.registrations.update(admission_date=ADMITTED)
    _take(cast, pupil, ADMITTED, TODAY, clock)
    case = cases.open_case(pupil=pupil, lead_id=cast.people["manager"].pk, concern="Often ill.", today=TODAY, by=by)
    starts = TODAY
    for review in (*REVIEWS, None):
        case = Case.objects.select_related("pupil", "school").get(pk=case.pk)
        plan = plans.make_plan(
            case=case, version=case.version, starts=starts, review_on=starts + timedelta(28), support="", targets=[],
            actions=[], by=by,
        )  # fmt: skip
        if review:
            _take(cast, pupil, starts + timedelta(1), review, clock)
            plan.case.refresh_from_db()
            plans.review_plan(
                plan=plan, version=plan.case.version, on=review, was_held=True, present="", summary="x", done=[],
                helped=[], today=review, by=by,
            )  # fmt: skip
            starts = review
    return Case.objects.get(pk=case.pk)


def _links(page: Any) -> dict[str, str]:
    """Where the numbers that were kept lead, with what they say."""
    found: dict[str, list[str]] = {}
    for link in page.find_class("app-figure"):
        if KEPT.search(link.get("href")):
            found.setdefault(link.get("href"), []).append(" ".join(link.text_content().split()))
    return {href: "; ".join(said) for href, said in found.items()}


def _stored(href: str) -> tuple[int, int, int]:
    """What the database has kept of the number at this address: attended, missed, possible."""
    kind, pk, _, figure = urlsplit(href).path.strip("/").split("/")[-4:]
    row: Any = (Case if kind == "cases" else Plan).objects.get(pk=pk)
    name = {"at-start": "baseline", "before-plan": "before", "during-plan": "after"}[figure]
    attended, absent, possible = (getattr(row, f"{name}_{each}") for each in ("attended", "absent", "possible"))
    return attended, absent, possible


def _sums(client: Client, href: str) -> list[tuple[int, int, int]]:
    """As it was kept, the register of that moment, and that of today."""
    rows = rows_of(client, f"{href}?file=sums.csv")
    return [(int(row["Attended"]), int(row["Missed"]), int(row["Possible"])) for row in rows]


def _codes(client: Client, href: str) -> dict[str, int]:
    """Sessions of the moment by what they count as."""
    found: dict[str, int] = {}
    for row in rows_of(client, f"{href}?file=codes.csv"):
        found[row["Counts as"]] = found.get(row["Counts as"], 0) + int(row["Sessions"])
    return found


def _said(page: Any) -> str:
    return " ".join(page.get_element_by_id("main").text_content().split())


def _explained(client: Client, case: Case, cast: Cast) -> Iterator[str]:
    yield from _links(read(client, cast.url(f"casework/pupils/{case.pupil_id}/")))


@pytest.mark.parametrize("role", ["manager", "safeguarding"])
def test_each_number_that_was_kept(cast: Cast, case: Case, role: str) -> None:
    """The sum is the stored one, the register of that moment makes it, and the sessions listed add up to it."""
    client = cast.client(role)
    links = _links(read(client, cast.url(f"casework/pupils/{case.pupil_id}/")))
    figures = sorted(href.strip("/").split("/")[-1] for href in links)
    assert figures == ["at-start", "before-plan", "before-plan", "during-plan", "during-plan"]
    for href, said in links.items():
        page = read(client, href)
        facts = [dd.text_content() for dd in page.find_class("app-facts")[0].findall("dd")]
        assert facts[0] == f"{said} attended"
        attended, missed, possible = _stored(href)
        assert facts[3:6] == [f"{attended}", f"{missed}", f"{possible}"]
        assert _sums(client, href)[:2] == [(attended, missed, possible)] * 2
        assert _codes(client, href) == {"Attending": attended, "Authorised absence": missed}
        listed = rows_of(client, f"{href}?file=sessions.csv")
        assert sum(row["When it was kept"].startswith("I") for row in listed) == missed > 0
        assert "The register of that moment adds up to the number." in _said(page)
        assert "No mark of these sessions has been changed since. Today's register gives the same number." in _said(
            page
        )
        assert page.find_class("app-card")[-1].findall("p"), "who is left out, and why"


def test_the_days_and_the_moment(cast: Cast, case: Case) -> None:
    client = cast.client("manager")
    said = [_said(read(client, href)) for href in _explained(client, case, cast)]
    for days, moment in (
        ("1 August 2024 to 11 March 2025", "11 March 2025, 16:00"),
        ("11 March 2025 to 28 March 2025", "28 March 2025, 16:00"),
        ("12 February 2025 to 10 March 2025", "28 March 2025, 16:00"),
        ("28 March 2025 to 9 May 2025", "9 May 2025, 16:00"),
    ):
        assert [each for each in said if f"Days{days}" in each and f"Kept{moment}" in each], (days, moment)


def test_a_correction_made_after_is_told(cast: Cast, case: Case, clock: time_machine.Traveller) -> None:
    """The number stays; the session stands with both codes, and today's register gives another."""
    href = cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/")
    kept = _sums(cast.client("manager"), href)
    clock.move_to(datetime(2025, 5, 12, 10, tzinfo=LONDON))
    client = cast.client("manager")
    version = Mark.objects.get(pupil=case.pupil, day=ADMITTED, session=Session.AM).entry_id
    wanted = Wanted(Slot(case.pupil_id, ADMITTED, Session.AM), "/", version)
    amend_mark(school=cast.school, wanted=wanted, reason="Was here", by=cast.actor("office"))
    attended, missed, possible = kept[0]
    assert _sums(client, href) == [*kept[:2], (attended + 1, missed - 1, possible)]
    changed = [row for row in rows_of(client, f"{href}?file=sessions.csv") if row["Since then"] != "the same"]
    [row] = changed
    assert (row["Day"], row["Session"], row["Since then"]) == ("Mon 6 Jan 2025", "AM", "corrected")
    assert row["When it was kept"].startswith("I")
    assert row["In the register now"].startswith("/")
    page = read(client, href)
    assert "since then: 1 corrected. Today's register gives another number: missed" in _said(page)
    assert _stored(href) == kept[0]
    facts = page.find_class("app-facts")[0].text_content()
    assert f"Sessions attended{attended}Sessions missed{missed}Possible sessions{possible}" in facts
    [today, *_] = [a for a in page.find_class("app-figure") if "/explain/missed/" in a.get("href")]
    assert today.text in read(client, today.get("href")).find_class("app-facts")[0].text_content()


def test_a_code_that_counts_alike_is_told_too(cast: Cast, case: Case, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2025, 5, 12, 10, tzinfo=LONDON))
    client, href = cast.client("manager"), cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/")
    version = Mark.objects.get(pupil=case.pupil, day=ADMITTED, session=Session.AM).entry_id
    wanted = Wanted(Slot(case.pupil_id, ADMITTED, Session.AM), "M", version)
    amend_mark(school=cast.school, wanted=wanted, reason="Dentist", by=cast.actor("office"))
    assert "1 corrected. Today's register gives the same number." in _said(read(client, href))


def test_a_session_that_was_marked_after(cast: Cast, clock: time_machine.Traveller) -> None:
    """A case that was opened before the afternoon's register: that session was not marked then, and is now."""
    pupil = cast.pupils[0]
    pupil.registrations.update(admission_date=TODAY)
    client = cast.client("manager")
    at = datetime.combine(TODAY, time(9), LONDON)
    for session in Session:
        enter_marks(
            school_id=cast.school.pk, day=TODAY, session=session, by=cast.actor("teacher"), at=at, made_at=at,
            changes=[Change(pupil.pk, code_for("I", TODAY).number, 0)], source=Entry.Source.TEACHER,
        )  # fmt: skip
        if session is Session.AM:
            clock.move_to(at + timedelta(minutes=30))
            case = cases.open_case(
                pupil=pupil, lead_id=cast.people["manager"].pk, concern="x", today=TODAY, by=cast.actor("manager")
            )
            at += timedelta(hours=4)
    href = cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/")
    assert _sums(client, href) == [(0, 1, 1), (0, 1, 1), (0, 2, 2)]
    assert _codes(client, href) == {"Authorised absence": 1, "Nothing: not marked yet": 1}
    assert "since then: 1 marked. Today's register gives another number" in _said(read(client, href))


def test_sessions_that_count_no_more(cast: Cast, case: Case) -> None:
    """The starting day was corrected after: the register of that moment still makes the number, and says with what."""
    client, href = cast.client("manager"), cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/")
    kept = _sums(client, href)[0]
    case.pupil.registrations.update(admission_date=ADMITTED + timedelta(7))
    sums, page = _sums(client, href), read(client, href)
    assert sums[:2] == [kept, kept]
    assert sums[2][2] == kept[2] - 10
    assert "adds up to the number with 10 sessions that counted then. Today they are no session" in _said(page)
    assert sum(_codes(client, href).values()) == kept[2]
    ended = [row for row in rows_of(client, f"{href}?file=sessions.csv") if "no session today" in row["Since then"]]
    assert {row["Day"] for row in ended} == {"Mon 6 Jan 2025", "Thu 9 Jan 2025"}


def test_what_cannot_be_made_of_the_record_is_told(cast: Cast, case: Case) -> None:
    client, href = cast.client("manager"), cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/")
    Case.objects.update(baseline_attended=7, baseline_absent=3, baseline_possible=10)
    assert "The register of that moment does not add up to the number. Shown is" in _said(read(client, href))
    assert "may have been others when the number was kept" in _said(read(client, href))
    assert _sums(client, href)[0] == (7, 3, 10)
    assert _sums(client, href)[1] == _sums(client, href)[2]


def test_a_case_without_a_row_of_the_trail(cast: Cast, case: Case) -> None:
    """A moment that is not recorded is told, and the end of the day taken."""
    client = cast.client("manager")
    other = Case.objects.create(
        school=cast.school, pupil=cast.pupils[1], state="opened", opened_on=TODAY, lead=case.lead, concern="x",
        baseline_attended=1, baseline_absent=1, baseline_possible=2,
    )  # fmt: skip
    assert not AuditRow.objects.filter(subject_type="casework.case", subject_id=other.pk).exists()
    said = _said(read(client, cast.url(f"figures/casework/cases/{other.pk}/explain/at-start/")))
    assert "Kept11 March 2025, the time is not recorded" in said
    assert "as it was recorded at the end of 11 March 2025" in said


def test_every_page_that_prints_one(cast: Cast, case: Case) -> None:
    """The list of cases, the weekly meeting, the forms, a closed case: each opens the same page."""
    client = cast.client("manager")
    start = cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/")
    item = weekly_of(case.pupil, cast.people["manager"])
    running = case.plans.get(is_reviewed=False)
    percent = f"{case.baseline.percent}"
    for path in ("cases/", f"weekly/children/{item.pk}/", f"cases/{case.pk}/close/"):
        links = _links(read(client, cast.url(f"casework/{path}")))
        assert list(links) == [start], path
        assert percent in links[start], path
    for path in (f"cases/{case.pk}/close/", f"cases/{case.pk}/plan/", f"plans/{running.pk}/review/"):
        page = read(client, cast.url(f"casework/{path}"))
        numbers = [a for a in page.find_class("app-figure") if "/explain/attendance/" in a.get("href")]
        assert len(numbers) == (2 if "review" in path else 1), path
        for number in numbers:
            said = read(client, number.get("href")).find_class("app-facts")[0].text_content()
            assert number.text.removesuffix(" per cent") in said, path
    running.delete()
    Case.objects.update(state="reviewed")
    case.refresh_from_db()
    cases.close_case(
        case=case, version=case.version, outcome="other", closing="x", today=REVIEWS[1], by=cast.actor("manager")
    )
    page = read(client, cast.url(f"casework/pupils/{case.pupil_id}/"))
    [said] = _links(page).values()
    assert said.endswith(f"; {percent}")
    assert read(client, start) is not None


def test_the_plans_behind_what_a_support_has_done(cast: Cast) -> None:
    """Before and with it are the sums of the plans that are listed, and each of their numbers opens."""
    with_cases(cast, [*cast.pupils, cast.other_pupils[0]])
    client = cast.client("manager")
    page = read(client, cast.url("casework/impact/"))
    [told] = [a for a in page.find_class("app-figure") if "/with-plan/" in a.get("href")]
    links = _links(read(client, told.get("href")))
    assert len(links) == 12
    for figure, words in (("before-plan", "before"), ("during-plan", "with it")):
        stored = [_stored(href) for href in links if figure in href]
        attended, _, possible = (sum(each) for each in zip(*stored, strict=True))
        assert f"({percent_of(attended, possible)}%) {words}" in told.text
    assert all(said in _said(read(client, href)) for href, said in links.items())


def test_who_sees_it_and_what_is_not_there(cast: Cast, case: Case) -> None:
    client = cast.client("manager")
    running = case.plans.get(is_reviewed=False)
    for path in (
        f"cases/{case.pk}/explain/missed/", f"cases/{case.pk}/explain/at-start/?of=x",
        f"plans/{running.pk}/explain/during-plan/", f"plans/{case.plans.last().pk}/explain/at-start/",
    ):  # fmt: skip
        assert client.get(cast.url(f"figures/casework/{path}")).status_code == 404, path
    start = cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/")
    assert {role: cast.client(role).get(start).status_code for role in ("lead", "teacher", "office", "governor")} == {
        "lead": 200, "teacher": 403, "office": 403, "governor": 403,
    }  # fmt: skip
    Case.objects.update(baseline_attended=0, baseline_absent=0, baseline_possible=0)
    assert client.get(start).status_code == 404


def test_sessions_cost_no_query(cast: Cast, case: Case) -> None:
    client, queries = cast.client("manager"), []
    for days in (7, 70):
        case.pupil.registrations.update(admission_date=TODAY - timedelta(days))
        with CaptureQueriesContext(connection) as counted:
            read(client, cast.url(f"figures/casework/cases/{case.pk}/explain/at-start/"))
        queries.append(len(counted))
    assert queries[0] == queries[1] <= 20

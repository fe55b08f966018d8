"""What partners read: the same rows as the commands, page by page, of one school, and every refusal in one shape."""

import csv
import io
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any

import jsonschema
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies
from openapi_spec_validator import validate

from attendance_mis import seals
from attendance_mis.actions import open_token, revoke_token
from attendance_mis.actors import Actor
from attendance_mis.api.openapi import answer_schema
from attendance_mis.api.problems import PROBLEM
from attendance_mis.middleware import ProblemMiddleware
from attendance_mis.models import School, Token, TokenUse
from attendance_mis.tenancy import acting_for
from registers.actions.marking import Change, enter_marks
from registers.api import cursors, pupils
from registers.api.endpoints import ENDPOINTS
from registers.api.views import DOCUMENT
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import Entry, Mark, Pupil
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.factories import TokenFactory

pytestmark = pytest.mark.usefixtures("clock")
HEAD = Actor("Helen Osei", "Headteacher")
RANGE = {"from": "2025-03-03", "to": "2025-03-31"}


class Partner:
    """A machine with a token."""

    def __init__(self, school: School, **values: Any) -> None:
        with acting_for(school):
            self.token = TokenFactory(school=school, **values)
            self.headers = {"Authorization": f"Bearer {open_token(token=self.token, by=HEAD)}"}
        self.client = Client(raise_request_exception=False)

    def ask(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def read(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read_all(self, path: str, **query: Any) -> tuple[list[dict[str, Any]], str]:
        """The rows of every page, and the cursor to go on with another day."""
        limit = {"limit": query["limit"]} if "limit" in query else {}
        page = self.read(path, **query)
        rows = page["data"]
        while page["more"]:
            page = self.read(path, cursor=page["cursor"], **limit)
            rows += page["data"]
        return rows, page["cursor"]


def enter(
    cast: Cast,
    pupil: Pupil,
    letter: str | None,
    *,
    day: date = TODAY,
    at: datetime = REGISTER_TIME,
    minutes: Any = None,
) -> None:
    """One save, on whatever stands there."""
    with acting_for(cast.school):
        held = Mark.objects.filter(pupil=pupil, day=day, session=Session.AM).first()
        number = code_for(letter, day).number if letter else None
        enter_marks(
            school_id=cast.school.pk,
            day=day,
            session=Session.AM,
            changes=[Change(pupil.pk, number, held.entry_id if held else 0, minutes_late=minutes)],
            by=cast.actor("teacher"),
            at=at,
            made_at=at,
            source=Entry.Source.TEACHER,
        )


@pytest.fixture
def partner(cast: Cast) -> Partner:
    return Partner(cast.school)


@pytest.fixture
def marked(cast: Cast) -> Cast:
    """Five children marked over two days, one of them late, one amended, one taken back."""
    for pupil in cast.pupils:
        enter(cast, pupil, "/", day=TODAY - timedelta(days=1), at=REGISTER_TIME - timedelta(days=1))
        enter(cast, pupil, "/")
    enter(cast, cast.pupils[0], "L", minutes=12)
    enter(cast, cast.pupils[1], "N")
    enter(cast, cast.pupils[1], "I")
    enter(cast, cast.pupils[2], None)
    return cast


def command(name: str, *arguments: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def as_file(row: dict[str, Any]) -> dict[str, str]:
    """A row as the commands print it."""
    said = {True: "Y", False: "N", None: ""}
    return {
        name: said[value] if value is None or isinstance(value, bool) else str(value) for name, value in row.items()
    }


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["upn"], row["session_date"], row["session"]))


# The document


def test_the_document_is_openapi() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.json() == DOCUMENT
    validate(answer.json())


def test_the_document_names_every_address() -> None:
    assert set(DOCUMENT["paths"]) == {"/school", "/marks", "/pupils", "/summaries/pupils", "/summaries/groups"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_answers_are_as_the_document_says(endpoint: Any, marked: Cast, partner: Partner) -> None:
    query = RANGE if endpoint.path.startswith("summaries") else {}
    more = {"by": "class"} if endpoint.name == "group_summaries" else {}
    answer = partner.read(endpoint.path, **query, **more)
    schema = answer_schema(endpoint)
    assert answer["data"]
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(answer)] == []


def test_the_page_for_people_says_the_same(cast: Cast) -> None:
    page = Client().get("/api/v1/").text
    assert all(field.name in page for endpoint in ENDPOINTS for field in endpoint.fields)


# The rows


def test_marks_are_the_rows_of_the_daily_share(marked: Cast, partner: Partner) -> None:
    since = REGISTER_TIME - timedelta(days=3)
    rows, _ = partner.read_all("marks", since=since.isoformat())
    shared = command("daily_share", "--school", marked.school.urn, "--since", f"{since:%Y-%m-%dT%H:%M}")
    assert [as_file(row) for row in in_order(rows)] == shared
    assert {row["is_deleted"] for row in rows} == {True, False}


def test_marks_of_a_range_are_those_that_stand(marked: Cast, partner: Partner) -> None:
    rows, _ = partner.read_all("marks", **{"from": f"{TODAY}", "to": f"{TODAY}"})
    assert [(row["upn"], row["mark"], row["minutes_late"]) for row in in_order(rows)] == sorted(
        (pupil.upn, letter, minutes)
        for pupil, letter, minutes in zip(marked.pupils, ["L", "I", None, "/", "/"], [12, *[None] * 4], strict=True)
        if letter
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_any_size_give_the_same(marked: Cast, partner: Partner, limit: int) -> None:
    since = "2000-01-01T00:00:00Z"
    for path, query in (("marks", {}), ("marks", {"since": since}), ("pupils", {}), ("pupils", {"since": since})):
        whole, _ = partner.read_all(path, **query)
        assert partner.read_all(path, limit=limit, **query)[0] == whole
        assert whole


def test_a_cursor_leads_from_what_is_there_to_what_changes(marked: Cast, partner: Partner) -> None:
    rows, cursor = partner.read_all("marks", limit=3)
    assert len(rows) == 9
    assert partner.read_all("marks", cursor=cursor) == ([], cursor)
    enter(marked, marked.pupils[3], "N")
    enter(marked, marked.pupils[3], "O")
    enter(marked, marked.pupils[4], None)
    rows, cursor = partner.read_all("marks", cursor=cursor)
    assert [(row["upn"], row["mark"], row["is_deleted"]) for row in rows] == [
        (marked.pupils[3].upn, "O", False),
        (marked.pupils[4].upn, None, True),
    ]
    assert partner.read_all("marks", cursor=cursor) == ([], cursor)


def test_what_changes_while_the_first_reading_goes_on_comes_after_it(marked: Cast, partner: Partner) -> None:
    page = partner.read("marks", limit=1)
    enter(marked, marked.pupils[0], "U", minutes=40)  # its page was read already
    rows, _ = partner.read_all("marks", cursor=page["cursor"])
    while not rows or rows[-1]["mark"] != "U":
        more, _ = partner.read_all("marks", cursor=partner.read_all("marks", cursor=page["cursor"])[1])
        assert more
        rows += more
    assert (rows[-1]["upn"], rows[-1]["mark"]) == (marked.pupils[0].upn, "U")


def test_a_cursor_keeps_to_the_days_it_was_asked_for(marked: Cast, partner: Partner) -> None:
    _, cursor = partner.read_all("marks", to=f"{TODAY - timedelta(days=1)}")
    enter(marked, marked.pupils[3], "N")
    assert partner.read("marks", cursor=cursor)["data"] == []


def test_a_restored_record_says_that_the_cursor_is_over(marked: Cast, partner: Partner) -> None:
    ahead = cursors.pack("changes", date.min, date.max, 2**30, 0)
    answer = partner.ask("marks", cursor=ahead)
    assert (answer.status_code, answer.json()["title"]) == (410, "The cursor is over")


def test_pupils_and_who_changed_since(cast: Cast, partner: Partner) -> None:
    rows, cursor = partner.read_all("pupils", limit=2)
    assert {row["upn"] for row in rows} == {pupil.upn for pupil in (*cast.pupils, *cast.other_pupils)}
    first = next(row for row in rows if row["upn"] == cast.pupils[0].upn)
    assert (first["class_name"], first["legal_surname"]) == ("3A", cast.pupils[0].legal_surname)
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(preferred_forename="Sam", changed_at=REGISTER_TIME)
    rows, _ = partner.read_all("pupils", cursor=cursor)
    assert [(row["upn"], row["preferred_forename"]) for row in rows] == [(cast.pupils[0].upn, "Sam")]


def test_summaries_are_those_of_the_command(marked: Cast, partner: Partner) -> None:
    days = ("--school", marked.school.urn, "--from", RANGE["from"], "--to", RANGE["to"])
    told = [as_file(row) for row in partner.read("summaries/pupils", **RANGE)["data"]]
    assert told == command("attendance_summary", *days)
    for by in ("year", "class", "group"):
        told = [as_file(row) for row in partner.read("summaries/groups", by=by, **RANGE)["data"]]
        assert told == command("attendance_summary", *days, "--by", by)
        assert told


def test_the_school_and_the_token(cast: Cast) -> None:
    [row] = Partner(cast.school, scopes=["pupils"]).read("school")["data"]
    assert (row["urn"], row["scopes"]) == (cast.school.urn, ["pupils"])
    assert row["expires_at"].startswith("2025-12-31T23:59:59")


# Who gets in


def refusal(answer: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of a refusal, which has the one shape."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store, private"
    body = answer.json()
    jsonschema.validate(body, PROBLEM)
    return answer.status_code, body


@pytest.mark.parametrize("header", [None, "", "Basic x", "Bearer", "Bearer amis_100000_x", "Bearer é", "amis_100000"])
def test_nobody_without_a_token(cast: Cast, header: str | None) -> None:
    answer = Client().get("/api/v1/marks", headers={"Authorization": header} if header is not None else {})
    assert refusal(answer)[0] == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="attendance"')


def test_a_token_of_one_school_sees_no_other(marked: Cast) -> None:
    stranger = Partner(marked.other_school)
    assert stranger.read("marks")["data"] == []
    assert {row["upn"] for row in stranger.read("pupils")["data"]} == {pupil.upn for pupil in marked.strange_pupils}
    assert {row["upn"] for row in stranger.read("summaries/pupils", **RANGE)["data"]} <= {
        pupil.upn for pupil in marked.strange_pupils
    }
    _, cursor = Partner(marked.school).read_all("marks")  # another school's place leads nowhere
    assert stranger.ask("marks", cursor=cursor).status_code in (200, 410)
    moved = {"Authorization": stranger.headers["Authorization"].replace(marked.other_school.urn, marked.school.urn)}
    assert Client().get("/api/v1/marks", headers=moved).status_code == 401


def test_a_revoked_token_is_over_at_once(cast: Cast, partner: Partner) -> None:
    partner.read("school")
    revoke_token(token=partner.token, by=HEAD)
    assert refusal(partner.ask("school"))[0] == 401


def test_an_expired_token_is_over(partner: Partner, clock: Any) -> None:
    clock.move_to(datetime(2025, 12, 31, 23, 59, 58, tzinfo=UTC))
    assert partner.ask("school").status_code == 200
    clock.shift(timedelta(seconds=2))
    assert refusal(partner.ask("school"))[0] == 401


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each.scope], ids=lambda endpoint: endpoint.name)
def test_a_scope_opens_nothing_else(cast: Cast, endpoint: Any) -> None:
    others = [scope for scope in ("marks", "pupils", "summaries") if scope != endpoint.scope]
    answer = Partner(cast.school, scopes=others).ask(endpoint.path)
    status, body = refusal(answer)
    assert (status, endpoint.scope.value in body["detail"]) == (403, True)
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


def test_it_is_for_reading(partner: Partner) -> None:
    answer = partner.client.post("/api/v1/marks", {"mark": "/"}, headers=partner.headers)
    assert (refusal(answer)[0], answer.headers["Allow"]) == (405, "GET, HEAD")
    assert refusal(partner.ask("elsewhere"))[0] == 404


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda client: client.get("/api/v1/marks", headers={"Host": "elsewhere.example"}), 400),
        (lambda client: client.get("/api/v1/marks?" + "&".join(f"a{n}=1" for n in range(5000))), 400),
        (lambda client: client.get("/api/v1/marks", headers={"Host": "a b\x00"}), 400),
        (lambda client: client.get("/api/v2/marks"), 404),
        (lambda client: client.get("/api/v1/marks/%00"), 404),
        (lambda client: client.post("/api/v1/elsewhere", {"a": "1"}), 404),
        (lambda client: client.post("/api/v1/openapi.json"), 405),
        (lambda client: client.delete("/api/v1/"), 405),
    ],
    ids=["host", "parameters", "malformed host", "version", "nul", "posted nowhere", "posted", "deleted"],
)
def test_whoever_refuses_says_it_alike(partner: Partner, ask: Callable[[Client], Any], status: int) -> None:
    """Django itself, before any view is asked; a browser's check of forms is not in the way."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers=partner.headers)
    answer = ask(client)
    assert refusal(answer)[0] == status
    assert answer.headers.get("Content-Length") in (None, str(len(answer.content))), "a client waits for the rest"
    assert status != 405 or answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("status", [400, 403, 404, 413, 418, 429, 500, 503])
def test_a_page_of_another_layer_becomes_a_problem(status: int) -> None:
    page = HttpResponse("<h1>No</h1>", status=status, headers={"Retry-After": "5"})
    answer = ProblemMiddleware(lambda request: page)(RequestFactory().get("/api/v1/marks"))  # type: ignore[arg-type]
    body = json.loads(answer.content)
    assert (answer.status_code, body["status"], answer.headers["Retry-After"]) == (status, status, "5")
    assert status == 418 or jsonschema.validate(body, PROBLEM) is None


def test_an_account_that_is_signed_in_changes_nothing(cast: Cast, partner: Partner, clock: Any) -> None:
    """No session is asked or written, however long it was idle."""
    partner.client.cookies = cast.client("head").cookies
    clock.shift(timedelta(days=2))
    assert partner.ask("school").status_code == 200


def test_so_many_a_minute(partner: Partner, settings: Any, clock: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    assert [partner.ask("school").status_code for _ in range(4)] == [200, 200, 200, 429]
    clock.shift(timedelta(seconds=20))
    answer = partner.ask("school")
    assert (refusal(answer)[0], answer.headers["Retry-After"]) == (429, "40")
    clock.shift(timedelta(seconds=40))
    assert partner.ask("school").status_code == 200


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        ("marks", {"from": "11/03/2025"}, {"from": "Give a day as 2025-03-11."}),
        ("marks", {"from": "2025-03-11", "to": "2025-03-10"}, {"to": "It lies before “from”."}),
        ("marks", {"limit": "0"}, {"limit": "Ensure this value is greater than or equal to 1."}),
        ("marks", {"since": "yesterday"}, {"since": "Give a moment as 2025-03-11T09:00:00Z."}),
        ("marks", {"since": "2025-03-12T09:00:00Z"}, {"since": "It lies in the future."}),
        ("marks", {"cursor": "x"}, {"cursor": "It is none of ours. Leave it out to begin anew."}),
        ("marks", {"cursor": "x", "from": "2025-03-11"}, {"from": "The cursor says this already."}),
        ("marks", {"form": "2025-03-11"}, {"form": "There is no such parameter here."}),
        ("marks", {"from": ["2025-03-10", "2025-03-11"]}, {"from": "Give it once."}),
        ("summaries/pupils", {"from": "2025-03-11"}, {"to": "Give a day as 2025-03-11."}),
        ("summaries/groups", RANGE | {"by": "pupil"}, {"by": "Say year, class or group."}),
        ("summaries/pupils", {"from": "0001-01-01", "to": "2025-03-11"}, {"from": "Give a day from 1990-01-01"}),
    ],
)
def test_a_parameter_that_is_not_understood_is_named(
    partner: Partner, path: str, query: dict[str, Any], wrong: dict[str, str]
) -> None:
    status, body = refusal(partner.ask(path, **query))
    assert status == 422
    for error in body["errors"]:
        assert error["detail"].startswith(wrong.pop(error["parameter"]))
    assert wrong == {}


def test_a_fault_of_ours_has_the_same_shape(partner: Partner, monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setattr("registers.api.marks.settled_entry", lambda school: 1 / 0)
    with caplog.at_level(logging.CRITICAL):
        assert refusal(partner.ask("marks"))[0] == 500


ODD = strategies.one_of(
    strategies.text(max_size=30),
    strategies.dates().map(str),
    strategies.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    strategies.integers().map(str),
    strategies.recursive(strategies.none() | strategies.integers() | strategies.text(max_size=5), strategies.lists).map(
        lambda value: cursors.pack("changes", value)
    ),
    strategies.tuples(strategies.dates(), strategies.dates(), *[strategies.integers()] * 2).map(
        lambda place: cursors.pack("changes", *place)
    ),
    strategies.tuples(strategies.datetimes(timezones=strategies.just(UTC)), strategies.integers()).map(
        lambda place: cursors.pack("held", *place)
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=strategies.sampled_from([endpoint.path for endpoint in ENDPOINTS]),
    query=strategies.dictionaries(
        strategies.sampled_from(["from", "to", "since", "cursor", "limit", "by"]) | strategies.text(max_size=5), ODD
    ),
)
def test_whatever_is_asked(partner: Partner, path: str, query: dict[str, str]) -> None:
    with transaction.atomic():
        Token.objects.update(asked_in_minute=0)
        answer = partner.ask(path, **query)
        assert answer.status_code in (200, 410, 422), answer.text


# What it leaves, and what it costs


def test_what_was_read_is_written_down(marked: Cast, partner: Partner) -> None:
    partner.read_all("marks", limit=5)
    partner.read("pupils")
    *marks, read = TokenUse.objects.order_by("what", "pk")
    assert [(use.what, use.times, use.rows, use.day) for use in marks] == [("marks", 1, n, TODAY) for n in (5, 4)]
    assert (read.what, read.times, read.rows, read.first) == ("pupils", 1, 7, None)
    of_marks, of_pupils = TokenUse.objects.by_day()
    assert (of_marks["requests"], of_marks["read"], of_pupils["requests"]) == (2, 9, 1)
    assert (of_marks["since"], of_marks["until"]) == (TODAY - timedelta(days=1), TODAY)
    page = marked.client("head").get(marked.url(f"interfaces/tokens/{partner.token.pk}/")).text
    assert "10 March 2025 to 11 March 2025" in page


@pytest.mark.parametrize("path", ["marks", "pupils"])
def test_a_page_asks_the_same_of_the_database_however_long(
    path: str, marked: Cast, partner: Partner, django_assert_num_queries: Callable[..., Any]
) -> None:
    partner.read(path, limit=1)
    with django_assert_num_queries(13 if path == "marks" else 7, exact=False) as few:
        partner.read(path, limit=1)
    with django_assert_num_queries(len(few)):
        partner.read(path, limit=5000)
    assert not [each for each in few.captured_queries if "session" in each["sql"].split("FROM")[-1][:30]]


# Two at once


@pytest.fixture
def meanwhile(transactional_db: None, cast: Cast) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def alone(act: Callable[[], Any]) -> Callable[[], Any]:
    """What a thread of its own does, on a connection of its own."""

    def done() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return done


def write_slowly(meanwhile: ThreadPoolExecutor, write: Callable[[], Any]) -> Callable[[], None]:
    """Another process writes, and commits when what this gives is called."""
    written, may_end = Event(), Event()

    def slow() -> None:
        with transaction.atomic():
            write()
            written.set()
            assert may_end.wait(60)

    saving = meanwhile.submit(alone(slow))
    assert written.wait(60)

    def end() -> None:
        may_end.set()
        saving.result()

    return end


@pytest.mark.django_db(transaction=True)
def test_a_slow_save_is_not_passed_by(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    """Its entry is drawn before, and seen after, that of a quick one: it must come out all the same."""
    partner = Partner(cast.school)
    _, cursor = partner.read_all("marks")
    end = write_slowly(meanwhile, lambda: enter(cast, cast.pupils[0], "N"))
    enter(cast, cast.pupils[1], "/")
    assert Entry.objects.order_by("id").first().pupils == [cast.pupils[1].pk], "the quick one alone is seen"
    rows, cursor = partner.read_all("marks", cursor=cursor)
    assert rows == [], "not handed out while another may still appear before it"
    end()
    rows, _ = partner.read_all("marks", cursor=cursor)
    assert [row["upn"] for row in rows] == [cast.pupils[0].upn, cast.pupils[1].upn]


@pytest.mark.django_db(transaction=True)
def test_what_is_sealed_is_handed_out_while_somebody_writes(cast: Cast, meanwhile: ThreadPoolExecutor) -> None:
    partner = Partner(cast.school)
    enter(cast, cast.pupils[1], "/")
    seals.seal(cast.school)
    end = write_slowly(meanwhile, lambda: enter(cast, cast.pupils[0], "N"))
    since = (REGISTER_TIME - timedelta(days=1)).isoformat()
    rows, cursor = partner.read_all("marks", since=since)
    assert [row["upn"] for row in rows] == [cast.pupils[1].upn]
    end()
    assert [row["upn"] for row in partner.read_all("marks", cursor=cursor)[0]] == [cast.pupils[0].upn]


@pytest.mark.django_db(transaction=True)
def test_a_slow_change_of_a_pupil_is_not_passed_by(cast: Cast, meanwhile: ThreadPoolExecutor, monkeypatch: Any) -> None:
    """Without the margin: what holds is the beginning of the oldest transaction."""
    monkeypatch.setattr(pupils, "MARGIN", timedelta())
    now = time_machine.escape_hatch.datetime.datetime.now(UTC)
    partner = Partner(cast.school, asked_at=now, expires_at=now + timedelta(days=1))

    def change() -> None:
        with acting_for(cast.school):
            pupil = Pupil.objects.select_for_update().get(pk=cast.pupils[0].pk)  # here the transaction begins
            Pupil.objects.filter(pk=pupil.pk).update(changed_at=timezone.now())

    with time_machine.travel(now, tick=True):  # as the database's own clock goes
        end = write_slowly(meanwhile, change)
        _, cursor = partner.read_all("pupils")
        end()
        rows, _ = partner.read_all("pupils", cursor=cursor)
    assert [row["upn"] for row in rows] == [cast.pupils[0].upn]


@pytest.mark.django_db(transaction=True)
def test_two_processes_let_no_request_too_many_through(
    cast: Cast, meanwhile: ThreadPoolExecutor, settings: Any
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 10
    partner = Partner(cast.school)
    asking = [meanwhile.submit(alone(lambda: partner.ask("school").status_code)) for _ in range(24)]
    assert sorted(each.result() for each in asking) == [200] * 10 + [429] * 14

"""Leave: what may be asked and granted, what does not fit a decision, and each verb with its refusals."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions.leave import (
    Application,
    Decision,
    ask_leave,
    decide_leave,
    settle_taken,
    unauthorise_leave,
    withdraw_leave,
)
from casework.leave import leave_rows
from casework.leave_rules import (
    Asked,
    Span,
    beyond_leave,
    letter_for,
    notice,
    to_settle,
    whole_leave,
    why_not_ask,
    why_not_grant,
)
from casework.models import LeaveRequest
from letters.models import Letter
from registers.calendar_rules import Session
from registers.codes import by_number, code_for
from registers.facts import Slot
from registers.models import Amendment, Mark, PlannedAbsence
from tests import factories
from tests.conftest import TODAY, Cast
from tests.factories import LONDON

AM, PM = Session
MON, FRI = date(2025, 3, 17), date(2025, 3, 21)
WEEK = Span(MON, FRI)
HELD = [(MON + timedelta(n), s) for n in (-3, 0, 1, 2, 3, 4, 7, 8, 9) for s in Session]


def marks(**days: str) -> dict:
    """`marks(d17="G G")`: the marks of a day of March 2025, each with version 1."""
    return {
        (date(2025, 3, int(day[1:])), Session(n)): (code_for(letter, MON).number, 1)
        for day, letters in days.items()
        for n, letter in enumerate(letters.split(), 1)
    }


def asked(granted: Span | None = None, *, decided: bool = True, **values: object) -> Asked:
    return Asked(WEEK, TODAY, is_decided=decided, granted=granted, granted_letter="C", **values)


@pytest.mark.parametrize(
    ("purpose", "day", "letter"),
    [
        ("exceptional", date(2024, 8, 18), "C"),
        ("exceptional", date(2024, 8, 19), "C"),
        ("performance", date(2024, 8, 18), "C"),
        ("performance", date(2024, 8, 19), "C1"),
        ("interview", date(2024, 8, 18), "J"),
        ("interview", date(2024, 8, 19), "J1"),
        ("study", date(2024, 8, 19), "S"),
        ("holiday", date(2024, 8, 18), "H"),
        ("holiday", date(2024, 8, 19), ""),
    ],
)
def test_the_code_of_leave_is_that_of_the_day(purpose: str, day: date, letter: str) -> None:
    assert letter_for(purpose, day) == letter
    assert not letter or code_for(letter, day)


@pytest.mark.parametrize(
    ("ahead", "weeks", "is_short"), [(28, 4, False), (27, 4, True), (0, 0, True), (-1, 2, True), (1, 0, False)]
)
def test_notice_on_both_sides_of_the_schools_own(ahead: int, weeks: int, is_short: bool) -> None:
    assert notice(MON - timedelta(ahead), MON, weeks)[1] is is_short


@pytest.mark.parametrize(
    ("span", "held", "on", "words"),
    [
        (Span(FRI, MON), HELD, TODAY, "end is before"),
        (Span(MON, MON, PM, AM), HELD, TODAY, "end is before"),
        (WEEK, [], TODAY, "closed on all these days"),
        (WEEK, HELD, TODAY + timedelta(1), "has not come"),
        (WEEK, HELD, TODAY, ""),
    ],
)
def test_what_can_be_asked(span: Span, held: list, on: date, words: str) -> None:
    found = " ".join(why_not_ask(span, held, asked_on=on, today=TODAY))
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    ("granted", "purpose", "why", "words"),
    [
        (WEEK, "exceptional", "Funeral", ""),
        (WEEK, "exceptional", " ", "exceptional circumstances are"),
        (WEEK, "holiday", "Cheap flights", "no leave is granted for a holiday"),
        (WEEK, "study", "", ""),
        (Span(MON, FRI + timedelta(1)), "study", "", "More cannot be granted"),
        (Span(FRI, MON), "study", "", "end is before"),
    ],
)
def test_what_can_be_granted(granted: Span, purpose: str, why: str, words: str) -> None:
    found = " ".join(why_not_grant(asked(decided=False), granted, HELD, purpose=purpose, circumstances=why))
    assert words in found
    assert bool(words) == bool(found)


def test_nothing_is_granted_before_the_day_it_was_asked_for() -> None:
    late = Asked(WEEK, MON + timedelta(2))
    found = why_not_grant(late, WEEK, HELD, purpose="study", circumstances="")
    assert "no day before 19 March 2025" in found[0]
    assert why_not_grant(late, Span(MON + timedelta(2), FRI), HELD, purpose="study", circumstances="") == []


@pytest.mark.parametrize(
    ("request_", "letters", "proposed"),
    [
        pytest.param(asked(decided=False), "N O", [], id="undecided"),
        pytest.param(asked(), "N O", [("G", True)], id="refused: N becomes G, O was decided"),
        pytest.param(asked(taken_letter="O"), "N N", [("O", True)] * 2, id="the head said O"),
        pytest.param(asked(), "I /", [("G", False)], id="ill on a day refused: not sure"),
        pytest.param(asked(), "G U", [], id="G fits, U was there"),
        pytest.param(asked(WEEK), "N C", [("C", True)], id="granted: N becomes C"),
        pytest.param(asked(WEEK), "I /", [], id="granted and ill"),
        pytest.param(asked(Span(FRI, FRI)), "N N", [("G", True)] * 2, id="a day that was not granted"),
        pytest.param(asked(is_unauthorised=True), "N N", [], id="unauthorised already"),
    ],
)
def test_what_does_not_fit_a_decision(request_: Asked, letters: str, proposed: list) -> None:
    found = to_settle(request_, marks(d17=letters, d14="N N"))
    assert [(each.letter, each.is_sure) for each in found] == proposed


@pytest.mark.parametrize(
    ("days", "count"),
    [
        ({"d24": "/ /"}, 0),
        ({"d24": "N /", "d25": "N N"}, 1),
        ({"d24": "G N", "d25": "O /"}, 3),
        ({"d25": "N N"}, 0),  # nothing is known of the 24th
        ({"d14": "/ N"}, 1),  # left early
        ({"d24": "I I"}, 0),
    ],
)
def test_a_late_return_on_both_sides_of_its_edge(days: dict, count: int) -> None:
    assert len(beyond_leave(asked(WEEK), HELD, marks(**days))) == count
    assert beyond_leave(asked(), HELD, marks(**days)) == []


def test_the_whole_leave_is_what_was_granted_and_what_was_overrun() -> None:
    found = whole_leave(asked(WEEK), HELD, marks(d17="C C", d18="C I", d24="N G", d25="/ /"))
    assert [(each.slot[0].day, each.letter) for each in found] == [(17, "G"), (17, "G"), (18, "G"), (24, "G")]


# The verbs

pytest_clock = pytest.mark.usefixtures("clock")
HOLIDAY = Application(TODAY, WEEK, ("Ms Ahmed",), (), "holiday", "Cheaper flights.")
REFUSED = Decision(None, "Not exceptional.", "holiday")
GRANTED = Decision(WEEK, "Agreed.", "exceptional", "The funeral of her grandfather abroad.")


def ask(cast: Cast, application: Application = HOLIDAY, count: int = 1) -> list[LeaveRequest]:
    return ask_leave(school=cast.school, pupils=cast.pupils[:count], application=application, by=cast.actor("office"))


def decide(cast: Cast, requests: list[LeaveRequest], decision: Decision) -> None:
    decide_leave(school=cast.school, requests=requests, decision=decision, by=cast.actor("head"))
    for each in requests:
        each.refresh_from_db()


def mark(cast: Cast, letter: str, *days: date) -> None:
    for day in days:
        for session in Session:
            Mark.objects.create(
                school=cast.school, pupil=cast.pupils[0], day=day, session=session,
                code=code_for("\\" if letter == "/" and session is PM else letter, day).number, entry_id=1,
            )  # fmt: skip


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


@pytest_clock
def test_leave_granted_is_in_the_register_before_the_teacher_opens_it(cast: Cast) -> None:
    requests = ask(cast, count=2)
    decide(cast, requests, GRANTED)
    assert {each.state for each in requests} == {"granted"}
    planned = PlannedAbsence.objects.planned_for(MON, AM)
    assert {by_number(each.code).letter for each in planned} == {"C"}
    assert planned.count() == 2
    letter = Letter.objects.get()
    assert (letter.occasion, letter.pupil, letter.siblings) == (
        "leave_granted", requests[0].pupil, [requests[1].pupil_id]
    )  # fmt: skip
    assert letter.given["leave_from"] == "2025-03-17"
    with pytest.raises(Refused, match="granted already on 11 March 2025"):
        decide(cast, requests, REFUSED)


@pytest_clock
def test_leave_goes_around_the_other_schools_days_and_over_a_part_time_timetable(cast: Cast) -> None:
    dual, part_time = cast.pupils[:2]
    for pupil, kind, letter, values in (
        (dual, "dual", "D", {"weekdays": 0b01000}),
        (part_time, "part_time", "C2", {"only_session": PM}),
    ):
        factories.PlannedAbsenceFactory(
            pupil=pupil, kind=kind, code=code_for(letter, MON).number, start=TODAY, end=date(2025, 4, 4), **values
        )
    decide(cast, ask(cast, count=2), GRANTED)
    thursday = MON + timedelta(3)
    assert {
        (each.pupil, each.kind)
        for each in [*PlannedAbsence.objects.planned_for(MON, PM), *PlannedAbsence.objects.planned_for(thursday, PM)]
    } == {(dual, "leave"), (dual, "dual"), (part_time, "leave")}
    after = PlannedAbsence.objects.planned_for(FRI + timedelta(3), PM)
    assert [each.kind for each in after] == ["part_time"]


@pytest_clock
def test_a_part_is_granted(cast: Cast) -> None:
    [leave] = ask(cast)
    decide(cast, [leave], Decision(Span(MON, MON), "One day.", "exceptional", "The funeral itself."))
    assert (leave.state, leave.granted_said) == ("part", "17 March 2025")
    conditions = "One day. You asked for 17 to 21 March 2025; the other days are not granted."
    assert Letter.objects.get().given["conditions"] == conditions
    assert not PlannedAbsence.objects.planned_for(MON + timedelta(1), AM).exists()


@pytest_clock
def test_a_decision_without_a_reason_or_for_a_holiday_is_refused(cast: Cast) -> None:
    requests = ask(cast)
    with pytest.raises(Refused, match="Give the reason"):
        decide(cast, requests, Decision(None, " ", "holiday"))
    with pytest.raises(Refused, match="no leave is granted for a holiday"):
        decide(cast, requests, Decision(WEEK, "Yes.", "holiday", "Cheap flights"))
    assert not PlannedAbsence.objects.exists()


@pytest_clock
def test_the_same_days_are_asked_for_once(cast: Cast) -> None:
    requests = ask(cast)
    with pytest.raises(Refused, match="has a request for 17 to 21 March 2025 already"):
        ask(cast)
    withdraw_leave(request=requests[0], reason="They stay at home.", by=cast.actor("office"))
    assert ask(cast)


def test_refused_leave_taken_anyway_is_proposed_and_amended_by_a_person(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    [leave] = ask(cast)
    decide(cast, [leave], REFUSED)
    assert Letter.objects.get().given["reason"] == "Not exceptional."
    clock.shift(timedelta(14))
    mark(cast, "N", MON, MON + timedelta(1))
    [row] = leave_rows(cast.school, [leave], TODAY + timedelta(14))
    assert [each.letter for each in row.settle] == ["G"] * 4
    assert set(Mark.objects.values_list("code", flat=True)) == {code_for("N", MON).number}, "nothing by itself"
    chosen = [(Slot(leave.pupil_id, *each.slot), each.version) for each in row.settle]
    settle_taken(school=cast.school, request=leave, chosen=chosen, by=cast.actor("office"))
    assert set(Mark.objects.values_list("code", flat=True)) == {code_for("G", MON).number}
    assert "was refused on 11 March 2025, and taken anyway" in Amendment.objects.first().reason
    with pytest.raises(Refused, match="no longer proposed"):
        settle_taken(school=cast.school, request=leave, chosen=chosen, by=cast.actor("office"))


def test_the_head_unauthorises_the_whole_after_a_late_return(cast: Cast, clock: time_machine.Traveller) -> None:
    [leave] = ask(cast)
    decide(cast, [leave], GRANTED)
    clock.shift(timedelta(20))
    mark(cast, "C", *(MON + timedelta(n) for n in range(5)))
    with pytest.raises(Refused, match="Nothing was missed beyond"):
        unauthorise_leave(school=cast.school, request=leave, reason="Late.", by=cast.actor("head"))
    mark(cast, "N", FRI + timedelta(3))
    mark(cast, "/", FRI + timedelta(4))
    assert ">2 sessions</a> beyond the leave" in cast.client("office").get(url(cast, "see_leave_requests")).text
    count = unauthorise_leave(school=cast.school, request=leave, reason="No word from them.", by=cast.actor("head"))
    assert count == 12
    assert Mark.objects.filter(code=code_for("G", MON).number).count() == 12
    leave.refresh_from_db()
    assert leave.unauthorised_at
    assert AuditRow.objects.filter(verb="unauthorise_leave", pupil_id=leave.pupil_id).count() == 1


def test_under_the_rules_before_august_2024_a_holiday_could_be_agreed(
    cast: Cast, clock: time_machine.Traveller
) -> None:
    clock.move_to(factories.datetime(2024, 3, 4, 9, tzinfo=LONDON))
    days = Span(date(2024, 3, 11), date(2024, 3, 12))
    [leave] = ask(cast, Application(date(2024, 3, 4), days, ("Ms Ahmed",), (), "holiday", "Army leave."))
    decide(cast, [leave], Decision(days, "Agreed.", "holiday", "The father's only leave of the year."))
    assert leave.letter == "H"
    assert PlannedAbsence.objects.planned_for(date(2024, 3, 11), AM).get().code == leave.code


# Pages


@pytest_clock
def test_a_request_is_entered_for_a_family_and_decided_alike(cast: Cast) -> None:
    for pupil in cast.pupils[:2]:
        contact = factories.ContactFactory(pupil=pupil, email="one.parent@home.example")
    office, head = cast.client("office"), cast.client("head")
    child = contact.pupil
    found = office.post(url(cast, "choose_child_for_leave"), {"name": child.name})
    address = found.url if found.status_code == 302 else url(cast, "ask_leave", child.pk)
    values = {
        "pupils": [pupil.pk for pupil in cast.pupils[:2]], "asked_on": TODAY, "first": MON, "first_session": 1,
        "last": FRI, "last_session": 2, "contacts": [contact.pk], "purpose": "exceptional",
        "words": "Our father has died.", "evidence": "seen", "evidence_note": "Death notice",
    }  # fmt: skip
    assert office.post(address, {**values, "contacts": []}).status_code == 422
    assert office.post(address, values).status_code == 302
    leave, other = LeaveRequest.objects.order_by("pk")
    decision = {
        "decision": "part", "granted_first": MON, "granted_last": MON, "purpose": "exceptional",
        "circumstances": "A funeral", "reason": "The day of the funeral.", "taken_as": "G", "alike": [other.pk],
    }  # fmt: skip
    refused = head.post(url(cast, "decide_leave", leave.pk), {**decision, "granted_last": ""})
    assert refused.status_code == 422
    assert "The day of the funeral." in refused.text
    assert head.post(url(cast, "decide_leave", leave.pk), decision).status_code == 302
    assert set(LeaveRequest.objects.values_list("state", flat=True)) == {"part"}
    page = office.get(url(cast, "see_leave_request", leave.pk)).text
    assert "Our father has died." in page
    assert "The day of the funeral." in page


@pytest_clock
def test_the_queue_asks_the_same_for_more_requests(cast: Cast) -> None:
    counts = []
    client = cast.client("head")
    for first, last in ((0, 1), (1, 5)):
        ask_leave(
            school=cast.school, pupils=cast.pupils[first:last], application=HOLIDAY, by=cast.actor("office")
        )  # fmt: skip
        with CaptureQueriesContext(connection) as found:
            client.get(url(cast, "see_leave_requests"))
        counts.append(len(found))
    assert counts[0] == counts[1]

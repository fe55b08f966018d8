"""Pure parts of meetings: the calendar file, loaded words, who is invited and what may be recorded."""

from datetime import datetime, timedelta

import pytest

from casework.calendar_file import Event, calendar_file, escaped, folded
from casework.impact import Worked, by_barrier, by_support, together
from casework.meeting_rules import why_not_invite, why_not_plan_meeting, why_not_record_meeting
from casework.referral_rules import why_not_answer, why_not_refer
from casework.supervision_rules import days_since, state_of, why_not_supervise
from casework.wording import hints
from registers.attendance import Summary
from tests.conftest import TODAY
from tests.factories import LONDON

NOW = datetime(2025, 3, 11, 9, 5, tzinfo=LONDON)
DAY = timedelta(days=1)


def event(**given: object) -> Event:
    start = datetime(2025, 7, 1, 9, 30, tzinfo=LONDON)
    return Event(**{"uid": "1@x", "start": start, "end": start + timedelta(hours=1), "title": "Panel", **given})


def test_a_calendar_file_line_by_line() -> None:
    found = calendar_file([event(place="Room 4; by the gate, left", text="One\r\nTwo \\ three")], NOW)
    assert found.decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Attendance MIS//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:1@x",
        "DTSTAMP:20250311T090500Z",
        "DTSTART:20250701T083000Z",  # half past nine in London's summer
        "DTEND:20250701T093000Z",
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "SUMMARY:Panel",
        "LOCATION:Room 4\\; by the gate\\, left",
        "DESCRIPTION:One\\nTwo \\\\ three",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    assert b"STATUS:CANCELLED" in calendar_file([event(is_cancelled=True)], NOW)


def test_nothing_breaks_out_of_a_line() -> None:
    assert escaped("a\rb\x00\x07END:VEVENT\u2028c") == "a\\nbEND:VEVENT\u2028c"
    with pytest.raises(ValueError, match="without a zone"):
        calendar_file([event(start=datetime(2025, 7, 1, 9, 30))], NOW)  # noqa: DTZ001


@pytest.mark.parametrize("text", ["x" * 75, "x" * 76, "é" * 200, "SUMMARY:" + "学校🏫" * 40, ""])
def test_lines_are_folded_and_come_back_whole(text: str) -> None:
    found = folded(text)
    lines = found.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert [line.decode()[:1] for line in lines[1:]] == [" "] * (len(lines) - 1)
    assert found.removesuffix(b"\r\n").replace(b"\r\n ", b"").decode() == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mother refused help and FAILED to come; she refused twice.", ["refused", "FAILED"]),
        ("A broken home. Lazy, hard to reach.", ["broken home", "Lazy", "hard to reach"]),
        ("Mother said that mornings are hard. Refuse collection wakes them.", []),
        ("", []),
    ],
)
def test_loaded_words(text: str, words: list[str]) -> None:
    assert [hint.word for hint in hints(text)] == words


def test_who_is_invited() -> None:
    assert not why_not_invite("Ms Begum", parental_responsibility=True, is_barred=False)
    assert "court order" in why_not_invite("Mr Begum", parental_responsibility=True, is_barred=True)[0]
    assert "not recorded" in why_not_invite("An aunt", parental_responsibility=None, is_barred=False)[0]


def test_when_a_meeting_is_planned_and_recorded() -> None:
    assert not why_not_plan_meeting("planned", NOW + DAY, NOW)
    assert len(why_not_plan_meeting("closed", NOW, NOW)) == 2
    for state, outcome, at, came, said in (
        ("planned", "held", NOW - DAY, 1, ""),
        ("planned", "missed", NOW - DAY, 0, ""),
        ("planned", "cancelled", NOW + DAY, 0, ""),
        ("held", "missed", NOW - DAY, 0, "recorded this meeting already"),
        ("planned", "held", NOW + DAY, 1, "not begun"),
        ("planned", "held", NOW - DAY, 0, "Say who came"),
        ("planned", "missed", NOW - DAY, 1, "Choose one"),
    ):
        found = " ".join(why_not_record_meeting(state, outcome, at=at, now=NOW, came=came))
        assert said in found
        assert bool(found) == bool(said)


def test_what_a_referral_needs() -> None:
    def reasons(service: str, consent: str, because: str = "", sent: int = 0, due: int = 14) -> str:
        days = {"sent_on": TODAY + sent * DAY, "due": TODAY + due * DAY, "today": TODAY}
        return " ".join(why_not_refer(service, consent=consent, because=because, **days))

    assert not reasons("early_help", "given")
    assert "needs the parents' agreement" in reasons("early_help", "withheld", "We think so.")
    assert "Say why" in reasons("mash", "not_asked")
    assert not reasons("mash", "not_asked", "Asking would put her at risk.")
    assert "has not come" in reasons("send", "given", sent=1)
    assert "due before" in reasons("send", "given", due=-1)
    assert why_not_answer(is_answered=True, sent_on=TODAY, on=TODAY, today=TODAY)
    assert len(why_not_answer(is_answered=False, sent_on=TODAY, on=TODAY - DAY, today=TODAY - 2 * DAY)) == 2


@pytest.mark.parametrize(("days", "state"), [(35, ""), (36, "soon"), (42, "soon"), (43, "overdue")])
def test_supervision_is_six_weekly(days: int, state: str) -> None:
    opened = TODAY - 60 * DAY
    assert state_of(days_since(TODAY - days * DAY, opened, TODAY)) == state
    assert days_since(None, opened, TODAY) == 60
    assert len(why_not_supervise("closed", opened=TODAY, on=TODAY - DAY, today=TODAY - 2 * DAY)) == 3


def test_impact_counts_a_case_once_in_each_row() -> None:
    before, after = Summary(possible=20, attended=10), Summary(possible=20, attended=18)
    helped = frozenset({"a mentor"})
    cases = [
        Worked(1, is_opened=True, is_closed=True, is_improved=True, barriers=frozenset({"In school"}),
               plans=((helped, before, after), (helped, before, after))),
        Worked(2, is_opened=False, is_closed=False, is_improved=False),
    ]  # fmt: skip
    everything = together(cases)
    assert (everything.cases, everything.opened, everything.closed, everything.improved) == (2, 1, 1, 1)
    assert [(row.name, row.cases) for row in by_barrier(cases)] == [("In school", 1), ("None noted", 1)]
    [row] = by_support(cases)
    assert (row.name, row.cases, row.before.possible, row.after.percent) == ("a mentor", 1, 40, 90)
    assert not row.is_enough

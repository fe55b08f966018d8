"""When a register may be taken, and what becomes of a mark: the rules, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from registers import taking
from registers.calendar_rules import RegisterTimes, Session
from registers.codes import code_for
from registers.taking import Outcome, PupilFacts, RegisterFacts, Rights, Stage

LONDON = ZoneInfo("Europe/London")
DAY = date(2025, 3, 11)
TIMES = RegisterTimes(time(9), time(9, 25), time(13), time(13, 15), time(15, 30))
PUPIL = PupilFacts(1, date(2022, 1, 1), date(2033, 6, 24))


def facts(session=Session.AM, *, sent_at=None, is_session=True, day=DAY):
    return RegisterFacts(day, session, is_session, TIMES, LONDON, sent_at, {1: PUPIL})


def at(hour, minute=0, day=DAY):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("moment", "sent_at", "has_mark", "own_late", "teachers", "offices"),
    [
        (at(9, 5), None, True, False, Outcome.TAKEN, Outcome.TAKEN),
        (at(9, 24), None, False, False, Outcome.TAKEN, Outcome.TAKEN),
        (at(9, 25), None, False, False, Outcome.TAKEN, Outcome.TAKEN),  # late, but it says where the child was
        (at(9, 25), None, True, False, Outcome.PROPOSED, Outcome.AMENDED),
        (at(9, 40), None, True, True, Outcome.TAKEN, Outcome.TAKEN),
        (at(9, 10), at(9, 8), True, False, Outcome.PROPOSED, Outcome.AMENDED),
        (at(9, 10), at(9, 8), False, False, Outcome.PROPOSED, Outcome.AMENDED),
        (at(9, 7), at(9, 8), True, False, Outcome.TAKEN, Outcome.TAKEN),  # made before it was sent, delivered after
        (at(9, 40), at(9, 30), True, True, Outcome.PROPOSED, Outcome.AMENDED),
    ],
)
def test_what_becomes_of_a_mark(moment, sent_at, has_mark, own_late, teachers, offices):
    """law.md 3.3, 3.4; decision 0004."""
    for may_amend, expected in ((False, teachers), (True, offices)):
        assert (
            taking.outcome(
                facts(sent_at=sent_at), made_at=moment, has_mark=has_mark, may_amend=may_amend, is_own_late=own_late
            )
            is expected
        )


@pytest.mark.parametrize(
    ("now", "sent_at", "is_session", "expected"),
    [
        (at(8), None, True, Stage.NOT_YET),
        (at(9), None, True, Stage.TAKING),
        (at(9, 25), None, True, Stage.MISSING),
        (at(9, 10), at(9, 5), True, Stage.SENT),
        (at(9), None, False, Stage.NO_SESSION),
    ],
)
def test_how_far_a_register_has_come(now, sent_at, is_session, expected):
    found = taking.stage(facts(sent_at=sent_at, is_session=is_session), now=now, is_late=False, is_opened=True)
    assert found is expected


def test_a_register_sent_after_its_close_stays_late():
    assert taking.stage(facts(sent_at=at(10)), now=at(11), is_late=True, is_opened=True) is Stage.SENT_LATE


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), at(10)),
        (timedelta(minutes=50), at(9, 10)),
        (timedelta(hours=2), at(9, 1)),  # before it was opened
        (timedelta(hours=25), at(10)),  # not believed
        (timedelta(seconds=-5), at(10)),
    ],
)
def test_when_a_mark_was_made(age, expected):
    assert taking.moment_made(at(10), age, opened_at=at(9, 1)) == expected


def test_a_mark_is_never_made_after_its_arrival():
    assert taking.moment_made(at(8, 59), timedelta(0), opened_at=at(9)) == at(8, 59)


@pytest.mark.parametrize(
    ("typed", "session", "letter"),
    [("/", Session.AM, "/"), ("/", Session.PM, "\\"), ("\\", Session.AM, "/"), (" c1 ", Session.AM, "C1")],
)
def test_the_letter_somebody_means(typed, session, letter):
    assert taking.letter_meant(typed, session) == letter


@pytest.mark.parametrize(
    ("rights", "letters"),
    [
        (Rights(), "/ L N"),
        (Rights(set_any=True), "/ L K V P W B D E I J1 M R S T G N O U Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7"),
        (
            Rights(set_any=True, decide_leave=True),
            "/ L K V P W B D C C1 C2 E I J1 M R S T G N O U Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7",
        ),
    ],
)
def test_the_codes_a_person_may_set(rights, letters):
    assert " ".join(code.letter for code in taking.palette(DAY, Session.AM, rights)) == letters


def test_the_palette_is_that_of_the_day():
    assert "H" in [code.letter for code in taking.palette(date(2024, 7, 1), Session.PM, Rights(set_any=True))]


@pytest.mark.parametrize(
    ("letter", "minutes", "is_refused"),
    [
        ("L", None, False),
        ("L", 0, False),
        ("L", 24, False),
        ("L", 25, True),
        ("U", 25, False),
        ("U", 481, True),
        ("N", 3, True),
    ],
)
def test_minutes_late(letter, minutes, is_refused):
    """law.md 1.7: L until the register closes, U after it."""
    assert bool(taking.why_not_minutes(facts(), code_for(letter, DAY), minutes)) is is_refused


@pytest.mark.parametrize(
    ("others", "may_set_any", "note", "taken_back", "is_refused"),
    [
        ("", False, "", False, False),
        ("Ms Khan", False, "", False, True),
        ("Ms Khan", False, "She is here", False, False),
        ("Ms Khan", False, "She is here", True, True),
        ("Ms Khan", True, "", True, False),
    ],
)
def test_what_others_entered(others, may_set_any, note, taken_back, is_refused):
    reasons = taking.why_not_overwrite(others, may_set_any=may_set_any, note=note, taken_back=taken_back)
    assert bool(reasons) is is_refused


@pytest.mark.parametrize(
    ("now", "is_session", "sentence"),
    [
        (at(8, 59), True, "This register opens on Tuesday 11 March at 09:00."),
        (at(9), False, "The school is closed on Tuesday 11 March 2025 AM: there is no register to take."),
        (at(9), True, None),
        (datetime(2025, 3, 11, 9, 0, tzinfo=UTC), True, None),
    ],
)
def test_why_a_register_is_not_open(now, is_session, sentence):
    assert taking.why_not_open(facts(is_session=is_session), now) == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("blank", "blanks_are_n", "reasons"),
    [
        ([], False, []),
        (["Ada"], False, ["Ada has no mark yet. Mark the pupil, or send the pupil as N."]),
        (["Ada", "Leo"], False, ["Ada and Leo have no mark yet. Mark them, or send them as N."]),
        (["Ada", "Leo", "Nia"], False, ["Ada, Leo and Nia have no mark yet. Mark them, or send them as N."]),
        (["Ada"], True, []),
    ],
)
def test_why_a_register_is_not_sent(blank, blanks_are_n, reasons):
    assert taking.why_not_send(facts(), blank, now=at(9, 10), blanks_are_n=blanks_are_n) == reasons


@pytest.mark.parametrize(("hour", "is_refused"), [(9, False), (10, True)])
def test_a_mark_is_taken_back_only_while_the_register_is_open(hour, is_refused):
    assert bool(taking.why_not_take_back(facts(), at(hour))) is is_refused

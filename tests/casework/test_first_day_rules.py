"""Whom to ring next, how long nobody has known, and what a report does to a mark: plain values."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from casework.absence_rules import Effect, Said, choices, effect, why_not_report
from casework.first_day import Person, Try, families, is_exhausted, need_first, next_to_ring, waited, waiting_since
from registers.codes import code_for

LONDON = ZoneInfo("Europe/London")
DAY = date(2025, 3, 11)
NINE = datetime(2025, 3, 11, 9, 0, tzinfo=LONDON)
CLOSES = NINE + timedelta(minutes=25)

MUM = Person((1,), 1, ("07700 900123",))
DAD = Person((2, 12), 2, ("020 7946 0123",))
LETTERS_ONLY = Person((3,), 3, ())


@pytest.mark.parametrize(
    ("tries", "nearest", "at_the_end"),
    [
        ([], MUM, False),
        ([Try(1, "no_answer")], DAD, False),
        ([Try(1, "no_answer"), Try(12, "left_message")], None, True),
        ([Try(1, "wrong_number"), Try(2, "in_language")], None, True),
        ([Try(1, "no_answer"), Try(2, "answered")], None, False),
        ([Try(None, "answered")], None, False),
        ([Try(None, "no_answer")], MUM, False),
    ],
)
def test_whom_to_ring_next(tries, nearest, at_the_end):
    people = [MUM, DAD, LETTERS_ONLY]
    assert next_to_ring(people, tries) is nearest
    assert is_exhausted(people, tries) is at_the_end


def test_a_child_with_nobody_to_ring_is_at_the_end_at_once():
    assert is_exhausted([], [])
    assert is_exhausted([LETTERS_ONLY], [])


@pytest.mark.parametrize(
    ("sent", "now", "since"),
    [
        (None, CLOSES - timedelta(minutes=1), None),
        (None, CLOSES, CLOSES),
        (NINE + timedelta(minutes=10), CLOSES, NINE + timedelta(minutes=10)),
        (CLOSES + timedelta(minutes=30), CLOSES + timedelta(hours=1), CLOSES),
    ],
)
def test_the_clock_of_a_child_begins(sent, now, since):
    assert waiting_since(sent, CLOSES, now) == since


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 29), 23), (date(2025, 10, 25), 25), (date(2025, 3, 11), 24)])
def test_a_clock_change_is_no_hour_of_waiting(day, hours):
    since = datetime(day.year, day.month, day.day, 9, 25, tzinfo=LONDON)
    assert waited(since, since + timedelta(days=1)) == timedelta(hours=hours)


def test_siblings_are_rung_about_together():
    assert families([5, 1, 2, 9], {1: {2, 5}, 2: {1}, 5: {1}, 7: {9}}) == [(5, 1, 2), (9,)]


def test_who_needs_it_first():
    long, short = timedelta(minutes=40), timedelta(minutes=5)
    rows = {
        "came in": need_first(watched=True, in_school=True, waited=long),
        "long": need_first(watched=False, in_school=False, waited=long),
        "watched": need_first(watched=True, in_school=False, waited=short),
        "short": need_first(watched=False, in_school=False, waited=short),
    }
    assert sorted(rows, key=rows.__getitem__) == ["watched", "long", "short", "came in"]


def said(letter="I", *, end=DAY, decided=True):
    return Said(DAY, end, letter, decided)


@pytest.mark.parametrize(
    ("what", "current", "sure", "wanted"),
    [
        (said(), None, False, Effect.ENTER),
        (said(), "N", False, Effect.ENTER),
        (said(), "I", False, Effect.LEAVE),
        (said(), "/", False, Effect.ASK),
        (said(), "/", True, Effect.ENTER),
        (said(), "M", False, Effect.ASK),
        (said(decided=False), None, False, Effect.ENTER),
        (said(decided=False), "N", False, Effect.LEAVE),
    ],
)
def test_what_a_report_does_to_a_mark(what, current, sure, wanted):
    mark = current and code_for(current, DAY)
    assert effect(what, mark, opens_at=NINE, now=NINE, sure=sure) is wanted


def test_a_register_to_come_is_left():
    assert effect(said(), None, opens_at=NINE, now=NINE - timedelta(minutes=1), sure=True) is Effect.LEAVE


@pytest.mark.parametrize(
    ("what", "back", "word"),
    [
        (said(), None, ""),
        (said(end=DAY + timedelta(2)), DAY + timedelta(3), ""),
        (said(end=DAY - timedelta(1)), None, "before the first"),
        (said(end=DAY + timedelta(61)), None, "sixty days"),
        (said(), DAY, "expected back"),
        (said("C1"), None, "headteacher"),
        (said("I01"), None, "not in force"),
        (said("O", end=DAY + timedelta(1)), None, "day by day"),
        (said("O", end=DAY + timedelta(1), decided=False), None, ""),
    ],
)
def test_why_not_report(what, back, word):
    reasons = why_not_report(what, today=DAY, expected_back=back)
    assert word in " ".join(reasons)
    assert bool(reasons) is bool(word)


def test_only_codes_of_the_day_are_offered():
    assert "J1" in [code.letter for code in choices(DAY)]
    assert "J1" not in [code.letter for code in choices(date(2024, 3, 11))]

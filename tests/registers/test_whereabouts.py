"""Where a child is now: the mark, or what the office saw at the door after it."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from registers.codes import code_for
from registers.whereabouts import Crossed, Where, whereabouts

LONDON = ZoneInfo("Europe/London")
TUESDAY = date(2025, 3, 11)
AFTER_CHANGE = date(2025, 3, 31)  # the first school day of summer time


def at(clock: str, day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=LONDON)


def code(letter: str | None):
    return letter and code_for(letter, TUESDAY)


def out(clock: str, day: date = TUESDAY) -> Crossed:
    return Crossed(False, at(clock, day), "Medical appointment", "", time(12, 0))


def back(clock: str) -> Crossed:
    return Crossed(True, at(clock), "Came back")


@pytest.mark.parametrize(
    ("am", "pm", "crossed", "now", "where"),
    [
        ("/", None, None, "10:00", Where.IN),
        ("L", None, None, "10:00", Where.IN),
        ("U", None, None, "10:00", Where.IN),
        ("V", None, None, "10:00", Where.OUT),
        ("N", None, None, "10:00", Where.OUT),
        ("I", None, None, "10:00", Where.OUT),
        (None, None, None, "10:00", Where.UNKNOWN),
        ("/", "\\", None, "14:00", Where.IN),
        ("/", "I", None, "14:00", Where.OUT),
        ("I", "\\", None, "14:00", Where.IN),
        ("/", None, None, "14:00", Where.IN),  # the afternoon register is not taken yet
        ("/", None, out("10:30"), "11:00", Where.OUT),
        ("/", None, back("11:45"), "12:00", Where.IN),
        ("M", None, back("10:40"), "11:00", Where.IN),  # came after the close; the mark stays M
        ("/", "\\", out("10:30"), "14:00", Where.IN),  # the teacher saw her after lunch
        ("/", "\\", out("13:30"), "14:00", Where.OUT),
        ("/", "M", out("10:30"), "14:00", Where.OUT),
        ("/", None, out("08:40"), "10:00", Where.IN),  # before the register began
        (None, None, out("08:40"), "10:00", Where.OUT),
    ],
)
def test_where_a_child_is(am, pm, crossed, now, where):
    found = whereabouts(
        am=code(am), pm=code(pm), crossed=crossed, am_opens=at("09:00"), pm_opens=at("13:00"), now=at(now)
    )
    assert found.where is where, found.said


def test_what_is_said():
    common = {"am_opens": at("09:00"), "pm_opens": at("13:00"), "now": at("11:00")}
    gone = whereabouts(am=code("/"), pm=None, crossed=out("10:30"), **common)
    assert gone.said == "Signed out at 10:30: medical appointment; expected back at 12:00."
    planned = whereabouts(am=None, pm=None, crossed=None, planned=code("I"), **common)
    assert (planned.where, planned.said) == (Where.OUT, "Planned: Illness. The register is not taken yet.")
    closed = whereabouts(am=None, pm=None, crossed=None, is_expected=False, **common)
    assert closed.where is Where.OUT


def test_the_first_school_day_of_summer_time_compares_local_times():
    found = whereabouts(
        am=code("/"), pm=None, crossed=out("09:05", AFTER_CHANGE),
        am_opens=at("09:00", AFTER_CHANGE), pm_opens=at("13:00", AFTER_CHANGE), now=at("10:00", AFTER_CHANGE),
    )  # fmt: skip
    assert found.where is Where.OUT

from datetime import time

import pytest

from registers.calendar_rules import RegisterTimes, Session
from registers.late import arrival, why_not_arrival

TIMES = RegisterTimes(time(9), time(9, 25), time(13), time(13, 15), time(15, 30))


@pytest.mark.parametrize(
    ("at", "session", "letter", "minutes"),
    [
        pytest.param(time(8, 50), Session.AM, "/", 0, id="before the register"),
        pytest.param(time(9, 0, 59), Session.AM, "/", 0, id="in its first minute"),
        pytest.param(time(9, 1), Session.AM, "L", 1, id="a minute late"),
        pytest.param(time(9, 24, 59), Session.AM, "L", 24, id="1.7 last moment of L"),
        pytest.param(time(9, 25), Session.AM, "U", 25, id="1.7 first moment of U"),
        pytest.param(time(12, 59), Session.AM, "U", 239, id="before the afternoon register"),
        pytest.param(time(13), Session.PM, "\\", 0, id="afternoon"),
        pytest.param(time(13, 14), Session.PM, "L", 14, id="afternoon L"),
        pytest.param(time(15, 29), Session.PM, "U", 149, id="afternoon U"),
    ],
)
def test_arrival(at, session, letter, minutes):
    assert why_not_arrival(at, TIMES) == []
    found = arrival(at, TIMES)
    assert (found.session, found.letter, found.minutes_late) == (session, letter, minutes)


def test_nobody_arrives_after_the_day():
    assert "ended at 15:30" in why_not_arrival(time(15, 30), TIMES)[0]

"""What can still be missed, the best still reachable, and when persistent absence begins (law.md 4.1 to 4.3)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.attendance import Summary
from reports.forecast import Outlook, forecast


def counts(possible, absent):
    return Summary(possible=possible, attended=possible - absent, authorised=absent)


def ahead(days):
    return [(date(2025, 3, 12) + timedelta(n), 2) for n in range(days)]


@pytest.mark.parametrize(
    ("so_far", "days", "outlook", "said"),
    [
        (counts(0, 0), 190, Outlook.TOO_EARLY, "no sessions yet"),
        (counts(340, 18), 20, Outlook.ON_TRACK,
         "missed 9 days, about 1 in 20; 10 more days this year would be persistent absence"),
        (counts(200, 20), 90, Outlook.PERSISTENT,
         "missed 10 days, 1 in 10; persistently absent now, and out of it again by the end of the year with at most "
         "8.5 more days missed"),
        (counts(200, 60), 20, Outlook.PERSISTENT,
         "missed 30 days, about 1 in 3; persistently absent, even if every day to come is attended"),
        (counts(200, 100), 90, Outlook.SEVERE,
         "missed 50 days, half; persistently absent, even if every day to come is attended"),
        (counts(378, 1), 1, Outlook.ON_TRACK,
         "missed half a day, fewer than 1 in 100; cannot become persistent absence any more this year"),
    ],
)  # fmt: skip
def test_days_before_per_cent(so_far, days, outlook, said):
    found = forecast(so_far, so_far, ahead(days))
    assert (found.outlook, found.sentence) == (outlook, said)


def test_the_day_on_which_it_begins_at_the_present_rate():
    found = forecast(counts(200, 14), counts(60, 30), ahead(60))
    # Half missed from now on: after 15 more sessions 21.5 of 215, so the eighth day ahead.
    assert (found.outlook, found.begins) == (Outlook.AT_RISK, date(2025, 3, 19))
    assert found.best == Decimal("95.6")
    assert forecast(counts(200, 14), counts(60, 4), ahead(60)).outlook is Outlook.ON_TRACK


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 150))
def test_one_session_more_than_may_be_missed_is_persistent_absence(possible, absent, days):
    so_far = counts(possible, min(absent, possible))
    found = forecast(so_far, so_far, ahead(days))
    end = possible + 2 * days
    assert found.is_lost == (so_far.absence * 10 >= end)
    if not found.is_lost:
        assert (so_far.absence + found.missable) * 10 < end
        if found.missable < found.left:
            assert (so_far.absence + found.missable + 1) * 10 >= end

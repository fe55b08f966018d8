"""Lists of term dates as people write them."""

from datetime import date

import pytest

from registers.calendar_rules import Kind, Period, Session, why_not_calendar
from registers.term_dates import read_term_dates

COUNCIL = """
Term dates 2026 to 2027

Autumn term 2026
Term starts: Tuesday 1 September 2026
Half term: Monday 26 October to Friday 30 October
Term ends: Friday 18 December
Christmas holiday: 21 December to 1 January

Spring term 2027
Starts Monday 4th January
Half-term: 15 to 19 February 2027
Ends Thursday 25 March
Summer term 2027
Monday 12 April 2027 to Wednesday 21 July 2027
Half term 31 May - 4 June
May Day bank holiday: Monday 3 May 2027
INSET days: 1 September 2026, 4 January 2027 and 21 July 2027
Polling day: closed Thursday 6 May (morning)
"""


def test_a_councils_list():
    periods, faults = read_term_dates(COUNCIL, 2026)
    assert faults == []
    assert why_not_calendar(periods) == []
    assert [(p.kind, str(p.start), str(p.end)) for p in periods if p.is_half_term] == [
        ("HT1", "2026-09-01", "2026-10-23"),
        ("HT2", "2026-11-02", "2026-12-18"),
        ("HT3", "2027-01-04", "2027-02-12"),
        ("HT4", "2027-02-22", "2027-03-25"),
        ("HT5", "2027-04-12", "2027-05-28"),
        ("HT6", "2027-06-07", "2027-07-21"),
    ]
    assert [p.start for p in periods if p.kind == Kind.INSET] == [
        date(2026, 9, 1),
        date(2027, 1, 4),
        date(2027, 7, 21),
    ]
    [closure] = [p for p in periods if p.kind == Kind.CLOSURE]
    assert (closure.start, closure.session) == (date(2027, 5, 6), Session.AM)


@pytest.mark.parametrize(
    ("line", "period"),
    [
        ("HT1: 2 September to 23 October 2026", Period(date(2026, 9, 2), date(2026, 10, 23), "HT1")),
        ("Half-term 3 04/01/2027 - 12/02/27", Period(date(2027, 1, 4), date(2027, 2, 12), "HT3")),
        ("Spring 2: 22nd of February until 25 March", Period(date(2027, 2, 22), date(2027, 3, 25), "HT4")),
        ("Summer term first half 12 Apr - 28 May", Period(date(2027, 4, 12), date(2027, 5, 28), "HT5")),
        ("2026-10-23,2026-10-23,inset,,", Period(date(2026, 10, 23), date(2026, 10, 23), "inset")),
        (
            "2027-05-03,2027-05-03,bank_holiday,Early May",
            Period(date(2027, 5, 3), date(2027, 5, 3), "bank_holiday", "Early May"),
        ),
        ("INSET 2 and 3 September", None),
    ],
)
def test_one_line(line, period):
    periods, faults = read_term_dates(line, 2026)
    assert faults == []
    if period is None:
        assert [p.start for p in periods] == [date(2026, 9, 2), date(2026, 9, 3)]
    else:
        [found] = periods
        assert found == period


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("HT1: 2 September to 31 September", "Line 1: there is no such date in “HT1: 2 September to 31 September”."),
        ("\nSports day 1 July", "Line 2: say what “Sports day 1 July” is, for example HT1, INSET or closure."),
        ("Autumn term\nStarts 1 September", "Autumn term: say its last day and its half-term break."),
    ],
)
def test_what_is_not_understood_is_named_with_its_line(text, fault):
    assert read_term_dates(text, 2026)[1] == [fault]

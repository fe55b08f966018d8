"""Working days of England: Monday to Friday without the bank holidays. Used where the law counts working days."""

from datetime import date, timedelta
from functools import cache


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England in a calendar year, substitute and one-off days included."""
    from holidays import country_holidays  # takes a second to import, and only a few pages count working days

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def working_day_after(day: date, n: int) -> date:
    """The n-th working day after a day: 1 is the next. For 0 the day itself, whatever it is."""
    while n > 0:
        day += timedelta(days=1)
        n -= is_working_day(day)
    return day

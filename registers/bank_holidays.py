"""The bank holidays of England, computed (Banking and Financial Dealings Act 1971, and royal proclamations)."""

from collections.abc import Iterator
from datetime import date, timedelta

from registers.calendar_rules import Kind, Period, academic_year_bounds

MONDAY, SATURDAY = 0, 5

# Proclaimed for one year only: a day added, or moved from where the rule would put it.
ADDED = {
    date(2022, 6, 3): "Platinum Jubilee bank holiday",
    date(2022, 9, 19): "Bank holiday for the State Funeral of Queen Elizabeth II",
    date(2023, 5, 8): "Bank holiday for the Coronation of King Charles III",
}
MOVED = {
    date(2020, 5, 4): (date(2020, 5, 8), "Early May bank holiday (VE day)"),
    date(2022, 5, 30): (date(2022, 6, 2), "Spring bank holiday"),
}


def easter_sunday(year: int) -> date:
    """Easter Sunday of the western church (the anonymous Gregorian computus)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    quarter, remainder = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * quarter - moon - remainder) % 7
    correction = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def bank_holidays(year: int) -> dict[date, str]:
    """The bank holidays of a calendar year, in order, with their names."""
    easter = easter_sunday(year)
    days = {
        _weekday(date(year, 1, 1)): "New Year's Day",
        easter - timedelta(2): "Good Friday",
        easter + timedelta(1): "Easter Monday",
        _first_monday(year, 5): "Early May bank holiday",
        _last_monday(year, 5): "Spring bank holiday",
        _last_monday(year, 8): "Summer bank holiday",
    }
    days |= dict(zip(_christmas(year), ("Christmas Day", "Boxing Day"), strict=True))
    for day, (instead, name) in MOVED.items():
        if days.pop(day, None):
            days[instead] = name
    days |= {day: name for day, name in ADDED.items() if day.year == year}
    return dict(sorted(days.items()))


def bank_holidays_of(academic_year: int) -> tuple[Period, ...]:
    """The bank holidays of an academic year as periods of a calendar."""
    first, last = academic_year_bounds(academic_year)
    days = bank_holidays(first.year) | bank_holidays(last.year)
    return tuple(Period(day, day, Kind.BANK_HOLIDAY, name) for day, name in days.items() if first <= day <= last)


def _weekday(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day if day.weekday() < SATURDAY else day + timedelta(7 - day.weekday())


def _christmas(year: int) -> Iterator[date]:
    """25 and 26 December; one that falls on a weekend is made up on the next free weekday."""
    days = [date(year, 12, 25), date(year, 12, 26)]
    free = (day for day in (date(year, 12, 27), date(year, 12, 28)) if day.weekday() < SATURDAY)
    made_up = [day if day.weekday() < SATURDAY else next(free) for day in days]
    yield from made_up


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(-first.weekday() % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month, 31)  # May and August
    return last - timedelta(last.weekday())

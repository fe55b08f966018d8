"""Term dates as a London borough would set them, for any year, and the days of religious observance in them."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from registers.bank_holidays import bank_holidays_of, easter_sunday
from registers.calendar_rules import Kind, Period, Session, academic_year_of

FIRST_YEAR = 2023
DAYS_WITH_STAFF = 195  # 190 with pupils and five for training (law.md 6.3)
TRAINING_AFTERNOONS = 2  # make one training day, where a school spreads it


def calendar(academic_year: int, *, polling_station: bool = False, training_afternoons: bool = False) -> list[Period]:
    """The periods of one academic year: half-terms, training days, bank holidays and closures, by start."""
    autumn, october, christmas = _autumn(academic_year)
    spring, february, easter, after_easter = _spring(academic_year + 1)
    may = _last_monday(academic_year + 1, 5)
    bank = bank_holidays_of(academic_year)
    terms = [
        (autumn, _friday_before(october)),
        (october + timedelta(7), christmas),
        (spring, _friday_before(february)),
        (february + timedelta(7), _friday_before(easter)),
        (after_easter, _friday_before(may)),
    ]
    free = {period.start for period in bank}
    before_june = sum(day not in free for start, end in terms for day in _weekdays(start, end))
    june = may + timedelta(7)
    summer = list(islice(_weekdays(june, date.max), DAYS_WITH_STAFF - before_june))
    terms.append((june, summer[-1]))

    periods = [Period(start, end, kind) for (start, end), kind in zip(terms, list(Kind)[:6], strict=True)]
    training = [autumn, next(_weekdays(autumn + timedelta(1), date.max)), spring, summer[-1]]
    periods += [Period(day, day, Kind.INSET, "Staff training") for day in training]
    if training_afternoons:
        periods += [
            Period(day, day, Kind.INSET, "Staff training, school closes at noon", Session.PM)
            for day in (christmas, summer[-2])
        ]
    else:
        periods.append(Period(june, june, Kind.INSET, "Staff training"))
    periods += [period for period in bank if any(start <= period.start <= end for start, end in terms)]
    if polling_station and (academic_year + 1) % 2 == 0:  # London votes in May of even years
        polls = _first(academic_year + 1, 5, weekday=3)
        periods.append(Period(polls, polls, Kind.CLOSURE, "Polling station"))
    return sorted(periods, key=lambda period: (period.start, period.kind))


def _autumn(year: int) -> tuple[date, date, date]:
    christmas = date(year, 12, 22)
    return (
        next(_weekdays(date(year, 9, 1), date.max)),
        _nearest_monday(date(year, 10, 26)),
        christmas - timedelta((christmas.weekday() - 4) % 7),
    )


def _spring(year: int) -> tuple[date, date, date, date]:
    good_friday = easter_sunday(year) - timedelta(2)
    break_starts = _nearest_monday(date(year, 4, 1))
    while good_friday > break_starts + timedelta(11):
        break_starts += timedelta(7)
    back = break_starts + timedelta(14)
    return (
        date(year, 1, 4) + timedelta(-date(year, 1, 4).weekday() % 7),
        _nearest_monday(date(year, 2, 15)),
        break_starts,
        back,
    )


def eids(academic_year: int) -> list[date]:
    """The days of Eid al-Fitr and Eid al-Adha in an academic year, by the tabular calendar: right within a day."""
    found = []
    for hijri in range(round((academic_year - 622) * 1.0307) - 1, round((academic_year - 622) * 1.0307) + 4):
        for month, day in ((10, 1), (12, 10)):
            days = 354 * (hijri - 1) + (11 * hijri + 3) // 30 + (59 * (month - 1) + 1) // 2 + day
            eid = date(622, 7, 19) + timedelta(days - 1)
            if academic_year_of(eid) == academic_year:
                found.append(eid)
    return found


def _weekdays(start: date, end: date) -> Iterator[date]:
    day = start
    while day <= end:
        if day.weekday() < 5:
            yield day
        day += timedelta(1)


def _nearest_monday(day: date) -> date:
    return day + timedelta(3) - timedelta((day + timedelta(3)).weekday())


def _friday_before(monday: date) -> date:
    return monday - timedelta(3)


def _first(year: int, month: int, *, weekday: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    return _first(year, month + 1, weekday=0) - timedelta(7)

"""A pupil of a small school for table tests: two academic years, marks written a day at a time."""

from datetime import date

from casework.measures import Mark, Measures, PupilFacts, Ranges, measures, ranges_on
from registers.calendar_rules import Kind, Period, half_terms, school_days
from registers.codes import code_for

PERIODS = (
    Period(date(2023, 9, 4), date(2023, 10, 20), Kind.HT1),
    Period(date(2023, 10, 30), date(2023, 12, 21), Kind.HT2),
    Period(date(2024, 1, 2), date(2024, 2, 9), Kind.HT3),
    Period(date(2024, 2, 19), date(2024, 3, 28), Kind.HT4),
    Period(date(2024, 4, 15), date(2024, 5, 24), Kind.HT5),
    Period(date(2024, 6, 3), date(2024, 7, 23), Kind.HT6),
    Period(date(2024, 9, 2), date(2024, 10, 25), Kind.HT1),
    Period(date(2024, 11, 4), date(2024, 12, 20), Kind.HT2),
    Period(date(2025, 1, 6), date(2025, 2, 14), Kind.HT3),
    Period(date(2025, 2, 24), date(2025, 4, 4), Kind.HT4),
    Period(date(2024, 9, 2), date(2024, 9, 3), Kind.INSET),
    Period(date(2024, 11, 18), date(2024, 11, 22), Kind.CLOSURE, "Boiler replacement"),
)
DAYS = school_days(PERIODS)
DATES = [day.day for day in DAYS]


MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905


def marked(**days: str) -> list[Mark]:
    """Marks by day: `marked(sep_5_2024="N /")`. "." is no mark; one letter is the morning's."""
    marks = []
    for name, letters in days.items():
        month, number, year = name.split("_")
        day = date(int(year), MONTHS.index(month) + 1, int(number))
        for session, letter in enumerate(letters.split(), 1):
            if letter != ".":
                marks.append((day, session, code_for(letter, day).number))
    return sorted(marks)


def days_of(letters: str, first: date, count: int) -> list[Mark]:
    """The same day `count` times on the school days from `first` on."""
    dates = [day for day in DATES if day >= first][:count]
    return [(d, n, code_for(letter, d).number) for d in dates for n, letter in enumerate(letters.split(), 1)]


def ranges(on: date) -> Ranges:
    return ranges_on(half_terms(PERIODS), DATES, on)


def pupil(marks: list[Mark], **values: object) -> PupilFacts:
    """On roll since September 2015 and of compulsory age throughout, unless said otherwise."""
    given = {
        "spells": ((date(2015, 9, 1), None),),
        "compulsory": (date(2015, 8, 31), date(2026, 6, 26)),
        **values,
    }
    return PupilFacts(marks=sorted(marks), **given)  # type: ignore[arg-type]


def measured(marks: list[Mark], on: date, **values: object) -> Measures:
    return measures(pupil(marks, **values), ranges(on))

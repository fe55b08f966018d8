"""Age and compulsory school age (law.md 6.6 to 6.11). The day is always an argument."""

from calendar import FRIDAY
from datetime import date, timedelta

PRESCRIBED_DAYS = ((3, 31), (8, 31), (12, 31))


def birthday(date_of_birth: date, age: int) -> date:
    """The day somebody reaches an age; born on 29 February, it is 1 March in a common year."""
    try:
        return date_of_birth.replace(year=date_of_birth.year + age)
    except ValueError:
        return date(date_of_birth.year + age, 3, 1)


def age_on(date_of_birth: date, day: date) -> int:
    """Age in whole years on a day."""
    years = day.year - date_of_birth.year
    return years if birthday(date_of_birth, years) <= day else years - 1


def last_friday_in_june(year: int) -> date:
    """The day compulsory school age ends for those who turn 16 in that school year (law.md 6.7)."""
    end = date(year, 6, 30)
    return end - timedelta(days=(end.weekday() - FRIDAY) % 7)


def compulsory_school_age(date_of_birth: date) -> tuple[date, date]:
    """First and last day of compulsory school age, both inclusive.

    From the fifth birthday if that is a prescribed day, else the next prescribed day; to the last Friday in June of
    the school year of the sixteenth birthday, a school year here ending on 31 August (law.md 6.6, 6.7).
    """
    fifth, sixteenth = birthday(date_of_birth, 5), birthday(date_of_birth, 16)
    prescribed = (date(year, *day) for year in (fifth.year, fifth.year + 1) for day in PRESCRIBED_DAYS)
    leaving_year = sixteenth.year + (sixteenth.month >= 9)
    return next(day for day in prescribed if day >= fifth), last_friday_in_june(leaving_year)


def of_compulsory_age(date_of_birth: date, day: date) -> bool:
    """Whether somebody is of compulsory school age on a day."""
    start, end = compulsory_school_age(date_of_birth)
    return start <= day <= end


def national_cohort(date_of_birth: date, academic_year: int) -> bool:
    """Whether a pupil is 5 to 15 on 31 August at the start of the academic year (2024 is 2024/25; law.md 4.6)."""
    return 5 <= age_on(date_of_birth, date(academic_year, 8, 31)) <= 15

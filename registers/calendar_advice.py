"""What is unusual about a year's calendar: advice, never a refusal."""

from collections.abc import Iterable

from registers.bank_holidays import bank_holidays_of
from registers.calendar_rules import HALF_TERMS, Kind, Period, academic_year_of, school_days

SESSIONS_A_YEAR = 380  # law.md 6.1
INSET_DAYS = 5  # law.md 6.3


def missing_bank_holidays(periods: Iterable[Period], academic_year: int) -> list[Period]:
    """The bank holidays that would be school days as the calendar stands."""
    held = {day.day for day in school_days(periods)}
    return [holiday for holiday in bank_holidays_of(academic_year) if holiday.start in held]


def calendar_advice(periods: Iterable[Period], academic_year: int) -> list[str]:
    """Sentences on what to look at again in an academic year (law.md 6.1 to 6.3); empty for an ordinary year."""
    periods = [period for period in periods if academic_year_of(period.start) == academic_year]
    kinds = {period.kind for period in periods}
    missing = [str(kind) for kind in HALF_TERMS if kind not in kinds]
    if len(missing) == len(HALF_TERMS):
        return []
    if missing:
        return [f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not entered yet."]
    advice = []
    sessions = sum(len(day.sessions) for day in school_days(periods))
    if sessions < SESSIONS_A_YEAR:
        advice.append(f"The year has {sessions} sessions; the law expects at least {SESSIONS_A_YEAR}.")
    inset = sum(len(list(period.weekdays())) for period in periods if period.kind == Kind.INSET)
    if inset > INSET_DAYS:
        advice.append(f"There are {inset} INSET days; schools have up to {INSET_DAYS}.")
    if holidays := missing_bank_holidays(periods, academic_year):
        advice.append(f"{', '.join(f'{h.label} ({h.start:%-d %B})' for h in holidays)} would be a school day.")
    return advice

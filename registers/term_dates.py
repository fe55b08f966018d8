"""Reads a list of term dates as schools and councils write them, or as calendar.csv has them.

Half-terms may be named one by one ("HT1: 2 September to 23 October 2026", "Autumn 1 ...") or follow from a term's
start, end and half-term break under a heading "Autumn term". INSET days, bank holidays and closures are read as well;
lines that name no date, and holidays between terms, say nothing about the calendar and are passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from registers.calendar_rules import HALF_TERMS, TERMS, Kind, Period, Session

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?P<iso>\d{4}-\d\d-\d\d)"
    r"|(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4}|\d\d)"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>{'|'.join(MONTHS)})[a-z]*\.?,?(?:\s+(?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
# "26 to 30 October" names its month once.
_SHARED_MONTH = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?\s*(-|–|—|to|until|and)\s*"
    rf"(?=[a-z ]*\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+({'|'.join(MONTHS)}))"
)
_HALF_TERM = re.compile(r"\b(?:ht|half[- ]?term|term)\s*([1-6])\b")
_SEASON = re.compile(r"\b(autumn|spring|summer)\b(?!\s+bank)")
_HALF = re.compile(r"\b(?:(1|first|1st|one)|(?:2|second|2nd|two))\b")
_CLOSING = (
    (Kind.INSET, re.compile(r"inset|training|staff day|non[- ]pupil|development day")),
    (
        Kind.BANK_HOLIDAY,
        re.compile(r"bank[ _]holiday|may day|good friday|easter monday|christmas day|boxing day|new year'?s day"),
    ),
    (Kind.CLOSURE, re.compile(r"closure|closed|polling|election")),
)
_BREAK = re.compile(r"half[- ]?term")
_STARTS = re.compile(r"\b(?:starts?|begins?|opens?|first day|returns?|back to school)\b")
_ENDS = re.compile(r"\b(?:ends?|closes|finish(?:es)?|last day|breaks? up)\b")
_HOLIDAY = re.compile(r"holiday|break")
_SESSION = ((Session.AM, re.compile(r"\b(?:am|morning)\b")), (Session.PM, re.compile(r"\b(?:pm|afternoon)\b")))


@dataclass(slots=True)
class _Term:
    start: date | None = None
    end: date | None = None
    breaks: list[tuple[date, date]] = field(default_factory=list)


def read_term_dates(text: str, academic_year: int) -> tuple[list[Period], list[str]]:
    """The periods of a list, and what of it could not be understood, one sentence with its line each.

    A date without a year falls into `academic_year`.
    """
    periods: list[Period] = []
    faults: list[str] = []
    terms: dict[str, _Term] = {}
    season = ""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.strip().lower()
        try:
            days = list(_dates(words, academic_year))
        except ValueError:
            faults.append(f"Line {number}: there is no such date in “{line.strip()}”.")
            continue
        plain = _DATE.sub(" ", words)
        if (found := _SEASON.search(plain)) and not _HOLIDAY.search(plain):
            season = found[1]
        if not days:
            continue
        span = days[0], days[-1]
        if kind := _half_term(plain, season):
            periods.append(Period(*span, kind))
        elif closing := next((kind for kind, words_of in _CLOSING if words_of.search(plain)), None):
            periods.extend(_closing(closing, line, plain, days))
        elif _BREAK.search(plain) and season:
            terms.setdefault(season, _Term()).breaks.append(span)
        elif _HOLIDAY.search(plain):
            continue
        elif season and len(days) == 2:
            terms.setdefault(season, _Term()).start, terms[season].end = span
        elif season and _STARTS.search(plain):
            terms.setdefault(season, _Term()).start = days[0]
        elif season and _ENDS.search(plain):
            terms.setdefault(season, _Term()).end = days[0]
        else:
            faults.append(f"Line {number}: say what “{line.strip()}” is, for example HT1, INSET or closure.")
    for name, term in terms.items():
        periods.extend(_halves(name, term, faults))
    return sorted(periods, key=lambda period: (period.start, period.end)), faults


def _dates(words: str, academic_year: int) -> Iterator[date]:
    words = _SHARED_MONTH.sub(r"\1 \3 \2 ", words)
    for found in _DATE.finditer(words):
        if found["iso"]:
            yield date.fromisoformat(found["iso"])
        elif found["m"]:
            year = int(found["y"])
            yield date(year if year > 99 else 2000 + year, int(found["m"]), int(found["d"]))
        else:
            month = MONTHS.index(found["month"]) + 1
            year = int(found["year"]) if found["year"] else academic_year + (month < 8)
            yield date(year, month, int(found["day"]))


def _half_term(plain: str, season: str) -> Kind | None:
    if found := _HALF_TERM.search(plain):
        return HALF_TERMS[int(found[1]) - 1]
    if season in plain and season and (half := _HALF.search(plain)):
        return TERMS[f"{season.capitalize()} term"][0 if half[1] else 1]
    return None


def _closing(kind: Kind, line: str, plain: str, days: list[date]) -> Iterator[Period]:
    session = next((session for session, words in _SESSION if words.search(plain)), None)
    label = "" if kind is Kind.INSET else _label(line)
    is_range = len(days) == 2 and not re.search(r"\band\b|&", plain)
    for start, end in [tuple(days)] if is_range else [(day, day) for day in days]:
        yield Period(start, end, kind, label, session)


def _label(line: str) -> str:
    """What remains of a line without its dates and the words that only say what it is."""
    words = re.sub(r"(?i)\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b", "", line)
    words = re.sub(r"(?i)\b(?:ht|half[- ]?term|term)\s*[1-6]\b|bank_holiday\b", "", _DATE.sub("", words))
    words = re.sub(r"(?i)\b(?:to|until|and|from|am|pm)\b|[^\w' ]", " ", words)
    words = " ".join(words.split())
    return words[:1].upper() + words[1:100]


def _halves(name: str, term: _Term, faults: list[str]) -> Iterator[Period]:
    said = f"{name.capitalize()} term"
    if not term.start or not term.end or not term.breaks:
        missing = {"its first day": term.start, "its last day": term.end, "its half-term break": term.breaks}
        faults.append(f"{said}: say {' and '.join(what for what, known in missing.items() if not known)}.")
        return
    first, last = term.breaks[0]
    before, after = TERMS[said]
    yield Period(term.start, _weekday(first, -1), before)
    yield Period(_weekday(last, 1), term.end, after)


def _weekday(day: date, step: int) -> date:
    """The nearest weekday before (-1) or after (1) a day."""
    day += timedelta(step)
    while day.weekday() > 4:
        day += timedelta(step)
    return day

"""The absence section of the school census: which days, and which items (law.md 4.6, 4.9, 7.11).

Pure. Absence is collected a term late: the spring census takes the autumn term, the summer census the days from
1 January to Easter Sunday, the autumn census those from Easter Monday to 31 July. Only pupils of 5 to 15 who are no
boarders are supplied, and of them those with a possible session.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TypeVar

from registers import codes
from registers.bank_holidays import easter_sunday
from reports.groups import Facts

F = TypeVar("F", bound=Facts)

SEASONS = {
    "spring": "Spring census (autumn term)",
    "summer": "Summer census (1 January to Easter)",
    "autumn": "Autumn census (Easter to 31 July)",
}
PUPIL_ITEMS = (
    "UPN (N00002)",
    "SessionsPossible (100228)",
    "SessionsAuthorised (100230)",
    "SessionsUnauthorised (100231)",
)
REASON_ITEMS = ("UPN (N00002)", "AttendanceReason (100481)", "AbsenceSessions (100233)")


def window(season: str, academic_year: int) -> tuple[date, date]:
    """The days whose absence a census takes, of the academic year they lie in, both inclusive. Raises KeyError."""
    year = academic_year + 1
    easter = easter_sunday(year)
    return {
        "spring": (date(academic_year, 8, 1), date(academic_year, 12, 31)),
        "summer": (date(year, 1, 1), easter),
        "autumn": (easter + timedelta(1), date(year, 7, 31)),
    }[season]


def supplied(pupils: Iterable[F]) -> list[F]:
    """The pupils whose absence is supplied."""
    return [pupil for pupil in pupils if pupil.in_cohort and pupil.summary.possible]


def reason_lines(upns: Mapping[int, str], counts: Iterable[tuple[int, int, int]]) -> list[tuple[str, str, int]]:
    """UPN, reason and sessions of each pupil supplied; `counts` are (pupil, code number, sessions)."""
    found: dict[tuple[str, str], int] = {}
    for pupil_id, number, sessions in counts:
        if number in codes.ABSENT and pupil_id in upns:
            key = (upns[pupil_id], codes.by_number(number).letter)
            found[key] = found.get(key, 0) + sessions
    return [(upn, letter, sessions) for (upn, letter), sessions in sorted(found.items())]

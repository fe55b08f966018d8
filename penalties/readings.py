"""The points of penalty law on which the sources differ or are silent, and which reading a school takes.

Each reading is a dated setting of the school. Pages show `POINTS` beside it: the paragraph of domain/law.md, both
readings, and where the default comes from. Nothing here is legal advice; the local code of conduct decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum

NATIONAL_FROM = date(2024, 8, 19)
"""The national framework applies to absence from this day (law.md 5.9, 5.14)."""


class PeriodStarts(StrEnum):
    """What day 1 of the 21 and 28 days is (5.10)."""

    DEEMED_RECEIPT = "deemed receipt"
    ISSUE = "issue"


class Straddling(StrEnum):
    """Which day of an offence decides whether the rules before or from 19 August 2024 apply."""

    LAST_DAY = "last day"
    FIRST_DAY = "first day"


class ImprovementUnit(StrEnum):
    """How the length of a notice to improve is counted."""

    SCHOOL_WEEKS = "school weeks"
    WEEKS = "weeks"
    SCHOOL_DAYS = "school days"


@dataclass(frozen=True, slots=True)
class PenaltySettings:
    """One school's readings, in force from a day until the next version."""

    in_force_from: date = date.min
    count_n: bool = False
    count_used_sessions: bool = False
    below_threshold: bool = True
    period_starts: PeriodStarts = PeriodStarts.DEEMED_RECEIPT
    deemed_service_days: int = 2
    count_old_notices: bool = False
    old_threshold_sessions: int = 10
    old_threshold_months: int = 12
    straddling: Straddling = Straddling.LAST_DAY
    reissue_after_withdrawal: bool = False
    improvement_unit: ImprovementUnit = ImprovementUnit.SCHOOL_WEEKS
    improvement_shortest_weeks: int = 3
    improvement_longest_weeks: int = 6
    improvement_for_holiday: bool = False
    remind_parents: bool = False
    remind_days: int = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One disputed point: what is asked, what each reading means, where the default comes from."""

    paragraph: str
    question: str
    readings: Mapping[object, str]
    source: str


POINTS: Mapping[str, Point] = {
    "count_n": Point(
        "5.1a",
        "Does N, no reason yet, count to the ten sessions?",
        {
            False: "No: only G, O and U count; N is shown beside them as provisional.",
            True: "Yes: N counts as the unauthorised absence it is by class.",
        },
        "Councils differ: Hertfordshire and Norfolk list G, O and U, Manchester lists N too. An N must be resolved "
        "within five school days, so the default waits for that.",
    ),
    "count_used_sessions": Point(
        "5.23",
        "Do sessions that an earlier notice to this parent rests on count again?",
        {
            False: "No: they have had their notice.",
            True: "Yes, to the threshold; the new notice still cannot be for them.",
        },
        "Not stated. Payment discharges liability for the period (Buckinghamshire), which speaks for the default.",
    ),
    "below_threshold": Point(
        "5.5",
        "May a notice be issued below ten sessions?",
        {True: "Yes, with a recorded reason.", False: "No, never below the threshold."},
        "Local authorities keep a discretion to act below the threshold (Haringey); look in your local code.",
    ),
    "period_starts": Point(
        "5.10",
        "From when do the 21 and 28 days run?",
        {
            PeriodStarts.DEEMED_RECEIPT: "From the day the notice counts as received, that day being day 1.",
            PeriodStarts.ISSUE: "From the date of issue on the notice, that day being day 1.",
        },
        "West Northamptonshire, citing the 2007 regulations as amended, counts from receipt; North Northamptonshire "
        "and an older Haringey page from issue. The default is the later for the parent.",
    ),
    "deemed_service_days": Point(
        "5.20",
        "When does a posted notice count as received?",
        {2: "On the second working day after posting.", 0: "On the day of posting."},
        "Lincolnshire, before 2024, under the same regulations of 2007. No text for other ways of delivery: handed "
        "over counts as received that day.",
    ),
    "count_old_notices": Point(
        "5.13",
        "Do notices under the old rules (£60/£120) count to the two in three years?",
        {
            False: "No: only notices under the national framework count.",
            True: "Yes: every notice of the three years counts.",
        },
        "No direct text. Warwickshire and Blackpool apply the framework to absence from 19 August 2024.",
    ),
    "old_threshold_sessions": Point(
        "5.14",
        "How many sessions did the old local code ask for?",
        {10: "Ten sessions."},
        "Each local code had its own; ask the local authority.",
    ),
    "old_threshold_months": Point(
        "5.14",
        "Over how many months did the old local code count?",
        {12: "Twelve months back from the last session."},
        "Each local code had its own; ask the local authority.",
    ),
    "straddling": Point(
        "5.14",
        "Which rules govern an offence that began before 19 August 2024 and ended after?",
        {
            Straddling.LAST_DAY: "Those of its last day: the national framework.",
            Straddling.FIRST_DAY: "Those of its first day: the old local code.",
        },
        "Not stated. Ten sessions may straddle terms and years (Hampshire); the offence is complete on its last day.",
    ),
    "reissue_after_withdrawal": Point(
        "5.21",
        "May a new notice be issued for an offence whose notice was withdrawn?",
        {
            False: "No: withdrawal ends the matter for that offence.",
            True: "Yes: a corrected notice may follow a withdrawn one.",
        },
        "The codes say that no prosecution follows for that offence; whether a corrected notice may is not stated.",
    ),
    "improvement_unit": Point(
        "Notice to Improve",
        "How are the three to six weeks counted?",
        {
            ImprovementUnit.SCHOOL_WEEKS: "School weeks: a week without a session does not count.",
            ImprovementUnit.WEEKS: "Weeks of the calendar.",
            ImprovementUnit.SCHOOL_DAYS: "School days, five to a week.",
        },
        "Nottinghamshire says weeks; Norfolk and Southwark six school weeks or thirty school days.",
    ),
    "improvement_shortest_weeks": Point(
        "Notice to Improve", "How many weeks at least?", {3: "Three weeks."}, "Nottinghamshire; a published policy."
    ),
    "improvement_longest_weeks": Point(
        "Notice to Improve", "How many weeks at most?", {6: "Six weeks."}, "Nottinghamshire; Norfolk; Southwark."
    ),
    "improvement_for_holiday": Point(
        "5.8",
        "May a notice to improve be given for a holiday?",
        {
            False: "No: a holiday goes straight to the question of a penalty notice.",
            True: "Yes, if the school chooses to.",
        },
        "Norfolk and Southwark do not use it for holidays.",
    ),
    "remind_parents": Point(
        "5.19",
        "Does the local authority ask the school to remind parents of the days of payment?",
        {
            False: "No: the days stand in the school's own list only.",
            True: "Yes: a reminder letter is proposed before each; a person decides whether it goes.",
        },
        "No source says. Money and answers are the local authority's (Buckinghamshire), so the default sends nothing.",
    ),
    "remind_days": Point(
        "5.9",
        "How many days before the last day is a reminder due?",
        {5: "Five days."},
        "No source names a number; the reduced amount ends seven days before the period does.",
    ),
}

DEFAULTS = PenaltySettings()


def default_of(name: str) -> object:
    """The default reading of a point. Raises AttributeError."""
    return getattr(DEFAULTS, name)


def settings_on(versions: Iterable[PenaltySettings], day: date) -> PenaltySettings:
    """The version in force on a day: the latest begun; the defaults before the first."""
    begun = [version for version in versions if version.in_force_from <= day]
    return max(begun, key=lambda version: version.in_force_from, default=DEFAULTS)


def to_document(settings: PenaltySettings) -> dict[str, object]:
    """The readings as plain values, without their day."""
    return {name: getattr(settings, name) for name in POINTS}


def from_document(in_force_from: date, document: Mapping[str, object]) -> PenaltySettings:
    """Readings kept as plain values; a point that is not in them takes its default. Raises ValueError."""
    known = {each.name for each in fields(PenaltySettings)} & set(document)
    return PenaltySettings(in_force_from, **{name: type(default_of(name))(document[name]) for name in known})  # type: ignore[call-arg,arg-type]


LEAST = {
    "deemed_service_days": 0,
    "old_threshold_sessions": 1,
    "old_threshold_months": 1,
    "improvement_shortest_weeks": 1,
    "improvement_longest_weeks": 1,
    "remind_days": 1,
}
LONGEST_REMINDER = 20
"""Days: before that the notice has hardly arrived."""


def why_not_settings(settings: PenaltySettings) -> list[str]:
    """Why a school may not take these readings; empty means it may."""
    reasons = [
        f"{POINTS[name].question} Give a number of at least {least}."
        for name, least in LEAST.items()
        if getattr(settings, name) < least
    ]
    if settings.remind_days > LONGEST_REMINDER:
        reasons.append(f"{POINTS['remind_days'].question} Give a number of at most {LONGEST_REMINDER}.")
    if settings.improvement_shortest_weeks > settings.improvement_longest_weeks:
        reasons.append("The shortest notice to improve is longer than the longest.")
    return reasons

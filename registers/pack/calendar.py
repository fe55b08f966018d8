"""calendar.csv, put beside the calendar the school has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from registers.calendar_rules import Period, Session, calendar_faults, closed_by, school_days
from registers.pack import files
from registers.pack.faults import Faults
from registers.pack.tables import read_rows

CALENDAR_CSV = "calendar.csv"
# Ten years and more; a slip of the pen such as 2204 must not make a calendar of centuries.
LONGEST = timedelta(days=366)


@dataclass(slots=True)
class Calendar:
    """The periods of the file, those of the school that they take the place of, and those that are left."""

    new: list[Period] = field(default_factory=list)
    replaced: list[Period] = field(default_factory=list)
    left: list[Period] = field(default_factory=list)
    sessions: dict[tuple[date, Session], int] = field(default_factory=dict)

    @property
    def periods(self) -> list[Period]:
        return [*self.new, *self.left]

    @property
    def added(self) -> list[Period]:
        """What the school does not have yet."""
        return [period for period in self.new if period not in self.replaced]

    @property
    def removed(self) -> list[Period]:
        """What the school has otherwise than the file."""
        return [period for period in self.replaced if period not in self.new]

    def why_not_session(self, day: date, session: Session) -> str:
        """Why there is no such session."""
        if day.weekday() >= 5:
            return f"{day} is a {day:%A}, not a school day"
        closing = closed_by(self.periods, day, session)
        if closing and any(p.is_half_term and p.start <= day <= p.end for p in self.periods):
            return f"the school is closed in the {session} of {day}: {closing.label or closing.kind.replace('_', ' ')}"
        return f"{day} is not in a half-term of the calendar"


def read_calendar(folder: Path, standing: Sequence[Period], faults: Faults) -> Calendar:
    """The calendar of the file and of the school together.

    A period of the school that overlaps one of the same kind in the file has been changed by it; the others are left.
    """
    rows = read_rows(folder, CALENDAR_CSV, files.CALENDAR, faults) or []
    calendar, lines = Calendar(), []
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        if row.wrong:
            continue
        period = Period(row["start"], row["end"], row["kind"], row["label"] or "", row["session"])
        if period.end - period.start > LONGEST:
            faults.add(CALENDAR_CSV, f"{period.end} is more than a year after the start", line=row.line, column="end")
            continue
        before = seen.setdefault((period.start, period.end, period.kind, period.session), row.line)
        if before != row.line:
            faults.add(CALENDAR_CSV, f"stands on line {before} already", line=row.line)
            continue
        calendar.new.append(period)
        lines.append(row.line)
    for period in standing:
        is_replaced = any(_changes(new, period) for new in calendar.new)
        (calendar.replaced if is_replaced else calendar.left).append(period)
    found = list(calendar_faults(calendar.periods))
    for index, column, sentence in found:
        if index < len(lines):
            faults.add(CALENDAR_CSV, sentence, line=lines[index], column=column)
        else:
            faults.add(CALENDAR_CSV, f"{calendar.periods[index]} of the school as it is: {sentence}")
    if not found:
        sessions = [(day.day, session) for day in school_days(calendar.periods) for session in day.sessions]
        calendar.sessions = {session: index for index, session in enumerate(sessions)}
    return calendar


def _changes(new: Period, old: Period) -> bool:
    both_half_terms = new.is_half_term and old.is_half_term
    same = both_half_terms or (new.kind, new.session) == (old.kind, old.session)
    return same and new.start <= old.end and old.start <= new.end

"""`penalty_thresholds` once more, from the words of interchange.md and the files of a pack alone: no code of ours."""

import csv
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

DAY = timedelta(days=1)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def school_weeks(folder: Path) -> list[date]:
    """The Mondays of weeks with at least one session: weekdays of half-terms, less what closes a day or half of it."""
    sessions: set[tuple[date, str]] = set()
    closed: set[tuple[date, str]] = set()
    for row in rows(folder / "calendar.csv"):
        day = date.fromisoformat(row["start"])
        while day <= date.fromisoformat(row["end"]):
            halves = {(day, half) for half in ("AM", "PM") if row.get("session", "") in ("", half)}
            if not row["kind"].startswith("HT"):
                closed |= halves
            elif day.weekday() < 5:
                sessions |= halves
            day += DAY
    return sorted({monday(day) for day, _ in sessions - closed})


def compulsory(born: date) -> tuple[date, date]:
    """From the prescribed day on or after the fifth birthday to the last Friday in June of the year she is 16."""
    fifth = (
        date(born.year + 5, born.month, born.day) if (born.month, born.day) != (2, 29) else date(born.year + 5, 3, 1)
    )
    prescribed = [date(y, m, d) for y in (fifth.year, fifth.year + 1) for m, d in ((3, 31), (8, 31), (12, 31))]
    first = min(day for day in prescribed if day >= fifth)
    ends = born.year + 16 + (born.month >= 9)
    last = date(ends, 6, 30)
    while last.weekday() != 4:
        last -= DAY
    return first, last


def penalty_thresholds(folder: Path, on: date) -> list[dict[str, str]]:
    """The rows that the command prints for a day."""
    settings = tomllib.loads((folder / "school.toml").read_text(encoding="utf-8")).get("penalties", {})
    weeks = [week for week in school_weeks(folder) if week <= on]
    if not weeks:
        return []
    first = weeks[-10:][0]
    ages = {row["upn"]: compulsory(date.fromisoformat(row["date_of_birth"])) for row in rows(folder / "pupils.csv")}
    tally: Counter[tuple[str, str]] = Counter()
    for row in rows(folder / "marks.csv"):
        day, (begins, ends) = date.fromisoformat(row["date"]), ages[row["upn"]]
        if first <= day <= on and begins <= day <= ends:
            tally[row["upn"], row["code"]] += 1
    printed = []
    for upn in sorted(ages):
        provisional = tally[upn, "N"]
        counted = sum(tally[upn, code] for code in "GOU") + (provisional if settings.get("count_n") else 0)
        if counted:
            printed.append({
                "upn": upn, "window_start": f"{first}", "window_end": f"{on}", "counted": f"{counted}",
                "provisional": f"{provisional}", "threshold_met": "Y" if counted >= 10 else "N",
            })  # fmt: skip
    return printed

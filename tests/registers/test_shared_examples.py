"""The pure sums give every worked answer of ../shared/examples, read straight from the packs' files."""

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from registers.ages import compulsory_school_age, national_cohort
from registers.attendance import group, summarise
from registers.calendar_rules import (
    Period,
    Session,
    academic_year_of,
    school_days,
    why_not_calendar,
    window_of_school_weeks,
)
from registers.codes import NO_REASON, PENALTY_COUNTED, by_number, code_for, why_not_code
from registers.upn import why_not_upn

EXAMPLES = Path(__file__).parents[2].parent / "shared" / "examples"
YEAR_GROUPS = ["N1", "N2", "R", *map(str, range(1, 15))]


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Pack:
    """One school of the examples in plain values."""

    def __init__(self, folder):
        self.pupils = {row["upn"]: row for row in read(folder / "pupils.csv")}
        self.periods = [
            Period(date.fromisoformat(row["start"]), date.fromisoformat(row["end"]), row["kind"], row["label"])
            for row in read(folder / "calendar.csv")
        ]
        self.days = school_days(self.periods)
        self.marks = defaultdict(list)
        for row in read(folder / "marks.csv"):
            day = date.fromisoformat(row["date"])
            self.marks[row["upn"]].append((day, Session[row["session"]], code_for(row["code"], day).number))

    def born(self, upn):
        return date.fromisoformat(self.pupils[upn]["date_of_birth"])

    def expected(self, upn, start, end):
        pupil = self.pupils[upn]
        first = max(start, date.fromisoformat(pupil["admission_date"]))
        last = min(end, date.fromisoformat(pupil["leaving_date"] or "9999-12-31"))
        return [(each.day, session) for each in self.days if first <= each.day <= last for session in each.sessions]

    def summaries(self, start, end):
        expected = {upn: self.expected(upn, start, end) for upn in sorted(self.pupils)}
        return {
            upn: summarise(self.marks[upn], sessions, compulsory_school_age(self.born(upn)))
            for upn, sessions in expected.items()
            if sessions
        }


packs = {}


@pytest.fixture
def pack(answer):
    folder = answer.parents[1] / "pack"
    return packs.setdefault(folder, Pack(folder))


def answers(pattern):
    found = sorted(EXAMPLES.glob(f"*/expected/{pattern}_*.csv"))
    missing = pytest.param(None, marks=pytest.mark.skip("the worked answers are not on this machine"))
    return pytest.mark.parametrize(
        "answer", found or [missing], ids=lambda path: path and f"{path.parents[1].name}/{path.stem}"
    )


def dates_of(answer):
    return [date.fromisoformat(part) for part in answer.stem.split("_")[1:]]


def text(value):
    if isinstance(value, bool):
        return "Y" if value else "N"
    return "" if value is None else str(value)


def row_of(values):
    return [text(value) for value in values]


def counts(summary):
    return [
        summary.possible,
        summary.attended,
        summary.late,
        summary.authorised,
        summary.unauthorised,
        summary.unmarked,
        summary.percent,
    ]


@answers("summary")
def test_summary(answer, pack):
    found = [
        row_of([upn, *counts(summary), summary.persistent, summary.severe])
        for upn, summary in pack.summaries(*dates_of(answer)).items()
    ]
    assert found == [list(row.values()) for row in read(answer)]


@answers("byyear")
def test_by_year(answer, pack):
    start, end = dates_of(answer)
    years = defaultdict(list)
    for upn, summary in pack.summaries(start, end).items():
        in_cohort = national_cohort(pack.born(upn), academic_year_of(start)) and pack.pupils[upn]["boarder"] != "Y"
        years[pack.pupils[upn]["year_group"]].append((summary, in_cohort))
    found = []
    for year in sorted(years, key=YEAR_GROUPS.index):
        each = group(years[year])
        persistent = [each.persistent, each.persistent_percent, each.severe, each.severe_percent]
        found.append(row_of([year, each.pupils, *counts(each.total), *persistent]))
    assert found == [list(row.values()) for row in read(answer)]


@answers("penalty")
def test_penalty_window(answer, pack):
    (on,) = dates_of(answer)
    start, end = window_of_school_weeks([each.day for each in pack.days], on)
    found = []
    for upn in sorted(pack.pupils):
        first, last = compulsory_school_age(pack.born(upn))
        codes = [number for day, _, number in pack.marks[upn] if max(start, first) <= day <= min(end, last)]
        counted, provisional = (sum(code in those for code in codes) for those in (PENALTY_COUNTED, NO_REASON))
        if counted:
            found.append(row_of([upn, start, end, counted, provisional, counted >= 10]))
    assert found == [list(row.values()) for row in read(answer)]


@answers("summary")
def test_the_rules_refuse_nothing_of_a_good_pack(answer, pack):
    assert why_not_calendar(pack.periods) == []
    assert [upn for upn in pack.pupils if why_not_upn(upn)] == []
    for upn, marks in pack.marks.items():
        start, end = compulsory_school_age(pack.born(upn))
        for day, session, number in marks:
            code = by_number(number)
            compulsory = start <= day <= end
            assert why_not_code(code, day=day, session=session, compulsory_age=compulsory, by_hand=False) == []

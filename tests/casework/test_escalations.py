"""`manage.py escalations`: the worked answers from stored marks, and SQL that counts as the pure Tally counts."""

import csv
import io
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test.utils import CaptureQueriesContext

from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from casework.measures import PupilFacts, Tally, ranges_on
from casework.querysets.measures import measures_of_school
from registers import codes
from registers.calendar_rules import Kind, Period, Session, half_terms, school_days
from registers.models import PolicyVersion
from tests import factories
from tests.casework.packs import expected, needs_examples, pack, rows
from tests.casework.stored_packs import set_policy, store, store_calendar, store_pupil

pytestmark = pytest.mark.django_db


def printed(command: str, school: School, on: date | str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command(command, f"--school={school.urn}", f"--on={on}", stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue()), strict=True))


@pytest.fixture
def school(db: None) -> Iterator[School]:
    school = factories.SchoolFactory()
    with acting_for(school):
        yield school


@needs_examples
@pytest.mark.parametrize("name", ["ordinary", "planted"])
def test_the_worked_answers(name: str, school: School) -> None:
    store(school, pack(name))
    files = defaultdict(list)
    for path in expected(name, "escalations"):
        policy, on = re.fullmatch(r"escalations_(.+)_(\d{4}-\d\d-\d\d)", path.stem).groups()
        files[policy].append((on, path))
    assert files
    for policy, dated in files.items():
        PolicyVersion.objects.all().delete()
        set_policy(school, name, policy)
        for on, path in dated:
            found = printed("escalations", school, on)
            assert [{k: v for k, v in row.items() if k != "reason"} for row in found] == rows(path), path.stem
            assert all(row["reason"] for row in found)


@needs_examples
@pytest.mark.parametrize("name", ["ordinary", "planted"])
def test_the_worked_answers_of_the_thresholds(name: str, school: School) -> None:
    store(school, pack(name))
    paths = expected(name, "penalty")
    assert paths
    for path in paths:
        assert printed("penalty_thresholds", school, path.stem.removeprefix("penalty_")) == rows(path), path.stem


# Random schools: half-terms with closures, spells, ages, both code sets, plain X of 2020-22.

PERIODS = tuple(
    Period(date(year + (n > 1), *start), date(year + (n > 1), *end), kind)
    for year in (2020, 2021, 2023, 2024)
    for n, (start, end, kind) in enumerate(
        [
            ((9, 2), (10, 23), Kind.HT1),
            ((11, 2), (12, 18), Kind.HT2),
            ((1, 5), (2, 12), Kind.HT3),
            ((2, 22), (4, 1), Kind.HT4),
            ((4, 19), (5, 28), Kind.HT5),
            ((6, 7), (7, 21), Kind.HT6),
        ]
    )
)
CLOSURES = (
    Period(date(2024, 9, 9), date(2024, 9, 13), Kind.CLOSURE),
    Period(date(2024, 11, 4), date(2024, 11, 5), Kind.INSET, session=Session.PM),
)
DAYS = school_days(PERIODS + CLOSURES)
ASKED = [date(2020, 11, 20), date(2021, 8, 20), date(2022, 4, 30), date(2022, 9, 1), date(2024, 8, 31),
         date(2024, 9, 4), date(2024, 9, 10), date(2024, 12, 25), date(2025, 6, 27), date(2025, 7, 31)]  # fmt: skip


def a_random_pupil(chance: random.Random) -> PupilFacts:
    first = chance.choice([date(2019, 9, 1), date(2021, 3, 1), date(2024, 9, 3)])
    spells = [(first, None)]
    if chance.random() < 0.4:
        left = chance.choice(DAYS).day
        spells = [(min(first, left), left)]
        if chance.random() < 0.7:
            spells.append((left + timedelta(days=chance.randint(1, 90)), None))
    letters = chance.choice(["/\\LNOGUIMC", "NNNO/D", "NO", "GUOI", "XXN/", "/\\", "IIIIL", "D"])
    marks = []
    for day in DAYS:
        in_force = [letter for letter in letters if letter in {c.letter for c in codes.codes_in_force(day.day)}]
        for session in day.sessions:
            if chance.random() < 0.85:
                marks.append((day.day, int(session), codes.code_for(chance.choice(in_force), day.day).number))
    start = chance.choice([date(2015, 9, 1), date(2021, 1, 1), date(2024, 12, 31)])
    until = chance.choice([date(2021, 6, 25), date(2025, 6, 27), date(2030, 6, 28)])
    return PupilFacts(tuple(marks), tuple(spells), (start, max(start, until)), vulnerable=chance.random() < 0.2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sql_counts_as_the_tally_counts(seed: int, school: School) -> None:
    chance = random.Random(seed)
    store_calendar(school, PERIODS + CLOSURES)
    pupils = [a_random_pupil(chance) for _ in range(8)]
    by_id = {store_pupil(school, f"U{n:012}", facts).pk: facts for n, facts in enumerate(pupils)}
    tallies = {pupil_id: Tally(facts) for pupil_id, facts in by_id.items()}
    for count_n in (False, True):
        school.count_n_for_penalties = count_n
        for on in ASKED:
            ranges = ranges_on(half_terms(PERIODS), [d.day for d in DAYS], on)
            found = {p.pupil_id: (p.vulnerable, p.measures) for p in measures_of_school(school, on)}
            assert found == {
                pupil_id: (facts.vulnerable, tallies[pupil_id].on(ranges, count_n=count_n))
                for pupil_id, facts in by_id.items()
                if facts.on_roll(on)
            }, on


def test_the_same_number_of_queries_for_more_pupils(
    school: School, django_assert_num_queries: CaptureQueriesContext
) -> None:
    store_calendar(school, PERIODS)
    for size in (2, 20):
        factories.make_class(school, f"{size}A", size)
        with django_assert_num_queries(5):  # the school, its policy, its half-terms, its days, the measures
            printed("escalations", school, "2024-11-29")
        with django_assert_num_queries(4):
            printed("penalty_thresholds", school, "2024-11-29")


def test_the_policy_of_the_day(school: School) -> None:
    """A mid-term change: each day is judged by the version in force on it; before the first by the first."""
    store_calendar(school, PERIODS)
    days = [day.day for day in DAYS if day.day >= date(2024, 9, 2)][:40]
    code = codes.code_for("I", days[0]).number
    facts = PupilFacts(tuple((d, s, code) for d in days for s in (1, 2)), ((days[0], None),), (days[0], days[-1]))
    store_pupil(school, "U1", facts)

    def version(day: date | None, at_least: int) -> None:
        step = {"name": f"At {at_least}", "at_least": at_least}
        ladder = {"name": "Days missed", "measure": "days_absent_this_year", "step": [step]}
        PolicyVersion.objects.create(
            school=school, in_force_from=day, document={"ladder": [ladder]}, changed_at="2024-09-01T00:00Z"
        )

    def steps(on: date) -> list[str]:
        return [row["step"] for row in printed("escalations", school, on)]

    assert printed("escalations", school, days[20])[0]["ladder"] == "Attendance"  # of `national`
    version(days[10], 1)
    assert steps(days[3]) == ["At 1"]
    version(days[15], 2)
    assert (steps(days[14]), steps(days[15])) == (["At 1"], ["At 2"])
    version(None, 3)
    assert (steps(days[9]), steps(days[10])) == (["At 3"], ["At 1"])


def test_before_the_calendar_begins_nothing_is_reached(school: School) -> None:
    store_calendar(school, PERIODS)
    factories.RegistrationFactory(pupil=factories.PupilFactory(school=school), admission_date=date(2010, 9, 1))
    assert printed("escalations", school, "2015-01-01") == []
    assert printed("penalty_thresholds", school, "2015-01-01") == []


def test_a_school_that_is_not_here() -> None:
    with pytest.raises(CommandError, match="no school with URN 999999"):
        call_command("escalations", "--school=999999", "--on=2024-11-29")


def test_a_day_that_is_none() -> None:
    with pytest.raises(CommandError, match="write it as YYYY-MM-DD"):
        call_command("escalations", "--school=100000", "--on=29/11/2024")

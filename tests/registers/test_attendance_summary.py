"""`attendance_summary`: the worked answers byte for byte, and the SQL equal to the pure sums on any register."""

import io
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers import codes
from registers.ages import compulsory_school_age, national_cohort
from registers.attendance import summarise
from registers.calendar_rules import Period, Session, academic_year_of, school_days
from registers.models import Mark, Registration, SchoolDay
from registers.sums import sums
from tests.factories import LONDON, ClassGroupFactory, ClassMembershipFactory, PupilFactory, RegistrationFactory

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).parents[2].parent / "shared" / "examples"


def summary(urn, first, last, *options):
    out = io.StringIO()
    call_command("attendance_summary", "--school", urn, "--from", str(first), "--to", str(last), *options, stdout=out)
    return out.getvalue()


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the worked examples are not on this machine")
@pytest.mark.parametrize("name", ["ordinary", "planted"])
def test_the_worked_answers(name):
    with time_machine.travel(datetime(2026, 1, 5, 12, tzinfo=LONDON)):
        call_command("import_school", str(EXAMPLES / name / "pack"), stdout=io.StringIO())
    answers = sorted((EXAMPLES / name / "expected").glob("summary_*"))
    answers += sorted((EXAMPLES / name / "expected").glob("byyear_*"))
    for answer in answers:
        kind, first, last = answer.stem.split("_")
        options = ["--by", "year"] if kind == "byyear" else []
        assert summary("100001", first, last, *options) == answer.read_bytes().decode(), answer.stem


def test_several_groupings_under_one_header(cast):
    pupil = cast.pupils[0]
    pupil.sen_status, pupil.ethnicity, pupil.fsm, pupil.social_worker = "K", "Black African", True, "Worker A"
    pupil.save()
    mark(pupil, date(2025, 3, 10), Session.AM, "O")
    lines = summary(cast.school.urn, "2025-03-10", "2025-03-10", "--by", "year,class,group").splitlines()
    assert lines[0].startswith("group,pupils,possible,attended")
    assert [line.split(",")[0] for line in lines[1:]] == [
        "3",
        "4",
        "3A",
        "4B",
        "all",
        "sex:F",
        "sen:K",
        "fsm",
        "social_worker",
        "ethnicity:Black African",
    ]
    assert lines[1] == "3,5,1,0,0,0,1,9,0.0,1,100.0,1,100.0"
    assert lines[2] == "4,2,0,0,0,0,0,4,,0,,0,"


def test_a_pupil_stands_in_the_class_and_year_of_the_last_day(cast):
    pupil = cast.pupils[0]
    pupil.class_memberships.update(end=date(2024, 7, 31), year_group="2")
    ClassMembershipFactory(pupil=pupil, class_group=cast.other_class, start=date(2024, 9, 1))
    with acting_for(cast.school):
        before = {p.upn: (p.year_group, p.class_name) for p in sums(date(2024, 6, 3), date(2024, 7, 23))}
        after = {p.upn: (p.year_group, p.class_name) for p in sums(date(2024, 6, 3), date(2024, 9, 6))}
    assert (before[pupil.upn], after[pupil.upn]) == (("2", "3A"), ("3", "4B"))


def test_somebody_who_left_stands_in_the_class_of_her_last_day(cast):
    pupil = cast.pupils[0]
    pupil.registrations.update(leaving_date=date(2024, 7, 5))
    pupil.class_memberships.update(end=date(2024, 7, 5), year_group="2")
    ClassMembershipFactory(pupil=pupil, class_group=cast.other_class, start=date(2024, 7, 8))
    with acting_for(cast.school):
        (left,) = [p for p in sums(date(2024, 6, 3), date(2024, 12, 20)) if p.pupil_id == pupil.pk]
    assert (left.class_name, left.year_group) == ("3A", "2")


def test_boarders_are_not_of_the_cohort(cast):
    cast.pupils[0].boarder = True
    cast.pupils[0].save()
    mark(cast.pupils[0], date(2025, 3, 10), Session.AM, "O")
    line = summary(cast.school.urn, "2025-03-10", "2025-03-10", "--by", "year").splitlines()[1]
    assert line == "3,5,1,0,0,0,1,9,0.0,0,,0,"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--school", "999999"], "There is no school with URN 999999."),
        (["--to", "2024-08-31"], "The range is the wrong way round: 2024-09-01 is after 2024-08-31."),
        (["--by", "year,shoe"], "shoe is no grouping: use pupil, year, class, group."),
        (["--from", "1/9/2024"], "argument --from: '1/9/2024' is not a date; write it as YYYY-MM-DD"),
    ],
)
def test_refused_in_one_sentence(cast, options, said):
    given = ["--school", cast.school.urn, "--from", "2024-09-01", "--to", "2024-12-20", *options]
    with pytest.raises(CommandError) as error:
        call_command("attendance_summary", *given)
    assert said in str(error.value)


def mark(pupil, day, session, letter):
    number = codes.code_for(letter, day).number
    Mark.objects.create(school=pupil.school, pupil=pupil, day=day, session=session, code=number, entry_id=1)


# The SQL equals the pure sums: a small school in the time of X02, of J and of J1, with half days and several spells.

FIRST, LAST = date(2020, 8, 20), date(2020, 9, 20)
PERIODS = [
    Period(date(2020, 7, 20), date(2020, 7, 31), "HT6"),
    Period(date(2020, 8, 24), date(2020, 10, 9), "HT1"),
    Period(date(2020, 8, 31), date(2020, 8, 31), "bank_holiday"),
    Period(date(2020, 9, 4), date(2020, 9, 4), "closure", "", Session.PM),
    Period(date(2020, 9, 8), date(2020, 9, 9), "inset"),
]
days = st.integers(0, 50).map(lambda n: date(2020, 8, 10) + timedelta(n))
marks = st.dictionaries(st.tuples(days, st.sampled_from(Session)), st.sampled_from(codes.CODES), max_size=30)
spells = st.lists(days, min_size=1, max_size=4, unique=True).map(sorted)
births = st.sampled_from([date(2004, 6, 1), date(2012, 3, 1), date(2015, 8, 31), date(2015, 9, 1), date(2018, 1, 1)])
pupils = st.tuples(births, spells, marks, st.booleans())


@settings(max_examples=25)
@given(roll=st.lists(pupils, min_size=1, max_size=4), first=days, last=days)
def test_the_sql_equals_the_pure_sums(one_school, roll, first, last):
    first, last = min(first, last), max(first, last)
    for table in (Mark, Registration):
        table.objects.all().delete()
    expected = {}
    for pupil, (born, changes, register, boards) in zip(one_school, roll, strict=False):
        pupil.date_of_birth, pupil.boarder = born, boards
        pupil.compulsory_from, pupil.compulsory_until = compulsory_school_age(born)
        pupil.save()
        bounds = [*changes, None][: len(changes) // 2 * 2 + 2]
        on_roll = list(zip(bounds[::2], bounds[1::2], strict=False))
        for start, end in on_roll:
            RegistrationFactory(pupil=pupil, admission_date=start, leaving_date=end)
        Mark.objects.bulk_create(
            Mark(school=pupil.school, pupil=pupil, day=day, session=session, code=code.number, entry_id=1)
            for (day, session), code in register.items()
        )
        sessions = [
            (each.day, session)
            for each in school_days(PERIODS)
            for session in each.sessions
            if first <= each.day <= last and any(s <= each.day <= (e or date.max) for s, e in on_roll)
        ]
        if sessions:
            plain = [(day, session, code.number) for (day, session), code in register.items()]
            in_cohort = national_cohort(born, academic_year_of(first)) and not boards
            summary = summarise(plain, sessions, (pupil.compulsory_from, pupil.compulsory_until))
            expected[pupil.upn] = (summary, in_cohort)
    assert {each.upn: (each.summary, each.in_cohort) for each in sums(first, last)} == expected


@pytest.fixture
def one_school(db):
    school = School.objects.create(urn="100100", laestab="2011234", name="Ash", phase="primary", local_authority="X")
    with acting_for(school):
        SchoolDay.objects.bulk_create(
            SchoolDay(school=school, day=d.day, am=d.am, pm=d.pm, half_term=d.half_term, academic_year=2020)
            for d in school_days(PERIODS)
        )
        group = ClassGroupFactory(school=school)
        pupils = PupilFactory.create_batch(4, school=school)
        for pupil in pupils:
            ClassMembershipFactory(pupil=pupil, class_group=group)
        yield pupils

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers import codes
from registers.attendance import (
    Summary,
    at_best,
    group,
    in_days,
    missable,
    percent_of,
    sessions_until_persistent,
    summarise,
)
from registers.calendar_rules import Period, Session, school_days
from registers.codes import Category, code_for

AM, PM = Session.AM, Session.PM


def absent(absence, possible):
    return Summary(possible=possible, attended=possible - absence, authorised=absence)


@pytest.mark.parametrize(
    ("part", "whole", "published"),
    [
        pytest.param(113_475_287, 2_440_216_810, "4.7", id="2016/17 overall absence"),
        pytest.param(82_795_485, 2_440_216_810, "3.4", id="2016/17 authorised"),
        pytest.param(30_679_802, 2_440_216_810, "1.3", id="2016/17 unauthorised"),
        pytest.param(744_275, 6_899_770, "10.8", id="2016/17 persistent absence"),
        pytest.param(42_637_902, 235_809_304, "18.1", id="2016/17 absence of persistent absentees"),
        pytest.param(19_204, 104_334, "18.4", id="ASD persistent 2017/18"),
        pytest.param(20_776, 115_485, "18.0", id="ASD persistent 2018/19"),
        pytest.param(43_040, 143_115, "30.1", id="ASD persistent 2020/21"),
        pytest.param(51_268, 160_094, "32.0", id="ASD persistent 2021/22"),
        pytest.param(55_929, 180_421, "31.0", id="ASD persistent 2022/23"),
        pytest.param(63_348, 205_627, "30.8", id="ASD persistent 2023/24"),
        pytest.param(1_976, 104_334, "1.9", id="ASD severe 2017/18"),
        pytest.param(2_498, 115_485, "2.2", id="ASD severe 2018/19"),
        pytest.param(3_971, 143_115, "2.8", id="ASD severe 2020/21"),
        pytest.param(6_218, 160_094, "3.9", id="ASD severe 2021/22"),
        pytest.param(8_415, 180_421, "4.7", id="ASD severe 2022/23"),
        pytest.param(11_223, 205_627, "5.5", id="ASD severe 2023/24"),
        pytest.param(780_754, 6_703_327, "11.6", id="autumn persistent 2016/17"),
        pytest.param(800_059, 6_822_735, "11.7", id="autumn persistent 2017/18"),
        pytest.param(759_252, 6_937_255, "10.9", id="autumn persistent 2018/19"),
        pytest.param(922_566, 7_021_552, "13.1", id="autumn persistent 2019/20"),
        pytest.param(915_877, 7_056_748, "13.0", id="autumn persistent 2020/21"),
        pytest.param(1_672_179, 7_124_905, "23.5", id="autumn persistent 2021/22"),
        pytest.param(41_906, 6_703_327, "0.6", id="autumn severe 2016/17"),
        pytest.param(46_165, 6_822_735, "0.7", id="autumn severe 2017/18"),
        pytest.param(51_277, 6_937_255, "0.7", id="autumn severe 2018/19"),
        pytest.param(60_244, 7_021_552, "0.9", id="autumn severe 2019/20"),
        pytest.param(93_463, 7_056_748, "1.3", id="autumn severe 2020/21"),
        pytest.param(97_994, 7_124_905, "1.4", id="autumn severe 2021/22"),
        # DfE prints 6.870191621 in this row: a weighted rate, not the ratio of the row's own columns.
        pytest.param(172_392_601, 2_505_799_574, "6.879744206", id="2024/25 daily, total"),
        pytest.param(70_752_578, 1_348_359_082, "5.247309782", id="2024/25 daily, primary"),
        pytest.param(95_138_316, 1_106_970_367, "8.594477218", id="2024/25 daily, secondary"),
        pytest.param(6_501_707, 50_470_125, "12.88228828", id="2024/25 daily, special"),
        pytest.param(168_324_305, 2_445_419_687, "6.88324813506746", id="2025/26 daily, total"),
    ],
)
def test_published_numerators_and_denominators(part, whole, published):
    places = len(published.split(".")[1])
    assert str(percent_of(part, whole, places)) == published


def test_attendance_and_absence_of_the_nation_make_the_possible_sessions():
    nation = Summary(2_505_799_574, 2_333_406_973, authorised=172_392_601)  # law.md 1.3
    assert nation.attended + nation.absence == nation.possible


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 2000, "0.1"), (1, 2001, "0.0"), (3, 2000, "0.2"), (1999, 2000, "100.0"), (1, 8, "12.5"), (0, 5, "0.0")],
)
def test_halves_go_up(part, whole, percent):
    assert str(percent_of(part, whole)) == percent


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 4))
def test_percent_is_within_half_a_place_and_never_rounds_a_half_down(part, whole, places):
    error = Fraction(percent_of(part, whole, places)) - Fraction(100 * part, whole)
    half = Fraction(1, 2 * 10**places)
    assert -half < error <= half


@pytest.mark.parametrize(
    ("absence", "possible", "persistent", "severe"),
    [
        (38, 380, True, False),
        (37, 380, False, False),
        (190, 380, True, True),
        (189, 380, True, False),
        (1, 10, True, False),
        (1, 11, False, False),
        (3, 30, True, False),
        (0, 0, None, None),
    ],
    ids=lambda value: f"{value}",
)
def test_persistent_and_severe_before_rounding(absence, possible, persistent, severe):
    summary = absent(absence, possible)
    assert (summary.persistent, summary.severe) == (persistent, severe)


def test_nothing_possible_is_no_per_cent():
    empty = Summary(unmarked=4)
    assert (empty.percent, empty.persistent, empty.severe, empty.band) == (None, None, None, None)


@pytest.mark.parametrize(
    ("absence", "band"), [(0, 0), (4, 0), (5, 5), (49, 45), (50, 50), (51, 50), (100, 50)], ids=lambda value: f"{value}"
)
def test_bands(absence, band):
    assert absent(absence, 100).band == band


@pytest.mark.parametrize(
    ("absence", "possible", "phrase"),
    [
        (18, 380, "missed 9 days, about 1 in 20"),
        (38, 380, "missed 19 days, 1 in 10"),
        (37, 380, "missed 18.5 days, about 1 in 10"),
        (1, 300, "missed half a day, fewer than 1 in 100"),
        (2, 140, "missed 1 day, about 1 in 75"),
        (190, 380, "missed 95 days, half"),
        (290, 380, "missed 145 days, about 3 in 4"),
        (8, 8, "missed 4 days, all of them"),
        (0, 8, "missed no days"),
        (0, 0, "no sessions yet"),
    ],
)
def test_absence_in_words(absence, possible, phrase):
    assert absent(absence, possible).phrase == phrase


def test_days():
    assert absent(9, 380).days_missed == Decimal("4.5")
    assert [in_days(sessions) for sessions in range(5)] == ["0 days", "half a day", "1 day", "1.5 days", "2 days"]
    assert in_days(2505) == "1,252.5 days"


OLD, NEW = date(2024, 7, 19), date(2024, 9, 6)  # either side of 19 August 2024


@pytest.mark.parametrize(
    ("day", "letter", "counts"),
    [
        pytest.param(OLD, "/", Summary(1, 1), id="present"),
        pytest.param(OLD, "L", Summary(1, 1, 1), id="late is attended"),
        pytest.param(OLD, "J", Summary(1, 1), id="2.5 J before"),
        pytest.param(NEW, "J1", Summary(1, authorised=1), id="2.5 J1 after"),
        pytest.param(NEW, "K", Summary(1, 1), id="approved activity"),
        pytest.param(NEW, "U", Summary(1, unauthorised=1), id="1.4 U is an absence and not late"),
        pytest.param(NEW, "N", Summary(1, unauthorised=1), id="N"),
        pytest.param(NEW, "D", Summary(), id="1.2 not possible"),
        pytest.param(date(2021, 1, 8), "X02", Summary(1), id="2.7 possible, neither attended nor absent"),
        pytest.param(date(2021, 1, 8), "X01", Summary(), id="2.7 X01"),
    ],
)
def test_what_one_mark_counts_as(day, letter, counts):
    assert summarise([(day, AM, code_for(letter, day).number)], [(day, AM)]) == counts


@pytest.mark.parametrize(
    ("compulsory", "counts"),
    [
        (None, Summary()),
        ((date(2021, 1, 8), date(2026, 6, 26)), Summary(1)),
        ((date(2021, 1, 9), date(2026, 6, 26)), Summary()),
        ((date(2010, 1, 1), date(2021, 1, 8)), Summary(1)),
    ],
)
def test_plain_x_of_2021_counts_by_age(compulsory, counts):
    day = date(2021, 1, 8)
    assert summarise([(day, AM, codes.PLAIN_X_2006)], [(day, AM)], compulsory) == counts


def test_unmarked_sessions_and_marks_off_roll():
    present = code_for("/", NEW).number
    counts = summarise([(NEW, AM, present), (OLD, AM, present)], [(NEW, AM), (NEW, PM)])
    assert counts == Summary(possible=1, attended=1, unmarked=1)


def test_a_group_counts_its_cohort():
    pupils = [
        (absent(1, 10), True),
        (absent(5, 10), True),
        (absent(0, 10), True),
        (Summary(unmarked=2), True),
        (absent(9, 10), False),
    ]
    found = group(pupils)
    assert (found.pupils, found.counted, found.persistent, found.severe) == (5, 3, 2, 1)
    assert (found.persistent_percent, found.severe_percent) == (Decimal("66.7"), Decimal("33.3"))
    assert found.total == Summary(possible=40, attended=25, authorised=15, unmarked=2)
    assert group([]).persistent_percent is None


DAYS = school_days(
    [Period(date(2021, 1, 4), date(2021, 1, 29), "HT3"), Period(date(2024, 8, 5), date(2024, 9, 6), "HT1")]
)
SESSIONS = [(day.day, session) for day in DAYS for session in day.sessions]


@st.composite
def registers(draw):
    """Marks for some of the sessions, across both code sets."""
    marked = draw(st.lists(st.sampled_from(SESSIONS), unique=True))
    return [(day, session, draw(st.sampled_from(codes.codes_in_force(day))).number) for day, session in marked]


@given(registers(), st.sampled_from([None, (date(2021, 1, 15), date(2024, 8, 30))]))
def test_parts_add_up(marks, compulsory):
    whole = summarise(marks, SESSIONS, compulsory)
    categories = Counter(codes.by_number(number).category for _, _, number in marks)
    covid = whole.possible - whole.attended - whole.absence
    covid_x = covid - categories[Category.COVID]
    assert whole.late <= whole.attended
    assert 0 <= covid_x <= sum(number == codes.PLAIN_X_2006 for _, _, number in marks)
    outside = categories[Category.NOT_POSSIBLE] + categories[Category.ADMINISTRATIVE] - covid_x
    assert whole.possible + outside + whole.unmarked == len(SESSIONS)


@given(registers(), st.sampled_from(SESSIONS))
def test_a_range_is_the_sum_of_its_halves(marks, cut):
    halves = [[each for each in SESSIONS if (each < cut) is before] for before in (True, False)]
    assert sum((summarise(marks, half) for half in halves), Summary()) == summarise(marks, SESSIONS)


summaries = st.builds(absent, st.integers(0, 120), st.integers(120, 380)) | st.just(Summary())


@given(summaries, st.integers(1, 380))
def test_missable_is_the_most_that_can_be_missed(so_far, left):
    most = missable(so_far, left)
    if at_best(so_far, left).persistent:
        assert most == 0
        return
    assert not (so_far + absent(most, left)).persistent
    assert most == left or (so_far + absent(most + 1, left)).persistent


@pytest.mark.parametrize(
    ("absence", "possible", "left", "most", "best"),
    [(9, 100, 280, 28, "97.6"), (38, 100, 280, 0, "90.0"), (37, 100, 280, 0, "90.3"), (36, 100, 280, 1, "90.5")],
)
def test_forecast(absence, possible, left, most, best):
    so_far = absent(absence, possible)
    assert missable(so_far, left) == most
    assert str(at_best(so_far, left).percent) == best


@given(
    summaries.filter(lambda summary: summary.possible),
    st.builds(absent, st.integers(0, 20), st.integers(20, 60)),
    st.integers(0, 380),
)
def test_persistent_absence_begins_when_the_running_share_reaches_ten_per_cent(so_far, recent, left):
    rate = Fraction(recent.absence, recent.possible)
    begins = (ahead for ahead in range(left + 1) if (so_far.absence + rate * ahead) * 10 >= so_far.possible + ahead)
    assert sessions_until_persistent(so_far, recent, left) == next(begins, None)


def test_a_pupil_persistent_already():
    assert sessions_until_persistent(absent(10, 100), Summary(), 0) == 0


def test_nothing_to_go_by():
    assert sessions_until_persistent(Summary(), absent(5, 10), 100) is None
    assert sessions_until_persistent(absent(1, 100), Summary(), 100) is None

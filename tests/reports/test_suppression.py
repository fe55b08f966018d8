"""Whoever reads everything that is published, and knows who is in which group, works out no hidden number."""

from fractions import Fraction
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.suppression import WHOLE, Count, Row, hidden, hidden_for_good
from tests.reports.attack import Sums

YEARS = {"R": range(30), "1": range(30, 60), "2": range(60, 90), "3": range(90, 120)}
WHOLE_SCHOOL = frozenset(range(120))


def families(**rows):
    return {
        family: {name: frozenset(pupils) for name, pupils in rows.items() if pupils} for family, rows in rows.items()
    }


def dark(whole, groups, threshold=6, **more):
    return {(row.family, row.name) for row in hidden(frozenset(whole), groups, threshold, **more)}


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param({"year": YEARS}, set(), id="nothing small"),
        pytest.param({"eal": {"yes": range(5)}}, {("eal", "yes")}, id="small"),
        pytest.param({"eal": {"yes": range(6)}}, set(), id="six is shown"),
        pytest.param({"eal": {"yes": range(115)}}, {("eal", "yes")}, id="the rest of the school is small"),
        pytest.param(
            {"sen": {"N": range(80), "K": range(80, 117), "E": range(117, 120)}},
            {("sen", "E"), ("sen", "K")},
            id="one of a family never alone",
        ),
        pytest.param(
            {"sen": {"N": range(80), "K": range(80, 116), "E": range(116, 118), "?": range(118, 120)}},
            {("sen", "E"), ("sen", "?"), ("sen", "K")},
            id="two small ones that are small together",
        ),
        pytest.param(
            {"fsm": {"yes": range(37)}, "fsm6": {"yes": range(40)}},
            {("fsm", "yes")},
            id="a group that fills another but for three",
        ),
        pytest.param(
            {"arp": {"yes": range(4)}, "sen": {"E": range(4), "K": range(4, 40)}},
            {("arp", "yes"), ("sen", "E")},
            id="the same children under two names",
        ),
    ],
)
def test_rows(groups, expected):
    assert dark(WHOLE_SCHOOL, families(**groups)) == expected


def test_a_school_of_five_shows_nothing():
    assert dark(range(5), families(sex={"F": range(3), "M": range(3, 5)})) == {("", ""), ("sex", "F"), ("sex", "M")}


def test_counts_hide_few_and_all_but_few_and_their_neighbours():
    persistent = frozenset([*range(10), *range(30, 33), *range(60, 85), *range(90, 98)])
    found = dark(WHOLE_SCHOOL, families(year=YEARS), count=Count(persistent, (WHOLE_SCHOOL,)))
    # Year 1 has three, year 2 all but five: hidden, and together 28 of 60.
    assert found == {("year", "1"), ("year", "2")}
    few = frozenset(range(5))
    assert len(dark(WHOLE_SCHOOL, families(year=YEARS), count=Count(few, (WHOLE_SCHOOL,)))) == 5, "the whole too"


# The attack. It shares nothing with the code under test: exact fractions, and every world that could be.


def follows(sets, wanted, universe):
    """Whether `wanted` is a sum and difference of `sets`, exactly."""
    rows = [[Fraction(pupil in each) for pupil in universe] for each in sets]
    target = [Fraction(pupil in wanted) for pupil in universe]
    for place in range(len(universe)):
        lead = next((row for row in rows if row[place]), None)
        if lead is None:
            continue
        rows = [
            [a - row[place] / lead[place] * b for a, b in zip(row, lead, strict=True)]
            for row in rows
            if row is not lead
        ]
        factor = target[place] / lead[place]
        target = [a - factor * b for a, b in zip(target, lead, strict=True)]
    return not any(target)


def tables(size):
    """Two partitions and three characteristics, the third within the second, of a school of `size`."""
    ids = st.integers(0, size - 1)
    year = st.lists(st.integers(1, 4), min_size=size, max_size=size)
    flag = st.frozensets(ids)
    return st.tuples(year, year, flag, flag, flag, flag)


def table_of(size, drawn):
    years, sens, eal, within, wide, chosen = drawn
    groups = {
        "year": {str(n): frozenset(p for p in range(size) if years[p] == n) for n in range(1, 5)},
        "sen": {str(n): frozenset(p for p in range(size) if sens[p] == n) for n in range(1, 4)},  # 4: not known
        "eal": {"yes": eal},
        "fsm": {"yes": within & wide},
        "fsm6": {"yes": wide},
    }
    rows = {family: {name: pupils for name, pupils in rows.items() if pupils} for family, rows in groups.items()}
    every = {WHOLE: frozenset(range(size))} | {Row(f, n): p for f, rows in rows.items() for n, p in rows.items()}
    return rows, every, chosen


@settings(max_examples=60)
@given(tables(16), st.sampled_from([2, 3, 6]))
def test_no_hidden_row_is_a_sum_or_difference_of_rows_shown(drawn, threshold):
    rows, every, _ = table_of(16, drawn)
    whole = every[WHOLE]
    found = hidden(whole, rows, threshold)
    shown = [every[row] for row in every if row not in found]
    for pupils in {every[row] for row in found} | {whole - pupils for pupils in every.values()}:
        if 0 < len(pupils) < threshold or pupils in (every[row] for row in found):
            assert not pupils or not follows(shown, pupils, range(16))


@settings(max_examples=60)
@given(tables(11), st.sampled_from([2, 3]))
def test_in_the_worlds_that_fit_what_is_shown_each_hidden_count_has_two_values(drawn, threshold):
    """Eleven children of whom a reader does not know who is persistently absent: 2,048 worlds, all of them tried."""
    rows, every, chosen = table_of(11, drawn)
    whole = every[WHOLE]
    found = hidden(whole, rows, threshold, Count(chosen, (whole,)), already=hidden(whole, rows, threshold))
    masks = {row: sum(1 << pupil for pupil in pupils) for row, pupils in every.items()}
    truth = sum(1 << pupil for pupil in chosen)
    shown = [(masks[row], (masks[row] & truth).bit_count()) for row in every if row not in found]
    worlds = [world for world in range(1 << 11) if all((world & mask).bit_count() == number for mask, number in shown)]
    for row in found:
        values = {(world & masks[row]).bit_count() for world in worlds}
        assert len(values) > 1, f"{row} must be {values}"


def test_severe_within_persistent():
    """Known to be among the persistent: all but two of them severe is hidden as two of them would be."""
    persistent, severe = frozenset(range(20)), frozenset(range(18))
    count = Count(severe, (WHOLE_SCHOOL, persistent))
    assert ("", "") in dark(WHOLE_SCHOOL, {}, count=count)
    assert ("", "") not in dark(WHOLE_SCHOOL, {}, count=Count(severe, (WHOLE_SCHOOL,)))


# One evening after another, of a year in which children come and leave.

EVENINGS = range(5)


def spells(size):
    """On which evening each has come, and after which she leaves: most are there from the first to the last."""
    return st.lists(
        st.sampled_from([(0, 4)] * 8 + [*combinations_with_replacement(EVENINGS, 2)]), min_size=size, max_size=size
    )


@settings(max_examples=80, deadline=None)
@given(tables(18), spells(18), st.sampled_from([2, 3]))
def test_no_evening_shows_what_another_hides(drawn, on_roll, threshold):
    """Sums from every day to every other, read on each evening since: of no days do they give a small number."""
    rows, every, _ = table_of(18, drawn)
    there = [frozenset(p for p, (come, last) in enumerate(on_roll) if come <= day <= last) for day in EVENINGS]
    among = [
        {family: {name: ids & here for name, ids in of.items() if ids & here} for family, of in rows.items()}
        for here in there
    ]

    def sessions(pupils, first, last):
        return frozenset((p, day) for day in range(first, last + 1) for p in pupils & there[day])

    runs = [*combinations_with_replacement(EVENINGS, 2)]
    dark = [hidden_for_good(zip(there[: day + 1], among, strict=False), threshold) for day in EVENINGS]
    known = Sums({sessions(every[row], *run) for run in runs for row in every.keys() - dark[run[1]]})
    rests = [every[WHOLE].difference(*of.values()) for of in rows.values()]
    for pupils in {*every.values(), *(every[WHOLE] - ids for ids in every.values()), *rests}:
        for first, last in runs:
            here = frozenset().union(*there[first : last + 1]) & pupils
            assert not 0 < len(here) < threshold or not known.give(sessions(here, first, last))

"""Steps, conditions, the reasons shown to staff, and when a step ends (domain/policies.md, Ladder and step)."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.ladders import Ladder, Policy, Step, ended_on, is_vulnerable, judge, moved, still_holds
from casework.measures import Measures
from casework.presets import PRESETS, preset


def step_names(name: str, measures: Measures, *, vulnerable: bool = False) -> dict[str, str]:
    return {each.ladder.name: each.step.name for each in judge(preset(name), measures, vulnerable=vulnerable)}


def reason(name: str, ladder: str, measures: Measures, *, vulnerable: bool = False) -> str:
    found = judge(preset(name), measures, vulnerable=vulnerable)
    return next(each.reason for each in found if each.ladder.name == ladder)


@pytest.mark.parametrize(
    ("attended", "of", "step"),
    [
        pytest.param(9501, 10000, None, id="above 95"),
        pytest.param(95, 100, None, id="95 is not below 95"),
        pytest.param(9499, 10000, "Review", id="just below 95"),
        pytest.param(94, 100, "Review", id="94 is not below 94"),
        pytest.param(9399, 10000, "Panel considered", id="just below 94"),
        pytest.param(9001, 10000, "Panel considered", id="just above 90"),
        pytest.param(90, 100, "Persistent absentee", id="90"),
        pytest.param(5001, 10000, "Persistent absentee", id="just above 50"),
        pytest.param(1, 2, "Severely absent", id="50"),
        pytest.param(0, 2, "Severely absent", id="0"),
        pytest.param(0, 0, None, id="nothing possible: no value, no step"),
    ],
)
def test_the_most_serious_step_reached(attended: int, of: int, step: str | None) -> None:
    found = step_names("day-by-day", Measures(attended=attended, authorised=of - attended))
    assert found.get("Attendance") == step


def test_all_of_needs_every_condition_and_a_value_for_each() -> None:
    ladder = "Consult the attendance service"
    assert step_names("day-by-day", Measures(attended=94, authorised=5, unauthorised=1))[ladder] == ladder
    assert ladder not in step_names("day-by-day", Measures(attended=180, authorised=19, unauthorised=1))
    assert ladder not in step_names("day-by-day", Measures(attended=99, unauthorised=1))
    assert ladder not in step_names("day-by-day", Measures(attended=4, not_absent=6))  # 40 per cent, no absence
    assert ladder not in step_names("day-by-day", Measures())


def test_the_value_of_all_of_is_the_first_conditions() -> None:
    found = judge(preset("day-by-day"), Measures(attended=71, authorised=3, unauthorised=1))
    consult = next(each for each in found if each.ladder.all_of)
    assert consult.value_text == "94.67"
    assert consult.reason == (
        "attendance is 94.67 per cent this year (below 95); "
        "25 per cent of absence this year is unauthorised (at least 10)"
    )


@pytest.mark.parametrize(
    ("days", "vulnerable", "step", "sentence"),
    [
        (0, True, None, None),
        (1, False, "Day 1", "1 day in a row unexplained; Day 1 begins at 1"),
        (1, True, "Day 2", "1 day in a row unexplained; Day 2 is in force because the pupil is vulnerable"),
        (5, True, "Day 7", "5 days in a row unexplained; Day 7 is in force because the pupil is vulnerable"),
        (6, True, "Day 7", "6 days in a row unexplained; Day 7 is in force because the pupil is vulnerable"),
        (7, True, "Day 10", "7 days in a row unexplained; Day 10 is in force because the pupil is vulnerable"),
        (10, True, "Day 10", "10 days in a row unexplained; Day 10 begins at 10"),
        (11, False, "Day 10", "11 days in a row unexplained; Day 10 begins at 10"),
    ],
)
def test_a_vulnerable_pupil_is_one_step_ahead(
    days: int, vulnerable: bool, step: str | None, sentence: str | None
) -> None:
    measures = Measures(unexplained_days=days)
    assert step_names("day-by-day", measures, vulnerable=vulnerable).get("Unexplained") == step
    if sentence:
        assert reason("day-by-day", "Unexplained", measures, vulnerable=vulnerable) == sentence


def test_only_the_ladder_that_says_so_is_ahead() -> None:
    assert step_names("days-missed", Measures(unexplained_days=1), vulnerable=True)["Unexplained"] == "Text, then call"
    measures = Measures(attended=949, authorised=51)
    assert step_names("day-by-day", measures, vulnerable=True)["Attendance"] == "Review"


@pytest.mark.parametrize("fact", ["vulnerable", "social_worker", "child_protection", "looked_after"])
def test_each_of_four_facts_makes_vulnerable(fact: str) -> None:
    none = {"vulnerable": False, "social_worker": "", "child_protection": False, "looked_after": False}
    assert not is_vulnerable(**none)
    assert is_vulnerable(**none | {fact: "Worker A" if fact == "social_worker" else True})


def test_people_decide_a_step_without_threshold_no_sum_does() -> None:
    steps = (Step("One", "at_least", Fraction(1)), Step("Panel"), Step("Two", "at_least", Fraction(9)), Step("Head"))
    ladder = Ladder("Own", "unexplained_days_in_a_row", steps, vulnerable_ahead=1)
    assert [ladder.in_force(Measures(unexplained_days=days)) for days in (0, 1, 8, 9)] == [None, 0, 0, 2]
    assert [ladder.in_force(Measures(unexplained_days=days), vulnerable=True) for days in (0, 1, 9)] == [None, 2, 2]
    assert still_holds(ladder, 3, Measures())


@pytest.mark.parametrize(
    ("name", "ladder", "measures", "sentence"),
    [
        (
            "days-missed",
            "Days missed",
            Measures(authorised=30),
            "missed 15 days this year; Stage 3 letter and meeting begins at 15",
        ),
        ("days-missed", "Days missed", Measures(authorised=9), "missed 4.5 days this year; Stage 1 letter begins at 4"),
        (
            "national",
            "Attendance",
            Measures(attended=89, authorised=11),
            "attendance is 89 per cent this year; Contact parents begins below 90",
        ),
        (
            "national",
            "Attendance",
            Measures(attended=89999, authorised=10001),
            "attendance is just under 90 per cent this year; Contact parents begins below 90",
        ),
        (
            "tiers",
            "Attendance",
            Measures(attended=9, authorised=1),
            "attendance is 90 per cent this year; Tier 2 begins at 90 or less",
        ),
        ("tiers", "Punctuality", Measures(late=6), "6 late marks this half-term; Lateness letter begins at 5"),
        (
            "national",
            "Illness",
            Measures(illness=11, authorised=11),
            "5.5 days of illness this year; Medical evidence may be asked for begins at 5.5",
        ),
        (
            "national",
            "National threshold",
            Measures(counted=10),
            "10 unauthorised sessions in ten school weeks; Consider penalty notice begins at 10",
        ),
        (
            "returns",
            "Unauthorised",
            Measures(unauthorised_days=10),
            "10 days in a row unauthorised; Attendance return begins at 10",
        ),
    ],
)
def test_reasons_are_sentences(name: str, ladder: str, measures: Measures, sentence: str) -> None:
    assert reason(name, ladder, measures) == sentence


def test_national_illness_begins_after_five_days() -> None:
    assert "Illness" not in step_names("national", Measures(illness=10, authorised=10))
    assert "Illness" in step_names("national", Measures(illness=11, authorised=11))


counts = st.integers(0, 400)


@given(
    name=st.sampled_from(PRESETS),
    measures=st.builds(
        Measures,
        attended=counts,
        authorised=counts,
        unauthorised=counts,
        not_absent=counts,
        illness=counts,
        late=counts,
        counted=counts,
        unexplained_days=counts,
        unauthorised_days=counts,
    ),
    vulnerable=st.booleans(),
)
def test_integers_judge_as_fractions_would(name: str, measures: Measures, vulnerable: bool) -> None:
    compare = {"at_least": Fraction.__ge__, "below": Fraction.__lt__, "at_most": Fraction.__le__}
    found = {each.ladder.name: each for each in judge(preset(name), measures, vulnerable=vulnerable)}
    for ladder in preset(name).ladders:
        if ladder.all_of:
            continue
        value = measures.value(ladder.measure)
        reached = [
            index
            for index, step in enumerate(ladder.steps)
            if step.comparison and value is not None and compare[step.comparison](value, step.threshold)
        ]
        assert (ladder.name in found) == bool(reached)
        if reached:
            assert found[ladder.name].by_measure == reached[-1]
            assert found[ladder.name].index - reached[-1] in ((0, 1) if ladder.vulnerable_ahead else (0,))
            assert found[ladder.name].reason


# De-escalation

MONDAY = date(2024, 11, 4)


def evaluations(text: str, apart: int = 1) -> list[tuple[date, bool]]:
    return [(MONDAY + timedelta(days=apart * n), letter == "x") for n, letter in enumerate(text)]


@pytest.mark.parametrize(
    ("history", "apart", "ended"),
    [
        pytest.param("x", 7, None, id="it holds"),
        pytest.param("x.", 7, None, id="one evaluation is not enough"),
        pytest.param("x..", 7, 14, id="two a week apart"),
        pytest.param("x.......", 1, None, id="six days are not a week"),
        pytest.param("x........", 1, 8, id="nightly, a week after the first"),
        pytest.param("x....x.......", 1, None, id="held again in between: the wait begins anew"),
        pytest.param("x....x........", 1, 13, id="and ends a week after that"),
        pytest.param("", 1, None, id="never looked at"),
    ],
)
def test_a_step_ends_after_two_evaluations_without_it_a_week_apart(history: str, apart: int, ended: int | None) -> None:
    expected = MONDAY + timedelta(days=ended) if ended is not None else None
    assert ended_on(evaluations(history, apart)) == expected


def test_the_week_is_a_setting() -> None:
    assert ended_on(evaluations("x..", 7), apart_days=14) is None
    assert ended_on(evaluations("x...", 7), apart_days=14) == MONDAY + timedelta(days=21)


def test_a_step_holds_while_it_or_a_more_serious_one_is_in_force() -> None:
    ladder = preset("days-missed").ladder("Days missed")
    assert still_holds(ladder, 1, Measures(authorised=20))
    assert still_holds(ladder, 0, Measures(authorised=20))
    assert not still_holds(ladder, 2, Measures(authorised=20))


def test_what_moved_between_two_judgements() -> None:
    policy = preset("days-missed")
    before = judge(policy, Measures(authorised=20, unexplained_days=2))
    after = judge(policy, Measures(authorised=30, attended=1))
    assert moved(before, after) == [
        ("Days missed", "Stage 2 letter", "Stage 3 letter and meeting"),
        ("Unexplained", "Home visit", ""),
    ]
    assert moved(before, before) == []


def test_a_ladder_is_found_by_its_name() -> None:
    with pytest.raises(KeyError):
        Policy(ladders=()).ladder("Attendance")

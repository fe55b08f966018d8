"""A school's own policy tables: read, written back, and refused with everything that is wrong."""

import tomllib
from fractions import Fraction

import pytest

from attendance_mis.permissions import Role
from casework.policy_tables import PolicyError, own_table, parse_policy, policy_table
from casework.presets import PRESETS, policy_of, preset

OWN = """
[[policy.ladder]]
name = "Days"
measure = "days_absent_this_year"
vulnerable_ahead = 1
step = [
  {name = "Letter", at_least = 2.5, owner = "office staff", do = "Write.", letter = "Stage 1", tell = "class teacher"},
  {name = "Meeting", at_least = 5, automatic = true},
  {name = "Panel"},
]
[[policy.ladder]]
name = "Both"
all_of = [
  {measure = "attendance_percent_this_year", below = 95},
  {measure = "unauthorised_share_of_absence_percent", at_least = 10},
]
"""


def parsed(text: str):
    return policy_of(tomllib.loads(text)["policy"])


def faults(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        parsed(text)
    return [f"{place}: {fault}" for place, fault in caught.value.faults]


def test_own_tables_are_read() -> None:
    days, both = parsed(OWN).ladders
    assert [step.name for step in days.steps] == ["Letter", "Meeting", "Panel"]
    assert (days.steps[0].threshold, days.steps[0].owner, days.vulnerable_ahead) == (Fraction(5, 2), "office staff", 1)
    assert days.steps[1].automatic
    assert days.steps[2].by_decision
    assert [step.name for step in both.steps] == ["Both"]
    assert len(both.all_of) == 2


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_written_out_and_read_back_is_the_same(name: str) -> None:
    policy = preset(name)
    assert policy_table(policy) == {"preset": name}
    assert parse_policy(own_table(policy)).ladders == policy.ladders
    again = parse_policy(own_table(policy))
    assert own_table(again) == own_table(policy) == policy_table(again)


def test_own_tables_written_back_are_the_same() -> None:
    assert parse_policy(policy_table(parsed(OWN))) == parsed(OWN)


@pytest.mark.parametrize("name", PRESETS)
def test_every_step_of_a_preset_says_who_does_what_and_who_hears_of_it(name: str) -> None:
    steps = [step for ladder in preset(name).ladders for step in ladder.steps]
    assert all(step.owner and step.do and step.tell for step in steps)
    assert {step.owner for step in steps} <= {label.lower() for label in Role.labels}
    assert not any(step.automatic for step in steps)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '[policy]\npreset = "strict"',
            ["policy: strict is not a preset; use one of tiers, national, returns, days-missed, day-by-day"],
            id="unknown preset",
        ),
        pytest.param(
            '[policy]\npreset = "tiers"\nreview_weeks = 4',
            ["policy: review_weeks does not go with a preset"],
            id="preset with more",
        ),
        pytest.param(
            "[policy]\n", ["policy: there is no ladder; name a preset or write at least one ladder"], id="nothing"
        ),
        pytest.param(
            '[policy]\npreset = "tiers"\n' + OWN,
            ["policy: a preset and own ladders together; keep one of them"],
            id="both",
        ),
        pytest.param(
            '[[policy.ladder]]\nname="A"\nmeasure="days_absent_this_year"\n'
            'step=[{name="x", at_least=3, below=4}, {name="y", at_least="many"}, {at_least=true, colour="red"}]',
            [
                "ladder 1 (A), step 1 (x): at_least and below together: a threshold is one of at_least, below, at_most",
                "ladder 1 (A), step 2 (y): at_least must be a number",
                "ladder 1 (A), step 3: name is missing",
                "ladder 1 (A), step 3: colour is not known here; use at_least, at_most, automatic, below, do, letter, "
                "name, owner, tell",
                "ladder 1 (A), step 3: at_least must be a number",
            ],
            id="several faults at once",
        ),
        pytest.param(
            '[[policy.ladder]]\nname="A"\nmeasure="days_absent"\nstep=[{name="x", at_least=3}]',
            [
                "ladder 1 (A): days_absent is not a measure; use one of days_absent_this_year, "
                "attendance_percent_this_year, unexplained_days_in_a_row, unauthorised_days_in_a_row, "
                "unauthorised_sessions_in_window, late_marks_this_half_term, illness_days_this_year, "
                "unauthorised_share_of_absence_percent"
            ],
            id="unknown measure",
        ),
        pytest.param(
            '[[policy.ladder]]\nname="A"\nmeasure="days_absent_this_year"\n'
            'step=[{name="x", at_least=15}, {name="y", at_least=10}]',
            ['ladder 1 (A): "y" (at least 10) must be more serious than "x" (at least 15), which stands before it'],
            id="falling steps",
        ),
        pytest.param(
            '[[policy.ladder]]\nname="A"\nmeasure="attendance_percent_this_year"\n'
            'step=[{name="x", below=90}, {name="y", at_most=90}]',
            ['ladder 1 (A): "y" (at most 90) must be more serious than "x" (below 90), which stands before it'],
            id="below 90 is more serious than at most 90",
        ),
        pytest.param(
            '[[policy.ladder]]\nname="A"\nmeasure="days_absent_this_year"\n'
            'step=[{name="x", at_least=1}, {name="y", below=90}]',
            ["ladder 1 (A): at_least and below or at_most cannot stand in one ladder: which is more serious?"],
            id="two directions",
        ),
        pytest.param(
            '[[policy.ladder]]\nname="A"\nall_of=[{measure="days_absent_this_year"}]\nmeasure="illness_days_this_year"',
            [
                "ladder 1 (A): measure is not known here; use all_of, automatic, do, letter, name, owner, tell",
                "ladder 1 (A): all_of needs two conditions",
                "ladder 1 (A), condition 1: one of at_least, below, at_most is missing",
            ],
            id="half an all_of",
        ),
        pytest.param(
            '[[policy.ladder]]\nname="A"\nmeasure="days_absent_this_year"\nvulnerable_ahead=0.5\n'
            'step=[{name="x", at_least=-1}, {name="x"}]\n'
            '[[policy.ladder]]\nname="A"\nmeasure="days_absent_this_year"',
            [
                "ladder 1 (A), step 1 (x): at_least must not be below 0",
                'ladder 1 (A): two steps are called "x"; a name must be used once',
                "ladder 1 (A): vulnerable_ahead must be a whole number",
                "ladder 2 (A): there is no step",
                'policy: two ladders are called "A"; a name must be used once',
            ],
            id="numbers and names",
        ),
        pytest.param(
            '[policy]\nladder = "steep"',
            [
                "policy: ladder must be a list of tables",
                "policy: there is no ladder; name a preset or write at least one ladder",
            ],
            id="not tables",
        ),
    ],
)
def test_everything_wrong_is_said_at_once_with_its_place(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_infinity_is_not_a_threshold() -> None:
    text = '[[policy.ladder]]\nname="A"\nmeasure="days_absent_this_year"\nstep=[{name="x", at_least=inf}]'
    assert faults(text) == ["ladder 1 (A), step 1 (x): at_least must be a number"]


def test_the_weekly_challenge_of_days_missed() -> None:
    challenge = preset("days-missed").class_challenge
    assert (challenge.at_least, challenge.tokens) == (96, 6)

"""The moves of a case, and the arithmetic of a plan."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from casework.case_rules import (
    MOVES,
    Goal,
    State,
    cautions,
    diagram,
    goal_sentence,
    is_met,
    why_not,
    why_not_close,
    why_not_plan,
    why_not_review,
    why_not_target,
)
from registers.attendance import Summary

MARCH, APRIL = date(2025, 3, 11), date(2025, 4, 4)


@pytest.mark.parametrize(
    ("verb", "state", "refused"),
    [
        ("make_plan", "opened", ""),
        ("make_plan", "reviewed", ""),
        ("make_plan", "planned", "A plan is running: review it first."),
        ("make_plan", "closed", "The case is closed."),
        ("review_plan", "planned", ""),
        ("review_plan", "opened", "There is no plan to review"),
        ("review_plan", "closed", "The case is closed."),
        ("close_case", "opened", ""),
        ("close_case", "closed", "The case is closed."),
    ],
)
def test_moves(verb: str, state: str, refused: str) -> None:
    reasons = why_not(verb, state)
    assert bool(reasons) == bool(refused)
    assert refused in " ".join(reasons)


def test_every_state_can_be_left_and_reached() -> None:
    assert {move.after for move in MOVES} == set(State)
    assert {state for move in MOVES for state in move.before} == set(State) - {State.CLOSED}


def test_the_diagram_of_the_documentation_is_made_from_the_moves() -> None:
    assert diagram() in (Path(__file__).resolve().parents[2] / "docs" / "casework.md").read_text()


@pytest.mark.parametrize(
    ("state", "on_roll", "outcome", "may"),
    [
        ("reviewed", True, "improved", True),
        ("planned", True, "improved", False),
        ("planned", True, "left", True),
        ("planned", False, "other", True),
    ],
)
def test_a_running_plan_is_reviewed_before_the_case_is_closed(
    state: str, on_roll: bool, outcome: str, may: bool
) -> None:
    assert (not why_not_close(state, on_roll=on_roll, outcome=outcome)) is may


@pytest.mark.parametrize(
    ("starts", "review_on", "refused"),
    [
        (MARCH, date(2025, 4, 22), ""),
        (MARCH, date(2025, 4, 23), "within 6 weeks: by 22 April 2025"),
        (MARCH, MARCH, "The review must be after the plan begins."),
        (date(2025, 3, 1), APRIL, "before the case was opened"),
    ],
)
def test_plans(starts: date, review_on: date, refused: str) -> None:
    reasons = why_not_plan("opened", opened=date(2025, 3, 10), starts=starts, review_on=review_on, review_weeks=6)
    assert bool(reasons) == bool(refused)
    assert refused in " ".join(reasons)


@pytest.mark.parametrize(
    ("goal", "amount", "by", "refused"),
    [
        (Goal.YEAR_PERCENT, "92.5", APRIL, ""),
        (Goal.YEAR_PERCENT, "110", APRIL, "110 per cent is no attendance"),
        (Goal.PLAN_PERCENT, "0", APRIL, "0 per cent is no attendance"),
        (Goal.PLAN_SESSIONS, "0", APRIL, ""),
        (Goal.PLAN_SESSIONS, "2.5", APRIL, "Sessions are whole numbers."),
        (Goal.PLAN_SESSIONS, "2", MARCH, "after the plan begins"),
    ],
)
def test_targets(goal: str, amount: str, by: date, refused: str) -> None:
    reasons = why_not_target(goal, Decimal(amount), by, MARCH)
    assert bool(reasons) == bool(refused)
    assert refused in " ".join(reasons)


YEAR = Summary(possible=200, attended=160, authorised=40)  # 80 per cent
NOTHING = Summary()


@pytest.mark.parametrize(
    ("goal", "amount", "since", "left", "said"),
    [
        (Goal.YEAR_PERCENT, "90", NOTHING, 200, "It can be reached only if not one session is missed."),
        (Goal.YEAR_PERCENT, "91", NOTHING, 200, "It cannot be reached: if nothing at all is missed, attendance will "
         "be 90.0 per cent by then."),
        (Goal.YEAR_PERCENT, "85", NOTHING, 200, ""),
        (Goal.YEAR_PERCENT, "80", NOTHING, 0, "There is no school session until that day."),
        (Goal.PLAN_PERCENT, "100", NOTHING, 20, ""),
        (Goal.PLAN_PERCENT, "95", Summary(possible=10, attended=8, unauthorised=2), 10, "It cannot be reached"),
        (Goal.PLAN_SESSIONS, "2", Summary(possible=10, attended=8, unauthorised=2), 10, ""),
        (Goal.PLAN_SESSIONS, "1", Summary(possible=10, attended=8, unauthorised=2), 10,
         "It cannot be met any more; missed already: 1 day."),
    ],
)  # fmt: skip
def test_the_arithmetic_of_a_target(goal: str, amount: str, since: Summary, left: int, said: str) -> None:
    found = list(cautions(goal, Decimal(amount), YEAR, since, left))
    assert bool(found) == bool(said)
    assert said in " ".join(found)


@pytest.mark.parametrize(
    ("goal", "amount", "since", "met"),
    [
        (Goal.YEAR_PERCENT, "80", NOTHING, True),
        (Goal.YEAR_PERCENT, "80.5", NOTHING, False),
        (Goal.PLAN_PERCENT, "90", NOTHING, None),
        (Goal.PLAN_SESSIONS, "0", NOTHING, True),
    ],
)
def test_is_met(goal: str, amount: str, since: Summary, met: bool | None) -> None:
    assert is_met(goal, Decimal(amount), YEAR, since) is met


def test_a_review_before_the_plan_began_and_one_to_come() -> None:
    assert not why_not_review("planned", starts=MARCH, on=MARCH, today=MARCH)
    assert "cannot be before the plan began" in why_not_review("planned", starts=APRIL, on=MARCH, today=APRIL)[0]
    assert "has not come" in why_not_review("planned", starts=MARCH, on=APRIL, today=MARCH)[0]


def test_targets_in_words() -> None:
    assert goal_sentence("plan_sessions", Decimal("4.00"), APRIL) == (
        "No more than 4 sessions missed since the plan began, by 4 April 2025"
    )
    assert goal_sentence("year_percent", Decimal("92.50"), APRIL) == (
        "Attendance this year is at least 92.5 per cent by 4 April 2025"
    )

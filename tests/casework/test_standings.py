"""A step rises at once, ends after two evaluations a week apart, and never by one change of marks."""

from datetime import date
from fractions import Fraction

import pytest

from casework.ladders import Ladder, Step
from casework.standings import Ends, Followed, OnStep, follow

LADDER = Ladder(
    "Days missed",
    "days_absent_this_year",
    (
        Step("One", "at_least", Fraction(4)),
        Step("Two", "at_least", Fraction(10)),
        Step("By decision"),
    ),
)
MONDAY, FRIDAY, NEXT_MONDAY = date(2025, 3, 3), date(2025, 3, 7), date(2025, 3, 10)


@pytest.mark.parametrize(
    ("was", "now", "on", "follows"),
    [
        (None, None, MONDAY, Followed()),
        (None, 1, MONDAY, Followed(begins=1)),
        (OnStep("One", None), 0, MONDAY, Followed()),
        (OnStep("One", None), 1, MONDAY, Followed(ends=Ends.ROSE, begins=1)),
        (OnStep("Two", None), 0, MONDAY, Followed(without_since=MONDAY)),
        (OnStep("Two", None), None, MONDAY, Followed(without_since=MONDAY)),
        (OnStep("Two", MONDAY), 0, FRIDAY, Followed(without_since=MONDAY)),
        (OnStep("Two", MONDAY), 1, FRIDAY, Followed()),
        (OnStep("Two", MONDAY), 0, NEXT_MONDAY, Followed(ends=Ends.IMPROVED, begins=0)),
        (OnStep("One", MONDAY), None, NEXT_MONDAY, Followed(ends=Ends.IMPROVED)),
        (OnStep("By decision", None), None, MONDAY, Followed()),
        (OnStep("Renamed", MONDAY), 0, FRIDAY, Followed(ends=Ends.POLICY, begins=0)),
    ],
)
def test_follow(was: OnStep | None, now: int | None, on: date, follows: Followed) -> None:
    assert follow(was, LADDER, now, on, apart_days=7) == follows


def test_a_ladder_the_policy_has_no_more() -> None:
    assert follow(OnStep("One", None), None, None, MONDAY, apart_days=7) == Followed(ends=Ends.POLICY)


def test_the_setting_of_the_policy() -> None:
    assert follow(OnStep("One", MONDAY), LADDER, None, FRIDAY, apart_days=4).ends is Ends.IMPROVED

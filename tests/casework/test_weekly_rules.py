"""Who is on the agenda of a weekly meeting and in what order: a table, no database."""

from datetime import date, timedelta

import pytest

from casework.weekly_rules import OnStep, Order, agenda, moves, why_not_begin, why_not_minute

LAST, TODAY = date(2025, 3, 4), date(2025, 3, 11)
BEFORE, BETWEEN = LAST - timedelta(days=30), LAST + timedelta(days=3)


def on(step: str, index: int, since: date, ended_on: date | None = None, ladder: str = "Attendance") -> OnStep:
    return OnStep(1, ladder, step, index, since, ended_on)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([on("Tier 1", 0, BETWEEN)], [(Order.WORSE, 0, "New on Tier 1 (Attendance)")]),
        ([on("Tier 1", 0, BEFORE)], []),
        ([on("Tier 1", 0, BEFORE, BETWEEN)], [(Order.BETTER, 0, "Has left Tier 1 (Attendance)")]),
        (
            [on("Tier 1", 0, BEFORE, BETWEEN), on("Tier 2", 1, BETWEEN)],
            [(Order.WORSE, 1, "Moved up from Tier 1 to Tier 2 (Attendance)")],
        ),
        (
            [on("Tier 2", 1, BEFORE, BETWEEN), on("Tier 1", 0, BETWEEN)],
            [(Order.BETTER, 0, "Better: from Tier 2 to Tier 1 (Attendance)")],
        ),
        # on the way there and back: not moved
        ([on("Tier 1", 0, BETWEEN, TODAY)], []),
        ([on("A", 0, BEFORE, BETWEEN), on("B", 1, BETWEEN, TODAY), on("A", 0, TODAY)], []),
        # ended on the very day of the last meeting: it was spoken of then
        ([on("Tier 1", 0, BEFORE, LAST)], []),
        ([on("Tier 1", 0, LAST)], []),
    ],
)
def test_moves(steps: list[OnStep], said: list) -> None:
    assert moves(steps, LAST).get(1, []) == said


def test_two_ladders_are_two_moves() -> None:
    steps = [on("Tier 1", 0, BETWEEN), on("Day 5", 4, BETWEEN, ladder="Unexplained")]
    assert [said for _, _, said in moves(steps, LAST)[1]] == [
        "New on Tier 1 (Attendance)",
        "New on Day 5 (Unexplained)",
    ]


def test_the_agenda_has_each_child_once_the_urgent_first() -> None:
    moved = {
        1: [(Order.BETTER, 0, "Has left Tier 1 (Attendance)")],
        2: [(Order.WORSE, 0, "New on Tier 1 (Attendance)")],
        3: [(Order.WORSE, 4, "New on Day 5 (Unexplained)")],
    }
    points = agenda(moved, [4, 1], {1: 2, 5: 1}, {5: TODAY - timedelta(days=1), 6: TODAY + timedelta(days=8)}, TODAY)
    assert [(point.pupil_id, point.why) for point in points] == [
        (3, ("New on Day 5 (Unexplained)",)),
        (2, ("New on Tier 1 (Attendance)",)),
        (1, ("Has left Tier 1 (Attendance)", "Not reached last time", "2 actions agreed last time")),
        (4, ("Not reached last time",)),
        (5, ("1 action agreed last time", "Review of the plan overdue since 10 March")),
    ]


@pytest.mark.parametrize(
    ("last", "running", "points", "said"),
    [
        (None, False, 1, []),
        (LAST, False, 1, []),
        (TODAY, False, 1, ["There is a meeting of today already: go on with that one."]),
        (LAST, True, 1, ["The last meeting has not been ended yet: end it first, then its children come with you."]),
    ],
)
def test_begin(last: date | None, running: bool, points: int, said: list[str]) -> None:
    assert why_not_begin(last, TODAY, is_running=running, points=points) == said


def test_nothing_to_meet_about() -> None:
    assert "there is nothing to meet about" in why_not_begin(None, TODAY, is_running=False, points=0)[0]
    assert why_not_minute(has_ended=True)
    assert why_not_minute(has_ended=False) == []

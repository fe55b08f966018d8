"""What if: who would move, on a day and over a term; a replay equals judging each day."""

from datetime import date

import pytest

from casework.measures import measures
from casework.policy_tables import parse_policy
from casework.presets import preset
from casework.what_if import Direction, differences, differing, last_whole_term, on_day, over_term
from registers.models import SchoolDay
from tests.casework.conftest import Attend
from tests.conftest import TODAY, Cast


def days_missed(*steps: tuple[str, float]):
    step = [{"name": name, "at_least": at_least} for name, at_least in steps]
    return parse_policy({"ladder": [{"name": "Days missed", "measure": "days_absent_this_year", "step": step}]})


BEFORE = days_missed(("One", 4), ("Two", 10))


@pytest.mark.parametrize(
    ("after", "direction"),
    [
        (days_missed(("One", 4), ("Two", 6)), Direction.UP),
        (days_missed(("One", 9)), Direction.OUT),
        (days_missed(("Other", 3)), Direction.UP),
        (BEFORE, None),
    ],
)
def test_directions(cast: Cast, attend: Attend, after, direction: Direction | None) -> None:
    child = cast.pupils[0]
    attend(child, "I", days=7)
    found = on_day(cast.school, TODAY, BEFORE, after)
    assert [(d.pupil_id, d.was, d.direction) for d in found] == ([(child.pk, "One", direction)] if direction else [])


def test_comes_on_and_moves_down(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "I", days=3)
    attend(cast.pupils[1], "I", days=10)
    found = on_day(cast.school, TODAY, BEFORE, days_missed(("One", 2), ("Two", 12)))
    assert {(d.pupil_id, d.was, d.becomes, d.direction) for d in found} == {
        (cast.pupils[0].pk, "", "One", Direction.IN),
        (cast.pupils[1].pk, "Two", "One", Direction.DOWN),
    }


def test_ladders_they_share_are_not_judged() -> None:
    before, after = differing(preset("tiers"), preset("tiers"))
    assert before.ladders == after.ladders == ()


def test_the_last_whole_term(cast: Cast) -> None:
    assert str(last_whole_term(cast.school, TODAY)) == "Autumn term 2024/25"
    assert last_whole_term(cast.school, date(2023, 9, 10)) is None


def test_a_term_is_judged_day_by_day(cast: Cast, attend: Attend) -> None:
    """The replay finds what `on_day` finds, on each school day of the term."""
    attend(cast.pupils[0], "I", days=8, until=date(2024, 11, 29))
    attend(cast.pupils[1], "N", days=12, until=date(2024, 10, 15))
    after = preset("days-missed")
    before = preset("tiers")
    term = last_whole_term(cast.school, TODAY)
    expected: dict[tuple[int, str], list[tuple[date, str, str]]] = {}
    for day in SchoolDay.objects.filter(day__range=(term.start, term.end)).values_list("day", flat=True):
        for d in on_day(cast.school, day, before, after):
            expected.setdefault((d.pupil_id, d.ladder), []).append((day, d.was, d.becomes))
    assert expected
    found = {(r.difference.pupil_id, r.difference.ladder): r for r in over_term(cast.school, term, before, after)}
    assert set(found) == set(expected)
    for key, replayed in found.items():
        days = expected[key]
        assert (replayed.days, replayed.first, replayed.last) == (len(days), days[0][0], days[-1][0])
        assert (replayed.difference.was, replayed.difference.becomes) == days[-1][1:]


def test_a_vulnerable_child_is_a_step_ahead() -> None:
    from tests.casework.a_pupil import days_of, pupil, ranges

    facts = pupil(days_of("N N", date(2024, 9, 9), 1), vulnerable=True)
    counts = measures(facts, ranges(date(2024, 9, 9)))
    found = list(differences(1, counts, preset("national"), preset("day-by-day"), vulnerable=True))
    assert ("Unexplained", "First day call", "Day 2") in [(d.ladder, d.was, d.becomes) for d in found]

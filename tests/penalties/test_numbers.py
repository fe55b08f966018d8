"""What the years in numbers give away: each hidden number is tried to be worked out from all that is printed."""

from collections import defaultdict
from itertools import product

import pytest

from penalties.numbers import Whole


@pytest.mark.parametrize(
    ("parts", "printed"),
    [
        pytest.param((0, 0, 0), ("0", "0", "0", "0"), id="nothing happened"),
        pytest.param((5, 0, 7), ("12", "5", "0", "7"), id="nothing small"),
        pytest.param((3, 20, 7), ("30", "not shown", "not shown", "not shown"), id="one small"),
        pytest.param((1, 0, 0), ("fewer than 5", "not shown", "not shown", "not shown"), id="one child"),
    ],
)
def test_what_is_printed(parts: tuple[int, ...], printed: tuple[str, ...]) -> None:
    assert tuple(Whole("All", dict(zip("abc", parts, strict=True))).printed.values()) == printed


@pytest.mark.parametrize(("places", "up_to"), [(2, 30), (3, 16), (4, 9)])
def test_no_hidden_number_can_be_worked_out(places: int, up_to: int) -> None:
    """A reader who knows the rule holds every table against what is printed: two values at least must fit."""
    fitting = defaultdict(list)
    for parts in product(range(up_to + 1), repeat=places):
        if sum(parts) <= up_to:  # every table of these totals is looked at
            printed = Whole("All", {str(place): number for place, number in enumerate(parts)}).printed
            fitting[tuple(printed.values())].append(parts)
    for (total, *said), tables in fitting.items():
        for place, word in enumerate(said):
            if word == "not shown":
                assert len({parts[place] for parts in tables}) > 1, (total, said, tables)
        if total == "fewer than 5":
            assert len({sum(parts) for parts in tables}) > 1, said

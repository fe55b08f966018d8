"""Every worked answer of `penalty_thresholds` in ../shared/examples, from the pure modules alone."""

from datetime import date
from pathlib import Path

import pytest

from penalties.readings import DEFAULTS
from penalties.thresholds import count
from tests.casework.packs import expected, needs_examples, pack, rows

CASES = [(name, path) for name in ("ordinary", "planted") for path in expected(name, "penalty")]


@needs_examples
@pytest.mark.parametrize(("name", "path"), CASES, ids=[f"{name}-{path.stem}" for name, path in CASES])
def test_penalty_thresholds_of_the_pack(name: str, path: Path) -> None:
    ranges = pack(name).ranges(date.fromisoformat(path.stem.removeprefix("penalty_")))
    counts = {upn: count(facts, ranges, DEFAULTS) for upn, facts in pack(name).pupils.items()}
    assert [
        {
            "upn": upn,
            "window_start": str(each.window_start),
            "window_end": str(each.window_end),
            "counted": str(each.counted),
            "provisional": str(each.provisional),
            "threshold_met": "Y" if each.met else "N",
        }
        for upn, each in counts.items()
        if each and each.counted
    ] == rows(path)


@needs_examples
def test_every_worked_answer_is_here() -> None:
    assert len(CASES) == 2 + 5

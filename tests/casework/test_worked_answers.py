"""Every worked answer of `escalations` in ../shared/examples, from the pure modules alone."""

import re
from datetime import date
from pathlib import Path

import pytest

from casework.ladders import judge
from casework.measures import measures
from casework.presets import policy_of
from tests.casework.packs import expected, needs_examples, pack, policy_table, rows

CASES = [(name, path) for name in ("ordinary", "planted") for path in expected(name, "escalations")]


@needs_examples
@pytest.mark.parametrize(("name", "path"), CASES, ids=[f"{name}-{path.stem}" for name, path in CASES])
def test_escalations_of_the_pack(name: str, path: Path) -> None:
    policy_name, on = re.fullmatch(r"escalations_(.+)_(\d{4}-\d\d-\d\d)", path.stem).groups()
    policy, day = policy_of(policy_table(name, policy_name)), date.fromisoformat(on)
    ranges = pack(name).ranges(day)
    found = [
        {"upn": upn, "ladder": each.ladder.name, "step": each.step.name, "value": each.value_text}
        for upn, facts in pack(name).pupils.items()
        if facts.on_roll(day)
        for each in judge(policy, measures(facts, ranges), vulnerable=facts.vulnerable)
    ]
    assert found == rows(path)


@needs_examples
def test_every_worked_answer_is_here() -> None:
    assert len(CASES) == 10 + 25

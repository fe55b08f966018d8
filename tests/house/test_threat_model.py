"""docs/threat-model.md and docs/faults.md: each row names the tests that hold it, and each of them is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _rows(page: str) -> list[str]:
    lines = (ROOT / "docs" / page).read_text().splitlines()
    return [line for line in lines if line.startswith("| ") and not re.match(r"\| \*\*", line)][1:]


THREATS = [*_rows("threat-model.md"), *_rows("faults.md")]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def _tests_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_threat_names_a_test() -> None:
    assert THREATS
    assert [row for row in THREATS if not NAMED.search(row)] == []


def test_every_named_test_is_there() -> None:
    named = [found for row in THREATS for found in NAMED.findall(row)]
    assert [f"{path}::{name}" for path, name in named if name not in _tests_of(path)] == []

"""What import-linter cannot say: every pure module is under its contract, and none reads a clock."""

import ast
import re
import tomllib
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path

import grimp
import pytest

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
CONTRACT = PROJECT["tool"]["importlinter"]
LISTED = next(contract for contract in CONTRACT["contracts"] if contract["id"] == "pure")["source_modules"]
GRAPH = grimp.build_graph(*CONTRACT["root_packages"], include_external_packages=True, cache_dir=None)
PURE = sorted(module for module in GRAPH.modules if any(fnmatch(module, pattern) for pattern in LISTED))
MACHINERY = {"attendance_mis", "attendance_mis.celery", "attendance_mis.embedded"}  # neither law nor sums


def test_every_module_without_django_is_under_the_contract() -> None:
    ours = {module for module in GRAPH.modules if module.split(".")[0] in CONTRACT["root_packages"]}
    without = {m for m in ours if "django" not in GRAPH.find_upstream_modules(m)}
    unlisted = sorted(m for m in without - MACHINERY - set(PURE) if GRAPH.find_modules_directly_imported_by(m))
    assert not unlisted, f"list in pyproject.toml, contract `pure`: {unlisted}"


@pytest.mark.parametrize("module", PURE)
def test_the_day_is_an_argument(module: str) -> None:
    spec = find_spec(module)
    assert spec
    assert spec.origin
    tree = ast.parse(Path(spec.origin).read_text())
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not [
        name for name in called if re.search(r"(date|time|timezone|clock)\.(today|now|utcnow|time|localtime)$", name)
    ]

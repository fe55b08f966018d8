"""What pyproject.toml asks for is pinned, and no file tells where packages come from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = PROJECT["project"]["dependencies"]


def _pinned(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[\S+\])?==(\S+)", lines, re.MULTILINE))


@pytest.mark.parametrize(("name", "wanted"), [("run", RUN), ("test", RUN + PROJECT["dependency-groups"]["dev"])])
def test_everything_asked_for_is_pinned(name: str, wanted: list[str]) -> None:
    pinned = _pinned(name)
    for requirement in map(Requirement, wanted):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"run `make requirements`: {requirement} is not in requirements/{name}.txt"
        assert version in requirement.specifier, f"run `make requirements`: {requirement} against {version}"


def test_tests_run_on_the_versions_that_run() -> None:
    assert _pinned("run").items() <= _pinned("test").items()


@pytest.mark.parametrize("name", ["run", "test"])
def test_no_pin_tells_where_packages_come_from(name: str) -> None:
    """A school's own mirror must serve as well as any."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in lines
    assert not re.search(r"^--", lines, re.MULTILINE)


def test_the_licence_of_everything_that_runs_is_told() -> None:
    told = re.findall(r"[a-z0-9-]+", (ROOT / "docs" / "licences.md").read_text())
    assert sorted(_pinned("run").keys() - set(told)) == []

"""The five presets, and the policy a school works by: a preset by name or its own tables."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from casework.ladders import Policy
from casework.policy_tables import PolicyError, parse_policy

DATA = Path(__file__).parent / "data" / "presets.toml"


@cache
def _presets() -> dict[str, Policy]:
    with DATA.open("rb") as file:
        return {name: replace(parse_policy(table), preset=name) for name, table in tomllib.load(file).items()}


PRESETS = tuple(_presets())


def preset(name: str) -> Policy:
    """One of the five presets. Raises KeyError."""
    return _presets()[name]


def policy_of(table: Mapping[str, Any]) -> Policy:
    """The policy a school pack's `[policy]` table names or describes. Raises PolicyError with everything wrong."""
    name = table.get("preset")
    if name is None or "ladder" in table:
        return parse_policy(table)
    faults = [("policy", f"{key} does not go with a preset") for key in sorted(set(table) - {"preset"})]
    if name not in PRESETS:
        faults.append(("policy", f"{name} is not a preset; use one of {', '.join(PRESETS)}"))
    if faults:
        raise PolicyError(faults)
    return preset(name)

"""Change the tables of a policy one step or ladder at a time. Pure: each function gives a new document.

What it gives may be no policy yet: `faults_of` says everything that is wrong, in the words of who writes it.
"""

from copy import deepcopy
from typing import Any

from casework.ladders import COMPARISONS
from casework.policy_tables import STEP_WORDS, PolicyError, parse_policy

Document = dict[str, Any]


def faults_of(document: Document) -> list[str]:
    """Everything wrong with a policy, one sentence each; empty means it can be used."""
    try:
        parse_policy(document)
    except PolicyError as error:
        return [f"{place[:1].upper()}{place[1:]}: {fault}." for place, fault in error.faults]
    return []


def with_settings(document: Document, values: dict[str, Any]) -> Document:
    return {**document, **values}


def with_step(document: Document, ladder: int, step: int | None, values: dict[str, Any]) -> Document:
    """A step changed, or added where its threshold belongs (`step` None)."""
    new = deepcopy(document)
    table = new["ladder"][ladder]
    if "all_of" in table:
        conditions = [
            {"measure": values[f"measure_{n}"], values[f"comparison_{n}"]: _number(values[f"threshold_{n}"])}
            for n in (1, 2)
        ]
        new["ladder"][ladder] = {"name": values["name"], "all_of": conditions, **_words(values)}
        return new
    made = {"name": values["name"], **_words(values)}
    if values.get("comparison"):
        made[values["comparison"]] = _number(values["threshold"])
    steps = table["step"]
    if step is not None:
        steps[step] = made
    else:
        steps.insert(_place(steps, made), made)
    return new


def _place(steps: list[dict[str, Any]], made: dict[str, Any]) -> int:
    """Where a new step belongs: before the first more serious one; steps by decision stay at the end."""
    threshold = next((float(made[c]) for c in COMPARISONS if c in made), None)
    if threshold is None:
        return len(steps)
    rising = "at_least" in made
    for index, each in enumerate(steps):
        other = next((float(each[c]) for c in COMPARISONS if c in each), None)
        if other is None or (other > threshold if rising else other < threshold):
            return index
    return len(steps)


def without_step(document: Document, ladder: int, step: int) -> Document:
    """A step removed, and its ladder with its last step."""
    new = deepcopy(document)
    steps = new["ladder"][ladder].get("step", [])
    if len(steps) > 1:
        del steps[step]
    else:
        del new["ladder"][ladder]
    return new


def with_ladder(document: Document, ladder: int | None, values: dict[str, Any]) -> Document:
    """A ladder's name, measure and head start changed; or a new ladder with its first step."""
    new = deepcopy(document)
    table = {"name": values["name"], "measure": values["measure"]}
    if values.get("vulnerable_ahead"):
        table["vulnerable_ahead"] = values["vulnerable_ahead"]
    if ladder is None:
        first = {"name": values["step_name"], values["comparison"]: _number(values["threshold"])}
        new.setdefault("ladder", []).append(table | {"step": [first]})
    else:
        new["ladder"][ladder] = table | {"step": new["ladder"][ladder]["step"]}
    return new


def without_ladder(document: Document, ladder: int) -> Document:
    new = deepcopy(document)
    del new["ladder"][ladder]
    return new


def _words(values: dict[str, Any]) -> dict[str, Any]:
    words = {key: values[key] for key in STEP_WORDS if values.get(key)}
    return words | ({"automatic": True} if values.get("automatic") else {})


def _number(value: Any) -> int | float:
    number = float(value)
    return int(number) if number.is_integer() else number

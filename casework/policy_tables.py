"""A school's policy as the tables of a school pack, both ways (interchange.md, school.toml `[policy]`).

`parse_policy` lists everything wrong at once, each with its place, in the words of somebody who writes a policy.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from casework.ladders import COMPARISONS, ClassChallenge, Condition, Ladder, Policy, Step
from casework.measures import MEASURES, two_decimals

Table = Mapping[str, Any]
STEP_WORDS = ("owner", "do", "letter", "tell")
STEP_KEYS = {"name", *COMPARISONS, *STEP_WORDS, "automatic"}
LADDER_KEYS = {"name", "measure", "step", "vulnerable_ahead"}
ALL_OF_KEYS = {"name", "all_of", *STEP_WORDS, "automatic"}
POLICY_NUMBERS = ("review_weeks", "step_ends_after_days", "leave_notice_weeks")
POLICY_KEYS = {"preset", "title", "ladder", "forms", "class_challenge", *POLICY_NUMBERS}


class PolicyError(ValueError):
    """A policy that cannot be used. `faults` are (place, sentence): ("ladder 2 (Attendance), step 3", "...")."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{place}: {fault}" for place, fault in self.faults))


class _Reader:
    """Reads tables and gathers what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []

    def fault(self, place: str, sentence: str) -> None:
        self.faults.append((place, sentence))

    def unknown(self, table: Table, known: set[str], place: str) -> None:
        for key in sorted(set(table) - known):
            self.fault(place, f"{key} is not known here; use {', '.join(sorted(known))}")

    def text(self, table: Table, key: str, place: str, *, needed: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.fault(place, f"{key} must be a text")
            return ""
        if needed and not value.strip():
            self.fault(place, f"{key} is missing")
        return value.strip()

    def number(self, value: Any, what: str, place: str) -> Fraction:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(place, f"{what} must be a number")
            return Fraction(0)
        try:
            number = Fraction(str(value))
        except ValueError:
            self.fault(place, f"{what} must be a number")
            return Fraction(0)
        if number < 0:
            self.fault(place, f"{what} must not be below 0")
        return number

    def whole(self, table: Table, key: str, default: int, place: str) -> int:
        number = self.number(table.get(key, default), key, place)
        if number.denominator != 1:
            self.fault(place, f"{key} must be a whole number")
        return int(number)

    def flag(self, table: Table, key: str, place: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.fault(place, f"{key} must be true or false")
        return value is True

    def tables(self, table: Table, key: str, place: str) -> list[Table]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            self.fault(place, f"{key} must be a list of tables")
            return []
        return value

    def measure(self, table: Table, place: str) -> str:
        measure = self.text(table, "measure", place, needed=True)
        if measure and measure not in MEASURES:
            self.fault(place, f"{measure} is not a measure; use one of {', '.join(MEASURES)}")
        return measure

    def policy(self, table: Table) -> Policy:
        self.unknown(table, POLICY_KEYS, "policy")
        tables = self.tables(table, "ladder", "policy")
        if not tables:
            self.fault("policy", "there is no ladder; name a preset or write at least one ladder")
        ladders = [self.ladder(each, f"ladder {index}") for index, each in enumerate(tables, 1)]
        self.unique([ladder.name for ladder in ladders], "policy", "ladder")
        forms = table.get("forms", [])
        if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
            self.fault("policy", "forms must be a list of texts")
            forms = []
        return Policy(
            ladders=tuple(ladders),
            title=self.text(table, "title", "policy"),
            review_weeks=self.whole(table, "review_weeks", 6, "policy"),
            step_ends_after_days=self.whole(table, "step_ends_after_days", 7, "policy"),
            leave_notice_weeks=self.whole(table, "leave_notice_weeks", 0, "policy"),
            class_challenge=self.challenge(table),
            forms=tuple(forms),
        )

    def challenge(self, table: Table) -> ClassChallenge | None:
        challenge = table.get("class_challenge")
        if challenge is None:
            return None
        place = "class_challenge"
        if not isinstance(challenge, Mapping):
            self.fault(place, "must be a table with at_least and tokens")
            return None
        self.unknown(challenge, {"at_least", "tokens", "treat"}, place)
        return ClassChallenge(
            at_least=self.number(challenge.get("at_least"), "at_least", place),
            tokens=self.whole(challenge, "tokens", 1, place),
            treat=self.text(challenge, "treat", place),
        )

    def unique(self, names: Sequence[str], place: str, what: str) -> None:
        for name in sorted({name for name in names if name and names.count(name) > 1}):
            self.fault(place, f'two {what}s are called "{name}"; a name must be used once')

    def ladder(self, table: Table, place: str) -> Ladder:
        name = self.text(table, "name", place, needed=True)
        place = f"{place} ({name})" if name else place
        if "all_of" in table:
            return self.all_of_ladder(table, name, place)
        self.unknown(table, LADDER_KEYS, place)
        measure = self.measure(table, place)
        tables = self.tables(table, "step", place)
        if not tables:
            self.fault(place, "there is no step")
        before = len(self.faults)
        steps = [self.step(each, f"{place}, step {index}") for index, each in enumerate(tables, 1)]
        self.unique([step.name for step in steps], place, "step")
        if len(self.faults) == before:
            self.rising(steps, place)
        ahead = self.whole(table, "vulnerable_ahead", 0, place)
        return Ladder(name, measure, tuple(steps), vulnerable_ahead=ahead)

    def all_of_ladder(self, table: Table, name: str, place: str) -> Ladder:
        """The step of an `all_of` ladder bears the ladder's name."""
        self.unknown(table, ALL_OF_KEYS, place)
        conditions = []
        tables = self.tables(table, "all_of", place)
        if len(tables) < 2:
            self.fault(place, "all_of needs two conditions")
        for index, each in enumerate(tables, 1):
            where = f"{place}, condition {index}"
            self.unknown(each, {"measure", *COMPARISONS}, where)
            comparison, threshold = self.comparison(each, where)
            if comparison is None:
                self.fault(where, f"one of {', '.join(COMPARISONS)} is missing")
            conditions.append(Condition(self.measure(each, where), comparison or "at_least", threshold or Fraction(0)))
        return Ladder(name, "", (self.worded(table, place, name=name),), all_of=tuple(conditions))

    def step(self, table: Table, place: str) -> Step:
        name = self.text(table, "name", place, needed=True)
        place = f"{place} ({name})" if name else place
        self.unknown(table, STEP_KEYS, place)
        comparison, threshold = self.comparison(table, place)
        return self.worded(table, place, name=name, comparison=comparison, threshold=threshold)

    def worded(self, table: Table, place: str, **values: Any) -> Step:
        words: dict[str, Any] = {key: self.text(table, key, place) for key in STEP_WORDS}
        return Step(**values, **words, automatic=self.flag(table, "automatic", place))

    def comparison(self, table: Table, place: str) -> tuple[Any, Fraction | None]:
        given = [comparison for comparison in COMPARISONS if comparison in table]
        if len(given) > 1:
            self.fault(place, f"{' and '.join(given)} together: a threshold is one of {', '.join(COMPARISONS)}")
        if not given:
            return None, None
        return given[0], self.number(table[given[0]], given[0], place)

    def rising(self, steps: Sequence[Step], place: str) -> None:
        """Steps stand in rising order of seriousness: upward for at_least, downward for below and at_most."""
        with_threshold = [step for step in steps if step.threshold is not None]
        if len({step.comparison == "at_least" for step in with_threshold}) > 1:
            self.fault(place, "at_least and below or at_most cannot stand in one ladder: which is more serious?")
            return
        for before, after in pairwise(with_threshold):
            if not _more_serious(after, before):
                self.fault(
                    place,
                    f'"{after.name}" ({_threshold(after)}) must be more serious than "{before.name}" '
                    f"({_threshold(before)}), which stands before it",
                )


def _more_serious(after: Step, before: Step) -> bool:
    if after.comparison == "at_least":
        return after.threshold > before.threshold  # type: ignore[operator]
    if after.threshold == before.threshold:
        return after.comparison == "below" and before.comparison == "at_most"
    return after.threshold < before.threshold  # type: ignore[operator]


def _threshold(step: Step) -> str:
    return f"{str(step.comparison).replace('_', ' ')} {two_decimals(step.threshold)}"  # type: ignore[arg-type]


def parse_policy(table: Table) -> Policy:
    """The policy a school's own tables describe. Raises PolicyError with everything that is wrong.

    A preset is named with `preset`; `presets.policy_of` accepts either.
    """
    reader = _Reader()
    if "preset" in table and "ladder" in table:
        reader.fault("policy", "a preset and own ladders together; keep one of them")
    policy = reader.policy(table)
    if reader.faults:
        raise PolicyError(reader.faults)
    return policy


def policy_table(policy: Policy) -> dict[str, Any]:
    """The policy as a `[policy]` table: its preset by name, or everything it says. `parse_policy` reads it back."""
    return {"preset": policy.preset} if policy.preset else own_table(policy)


def own_table(policy: Policy) -> dict[str, Any]:
    """Everything a policy says as tables, a preset's too: what an editor starts from. Empty values are left out."""
    challenge = policy.class_challenge
    table = {
        "title": policy.title,
        "review_weeks": policy.review_weeks,
        "step_ends_after_days": policy.step_ends_after_days,
        "leave_notice_weeks": policy.leave_notice_weeks,
        "forms": list(policy.forms),
        "class_challenge": challenge
        and {"at_least": _plain(challenge.at_least), "tokens": challenge.tokens, "treat": challenge.treat},
        "ladder": [_ladder_table(ladder) for ladder in policy.ladders],
    }
    return {key: value for key, value in table.items() if value not in ("", None, [])}


def _ladder_table(ladder: Ladder) -> dict[str, Any]:
    if ladder.all_of:
        conditions = [{"measure": c.measure, c.comparison: _plain(c.threshold)} for c in ladder.all_of]
        return {"name": ladder.name, "all_of": conditions, **_words(ladder.steps[0])}
    table: dict[str, Any] = {"name": ladder.name, "measure": ladder.measure}
    if ladder.vulnerable_ahead:
        table["vulnerable_ahead"] = ladder.vulnerable_ahead
    return table | {"step": [_step_table(step) for step in ladder.steps]}


def _step_table(step: Step) -> dict[str, Any]:
    table: dict[str, Any] = {"name": step.name}
    if step.comparison and step.threshold is not None:
        table[step.comparison] = _plain(step.threshold)
    return table | _words(step)


def _words(step: Step) -> dict[str, Any]:
    words = {key: getattr(step, key) for key in STEP_WORDS if getattr(step, key)}
    return words | ({"automatic": True} if step.automatic else {})


def _plain(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)

"""Ladders of steps over measures: which step of a school's policy is in force for one pupil on one day.

Pure: plain values in, plain values out. What the measures are worth is `measures.py`; a school's policy as TOML is
`policy_tables.py`. Facts: domain/policies.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from casework.measures import MEASURES, Measures, two_decimals

Comparison = Literal["at_least", "below", "at_most"]
AHEAD = "is in force because the pupil is vulnerable"
COMPARISONS: tuple[Comparison, ...] = ("at_least", "below", "at_most")


def compares(value: tuple[int, int], comparison: Comparison, threshold: Fraction) -> bool:
    """Exact comparison of a ratio (numerator, positive denominator) with a threshold: integers only, never rounded."""
    left, right = value[0] * threshold.denominator, threshold.numerator * value[1]
    if comparison == "at_least":
        return left >= right
    return left < right if comparison == "below" else left <= right


@dataclass(frozen=True, slots=True)
class Condition:
    """One measure against one threshold. A measure without a value fulfils no condition."""

    measure: str
    comparison: Comparison
    threshold: Fraction

    def holds(self, measures: Measures) -> bool:
        value = measures.ratio(self.measure)
        return value is not None and compares(value, self.comparison, self.threshold)


@dataclass(frozen=True, slots=True)
class Step:
    """One rung and what the school does on it. Without a comparison people move a case here, with a reason."""

    name: str
    comparison: Comparison | None = None
    threshold: Fraction | None = None
    owner: str = ""
    do: str = ""
    letter: str = ""
    tell: str = ""
    automatic: bool = False

    @property
    def by_decision(self) -> bool:
        return self.comparison is None


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps over one measure in rising order of seriousness, or one step under conditions that must all hold."""

    name: str
    measure: str
    steps: tuple[Step, ...]
    all_of: tuple[Condition, ...] = ()
    vulnerable_ahead: int = 0

    def reached(self, measures: Measures) -> int | None:
        """Index of the most serious step whose own condition holds, None when none does."""
        if self.all_of:
            return 0 if all(condition.holds(measures) for condition in self.all_of) else None
        value = measures.ratio(self.measure)
        if value is None:
            return None
        reached = None
        for index, step in enumerate(self.steps):
            if step.comparison is None:
                continue
            if not compares(value, step.comparison, step.threshold):  # type: ignore[arg-type]
                break  # steps rise in seriousness: most pupils need one comparison a ladder
            reached = index
        return reached

    def in_force(self, measures: Measures, *, vulnerable: bool = False) -> int | None:
        """Index of the step in force: `vulnerable_ahead` moves a vulnerable pupil on once any step is reached.

        The last step with a threshold stays the last: no sum moves anybody to a step that only people decide.
        """
        index = self.reached(measures)
        if index is None or not (vulnerable and self.vulnerable_ahead):
            return index
        further = [i for i, step in enumerate(self.steps) if i >= index and not step.by_decision]
        return further[min(self.vulnerable_ahead, len(further) - 1)]


@dataclass(frozen=True, slots=True)
class ClassChallenge:
    """Weekly reward: a class at or above the per cent earns a token, so many tokens a treat."""

    at_least: Fraction
    tokens: int
    treat: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A school's attendance policy as data. `preset` names the one it was taken from unchanged."""

    ladders: tuple[Ladder, ...]
    preset: str = ""
    title: str = ""
    review_weeks: int = 6
    step_ends_after_days: int = 7
    leave_notice_weeks: int = 0
    class_challenge: ClassChallenge | None = None
    forms: tuple[str, ...] = ()

    def ladder(self, name: str) -> Ladder:
        """The ladder of that name. Raises KeyError."""
        for ladder in self.ladders:
            if ladder.name == name:
                return ladder
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Reached:
    """The step of one ladder in force for one pupil, with its working."""

    ladder: Ladder
    index: int
    by_measure: int
    measures: Measures

    @property
    def step(self) -> Step:
        return self.ladder.steps[self.index]

    @property
    def ahead(self) -> bool:
        """In force because the pupil is vulnerable, not yet by the measure alone."""
        return self.index != self.by_measure

    @property
    def value(self) -> Fraction:
        """The measure, exact; for `all_of` the first condition's."""
        measure = self.ladder.all_of[0].measure if self.ladder.all_of else self.ladder.measure
        numerator, denominator = self.measures.ratio(measure)  # type: ignore[misc]
        return Fraction(numerator, denominator)

    @property
    def value_text(self) -> str:
        """At most two decimals, halves up, trailing zeros dropped (interchange.md, escalations)."""
        return two_decimals(self.value)

    @property
    def reason(self) -> str:
        """The sentence shown to staff: "missed 15 days this year; Stage 3 letter begins at 15"."""
        said = "; ".join(said_of(self.ladder, each, self.measures) for each in conditions_of(self.ladder, self.step))
        if self.ladder.all_of:
            return said
        if self.ahead:
            return f"{said}; {self.step.name} {AHEAD}"
        return f"{said}; {self.step.name} begins {begins(self.step)}"


def value_said(value: Fraction, comparison: Comparison | None, threshold: Fraction | None) -> str:
    """The value for a sentence: 94.996 against "below 95" is "just under 95", since "95" would read as a mistake."""
    text = two_decimals(value)
    if comparison == "below" and threshold is not None and value < threshold <= Fraction(text):
        return f"just under {text}"
    return text


def begins(step: Step) -> str:
    """Where a step begins, after its name: "at 15", "below 95", "at 90 or less"."""
    threshold = two_decimals(step.threshold)  # type: ignore[arg-type]
    return {"at_least": f"at {threshold}", "below": f"below {threshold}", "at_most": f"at {threshold} or less"}[
        step.comparison  # type: ignore[index]
    ]


def conditions_of(ladder: Ladder, step: Step) -> tuple[Condition, ...]:
    """What puts a pupil on a step: the conditions of the ladder, or the step's own; none where people decide."""
    if ladder.all_of or step.comparison is None or step.threshold is None:
        return ladder.all_of
    return (Condition(ladder.measure, step.comparison, step.threshold),)


def said_of(ladder: Ladder, condition: Condition, measures: Measures) -> str:
    """One condition as the reason of a step says it; of `all_of` with its threshold. "" without a value.

    "attendance is 94.67 per cent this year (below 95)".
    """
    value = measures.value(condition.measure)
    if value is None:
        return ""
    said = MEASURES[condition.measure].say(value_said(value, condition.comparison, condition.threshold))
    if not ladder.all_of:
        return said
    words = condition.comparison.replace("_", " ")
    return f"{said} ({words} {two_decimals(condition.threshold)})"


def judge(policy: Policy, measures: Measures, *, vulnerable: bool = False) -> list[Reached]:
    """The step in force on each ladder of the policy, in the policy's order; ladders with none are left out."""
    found = []
    for ladder in policy.ladders:
        index = ladder.in_force(measures, vulnerable=vulnerable)
        if index is not None:
            by_measure = index if not vulnerable else ladder.reached(measures)
            found.append(Reached(ladder, index, by_measure, measures))  # type: ignore[arg-type]
    return found


def is_vulnerable(*, vulnerable: bool, social_worker: str, child_protection: bool, looked_after: bool) -> bool:
    """Whether `vulnerable_ahead` applies: any of the four facts of the pupil (policies.md, Ladder and step)."""
    return bool(vulnerable or social_worker or child_protection or looked_after)


def ended_on(evaluations: Iterable[tuple[date, bool]], *, apart_days: int = 7) -> date | None:
    """The day a step ended: its condition did not hold at two evaluations at least `apart_days` apart.

    `evaluations` are (day, whether the step's condition held) since the step was entered, oldest first. An evaluation
    at which it held again starts the wait anew, so a late mark change cannot end a step by itself. None: not ended.
    """
    first_without: date | None = None
    for day, held in evaluations:
        if held:
            first_without = None
        elif first_without is None:
            first_without = day
        elif day - first_without >= timedelta(days=apart_days):
            return day
    return None


def still_holds(ladder: Ladder, index: int, measures: Measures, *, vulnerable: bool = False) -> bool:
    """Whether a step, or one more serious, is in force; what `ended_on` is fed with for a case at that step.

    A step that people decide holds until they close it.
    """
    if ladder.steps[index].by_decision:
        return True
    current = ladder.in_force(measures, vulnerable=vulnerable)
    return current is not None and current >= index


def moved(before: Sequence[Reached], after: Sequence[Reached]) -> list[tuple[str, str, str]]:
    """What changed between two judgements of one pupil: (ladder, step before, step after), "" for none."""
    was = {r.ladder.name: r.step.name for r in before}
    now = {r.ladder.name: r.step.name for r in after}
    names = list(was) + [name for name in now if name not in was]
    return [(n, was.get(n, ""), now.get(n, "")) for n in names if was.get(n) != now.get(n)]

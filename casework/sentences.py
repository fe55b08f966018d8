"""A policy said in sentences: what its page shows, and what a person edits.

Pure. "When days missed this year reach 15: Stage 3 letter and meeting; owner attendance lead; propose letter Stage 3".
"""

from collections.abc import Iterator

from casework.ladders import Condition, Ladder, Policy, Step
from casework.measures import MEASURES, two_decimals

COMPARISON_WORDS = {"at_least": "reaches", "below": "falls below", "at_most": "is at most"}


def when(measure: str, comparison: str, threshold: str) -> str:
    """A condition: "days missed this year reach 15", "attendance this year falls below 95 per cent"."""
    each = MEASURES[measure]
    is_share = each.unit == "per cent"
    words = COMPARISON_WORDS[comparison]
    if not is_share:
        words = {"reaches": "reach", "falls below": "fall below", "is at most": "are at most"}[words]
    return f"{each.label} {words} {threshold}{' per cent' if is_share else ''}"


def _condition(condition: Condition) -> str:
    return when(condition.measure, condition.comparison, two_decimals(condition.threshold))


def begins_when(ladder: Ladder, step: Step) -> str:
    """When a step begins: "When days missed this year reach 15", or by whose decision."""
    if ladder.all_of:
        return f"When {' and '.join(map(_condition, ladder.all_of))}"
    if step.comparison is None or step.threshold is None:
        return "When a person decides it, with a reason"
    return f"When {when(ladder.measure, step.comparison, two_decimals(step.threshold))}"


def follows(step: Step) -> Iterator[str]:
    """What follows from a step: its owner, its letters, who is told."""
    if step.owner:
        yield f"owner {step.owner}"
    letters = [letter.strip() for letter in step.letter.split(";") if letter.strip()]
    if letters:
        verb = "send" if step.automatic else "propose"
        yield f"{verb} letter{'s' if len(letters) > 1 else ''} {' and '.join(letters)}"
    if step.tell:
        yield f"tell {step.tell}"


def sentence(ladder: Ladder, step: Step) -> str:
    """One step in one sentence."""
    return f"{begins_when(ladder, step)}: {'; '.join([step.name, *follows(step)])}."


def settings_sentences(policy: Policy) -> list[str]:
    """What a policy says beside its ladders."""
    said = [
        f"A plan is reviewed at most {policy.review_weeks} weeks after it began.",
        f"A step ends when its condition has not held at two evaluations {policy.step_ends_after_days} days apart.",
    ]
    if policy.leave_notice_weeks:
        said.append(f"Leave of absence is asked for {policy.leave_notice_weeks} weeks ahead.")
    if challenge := policy.class_challenge:
        said.append(
            f"A class at or above {two_decimals(challenge.at_least)} per cent in a week earns a token; "
            f"{challenge.tokens} tokens are {challenge.treat or 'a treat'}."
        )
    return said

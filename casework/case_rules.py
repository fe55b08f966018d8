"""The states of a case and its moves, and what a plan may be: data and sentences, no database.

`why_not_x` gives the reasons against a move, empty means it may be made. The diagram in docs/casework.md is made from
`MOVES`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from registers.attendance import Summary, at_best, in_days


class State(StrEnum):
    OPENED = "opened"
    PLANNED = "planned"
    REVIEWED = "reviewed"
    CLOSED = "closed"


LABELS = {
    State.OPENED: "Opened",
    State.PLANNED: "Plan running",
    State.REVIEWED: "Plan reviewed",
    State.CLOSED: "Closed",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One verb: from which states it leads where. No state before: it begins a case."""

    verb: str
    name: str
    before: tuple[State, ...]
    after: State


MOVES = (
    Move("open_case", "Open a case", (), State.OPENED),
    Move("make_plan", "Make a plan", (State.OPENED, State.REVIEWED), State.PLANNED),
    Move("review_plan", "Review the plan", (State.PLANNED,), State.REVIEWED),
    Move("close_case", "Close the case", (State.OPENED, State.PLANNED, State.REVIEWED), State.CLOSED),
)


def after(verb: str) -> State:
    """Where a move leads. Raises KeyError."""
    return {move.verb: move.after for move in MOVES}[verb]


def why_not(verb: str, state: str) -> list[str]:
    """Why a move is not open from a state; empty means it is."""
    move = next(move for move in MOVES if move.verb == verb)
    if state in move.before:
        return []
    if state == State.CLOSED:
        return ["The case is closed. Open a new one if there is a new concern."]
    return {
        "make_plan": ["A plan is running: review it first."],
        "review_plan": ["There is no plan to review: make one first."],
    }.get(verb, [f"This cannot be done while the case is: {LABELS[State(state)].lower()}."])


def diagram() -> str:
    """The moves as a state diagram in Mermaid's words."""
    lines = ["stateDiagram-v2"]
    for move in MOVES:
        lines += [f"    {state} --> {move.after}: {move.name}" for state in move.before or ("[*]",)]
    return "\n".join([*lines, f"    {State.CLOSED} --> [*]"])


def why_not_close(state: str, *, on_roll: bool, outcome: str) -> list[str]:
    """Why a case cannot be closed; a running plan is reviewed first, unless the child has left."""
    reasons = why_not("close_case", state)
    if state == State.PLANNED and on_roll and outcome != "left":
        reasons.append("A plan is running: review it first, so that the family hears how it went.")
    return reasons


# Plans


class Goal(StrEnum):
    """How a target is measured."""

    YEAR_PERCENT = "year_percent"
    PLAN_PERCENT = "plan_percent"
    PLAN_SESSIONS = "plan_sessions"


GOALS = {
    Goal.YEAR_PERCENT: "Attendance this year is at least (per cent)",
    Goal.PLAN_PERCENT: "Attendance since the plan began is at least (per cent)",
    Goal.PLAN_SESSIONS: "Sessions missed since the plan began are at most",
}


def goal_sentence(goal: str, amount: Decimal, by: date) -> str:
    """A target in words: "Attendance this year is at least 92 per cent by 4 April 2025"."""
    number = f"{amount.normalize():f}"
    day = f"by {by:%-d %B %Y}"
    if goal == Goal.PLAN_SESSIONS:
        return f"No more than {number} session{'' if amount == 1 else 's'} missed since the plan began, {day}"
    span = "this year" if goal == Goal.YEAR_PERCENT else "since the plan began"
    return f"Attendance {span} is at least {number} per cent {day}"


def why_not_plan(state: str, *, opened: date, starts: date, review_on: date, review_weeks: int) -> list[str]:
    """Why a plan cannot run like this; the policy says after how many weeks at most it is reviewed."""
    reasons = why_not("make_plan", state)
    if starts < opened:
        reasons.append(f"The plan begins before the case was opened, on {opened:%-d %B %Y}.")
    if review_on <= starts:
        reasons.append("The review must be after the plan begins.")
    elif review_on > starts + timedelta(weeks=review_weeks):
        last = starts + timedelta(weeks=review_weeks)
        reasons.append(f"The policy wants a review within {review_weeks} weeks: by {last:%-d %B %Y}.")
    return reasons


def why_not_target(goal: str, amount: Decimal, by: date, starts: date) -> list[str]:
    """Why this is no target; one that can be missed only by arithmetic is warned of, not refused (`cautions`)."""
    reasons = []
    if goal != Goal.PLAN_SESSIONS and not 0 < amount <= 100:
        reasons.append(f"{amount.normalize():f} per cent is no attendance: choose a number above 0, and 100 at most.")
    if goal == Goal.PLAN_SESSIONS and amount != int(amount):
        reasons.append("Sessions are whole numbers.")
    if by <= starts:
        reasons.append("The target's day must be after the plan begins.")
    return reasons


def cautions(goal: str, amount: Decimal, year: Summary, since: Summary, left: int) -> Iterator[str]:
    """What the arithmetic says of a target: cannot be reached any more, or only by missing nothing at all.

    `year` and `since` are this year's and the plan's counts so far, `left` the sessions still to come until its day.
    """
    if not left and not since.possible:
        yield "There is no school session until that day."
        return
    if goal == Goal.PLAN_SESSIONS:
        if since.absence > amount:
            yield f"It cannot be met any more; missed already: {in_days(since.absence)}."
        return
    counts = year if goal == Goal.YEAR_PERCENT else since
    best = at_best(counts, left)
    if best.attended * 100 < amount * best.possible:
        yield f"It cannot be reached: if nothing at all is missed, attendance will be {best.percent} per cent by then."
    elif (best.attended - 1) * 100 < amount * best.possible and amount < 100:
        yield "It can be reached only if not one session is missed."


def is_met(goal: str, amount: Decimal, year: Summary, since: Summary) -> bool | None:
    """Whether a target is met as the marks stand; None while nothing has been possible."""
    if goal == Goal.PLAN_SESSIONS:
        return since.absence <= amount
    counts = year if goal == Goal.YEAR_PERCENT else since
    return counts.attended * 100 >= amount * counts.possible if counts.possible else None


def why_not_review(state: str, *, starts: date, on: date, today: date) -> list[str]:
    """Why a review cannot be recorded for this day."""
    reasons = why_not("review_plan", state)
    if on < starts:
        reasons.append(f"A review cannot be before the plan began, on {starts:%-d %B %Y}.")
    if on > today:
        reasons.append("A review is recorded once it was to be held; this day has not come.")
    return reasons

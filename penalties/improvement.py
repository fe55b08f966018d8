"""The notice to improve: what it says, how long it runs, its states, and what becomes of it (law.md 5.8, S1, NOTTS)."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from penalties.notices import Notice, Reason, counting_notices, issued_on
from penalties.readings import ImprovementUnit, PenaltySettings

PARAGRAPH = "Notice to Improve"


class ImprovementState(StrEnum):
    OFFERED = "offered"
    RUNNING = "running"
    MET = "met"
    NOT_MET = "not met"
    ENDED = "ended"


IMPROVEMENT_TRANSITIONS: Mapping[ImprovementState, Mapping[str, ImprovementState]] = {
    ImprovementState.OFFERED: {"start": ImprovementState.RUNNING, "end": ImprovementState.ENDED},
    ImprovementState.RUNNING: {
        "meet": ImprovementState.MET,
        "miss": ImprovementState.NOT_MET,
        "end": ImprovementState.ENDED,
    },
    ImprovementState.MET: {},
    ImprovementState.NOT_MET: {},
    ImprovementState.ENDED: {},
}
OPEN = frozenset({ImprovementState.OFFERED, ImprovementState.RUNNING})

IMPROVEMENT_CONTENTS: Mapping[str, str] = {
    "record": "the pupil's attendance record and the offence",
    "benefits": "the benefits of attendance and the parents' duty under section 7",
    "support_so_far": "the support given so far",
    "support_offered": "the further support offered",
    "warning": "the warning that a penalty notice may follow",
    "time_limit": "the time for improvement",
    "enough": "what enough improvement is",
    "early_grounds": "the grounds on which a penalty notice may come before the time is over",
}
"""What a notice to improve must say, by its key in the stored values."""


def missing_improvement_contents(values: Mapping[str, str]) -> list[Reason]:
    """What a notice to improve with these values does not yet say."""
    return [
        Reason(f"The notice does not say {what}.", PARAGRAPH)
        for field, what in IMPROVEMENT_CONTENTS.items()
        if not values.get(field, "").strip()
    ]


def last_day(start: date, weeks: int, days: Sequence[date], unit: ImprovementUnit) -> date | None:
    """The last day of a notice to improve that starts on a day; None where the calendar does not reach that far.

    `days` are the school's dates with a session, in order. Weeks run from the day of the week on which the notice
    starts; in school weeks those without a session do not count. In school days there are five to a week, the first
    counted on or after the start.
    """
    if unit is ImprovementUnit.WEEKS:
        return start + timedelta(days=7 * weeks - 1)
    if unit is ImprovementUnit.SCHOOL_DAYS:
        index = bisect_left(days, start) + 5 * weeks - 1
        return days[index] if index < len(days) else None
    while weeks > 0:
        index = bisect_left(days, start)
        if index == len(days):
            return None
        start += timedelta(days=7)
        weeks -= days[index] < start
    return start - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Target:
    """What enough improvement is: at most so many unauthorised sessions in the time."""

    at_most: int = 0

    def __str__(self) -> str:
        if self.at_most == 0:
            return "no unauthorised absence"
        return f"at most {self.at_most} session{'s' if self.at_most > 1 else ''} of unauthorised absence"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running notice to improve stands, from the marks up to a day."""

    unauthorised: int
    target: Target
    until: date
    on: date

    @property
    def verb(self) -> str:
        """What the facts suggest and a person decides: "miss" at once when the target is passed, "meet" at the end."""
        if self.unauthorised > self.target.at_most:
            return "miss"
        return "meet" if self.on > self.until else ""


def why_not_move(verb: str, state: ImprovementState) -> list[Reason]:
    """Why the state does not allow a verb of `IMPROVEMENT_TRANSITIONS`; empty means it does."""
    if verb in IMPROVEMENT_TRANSITIONS[state]:
        return []
    return [Reason(f"The notice to improve is {state}.", PARAGRAPH)]


@dataclass(frozen=True, slots=True)
class ImprovementFacts:
    """What is known when a notice to improve is to be offered to one parent for one child."""

    on: date
    threshold_met: bool
    holiday: bool
    of_compulsory_age: bool
    support_offered: bool
    weeks: int
    until: date | None
    contents: Mapping[str, str]
    earlier: Sequence[Notice] = ()
    open_notice: bool = False
    may_issue_penalties: bool = True
    below_threshold_reason: str = ""


def why_not_notice_to_improve(facts: ImprovementFacts, settings: PenaltySettings) -> list[Reason]:
    """Why a notice to improve may not be offered, each with its paragraph; empty means it may."""
    reasons = []
    if not facts.may_issue_penalties:
        reasons.append(Reason("A school that may not issue penalty notices cannot warn of one.", "5.17"))
    if not facts.of_compulsory_age:
        reasons.append(Reason("The pupil is not of compulsory school age.", "5.17"))
    if not facts.threshold_met and not (settings.below_threshold and facts.below_threshold_reason.strip()):
        reasons.append(Reason("The threshold is not met, and no reason is given for acting below it.", "5.1"))
    if facts.holiday and not settings.improvement_for_holiday:
        reasons.append(Reason("The absence is a holiday: support is not the answer to it.", "5.8"))
    if not facts.support_offered:
        reasons.append(Reason("No support has been offered yet: the notice is the last chance to take it up.", "5.7"))
    if facts.open_notice:
        reasons.append(Reason("A notice to improve to this parent for this child is still open.", PARAGRAPH))
    if len(two := counting_notices(facts.earlier, facts.on, settings)) >= 2:
        text = f"After the notices {issued_on(two)} no penalty notice can follow, so none can be warned of."
        reasons.append(Reason(text, "5.11"))
    shortest, longest = settings.improvement_shortest_weeks, settings.improvement_longest_weeks
    if not shortest <= facts.weeks <= longest:
        reasons.append(Reason(f"It runs {shortest} to {longest} weeks, not {facts.weeks}.", PARAGRAPH))
    if facts.until is None:
        text = "The calendar does not reach the end of the time. Enter the next academic year first."
        reasons.append(Reason(text, PARAGRAPH))
    return reasons + missing_improvement_contents(facts.contents)

"""What a step just reached asks of the school: a task, its letters, a referral, a case.

Pure. Nothing of it is done by itself: each is a proposal a person decides on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from casework.ladders import Reached

AT_ONCE = frozenset({"unexplained_days_in_a_row", "unauthorised_days_in_a_row"})
# To whom a pupil is referred, as the `tell` of a step names them.
REFERRED_TO = ("welfare service", "local authority")
CASE_MEASURES = frozenset({"attendance_percent_this_year", "days_absent_this_year"})


@dataclass(frozen=True, slots=True)
class Proposed:
    """One thing to decide. `days`: by which school day after the evaluation; 0 is the day itself."""

    kind: str
    occasion: str
    owner: str
    days: int


def proposals_of(reached: Reached, *, has_case: bool) -> Iterator[Proposed]:
    """What a step asks for: what is to be done, each letter it names, a referral to whom it tells, and a case.

    A case is proposed to a pupil who has none, at a step of the year's attendance or absence from persistent absence
    on (10 per cent missed, law.md 4.1). What a run of days asks for is due at once, the rest within a school week.
    """
    step, measures = reached.step, reached.measures
    at_once = reached.ladder.measure in AT_ONCE
    if reached.ladder.measure in CASE_MEASURES and not has_case and measures.absent * 10 >= measures.possible:
        yield Proposed("case", "", step.owner, 5)
    if step.do:
        yield Proposed("task", "", step.owner, 0 if at_once else 5)
    for letter in filter(None, map(str.strip, step.letter.split(";"))):
        yield Proposed("letter", letter, step.owner, 0 if at_once else 3)
    for body in REFERRED_TO:
        if body in step.tell.lower():
            yield Proposed("referral", body, step.owner, 1 if at_once else 5)

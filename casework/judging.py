"""Which step of each ladder every pupil of a school is on, on a day: SQL counts, the pure ladders judge."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from attendance_mis.models import School
from casework.ladders import Policy, Reached, judge
from casework.measures import Measures
from casework.policies import policy_on
from casework.querysets.measures import measures_of_school


@dataclass(frozen=True, slots=True)
class Judged:
    """One pupil on roll with her measures and the step in force on each ladder that has one."""

    pupil_id: int
    upn: str
    vulnerable: bool
    measures: Measures
    reached: tuple[Reached, ...]


def judge_school(school: School, on: date, policy: Policy | None = None) -> Iterator[Judged]:
    """Every pupil on roll on a day, in order of UPN, judged by a policy: without one, by that in force on the day."""
    policy = policy or policy_on(school, on)
    for pupil in measures_of_school(school, on):
        reached = judge(policy, pupil.measures, vulnerable=pupil.vulnerable)
        yield Judged(pupil.pupil_id, pupil.upn, pupil.vulnerable, pupil.measures, tuple(reached))

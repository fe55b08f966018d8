"""The national threshold of a whole school, by set-based SQL."""

from collections.abc import Iterator
from datetime import date

from attendance_mis.models import School
from casework.querysets.measures import school_ranges, thresholds_of_school
from penalties.thresholds import Counted


def counted_at_school(school: School, on: date) -> Iterator[tuple[str, Counted]]:
    """UPN and count of every pupil with a counted session in the ten school weeks, also of those who have left.

    N counts where the school says so; three queries.
    """
    ranges = school_ranges(school, on)
    if ranges.window is None:
        return
    for pupil in thresholds_of_school(school, ranges):
        counted = pupil.counted + pupil.no_reason if school.count_n_for_penalties else pupil.counted
        if counted:
            yield pupil.upn, Counted(ranges.window, on, counted, pupil.no_reason)

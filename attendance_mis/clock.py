"""What time it is at a school: the true time, but for a demonstration whose clock somebody set.

Whoever needs the day or the hour of a school asks here, so that a visitor of the demonstration can take a register on
a Sunday evening. The database holds that no other school ever has a clock of its own.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from attendance_mis.models import School


def now(school: "School") -> datetime:
    """The moment at this school, in the school's own time zone."""
    moment = true_now(school)
    return moment + school.clock_offset if school.is_demo and school.clock_offset else moment


def true_now(school: "School") -> datetime:
    """The true moment, in the school's own time zone, whatever a demonstration's clock says."""
    return timezone.now().astimezone(school.zone)


def today(school: "School") -> date:
    """The day at this school."""
    return now(school).date()

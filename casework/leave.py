"""Leave as its pages show it: what waits for the head, and what does not fit a decision. Constant queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from attendance_mis.models import School
from casework.leave_rules import Slot, ToSettle, beyond_leave, notice, to_settle
from casework.models import LeaveRequest
from casework.policies import policy_on
from casework.querysets.leave import DAYS_AFTER, DAYS_BEFORE, marks_around
from registers.calendar_rules import Session
from registers.models import SchoolDay


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """One request with everything that follows from it."""

    request: LeaveRequest
    held: tuple[Slot, ...]
    notice: str
    is_short: bool
    has_begun: bool
    settle: tuple[ToSettle, ...]
    beyond: tuple[Slot, ...]

    @property
    def sessions(self) -> int:
        """The school's sessions in what was asked for."""
        return len([slot for slot in self.held if self.request.span.covers(slot)])

    @property
    def days(self) -> int:
        return len({day for day, session in self.held if self.request.span.covers((day, session))})

    @property
    def is_late(self) -> bool:
        """Missed beyond the leave, and nobody has decided on that yet."""
        return bool(self.beyond) and not self.request.unauthorised_at

    @property
    def sure(self) -> int:
        return sum(each.is_sure for each in self.settle)


def held_sessions(first: date, last: date) -> list[Slot]:
    """Every session the school in scope holds in these days, in order."""
    days = SchoolDay.objects.filter(day__range=(first, last)).order_by("day").values_list("day", "am", "pm")
    return [(day, s) for day, am, pm in days for s, held in ((Session.AM, am), (Session.PM, pm)) if held]


def leave_rows(school: School, requests: Iterable[LeaveRequest], today: date) -> list[LeaveRow]:
    """The requests with what follows from them; the same few queries for any number."""
    requests = list(requests)
    if not requests:
        return []
    first = min(each.first for each in requests) - timedelta(DAYS_BEFORE)
    last = max(each.last for each in requests) + timedelta(DAYS_AFTER)
    held = held_sessions(first, last)
    marks = marks_around([each.pk for each in requests], today)
    weeks = policy_on(school, today).leave_notice_weeks
    return [_row(each, held, marks[each.pk], weeks, today) for each in requests]


def _row(
    request: LeaveRequest, held: Sequence[Slot], marks: dict[Slot, tuple[int, int]], weeks: int, today: date
) -> LeaveRow:
    near = request.first - timedelta(DAYS_BEFORE), request.last + timedelta(DAYS_AFTER)
    around = tuple(slot for slot in held if near[0] <= slot[0] <= near[1])
    said, is_short = notice(request.asked_on, request.first, weeks)
    return LeaveRow(
        request=request,
        held=around,
        notice=said,
        is_short=is_short,
        has_begun=request.first <= today,
        settle=tuple(to_settle(request.asked, marks)),
        beyond=tuple(beyond_leave(request.asked, around, marks)),
    )

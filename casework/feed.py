"""A person's dates for her own calendar: the school's, and of the casework what her role reads. Constant queries.

Whoever runs her calendar reads it too. So no event says of whom it is, and none carries words that somebody typed about
a child: what it says is ours, how many they are, and the address of the page, where she signs in (decision 0041).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from attendance_mis.models import School, User
from attendance_mis.permissions import Permission, can
from casework.calendar_file import Event
from casework.case_rules import State as CaseState
from casework.clocks import RULES, Kind
from casework.meeting_rules import State
from casework.models import LeaveRequest, Meeting, Plan, Referral, Task
from casework.statutory import kinds_read_by, running_clocks
from registers.calendar_rules import academic_year_bounds, academic_year_of
from registers.models import CalendarEntry

LENGTH = timedelta(hours=1)  # of a meeting in a calendar; nobody is asked how long it takes
BACK = timedelta(28)  # how long what is past stays
Address = Callable[..., str]
"""The whole address of a page of the school, from the name of its url and what stands in it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a feed: what it holds, and whether this person's roles let her read it."""

    says: str
    is_read: bool


def parts_of(user: User, school: School) -> list[Part]:
    """What a feed of this person would hold now."""
    may_cases = bool(can(user, Permission.SEE_CASES, school))
    return [
        Part("The school's calendar: half-terms, INSET days, bank holidays, closures", is_read=True),
        Part("Meetings with families and reviews of plans", may_cases),
        Part("Tasks and answers to referrals, by the day they are due", may_cases),
        Part("Leave that waits for a decision", bool(can(user, Permission.DECIDE_LEAVE, school))),
        Part("Statutory clocks, by the day they run out", bool(kinds_read_by(user, school))),
    ]


def events_of(user: User, school: School, now: datetime, address: Address) -> list[Event]:
    """Her dates at a school as her roles stand now, in the order of their days; the school must be in scope."""
    since = now.date() - BACK
    found = list(_calendar(school, now.date(), address))
    if can(user, Permission.SEE_CASES, school):
        found += _meetings(school, now - BACK, address)
        found += _reviews(school, since, address)
        tasks = Task.objects.to_do().filter(due__gte=since).values_list("due", flat=True)
        found += _counted(school, "task", "Task", tasks, address("casework:see_escalations"))
        referrals = Referral.objects.filter(answered_on=None, due__gte=since).values_list("due", flat=True)
        found += _counted(school, "referral", "Answer to a referral", referrals, address("casework:see_referrals"))
    if can(user, Permission.DECIDE_LEAVE, school):
        found += _leave(school, since, address)
    if kinds := kinds_read_by(user, school):
        found += _clocks(school, now, since, kinds, address)
    return sorted(found, key=lambda event: (f"{event.start:%Y%m%d%H%M}", event.uid))


def meeting_event(meeting: Meeting, school: School) -> Event:
    """A meeting with a family, which names nobody; its time, and how often it was changed."""
    return Event(
        uid=_uid(school, "meeting", meeting.pk),
        start=meeting.at,
        end=meeting.at + LENGTH,
        title=f"{meeting.get_kind_display()}, {school.name}",
        sequence=meeting.version,
        changed_at=meeting.recorded_at or meeting.planned_at,
        is_cancelled=meeting.state == State.CANCELLED,
    )


def _calendar(school: School, today: date, address: Address) -> Iterator[Event]:
    """From the last academic year on. Of a half-term its first and its last day: seven weeks would fill the head."""
    first, _ = academic_year_bounds(academic_year_of(today) - 1)
    for entry in CalendarEntry.objects.filter(end__gte=first):
        link = f"{address('registers:see_calendar')}?year={academic_year_of(entry.start)}"
        if entry.period.is_half_term:
            for which, day in (("first", entry.start), ("last", entry.end)):
                uid = _uid(school, entry.kind, academic_year_of(entry.start), which)
                yield Event(uid, day, day, f"{entry.get_kind_display()}: {which} day", link=link)
        else:
            half = f", {entry.get_session_display().lower()}" if entry.session else ""
            uid = _uid(school, entry.kind, entry.start, entry.session or "day")
            yield Event(uid, entry.start, entry.end, f"{entry.label or entry.get_kind_display()}{half}", link=link)


def _meetings(school: School, since: datetime, address: Address) -> Iterator[Event]:
    for meeting in Meeting.objects.filter(at__gte=since):
        yield replace(meeting_event(meeting, school), link=address("casework:see_meeting", meeting.pk))


def _reviews(school: School, since: date, address: Address) -> Iterator[Event]:
    plans = Plan.objects.filter(is_reviewed=False, review_on__gte=since).exclude(case__state=CaseState.CLOSED)
    for plan in plans.select_related("case"):
        link = address("casework:see_case", plan.case.pupil_id)
        yield Event(_uid(school, "review", plan.pk), plan.review_on, plan.review_on, "Review of a plan", link=link)


def _leave(school: School, since: date, address: Address) -> Iterator[Event]:
    for asked in LeaveRequest.objects.filter(state=LeaveRequest.State.ASKED, first__gte=since):
        yield Event(
            _uid(school, "leave", asked.pk), asked.first, asked.first, "Leave that is not decided begins",
            link=address("casework:see_leave_request", asked.pk), changed_at=asked.noted_at,
        )  # fmt: skip


def _clocks(school: School, now: datetime, since: date, kinds: Iterable[Kind], address: Address) -> Iterator[Event]:
    """Those that are reached: what runs out only "if it goes on" is no date yet."""
    running = [each.clock for each in running_clocks(school, now) if each.clock.is_reached]
    for kind in kinds:
        days = [clock.due for clock in running if clock.kind is kind and clock.due and clock.due >= since]
        yield from _counted(school, kind, RULES[kind].title, days, address("casework:see_clocks"), RULES[kind].do)


def _counted(school: School, what: str, title: str, days: Iterable[date], link: str, text: str = "") -> Iterator[Event]:
    """One event for all of a kind that are due on a day: a calendar with forty of them shows none."""
    for day, count in Counter(days).items():
        said = title if count == 1 else f"{title} ({count})"
        yield Event(_uid(school, what, day), day, day, said, text=text, link=link)


def _uid(school: School, *parts: object) -> str:
    return f"{'-'.join(map(str, parts))}-{school.urn}@attendance-mis"

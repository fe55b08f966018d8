"""Begin a weekly meeting, note what was said of each child, end it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.actions import deciding
from casework.models import Task, WeeklyItem, WeeklyMeeting
from casework.weekly import agenda_of, last_meeting
from casework.weekly_rules import why_not_begin, why_not_minute


@dataclass(frozen=True, slots=True)
class NewAction:
    """Something agreed at the meeting: what, which role does it, by which day."""

    what: str
    owner: str
    due: date


@transaction.atomic
def begin_weekly(*, school: School, present: str, by: Actor) -> WeeklyMeeting:
    """Begin today's meeting: its agenda is drawn up from what moved since the last one. Raises Refused."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two begin at once: one, and the other is told
    now = clock.now(school)
    last = last_meeting(school)
    since, points = agenda_of(school, last, now.date())
    running = last is not None and last.ended_at is None
    if reasons := why_not_begin(last.on if last else None, now.date(), is_running=running, points=len(points)):
        raise Refused(reasons)
    meeting = WeeklyMeeting.objects.create(
        school=school,
        on=now.date(),
        since=since,
        present=present,
        begun_at=now,
        begun_by_id=by.user_id,  # type: ignore[misc]
    )
    WeeklyItem.objects.bulk_create(
        WeeklyItem(school=school, weekly=meeting, pupil_id=point.pupil_id, place=place, why=list(point.why))
        for place, point in enumerate(points, 1)
    )
    summary = f"Began the weekly meeting of {meeting.on:%-d %B %Y} about {len(points)} children."
    audit.record("begin_weekly", meeting, school_id=school.pk, by=by, summary=summary)
    return meeting


@transaction.atomic
def minute_child(
    *,
    item: WeeklyItem,
    version: int,
    minutes: str,
    done: Mapping[int, str],
    agreed: list[NewAction],
    by: Actor,
) -> None:
    """Note what was said of a child; `done` says of tasks what came of them. Raises Refused, and nothing is written."""
    weekly = WeeklyMeeting.objects.select_for_update(of=("self",)).select_related("school").get(pk=item.weekly_id)
    if reasons := why_not_minute(has_ended=weekly.ended_at is not None):
        raise Refused(reasons)
    now = clock.now(weekly.school)
    found = WeeklyItem.objects.filter(pk=item.pk, version=version)
    if not found.update(minutes=minutes, spoken_at=now, spoken_by=by.user_id, version=version + 1):
        raise Refused(["Somebody noted something about this child meanwhile. What you typed is still here."])
    for task in Task.objects.filter(pupil=item.pupil_id, pk__in=done):
        deciding.finish_task(task=task, outcome=done[task.pk], by=by)
    for each in agreed:
        deciding.add_task(
            school=weekly.school, pupil_id=item.pupil_id, title=each.what, owner=each.owner, due=each.due, by=by,
            text=f"Agreed: {weekly}.", weekly=weekly,
        )  # fmt: skip
    said = minutes.strip() or "Nothing to note."
    audit.record(
        "minute_child", item, school_id=weekly.school_id, by=by, summary=f"{weekly}: {said}", pupil_id=item.pupil_id
    )


@transaction.atomic
def end_weekly(*, weekly: WeeklyMeeting, by: Actor) -> None:
    """End a meeting; whoever was not reached is on the next agenda. Raises Refused when it has ended already."""
    now = clock.now(weekly.school)
    if not WeeklyMeeting.objects.filter(pk=weekly.pk, ended_at=None).update(ended_at=now, ended_by=by.user_id):
        raise Refused(["The meeting has ended already."])
    left = weekly.items.filter(spoken_at=None).count()
    summary = f"Ended the weekly meeting of {weekly.on:%-d %B %Y}{f'; {left} children not reached' if left else ''}."
    audit.record("end_weekly", weekly, school_id=weekly.school_id, by=by, summary=summary)

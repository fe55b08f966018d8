from datetime import date

from attendance_mis.models import School
from attendance_mis.schedule import daily_school_task, school_task
from penalties.actions import reminders, watch
from penalties.watching import settings_of


@daily_school_task
def watch_thresholds(school_id: int, day: date) -> None:
    school = School.objects.get(pk=school_id)
    watch.look(school=school, on=day)
    reminders.propose(school=school, on=day, settings=settings_of(school, day))


@school_task
def follow_changes(school_id: int) -> None:
    watch.follow_changes(school=School.objects.get(pk=school_id))

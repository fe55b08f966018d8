from datetime import date

from attendance_mis.models import School
from attendance_mis.schedule import daily_school_task, school_task
from penalties.actions import watch


@daily_school_task
def watch_thresholds(school_id: int, day: date) -> None:
    watch.look(school=School.objects.get(pk=school_id), on=day)


@school_task
def follow_changes(school_id: int) -> None:
    watch.follow_changes(school=School.objects.get(pk=school_id))

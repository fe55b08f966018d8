from datetime import date

from attendance_mis.models import School
from attendance_mis.schedule import daily_school_task, school_task
from casework.actions import evaluating, texting


@daily_school_task
def evaluate_ladders(school_id: int, day: date) -> None:
    evaluating.evaluate_night(school=School.objects.get(pk=school_id), day=day)


@school_task
def text_unexplained(school_id: int) -> None:
    texting.text_by_the_clock(School.objects.get(pk=school_id))

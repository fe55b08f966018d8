from datetime import date

from attendance_mis.models import School
from attendance_mis.schedule import daily_school_task
from casework.actions import evaluating


@daily_school_task
def evaluate_ladders(school_id: int, day: date) -> None:
    evaluating.evaluate_night(school=School.objects.get(pk=school_id), day=day)

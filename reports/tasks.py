from datetime import date

from attendance_mis.models import School
from attendance_mis.schedule import daily_school_task
from reports import kept
from reports.actions import checks, governor, scheduled
from reports.scheduled import Kind


@daily_school_task
def make_governor_report(school_id: int, day: date) -> None:
    if scheduled.is_on(Kind.GOVERNORS):
        governor.make_at_half_term(school=School.objects.get(pk=school_id), day=day)


@daily_school_task
def make_reports(school_id: int, day: date) -> None:
    scheduled.make_due(school=School.objects.get(pk=school_id), day=day)


@daily_school_task
def check_data(school_id: int, day: date) -> None:
    checks.note_checks(school=School.objects.get(pk=school_id))


@daily_school_task
def keep_figures(school_id: int, day: date) -> None:
    kept.keep_beforehand(school_id, day)

from datetime import date

from attendance_mis.models import School
from attendance_mis.schedule import daily_school_task, school_task
from letters.actions import evidence, leaving, messages, rendering, scheduling


@school_task
def send_messages(school_id: int) -> None:
    messages.send_due(school=School.objects.get(pk=school_id))


@school_task
def ask_what_became(school_id: int) -> None:
    school = School.objects.get(pk=school_id)
    messages.ask_what_became(school=school)
    leaving.ask_what_became(school=school)
    leaving.follow_messages(school=school)


@school_task
def render_letters(school_id: int) -> None:
    school = School.objects.get(pk=school_id)
    rendering.render_due(school=school)
    leaving.send_due(school=school)


@school_task
def send_letters(school_id: int) -> None:
    leaving.send_due(school=School.objects.get(pk=school_id))


@school_task
def check_evidence(school_id: int) -> None:
    evidence.check_evidence(school=School.objects.get(pk=school_id))


@daily_school_task
def propose_reports(school_id: int, day: date) -> None:
    scheduling.run_if_due(school=School.objects.get(pk=school_id), kind="reports", day=day)


@daily_school_task
def propose_lateness(school_id: int, day: date) -> None:
    scheduling.run_if_due(school=School.objects.get(pk=school_id), kind="lateness", day=day)


@daily_school_task
def propose_evidence_requests(school_id: int, day: date) -> None:
    scheduling.run_if_due(school=School.objects.get(pk=school_id), kind="evidence", day=day)

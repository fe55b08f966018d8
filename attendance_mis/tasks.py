from celery import shared_task

from attendance_mis import actions, schedule, ticks
from attendance_mis.models import School


@shared_task
def tick() -> None:
    """Every minute, from beat."""
    ticks.note_tick()
    schedule.send_due()


@shared_task
def mail_recovery(email: str, address: str) -> None:
    """Mail a link to choose a password: outside the page, which takes as long whether there is such a person or not."""
    actions.mail_recovery(email=email, address=address)


@schedule.school_task
def send_webhooks(school_id: int) -> None:
    school = School.objects.get(pk=school_id)
    actions.note_changes(school=school)
    actions.send_webhooks(school=school)

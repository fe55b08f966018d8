from celery import shared_task

from attendance_mis import actions, schedule, ticks


@shared_task
def tick() -> None:
    """Every minute, from beat."""
    ticks.note_tick()
    schedule.send_due()


@shared_task
def mail_recovery(email: str, address: str) -> None:
    """Mail a link to choose a password: outside the page, which takes as long whether there is such a person or not."""
    actions.mail_recovery(email=email, address=address)

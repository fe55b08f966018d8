from celery import shared_task

from attendance_mis import schedule, ticks


@shared_task
def tick() -> None:
    """Every minute, from beat."""
    ticks.note_tick()
    schedule.send_due()

"""Which task is due at which school. One tick asks, each minute, in each school's own time zone.

`settings.SCHOOL_TASKS` names the tasks as strings, since the apps stand above: None is due at every tick, a time once
a day from then on. A task that did not end well is due again. Sending one twice does no harm: a day's task is claimed
by its row, the others find nothing left to do.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any

from celery import Task as CeleryTask
from celery import current_app, shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from attendance_mis.models import ScheduledRun, School
from attendance_mis.tenancy import acting_for

# A run that started so long ago and has not ended failed, or died with its worker (CELERY_TASK_TIME_LIMIT is shorter).
TRIED_AGAIN_AFTER = timedelta(minutes=10)
Task = Callable[..., Any]


def due(now: datetime) -> Iterator[tuple[str, list[Any]]]:
    """The tasks to send at this moment, with their arguments: the school's id and, for a daily one, its day."""
    schools = list(School.objects.all())
    with acting_for(*schools):
        done = set(
            ScheduledRun.objects.filter(day__gte=now.date() - timedelta(1), ended_at__isnull=False).values_list(
                "school_id", "task", "day"
            )
        )
    for school in schools:
        local = now.astimezone(school.zone)
        for task, at in settings.SCHOOL_TASKS.items():
            if at is None:
                yield task, [school.pk]
            elif local.time() >= time.fromisoformat(at) and (school.pk, task, local.date()) not in done:
                yield task, [school.pk, local.date().isoformat()]


def send_due() -> None:
    """Send what is due. What waited longer than a tick in the queue is dropped: the next tick sends it again."""
    for task, arguments in due(timezone.now()):
        current_app.send_task(task, arguments, expires=settings.TICK_SECONDS)


def send_soon(task: str, school_id: int) -> None:
    """Have a school's task run when this transaction has committed. A broker that is gone is logged: the tick comes."""

    def send() -> None:  # not a partial: it has no name for Django's log, which then raises
        current_app.send_task(task, [school_id])

    transaction.on_commit(send, robust=True)


def sent_now(task: CeleryTask, *arguments: Any) -> bool:
    """Have the worker do what a person on a page has asked for; False where the broker is gone, for the page to say."""
    try:
        task.apply_async(arguments, retry=False)
    except (OperationalError, OSError):
        return False
    return True


def school_task(function: Task) -> CeleryTask:
    """A task of one school: its first argument is the school's id, and the school is in scope while it runs."""

    @shared_task(name=f"{function.__module__}.{function.__name__}")
    @wraps(function)
    def run(school_id: int, *args: Any) -> None:
        with acting_for(school_id):
            function(school_id, *args)

    return run


def daily_school_task(function: Task) -> CeleryTask:
    """A task of one school and one day, run once: the second argument is the day."""
    name = f"{function.__module__}.{function.__name__}"

    @wraps(function)
    def once(school_id: int, day: str) -> None:
        run = _claim(school_id, name, date.fromisoformat(day))
        if run is None:
            return
        try:
            function(school_id, date.fromisoformat(day))
        except Exception as fault:
            ScheduledRun.objects.filter(pk=run.pk).update(fault=type(fault).__name__)
            raise
        ScheduledRun.objects.filter(pk=run.pk).update(ended_at=timezone.now(), fault="")

    return school_task(once)


@transaction.atomic
def _claim(school_id: int, task: str, day: date) -> ScheduledRun | None:
    now = timezone.now()
    run, is_new = ScheduledRun.objects.get_or_create(
        school_id=school_id, task=task, day=day, defaults={"started_at": now}
    )
    if is_new:
        return run
    stalled = ScheduledRun.objects.filter(pk=run.pk, ended_at=None, started_at__lt=now - TRIED_AGAIN_AFTER)
    return run if stalled.update(started_at=now) else None

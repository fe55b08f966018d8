"""How the machine behind the registers is: database, clock, tasks, storage, backups. Nothing of a child is read."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from kombu.exceptions import OperationalError

from attendance_mis import clock, ticks
from attendance_mis.models import BackupMade, ScheduledRun, School, Webhook
from attendance_mis.tenancy import acting_for

BACKUP_STALE = timedelta(hours=26)  # a night's backup, and two hours for it to be late
STORAGE_LOW = 0.10  # of the disk
CONNECTIONS_HIGH = 0.80  # of those the server allows
CODES = {"n", "o"}  # letters of the register in a task's name


@dataclass(frozen=True, slots=True)
class Database:
    """The server and this application's database on it; `size` in bytes."""

    version: str
    size: int
    connections: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Storage:
    """The disk of VAR_DIR, in bytes."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class TaskState:
    """One scheduled task at one school. `next_due` is None for what runs at every tick and leaves no row."""

    name: str
    last: ScheduledRun | None
    next_due: datetime | None

    @property
    def is_daily(self) -> bool:
        """Whether its runs leave rows."""
        return self.next_due is not None

    @property
    def fault(self) -> str:
        """The kind of failure of the last run, until it is tried again and ends well."""
        return self.last.fault if self.last else ""


@dataclass(frozen=True, slots=True)
class Status:
    """What the page says; `warnings` are sentences, worst for the school first."""

    database: Database
    storage: Storage
    waiting: int | None
    ticked_at: datetime | None
    tasks: list[TaskState]
    backup: BackupMade | None
    warnings: list[str]


def of(school: School) -> Status:
    """The state of the machine, and of the tasks at this school; six statements however many tasks there are."""
    now = clock.true_now(school)
    disk, base, tasks, backup = storage(), database(), task_states(school, now), BackupMade.objects.first()
    warnings = [
        *_of_clock(),
        *_of_backup(backup, now),
        *(f"{task.name} failed ({task.fault}); it is tried again." for task in tasks if task.fault),
        *_of_room(disk, base),
        *_of_webhooks(school),
    ]
    return Status(base, disk, waiting(), ticks.last(), tasks, backup, warnings)


def database() -> Database:
    """What the database server says of itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),"
            " current_setting('max_connections')::int"
        )
        return Database(*cursor.fetchone())


def storage() -> Storage:
    """The room where files, embedded database and broker lie."""
    folder = Path(settings.VAR_DIR).absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(existing)
    return Storage(free=usage.free, total=usage.total)


def waiting() -> int | None:
    """Tasks in the broker's queue that no worker has taken yet; None when the broker does not answer."""
    broker = current_app.connection_for_read()
    try:
        with broker:
            count: int = broker.channel().queue_declare(current_app.conf.task_default_queue).message_count
            return count
    except (OperationalError, *broker.connection_errors):
        return None


def task_states(school: School, now: datetime) -> list[TaskState]:
    """Each task of settings.SCHOOL_TASKS with its last run at this school, daily ones first by their time."""
    with acting_for(school):
        runs = {run.task: run for run in ScheduledRun.objects.order_by("task", "-day").distinct("task")}
    daily = sorted((at, task) for task, at in settings.SCHOOL_TASKS.items() if at is not None)
    states = [
        TaskState(words_of(task), runs.get(task), next_due(time.fromisoformat(at), now, runs.get(task)))
        for at, task in daily
    ]
    always = (task for task, at in settings.SCHOOL_TASKS.items() if at is None)
    return [*states, *(TaskState(words_of(task), None, None) for task in always)]


def next_due(at: time, now: datetime, last: ScheduledRun | None) -> datetime:
    """When a daily task is due next; `now` when its hour has come and the day's run has not ended well."""
    has_ended = last is not None and last.ended_at is not None and last.day >= now.date()
    day = now.date() + timedelta(1) if has_ended else now.date()
    return max(datetime.combine(day, at, now.tzinfo), now)


def words_of(task: str) -> str:
    """`registers.tasks.verify_record` in words: Registers: verify record."""
    app, verb = task.split(".")[0], task.rpartition(".")[2]
    words = (word.upper() if word in CODES else word for word in verb.split("_"))
    return f"{app.capitalize()}: {' '.join(words)}"


def _of_clock() -> Iterator[str]:
    if not ticks.is_going():
        yield "The clock stands still: see that the worker, beat and the broker are running."


def _of_backup(backup: BackupMade | None, now: datetime) -> Iterator[str]:
    if backup is None:
        yield "No backup has been made yet."
    elif now - backup.made_at > BACKUP_STALE:
        yield f"The last backup is older than {BACKUP_STALE // timedelta(hours=1)} hours."


def _of_room(disk: Storage, base: Database) -> Iterator[str]:
    if disk.free < STORAGE_LOW * disk.total:
        yield f"Storage is nearly full: {filesizeformat(disk.free)} left."
    if base.connections > CONNECTIONS_HIGH * base.allowed:
        yield f"{base.connections} of {base.allowed} connections of the database server are in use."


def _of_webhooks(school: School) -> Iterator[str]:
    with acting_for(school):
        for webhook in Webhook.objects.filter(ended_at=None, stopped_at__isnull=False):
            yield f"{webhook.partner} is told of no changes any more: its webhook stopped. Begin it again, or end it."

"""What Prometheus scrapes: names of views and of tasks, never a person or a school.

With several web processes (gunicorn.conf.py) each writes its counts to files of PROMETHEUS_MULTIPROC_DIR, and whichever
is asked adds them up. What the database and the cache know is read when it is asked for.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from attendance_mis import status, ticks
from attendance_mis.models import BackupMade, ScheduledRun, School, Webhook
from attendance_mis.tenancy import acting_for

OWN = CollectorRegistry()
REQUESTS = Counter("attendance_requests", "Requests answered.", ["view", "method", "status"], registry=OWN)
SECONDS = Histogram(
    "attendance_request_seconds",
    "Time to the answer, in the server.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10),
    registry=OWN,
)
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}


class MetricsMiddleware:
    """Count and time each request by the name of its view; not there at all while METRICS_TOKEN is unset."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = match.view_name if match else "none"  # never the path: it may be anything, and a label is kept for ever
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        SECONDS.labels(view).observe(time.perf_counter() - begun)
        return response


class State(Collector):
    """The clock, the last backup, room, what waits, the runs of today and yesterday that failed, the webhooks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        yield _age("attendance_tick_age_seconds", "Since the worker last ran the tick.", ticks.last(), now)
        backup = BackupMade.objects.values_list("made_at", flat=True).first()
        yield _age("attendance_backup_age_seconds", "Since the last backup.", backup, now)
        failed = GaugeMetricFamily(
            "attendance_scheduled_runs_failed", "Schools at which it failed and has not ended well.", labels=["task"]
        )
        counts = dict.fromkeys((task for task, at in settings.SCHOOL_TASKS.items() if at is not None), 0)
        webhooks = GaugeMetricFamily("attendance_webhooks", "Webhooks in use, by how they fare.", labels=["state"])
        with acting_for(*School.objects.all()):
            told = Webhook.objects.filter(ended_at=None)
            failing = told.filter(stopped_at=None).exclude(failing_since=None)
            webhooks.add_metric(["stopped"], told.exclude(stopped_at=None).count())
            webhooks.add_metric(["failing"], failing.count())
            recent = ScheduledRun.objects.filter(day__gte=now.date() - timedelta(1)).exclude(fault="")
            for task in recent.values_list("task", flat=True):
                counts[task] = counts.get(task, 0) + 1
        for task, count in counts.items():
            failed.add_metric([task], count)
        yield failed
        yield webhooks
        yield from _of_machine()


def _of_machine() -> Iterator[GaugeMetricFamily]:
    disk, database, waiting = status.storage(), status.database(), status.waiting()
    for name, says, value in (
        ("storage_free_ratio", "Of the disk of VAR_DIR.", disk.free / disk.total),
        ("database_connections_ratio", "In use, of those the server allows.", database.connections / database.allowed),
        ("tasks_waiting", "Tasks that no worker has taken yet; not there while the broker is away.", waiting),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"attendance_{name}", says, value)


def exposition() -> bytes:
    """Everything, as Prometheus reads it."""
    state = CollectorRegistry()
    state.register(State())
    return generate_latest(_counts()) + generate_latest(state)


def _counts() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return OWN
    of_all = CollectorRegistry()
    MultiProcessCollector(of_all)
    return of_all


def _age(name: str, says: str, moment: datetime | None, now: datetime) -> GaugeMetricFamily:
    """Nothing where there is no moment: an age of 0 would say that all is well."""
    family = GaugeMetricFamily(name, says)
    if moment is not None:
        family.add_metric([], (now - moment).total_seconds())
    return family

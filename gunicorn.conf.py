"""The web server, in production as in `make run`.

Threads, because the wifi of schools is slow: a client that reads its page at leisure holds a thread, not a process.
Each thread keeps one database connection; opening one for each request costs more than the page.
"""

import gc
import multiprocessing
import os
import shutil
import signal
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.systemd import sd_notify

workers = int(os.environ.get("WEB_CONCURRENCY", multiprocessing.cpu_count()))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", 4))

bind = os.environ.get("HOST", "127.0.0.1") + ":" + os.environ.get("PORT", "8000")
preload_app = True  # one import for all processes: half the start, shared memory; SIGHUP brings no new release
timeout = 30
graceful_timeout = 20
keepalive = 15  # a teacher marks a class in that time on one connection
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  the heartbeat never waits for a disk
control_socket_disable = True
loglevel = "warning"  # django-structlog writes the line for each request

# Each process keeps its counts in a file of this folder, so that /metrics tells of all of them
# (attendance_mis/metrics.py); prometheus_client finds it by its name, before the application is imported.
if os.environ.get("METRICS_TOKEN") and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="attendance-metrics-", dir=worker_tmp_dir)


def post_worker_init(worker: Any) -> None:
    """What was imported stays for good, and a page makes no rings: the collector need not look ten times a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # objects kept since it last looked; Python's own 700 are a tenth of a page
    if worker.age == 1 and (before := os.environ.get("GUNICORN_PID")):
        take_over(int(before), worker.log)


def take_over(before: int, log: Any) -> None:
    """Started by SIGUSR2 beside the server of before, on its sockets (bin/roll.py): its first process that stands tells
    systemd whom to watch from now on, and the other server to finish its pages and end."""
    sd_notify(f"MAINPID={os.getppid()}", log)
    with suppress(ProcessLookupError):
        os.kill(before, signal.SIGTERM)


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)

"""The real Celery worker in a process of its own, on the test's database, that can be killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from celery import Celery
from django.conf import settings

from tests import databases


class Worker:
    """`start`, `send` a task, `kill` as the power would; a new start finds what the broker and the rows hold.

    `start_clock` starts the real beat beside it: then nobody need send anything.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.clock: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "DATABASE_URL": databases.address(),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "ATTENDANCE_MIS_ENV": "development",
            "VAR_DIR": str(folder),
            "REDIS_URL": "",
            **environment,
        }
        if redis := environment.get("REDIS_URL"):
            self.app = Celery(broker=redis, set_as_current=False)
            return
        queue = folder / "broker" / "queue"
        queue.mkdir(parents=True, exist_ok=True)
        self.app = Celery(broker="filesystem://", set_as_current=False)
        self.app.conf.broker_transport_options = {
            "data_folder_in": str(queue),
            "data_folder_out": str(queue),
            "control_folder": str(folder / "broker" / "control"),
        }

    def send(self, task: str, *arguments: object) -> None:
        self.app.send_task(task, list(arguments))

    def start(self) -> None:
        self.process = self._celery(
            "worker", "--pool=solo", "--without-heartbeat", "--without-gossip", "--without-mingle"
        )

    def start_clock(self) -> None:
        """The beat, which ticks each `TICK_SECONDS`."""
        self.clock = self._celery("beat", f"--schedule={self.folder / 'beat'}")

    def _celery(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "attendance_mis", *command, "--loglevel=ERROR"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_over(self) -> bool:
        """Whether it has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def kill(self) -> None:
        """No part of it gets to say goodbye."""
        for process in filter(None, (self.process, self.clock)):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

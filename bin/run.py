"""`make run`: the demo trust in a browser, from an empty folder. Ctrl-C stops everything it started.

Without DATABASE_URL it starts PostgreSQL from a wheel, without REDIS_URL the worker reads a file-system broker; both
keep their data in `var/`, so that a second run finds it.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from attendance_mis.embedded import embedded_postgres  # noqa: E402

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 20  # for a page or a task to finish


class CannotRun(Exception):
    """The message is the sentence for the person at the keyboard."""


def main() -> None:
    os.chdir(ROOT)
    environ.Env.read_env(ROOT / ".env")
    os.environ.setdefault("ATTENDANCE_MIS_ENV", "development")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    host, port = os.environ.setdefault("HOST", "127.0.0.1"), os.environ.setdefault("PORT", "8000")
    var = Path(os.environ.setdefault("VAR_DIR", str(ROOT / "var"))).resolve()
    for number in STOP_SIGNALS:  # set even where a shell that put us in the background ignores them
        signal.signal(number, signal.default_int_handler)
    try:
        run(host, int(port), var)
    except CannotRun as reason:
        sys.exit(str(reason))


def run(host: str, port: int, var: Path) -> None:
    with ExitStack() as stack:
        try:
            stack.enter_context(only_one(var))
            refuse_taken_port(host, port)
            if not os.environ.get("DATABASE_URL"):
                stack.enter_context(embedded_postgres(var))
            prepare_database()
            web = [sys.executable, "-m", "gunicorn", "attendance_mis.wsgi"]
            quietly = ["-W", "ignore:You're running the worker"]  # as root, in a container
            worker = [
                sys.executable,
                *quietly,
                "-m",
                "celery",
                "--app=attendance_mis",
                "--quiet",
                "worker",
                "--loglevel=warning",
            ]
            beat = ["--beat", f"--schedule={var / 'beat'}"]  # inside the worker: one machine, one clock
            processes = stack.enter_context(
                running({"web server": web, "worker": [*worker, *beat, "--pool=threads", "--concurrency=2"]})
            )
            wait_until_healthy(f"http://{host}:{port}/healthz", processes)
            print_logins()
            say(f"Open http://{host}:{port}/ (Ctrl-C stops everything).")
            while not stopped(processes):
                time.sleep(0.5)
            raise CannotRun(f"The {stopped(processes)} stopped by itself, so everything stops; its reason is above.")
        except KeyboardInterrupt:
            say("Stopping.")
        finally:
            for number in STOP_SIGNALS:  # an impatient second Ctrl-C must not leave half of it running
                signal.signal(number, signal.SIG_IGN)


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Two runs on one database would stop it under each other."""
    var.mkdir(parents=True, exist_ok=True)
    with open(var / "run.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun("It is running already, in another terminal: use that one, or stop it first.") from None
        yield


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotRun(
                f"Port {port} of {host} cannot be had ({error.strerror}): choose another with PORT={port + 1} make run."
            ) from None


def prepare_database() -> None:
    """Migrated, and with the demo trust in it when it holds no school."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attendance_mis.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError, connections

    from attendance_mis.models import School

    if settings.PRODUCTION:
        raise CannotRun(
            "This is for trying things out; docs/production.md tells how to run with ATTENDANCE_MIS_ENV=production."
        )
    try:
        call_command("migrate", verbosity=0)
    except OperationalError as error:
        raise CannotRun(f"DATABASE_URL names a database that does not answer: {error}") from None
    demo = os.environ.get("DEMO", "1")
    if demo == "afresh":
        empty_demo()
    if demo != "0" and not School.objects.exists():
        say("Loading the demo trust (DEMO=0 make run starts empty)")
        call_command("load_demo", verbosity=0)  # whom to sign in as is told at the end
    elif demo != "0":
        live_on_the_last_day_of_the_demo()
    connections.close_all()


def empty_demo() -> None:
    """Forget the demonstration, with all that was entered in it; a database that holds a real school is left alone."""
    from django.core.management import call_command
    from django.db import connection

    from attendance_mis.models import School

    if School.objects.filter(is_demo=False).exists():
        raise CannotRun(
            "DEMO=afresh begins the demonstration anew and would take with it all that is in this database, and there "
            "is a school in it that is no demonstration. Run it on another database, or without DEMO=afresh."
        )
    if not School.objects.exists():
        return
    with connection.cursor() as cursor:  # the logs let nobody empty them, so their tables go with the schema
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", verbosity=0)


def live_on_the_last_day_of_the_demo() -> None:
    """The demonstration ends on the day it was loaded: later its clock is set back, so nothing is missing.

    Whoever wants it up to today hears how.
    """
    from attendance_mis import clock
    from attendance_mis.actors import Actor
    from attendance_mis.models import School
    from attendance_mis.tenancy import acting_for
    from registers.actions.demo_clock import is_over, last_day, set_demo_clock

    for school in School.objects.filter(is_demo=True).order_by("pk")[:1]:  # a trust's schools have one clock
        with acting_for(school):
            last = last_day(school)
            if last is None or not is_over(school, clock.true_now(school)):
                return
            if is_over(school, clock.now(school)):
                set_demo_clock(school=school, by=Actor.system("make run"))
                school.refresh_from_db()
            now = clock.now(school)
        say(
            f"The demonstration ends on {last:%A %-d %B}; there it is {now:%H:%M on %A %-d %B} now. "
            "`DEMO=afresh make run` tells it anew up to today, without what was entered in it since."
        )


def print_logins() -> None:
    from django.core.management import call_command
    from django.db import connections

    call_command("demo_logins")
    connections.close_all()


@contextmanager
def running(commands: dict[str, list[str]]) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Each command in a session of its own, so that Ctrl-C reaches this program only; on leaving, all are stopped."""
    processes = {name: subprocess.Popen(command, start_new_session=True) for name, command in commands.items()}
    try:
        yield processes
    finally:
        for process in processes.values():
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0, deadline - time.monotonic()))
            with suppress(ProcessLookupError):  # as it should be: nobody is left of its group
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def stopped(processes: dict[str, subprocess.Popen[bytes]]) -> str:
    return ", ".join(name for name, process in processes.items() if process.poll() is not None)


def wait_until_healthy(address: str, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + 60
    while not stopped(processes):
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):  # noqa: S310  our own address
            return
        if time.monotonic() > deadline:
            raise CannotRun(f"{address} does not answer after a minute.")
        time.sleep(0.1)


def say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    main()

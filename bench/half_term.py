"""How long until 420 half-termly reports lie there, by the clock alone? Both ways a school has: letters, and sheets.

    .venv/bin/python -m bench.half_term [--workers 2 1]

Makes a scratch database beside DATABASE_URL with one school of 420 pupils in fourteen classes, a parent each and every
mark since September, on the first day after a half-term, and starts the real beat and so many real workers, on files as
their broker. Then nobody does anything but approve: the clock proposes the letters and makes the sheets for parents,
the workers make and store each PDF. Letters have a page and the attendance summary, sheets the summary alone.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench.letters import memory, processor

SERVER = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres").rsplit("/", 1)[0]
NAME = "attendance_bench_half_term"
CLASSES, IN_CLASS = 14, 30
HOUR = 20  # at school: the day's tasks of both kinds are due
# Of a hundred sessions: seven of illness in spells, two without a reason, three late.
CODE = """CASE WHEN (d.n / 6 + p.id) %% 14 = 0 THEN %(ill)s WHEN (d.n + p.id * 7) %% 50 = 0 THEN %(unknown)s
               WHEN (d.n + p.id * 3) %% 33 = 0 THEN %(late)s ELSE %(present)s END"""


def zone_at(hour: int) -> str:
    """A time zone in which it is about this hour now."""
    ahead = (hour - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"  # POSIX counts to the west


def fill() -> Any:
    """The school, on the first day of its second half-term."""
    from django.db import connection

    from attendance_mis.tenancy import acting_for
    from registers.codes import code_for
    from registers.models import SchoolDay
    from tests.factories import ContactFactory, SchoolFactory, make_class

    school = SchoolFactory(name="Example Primary School", timezone=zone_at(HOUR))
    today = datetime.now(school.zone).date()
    held = [today - timedelta(each) for each in range(1, 90)]
    with acting_for(school):
        SchoolDay.objects.bulk_create(
            SchoolDay(school=school, day=day, am=True, pm=True, half_term=part, academic_year=today.year)
            for part, days in ((1, [day for day in held if day.weekday() < 5]), (2, [today]))
            for day in days
        )
        for number in range(CLASSES):
            for child in make_class(school, f"C{number}", IN_CLASS)[1]:
                ContactFactory(pupil=child, address_1=f"{child.pk} Mill Lane", town="London", postcode="N1 2AB")
    numbers = {"ill": "I", "unknown": "O", "late": "L", "present": "/"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO registers_mark (day, code, session, entry_id, school_id, pupil_id)
                SELECT d.day, {CODE}, s, 1, p.school_id, p.id
                FROM (SELECT day, row_number() OVER (ORDER BY day) n FROM registers_schoolday WHERE half_term = 1) d,
                     generate_series(1, 2) s, registers_pupil p""",
            {name: code_for(letter, date(2025, 1, 6)).number for name, letter in numbers.items()},
        )
        cursor.execute("ANALYZE")
    return school


def wait(done: Callable[[], bool]) -> float:
    """Until it is so; the seconds."""
    start = time.perf_counter()
    while not done():
        time.sleep(0.1)
    return time.perf_counter() - start


def measure(workers: int, folder: Path) -> None:
    from attendance_mis.actors import Actor
    from attendance_mis.models import ScheduledRun
    from attendance_mis.tenancy import acting_for
    from letters.actions.approving import approve_letters
    from letters.models import Letter, StoredPdf
    from reports.models import MadeReport
    from tests.letters.worker import Worker

    pupils = CLASSES * IN_CLASS
    school = fill()
    with acting_for(school):
        started = [Worker(folder, TICK_SECONDS="5") for _ in range(workers)]

        def peak() -> str:
            return f"peak {max(memory(worker, 'VmHWM') for worker in started)} MB"

        def took(task: str) -> float:
            run = ScheduledRun.objects.get(task=task)
            return (run.ended_at - run.started_at).total_seconds()

        def has_run(task: str) -> bool:
            return ScheduledRun.objects.filter(task=task, ended_at__isnull=False).exists()

        try:
            for worker in started:
                worker.start()
            started[0].start_clock()
            for task in ("letters.tasks.propose_reports", "reports.tasks.make_reports"):
                wait(lambda task=task: has_run(task))
            proposed = list(Letter.objects.proposed().values_list("pk", flat=True))
            sheets = list(MadeReport.objects.filter(kind="parents").order_by("made_at"))
            before = ScheduledRun.objects.get(task="reports.tasks.make_reports").started_at
            others = MadeReport.objects.exclude(kind="parents").filter(made_at__lt=sheets[0].made_at)
            before = max([before, *others.values_list("made_at", flat=True)])
            seconds = (sheets[-1].made_at - before).total_seconds()
            proposing = took("letters.tasks.propose_reports")
            print(f"{workers} worker(s): {len(proposed)} letters proposed in {proposing:.1f} s")
            print(
                f"  sheets for parents, one task: {pupils} in {len(sheets)} PDFs in {seconds:.1f} s, "
                f"{pupils / seconds:.1f} a second, {peak()}",
                flush=True,
            )
            start = time.perf_counter()
            used = [processor(worker) for worker in started]
            approve_letters(school=school, letters=proposed, roles={"head"}, by=Actor.system("Bench"))
            print(f"  approved in {time.perf_counter() - start:.1f} s")
            seconds = wait(lambda: StoredPdf.objects.count() == len(proposed))
            size = sum(StoredPdf.objects.values_list("size", flat=True)) // len(proposed)
            print(
                f"  letters: {len(proposed)} in {seconds:.1f} s, {len(proposed) / seconds:.1f} a second, {peak()}, "
                f"{size} bytes each; seconds of processor by worker: "
                f"{', '.join(f'{processor(worker) - each:.0f}' for worker, each in zip(started, used, strict=True))}",
                flush=True,
            )
        finally:
            for worker in started:
                worker.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="*", default=[2, 1])
    options = parser.parse_args()
    admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True)
    os.environ["DATABASE_URL"] = f"{SERVER}/{NAME}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    os.environ["REDIS_URL"] = ""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VAR_DIR"] = folder  # the broker of whoever approves is that of the workers
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        for workers in options.workers:
            admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {NAME}")
            try:
                call_command("migrate", verbosity=0)
                measure(workers, Path(folder))
            finally:
                connections.close_all()
                admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()

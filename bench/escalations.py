"""How long does a day of a whole trust take? `escalations`, `penalty_thresholds` and the evening's evaluation of 40,000
pupils in 100 schools; and of one school the dashboard and what-if over a term.

    .venv/bin/python -m bench.escalations [--schools 100] [--years 1] [--keep]

Makes a scratch database beside DATABASE_URL (default: the server on 127.0.0.1), migrates it, fills schools x 400 pupils
x 380 sessions a year, and drops it again (`--keep` leaves it for another run). The plainest SQL stands beside: the same
counts in one statement over every mark of the year, without runs and without ladders.
"""

import argparse
import os
import time
from collections.abc import Callable
from typing import Any

import psycopg

from bench.marks_layout import PUPILS
from bench.trust import fill

SERVER = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres").rsplit("/", 1)[0]
NAME = "attendance_bench_escalations"
ON = "2025-05-23"

PLAIN_ESCALATIONS = """
SELECT school_id, pupil_id, count(*), count(*) FILTER (WHERE code IN (SELECT unnest(%s::int[])))
FROM registers_mark WHERE day BETWEEN '2024-08-01' AND %s GROUP BY 1, 2"""
PLAIN_THRESHOLDS = """
SELECT school_id, pupil_id, count(*) FROM registers_mark
WHERE code = ANY(%s) AND day BETWEEN '2025-03-10' AND %s GROUP BY 1, 2"""


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def measure() -> None:
    import io

    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from attendance_mis.models import School
    from registers import codes

    urns = list(School.objects.values_list("urn", flat=True))

    def run(command: str, urn: str) -> None:
        call_command(command, f"--school={urn}", f"--on={ON}", stdout=io.StringIO())

    for command in ("escalations", "penalty_thresholds"):
        seconds, _ = timed(lambda command=command: [run(command, urn) for urn in urns])
        with CaptureQueriesContext(connection) as queries:
            run(command, urns[0])
        print(f"{command}: {len(urns) * PUPILS:,} pupils of {len(urns)} schools in {seconds:.2f} s; "
              f"{len(queries)} queries a school")  # fmt: skip
    for name, sql, numbers in (
        ("escalations", PLAIN_ESCALATIONS, codes.ABSENT),
        ("penalty_thresholds", PLAIN_THRESHOLDS, codes.PENALTY_COUNTED),
    ):
        with connection.cursor() as cursor:
            seconds, _ = timed(lambda sql=sql, numbers=numbers: cursor.execute(sql, [sorted(numbers), ON]))
        print(f"  plainest SQL beside {name}: {seconds:.2f} s")


def measure_one_school_and_the_evening() -> None:
    """The evaluation of two days in all schools; then, at one of them, the dashboard and what-if over a term."""
    from dataclasses import replace
    from datetime import date
    from fractions import Fraction

    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from attendance_mis.models import Membership, School
    from attendance_mis.tenancy import acting_for
    from casework import what_if
    from casework.actions.evaluating import evaluate
    from casework.models import Evaluation, Standing
    from casework.presets import preset
    from tests import factories

    schools = list(School.objects.all())
    counts = []
    with acting_for(*schools):
        is_done = Evaluation.objects.exists()
    days = [("the first, when every step begins", "2025-05-22"), ("a later one", ON)]
    for name, on in days[is_done:]:
        start = time.perf_counter()
        for school in schools:
            with acting_for(school), CaptureQueriesContext(connection) as queries:
                evaluate(school=school, on=date.fromisoformat(on))
            counts.append(len(queries))
        print(f"evaluation of {len(schools) * PUPILS:,} pupils, {name}: {time.perf_counter() - start:.1f} s")
    print(f"  {min(counts)} to {max(counts)} queries a school and day")
    school = schools[0]
    known = Membership.objects.filter(role="manager", school=school).first()
    user = (known or factories.MembershipFactory(role="manager", school=school)).user
    School.objects.filter(pk=school.pk).update(second_step="nobody")  # a sign-in that is not what is timed
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    with acting_for(school):
        print(f"one school: {Standing.objects.standing().values('pupil').distinct().count()} pupils on a ladder")
        national = preset("national")
        first = national.ladders[0]
        milder = replace(first.steps[0], threshold=Fraction(92))
        other = replace(national, ladders=(replace(first, steps=(milder, *first.steps[1:])), *national.ladders[1:]))
        term = what_if.last_whole_term(school, date.fromisoformat(ON))
        times = sorted(timed(lambda: what_if.over_term(school, term, national, other))[0] for _ in range(10))
        print(f"what-if over {term}: median {times[5]:.2f} s, longest {times[-1]:.2f} s")
    path = f"/s/{school.urn}/casework/"
    assert client.get(path).status_code == 200, client.get(path)
    times = sorted(timed(lambda: client.get(path))[0] * 1000 for _ in range(40))
    print(f"dashboard: median {times[20]:.0f} ms, p95 {times[37]:.0f} ms of {len(times)} requests")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schools", type=int, default=100)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True)
    is_new = not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
    if is_new:
        admin.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = f"{SERVER}/{NAME}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    try:
        if is_new:
            call_command("migrate", verbosity=0)
            seconds, _ = timed(lambda: fill(options.schools, options.years))
            print(f"filled in {seconds:.0f} s")
        print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}")
        measure()
        measure_one_school_and_the_evening()
        print(f"and at the end: {os.getloadavg()[0]:.1f}")
    finally:
        connections.close_all()
        if not options.keep:
            admin.execute(f"DROP DATABASE {NAME}")


if __name__ == "__main__":
    main()

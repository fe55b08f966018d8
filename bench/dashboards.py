"""How fast do figures open? One school's dashboard, the trust page, the year's sums of every pupil; and a register.

    .venv/bin/python -m bench.dashboards [--schools 5] [--years 1] [--requests 40] [--keep]

Makes a scratch database beside DATABASE_URL, fills it as `bench.trust` says (schools x 400 pupils x 380 sessions a
year), and drops it again (`--keep` leaves it for another run). The plainest SQL that adds up the year of every pupil
stands beside in the same run, and DuckDB's on the same marks.
"""

import argparse
import gc
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench.marks_layout import PUPILS
from bench.trust import fill

SERVER = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres").rsplit("/", 1)[0]
NAME = os.environ.get("BENCH_DATABASE", "attendance_bench_dashboards")
NOW = datetime(2025, 5, 23, 10, 0)  # noqa: DTZ001 - the school's own time is not what is measured
FIRST, TODAY = date(2024, 8, 1), NOW.date()

PLAINEST = """
SELECT school_id, pupil_id, count(*) FILTER (WHERE code = ANY(%(possible)s)),
       count(*) FILTER (WHERE code = ANY(%(attended)s)), count(*) FILTER (WHERE code = ANY(%(authorised)s)),
       count(*) FILTER (WHERE code = ANY(%(unauthorised)s))
FROM registers_mark WHERE day BETWEEN %(first)s AND %(last)s {of_school} GROUP BY 1, 2"""


def timed(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def told(name: str, times: list[float]) -> None:
    times = sorted(times)
    p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
    print(f"{name}: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, {len(times)} times")


def measure(requests: int, *, duck: bool) -> None:
    import time_machine
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client

    import attendance_mis.wsgi  # noqa: F401 - what the web server loads before the first page
    from attendance_mis.models import Membership, School, Trust, User
    from attendance_mis.tenancy import acting_for
    from registers import codes
    from registers.sums import groups_of_schools, of_schools_sql, sums, sums_sql

    school, trust = School.objects.first(), Trust.objects.get_or_create(name="Bench")[0]
    School.objects.update(trust=trust, second_step="nobody")  # a sign-in that is not what is timed
    manager = User.objects.filter(email="manager@bench.example").first() or User.objects.create_user(
        email="manager@bench.example", name="Bench Manager", password=None
    )
    Membership.objects.get_or_create(user=manager, school=school, role="manager", position="Manager")
    Membership.objects.get_or_create(user=manager, trust=trust, role="trust_lead", position="Trust lead")

    for when in ("the first time", "again", "once more"):
        told(f"a class's register as its page reads it, {when}", [timed(read) for read in registers_to_read()])

    gc.collect()
    gc.freeze()  # both as each web process begins (gunicorn.conf.py)
    gc.set_threshold(20_000, 20, 20)
    with time_machine.travel(NOW, tick=True):
        client = Client(SERVER_NAME="localhost")
        client.force_login(manager)

        def opened(path: str) -> float:
            def get() -> None:
                answer = client.get(path)
                assert answer.status_code == 200, answer.status_code

            return timed(get)

        for name, path in (
            ("one school's dashboard", f"/s/{school.urn}/figures/school/"),
            ("one class of it", f"/s/{school.urn}/figures/school/?year=3"),
            ("its list of pupils", f"/s/{school.urn}/figures/pupils/"),
            ("its governors' page", f"/s/{school.urn}/figures/governors/"),
            ("the trust page", f"/trust/{trust.pk}/"),
        ):
            cache.clear()
            told(f"{name}, nothing kept", [opened(path)])
            times, cpu = [], time.process_time()
            for _ in range(requests):
                # A register is saved between any two openings, as on a school morning.
                with connection.cursor() as cursor:
                    cursor.execute(
                        "INSERT INTO registers_entry (school_id, day, session, at, by_name, by_position, source, "
                        "pupils, codes) VALUES (%s, %s, 1, now(), '', '', 'teacher', '{1}', '{1}')",
                        [school.pk, TODAY],
                    )
                times.append(opened(path))
            told(name, times)
            print(f"  of it Python: {1000 * (time.process_time() - cpu) / requests:.0f} ms of the processor")

    numbers = {
        "possible": sorted(codes.POSSIBLE), "attended": sorted(codes.ATTENDED), "authorised": sorted(codes.AUTHORISED),
        "unauthorised": sorted(codes.UNAUTHORISED), "first": FIRST, "last": TODAY,
    }  # fmt: skip
    ids = list(School.objects.values_list("pk", flat=True))
    every = f"all {len(ids) * PUPILS:,} pupils"

    def in_database(name: str, sql: str, schools: list[int], times: int = 7) -> None:
        """PostgreSQL's own time for the statement, without sending the rows."""
        values = {**numbers, "schools": schools, "youngest": date(2019, 8, 31)}
        with connection.cursor() as cursor:
            found = []
            for _ in range(times):
                cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql, values)
                found.append(cursor.fetchone()[0][0]["Execution Time"])
        told(name, found)

    def ours_of_one() -> None:
        with acting_for(school):
            sums(FIRST, TODAY)

    with connection.cursor() as cursor:
        # As groups_of_schools has it.
        cursor.execute("SET work_mem = '32MB'; SET max_parallel_workers_per_gather = 0")
    in_database("year to date, one school, with all that groups ask", sums_sql(FIRST, TODAY), [school.pk])
    told("  the same as registers.sums hands it on", [timed(ours_of_one) for _ in range(10)])
    in_database("  plainest SQL", PLAINEST.format(of_school=f"AND school_id = {school.pk}"), [school.pk])
    in_database(f"year to date, {every}, with sessions unmarked and the cohort", of_schools_sql(FIRST, TODAY), ids)
    told(
        f"year to date, {every}, school by school",
        [timed(lambda: groups_of_schools(ids, FIRST, TODAY)) for _ in range(7)],
    )
    in_database("  plainest SQL, one statement", PLAINEST.format(of_school=""), ids, times=2)
    if duck:
        told("  DuckDB, the same statement over the same marks", in_duckdb(numbers))


def registers_to_read() -> list[Callable[[], Any]]:
    """One class of each school: its head, its rows and their last five days, by the statements of the page."""
    from attendance_mis.models import School
    from registers.calendar_rules import Session
    from registers.class_register import class_register, head
    from registers.models import ClassGroup

    def read(school: School) -> None:
        with acting_for(school):
            group = classes[school.pk]
            found = class_register(
                school, head(school, group, TODAY, Session.PM, 0), TODAY, Session.PM, with_days_before=True
            )
        assert len(found.rows) > 25, found

    from attendance_mis.tenancy import acting_for

    schools = list(School.objects.all())
    with acting_for(*schools):
        classes = dict(ClassGroup.objects.filter(name="C3").values_list("school", "pk"))
    return [partial(read, school) for school in schools]


def in_duckdb(numbers: dict[str, Any]) -> list[float]:
    """The plainest statement in a DuckDB file that holds the marks of this database."""
    import duckdb
    from django.db import connection

    with tempfile.TemporaryDirectory() as folder:
        marks = "COPY (SELECT school_id, pupil_id, day, code FROM registers_mark) TO STDOUT CSV"
        path = Path(folder) / "marks.csv"
        with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(marks) as copy:
            for block in copy:
                file.write(block)
        held = duckdb.connect(f"{folder}/marks.duckdb")
        held.execute(
            f"CREATE TABLE registers_mark AS SELECT * FROM read_csv('{path}', header=false, "
            "columns={'school_id': 'SMALLINT', 'pupil_id': 'INTEGER', 'day': 'DATE', 'code': 'SMALLINT'})"
        )
        sql = PLAINEST.format(of_school="")
        for name, value in numbers.items():
            said = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else f"DATE '{value}'"
            sql = sql.replace(f"%({name})s", said)
        return [timed(lambda: held.execute(sql).fetchall()) for _ in range(7)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schools", type=int, default=5)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--duckdb", action="store_true", help="Beside it DuckDB, where it is installed.")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True)
    is_new = not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
    if is_new:
        admin.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = f"{SERVER}/{NAME}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with tempfile.TemporaryDirectory() as var:
        os.environ["VAR_DIR"] = var
        import django

        django.setup()
        logging.disable(logging.WARNING)
        from django.core.management import call_command
        from django.db import connection

        if is_new:
            call_command("migrate", verbosity=0)
            print(f"filled in {timed(lambda: fill(options.schools, options.years)) / 1000:.0f} s")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registers_mark")
            print(f"{cursor.fetchone()[0]:,} marks, {options.schools} schools")
        measure(options.requests, duck=options.duckdb)
        connection.close()
    if not options.keep:
        admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()

"""How long does an evening of a whole trust take? 40,000 pupils in 100 schools checked and recorded.

    .venv/bin/python -m bench.penalties [--schools 100] [--years 1] [--keep]

Makes a scratch database beside DATABASE_URL (default: the server on 127.0.0.1), migrates it, fills schools x 400 pupils
x 380 sessions a year, and drops it again (`--keep` leaves it for another run). Measured: the look of every school one
after the other, as the schedule does it, on the first evening (everything is new), on the next (a few have changed)
and once more (nothing has); the statement that records, for the whole trust at once; beside them the plainest SQL,
which counts and records nothing.
"""

import argparse
import os
import statistics
from datetime import date, timedelta

import psycopg

from bench.escalations import SERVER, timed
from bench.trust import fill

NAME = "attendance_bench_penalties"
EVENING = date(2025, 5, 22)
PLAIN = """
SELECT school_id, pupil_id, count(*) FROM registers_mark
WHERE code = ANY(%s) AND day BETWEEN %s AND %s GROUP BY 1, 2"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=100)
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the database, or use the one that was left")
    args = parser.parse_args()
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        known = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if not known:
            server.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = f"{SERVER}/{NAME}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

    import django

    django.setup()
    from django.core.management import call_command

    if not known:
        call_command("migrate", verbosity=0)
        print(f"fill: {timed(lambda: fill(args.schools, args.years))[0]:.1f} s")
    measure()
    from django.db import connections

    connections.close_all()
    if not args.keep:
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def measure() -> None:
    from django.db import connection, transaction

    from attendance_mis.models import School
    from attendance_mis.tenancy import acting_for
    from casework.querysets.measures import school_ranges
    from penalties.actions import watch
    from penalties.models import Watch
    from penalties.querysets import Look, record_counts
    from registers import codes

    schools = list(School.objects.all())

    def evening(on: date) -> list[float]:
        took = []
        for school in schools:
            with acting_for(school):
                took.append(timed(lambda school=school: watch.look(school=school, on=on))[0])
        return took

    def whole_trust(on: date) -> None:
        with transaction.atomic():
            record_counts(looks[on])

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE penalties_watch")
        cursor.execute("VACUUM ANALYZE registers_mark")
    looks = {}
    for on in (EVENING, EVENING + timedelta(days=1)):
        looks[on] = []
        for school in schools:
            with acting_for(school):
                window = school_ranges(school, on).window
                looks[on].append(Look(school.pk, window, on, count_n=False))
    with acting_for(*schools):
        for title, on in (("first evening", EVENING), ("next evening", EVENING + timedelta(days=1)),
                          ("again", EVENING + timedelta(days=1))):  # fmt: skip
            took = evening(on)
            rows = Watch.objects.count()
            changed = Watch.objects.filter(since=on).count()
            print(
                f"look, {title}: {sum(took):.2f} s for {len(schools)} schools, median "
                f"{statistics.median(took) * 1000:.1f} ms a school; {rows} children kept, {changed} new that day"
            )
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE penalties_watch")
        for title, on in (("everything new", EVENING), ("next evening", EVENING + timedelta(days=1)),
                          ("nothing new", EVENING + timedelta(days=1))):  # fmt: skip
            print(f"one statement for the trust, {title}: {timed(lambda on=on: whole_trust(on))[0] * 1000:.0f} ms")
    with connection.cursor() as cursor:
        first = looks[EVENING][0].first
        for _ in range(3):
            plain, _ = timed(lambda: cursor.execute(PLAIN, [sorted(codes.PENALTY_COUNTED), first, EVENING]))
        print(f"plainest SQL, counting only: {plain * 1000:.0f} ms")


if __name__ == "__main__":
    main()

"""How fast does a partner read a school, and in how much memory?

    .venv/bin/python -m bench.api [--years 5] [--limit 5000] [--http]

Makes a scratch database of one school of 400 pupils as `bench.dashboards` does (380 sessions a year), opens a token,
and reads every mark by /api/v1/marks, page by page, then the marks of one day, the pupils and the summaries of a year,
through the whole of Django in this process, or with --http by gunicorn on 127.0.0.1, two processes as in production.
Memory is that of the process that answers, the largest of them, before and after.
"""

import argparse
import gc
import os
import tempfile
import time
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import psutil
import psycopg
import requests

from bench.register import PORT, web_server

SERVER = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres").rsplit("/", 1)[0]
NAME = os.environ.get("BENCH_DATABASE", "attendance_bench_api")


def measure(limit: int, *, by_http: bool) -> None:
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from attendance_mis.actions import ask_token, open_token
    from attendance_mis.actors import Actor
    from attendance_mis.models import School
    from attendance_mis.tenancy import acting_for

    school, by = School.objects.first(), Actor("Bench", "Headteacher")
    with acting_for(school), connection.cursor() as cursor:
        # `bench.dashboards` makes no entry for each mark: one for all of them, as an import of old history does.
        cursor.execute("UPDATE registers_mark SET entry_id = (SELECT min(id) FROM registers_entry)")
        cursor.execute("VACUUM ANALYZE registers_mark")
        until = timezone.localdate() + timedelta(days=1)
        token = ask_token(
            school=school, partner="Bench", purpose="Bench", scopes=["marks", "pupils", "summaries"], until=until, by=by
        )
        headers = {"Authorization": f"Bearer {open_token(token=token, by=by)}"}
    client, http = Client(SERVER_NAME="localhost"), requests.Session()

    def get(path: str, query: dict[str, object]) -> Any:
        if by_http:
            answer = http.get(f"http://127.0.0.1:{PORT}/api/v1/{path}", params=query, headers=headers, timeout=60)
        else:
            answer = client.get(f"/api/v1/{path}", query, headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def read(path: str, **query: object) -> tuple[int, int, float]:
        rows = pages = 0
        start = time.perf_counter()
        while True:
            page = get(path, query)
            rows, pages = rows + len(page["data"]), pages + 1
            if not page["more"]:
                return rows, pages, time.perf_counter() - start
            paused = time.perf_counter()
            gc.collect()  # the test client's answers hold themselves in circles
            start += time.perf_counter() - paused
            query = {"cursor": page["cursor"], "limit": limit}

    def memory() -> float:
        process = psutil.Process()
        answering = [each for each in process.children(recursive=True) if "gunicorn" in " ".join(each.cmdline())]
        return max(each.memory_info().rss for each in answering or [process]) / 2**20

    read("marks", **{"from": "2025-05-01", "to": "2025-05-09"}, limit=limit)  # what is loaded once
    for words, path, query in (
        ("every mark", "marks", {"limit": limit}),
        ("marks of one day", "marks", {"from": "2025-05-08", "to": "2025-05-08", "limit": limit}),
        ("pupils", "pupils", {"limit": limit}),
        ("a year by pupil", "summaries/pupils", {"from": "2024-09-01", "to": "2025-07-31"}),
        ("a year by class", "summaries/groups", {"from": "2024-09-01", "to": "2025-07-31", "by": "class"}),
    ):
        before = memory()
        rows, pages, took = read(path, **query)
        print(
            f"{words}: {rows:,} rows in {pages} pages, {took:.2f} s, {rows / took:,.0f} rows/s, "
            f"{1000 * took / pages:.0f} ms a page, memory {memory() - before:+.0f} MB to {memory():.0f} MB"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--limit", type=int, default=5_000)
    parser.add_argument("--http", action="store_true", help="by gunicorn on 127.0.0.1")
    asked = parser.parse_args()
    os.environ |= {
        "DATABASE_URL": f"{SERVER}/{NAME}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "API_REQUESTS_PER_MINUTE": "1000000",
        "WEB_CONCURRENCY": "2",
    }
    with tempfile.TemporaryDirectory() as var, psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        os.environ["VAR_DIR"] = var
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {NAME}")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from bench import dashboards

        try:
            call_command("migrate", verbosity=0)
            dashboards.fill(1, asked.years)
            with web_server() if asked.http else nullcontext():
                measure(asked.limit, by_http=asked.http)
        finally:
            connection.close()
            admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()

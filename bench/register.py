"""Save a register of 30 and open its page: requests a second and p95 of eight teachers, beside the same rows raw.

    .venv/bin/python -m bench.register [--seconds 10]

Makes a scratch database on the server of DATABASE_URL (default: 127.0.0.1), starts gunicorn as production does, with
Redis for the sessions where one listens, and runs the clients on the same machine. A save is a whole register: 30
marks, their versions, the entry in the log. pgbench writes the same 30 marks and the same entry by one statement.
"""

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import psycopg

SERVER = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres").rsplit("/", 1)[0]
NAME, PORT, CLIENTS = "attendance_bench_register", 8765, 8
ROOT = Path(__file__).resolve().parent.parent

RAW = """
\\set from {first} + 30 * random(0, {last})
WITH pupils AS (SELECT p FROM generate_series(:from, :from + 29) p),
entry AS (
  INSERT INTO registers_entry (school_id, day, session, at, made_at, by_id, by_name, by_position, source, key, pupils,
                               codes)
  SELECT {school}, '{day}', 1, now(), now(), 1, 'A Teacher', 'Class teacher', 'teacher', gen_random_uuid(),
         array_agg(p), array_agg({code}::smallint) FROM pupils
  RETURNING id)
INSERT INTO registers_mark (school_id, pupil_id, day, session, code, entry_id)
SELECT {school}, p, '{day}', 1, {code}, entry.id FROM entry, pupils
ON CONFLICT (school_id, pupil_id, day, session) DO UPDATE
SET code = {code} + {other} - registers_mark.code, entry_id = excluded.entry_id;
"""  # from one code to the other and back, as the saves do: a mark whose code changes is written to its indexes too


@contextmanager
def scratch_database() -> Iterator[None]:
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {NAME}")
        try:
            yield
        finally:
            admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def prepare() -> dict[str, object]:
    """A school whose register has just opened: eight classes of 30, each with its teacher and a week of marks."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from attendance_mis.permissions import Role
    from attendance_mis.tenancy import acting_for
    from registers.actions.marking import Change, enter_marks
    from registers.codes import code_for
    from registers.models import Entry, SchoolDay, Teaching
    from tests import factories

    call_command("migrate", verbosity=0)
    now = timezone.localtime()
    today, opens = now.date(), min(now.replace(second=0, microsecond=0), now.replace(hour=23, minute=0))
    times = [(opens + timedelta(minutes=n)).time() for n in (0, 30, 31, 32, 33)]
    school = factories.SchoolFactory(
        **dict(zip(("am_register", "am_closes", "pm_register", "pm_closes", "day_ends"), times, strict=True))
    )
    present, other = code_for("/", today).number, code_for("N", today).number
    teachers = []
    with acting_for(school):
        SchoolDay.objects.bulk_create(
            SchoolDay(
                school=school, day=today - timedelta(back), am=True, pm=True, half_term=1, academic_year=today.year
            )
            for back in range(8)
        )
        for n in range(CLIENTS):
            group, pupils = factories.make_class(school, f"{n + 1}A", 30)
            user = factories.MembershipFactory(school=school, role=Role.TEACHER).user
            Teaching.objects.create(school=school, user=user, class_group=group, start=today - timedelta(200))
            for back in range(1, 8):
                for session in (1, 2):
                    enter_marks(
                        school_id=school.pk,
                        day=today - timedelta(back),
                        session=session,
                        changes=[Change(p.pk, present, 0) for p in pupils],
                        by=factories.ACTOR,
                        at=now,
                        made_at=now,
                        source=Entry.Source.TEACHER,
                    )
            client = Client()
            client.force_login(user)
            path = f"/s/{school.urn}/registers/{group.pk}/{today}/AM/"
            teachers.append(
                {"session": client.cookies["sessionid"].value, "path": path, "pupils": [p.pk for p in pupils]}
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as a database looks that has been up for more than a minute
    first = min(min(t["pupils"]) for t in teachers)
    return {"teachers": teachers, "school": school.pk, "day": today, "code": present, "other": other, "first": first}


@contextmanager
def web_server() -> Iterator[int]:
    """gunicorn as in production, one line of log for each request; answers the id of its process."""
    with tempfile.TemporaryFile() as log, _server(log) as process:
        yield process


@contextmanager
def _server(log: IO[bytes]) -> Iterator[int]:
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "attendance_mis.wsgi", "-b", f"127.0.0.1:{PORT}"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(PORT)},
        stderr=log.fileno(),
    )
    try:
        for _ in range(100):
            time.sleep(0.2)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                    break
        yield server.pid
    finally:
        server.terminate()
        server.wait(30)


class Teacher:
    """One browser: one connection kept open, one register. Bare sockets: the clients share the server's processors."""

    def __init__(self, session: str, path: str, pupils: list[int]) -> None:
        self.connection = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.path, self.cookie, self.token = path, f"sessionid={session}", ""
        self.versions, self.code = dict.fromkeys(pupils, 0), "N"
        page, headers = self.ask("GET", path)
        self.token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()
        self.cookie += "; csrftoken=" + re.search(rb"csrftoken=([^;]+)", headers)[1].decode()
        for pupil, version in re.findall(rb'data-pupil="(\d+)" data-version="(\d+)"', page):
            self.versions[int(pupil)] = int(version)

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[bytes, bytes]:
        kind = f"Content-Type: application/json\r\nX-CSRFToken: {self.token}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: {self.cookie}\r\n{kind}"
        self.connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = self.connection.recv(262144)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self.connection.recv(262144)
        headers = answer[:end]
        whole = end + 4 + int(re.search(rb"(?i)\r\nContent-Length: (\d+)", headers)[1])
        while len(answer) < whole:
            if not (more := self.connection.recv(262144)):
                raise RuntimeError(f"{method} {path}: the answer ends early")
            answer += more
        if not headers.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{method} {path}: {answer[:600]!r}")
        return answer[end + 4 :], headers

    def open_page(self) -> None:
        self.ask("GET", self.path)

    def save(self) -> None:
        self.code = "N" if self.code == "/" else "/"  # each save changes every mark
        marks = [{"pupil": p, "code": self.code, "version": v} for p, v in self.versions.items()]
        text, _ = self.ask("POST", f"{self.path}save/", json.dumps({"key": str(uuid.uuid4()), "marks": marks}).encode())
        for answer in json.loads(text)["answers"]:
            if answer["outcome"] != "taken" or answer["version"] == self.versions[answer["pupil"]]:
                raise RuntimeError(text[:300])
            self.versions[answer["pupil"]] = answer["version"]


class Spent:
    """Processor milliseconds of the web server's processes, of its database connections and of these clients."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.before = self.now()

    def now(self) -> dict[str, float]:
        children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text().split()
        with psycopg.connect(f"{SERVER}/{NAME}") as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            backends = [pid for (pid,) in connection.execute(query, [NAME])]
        return {
            "web server": sum(map(_processor_ms, [self.server, *children])),
            "database": sum(map(_processor_ms, backends)),
            "clients": 1000 * time.process_time(),
        }

    def each(self, requests: int) -> str:
        now = self.now()
        return ", ".join(f"{who} {(now[who] - self.before[who]) / requests:.2f} ms" for who in now)


def _processor_ms(pid: int | str) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:  # a connection that was closed meanwhile
        return 0.0
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(
    teachers: list[Teacher], act: Callable[[Teacher], None], seconds: float, server: int
) -> tuple[float, float, str]:
    """Requests a second, p95 in ms and who spent how much on one; a teacher asks again as soon as she is answered."""
    took: list[float] = []
    spent = Spent(server)
    until = time.perf_counter() + seconds

    def run(teacher: Teacher) -> None:
        while (start := time.perf_counter()) < until:
            act(teacher)
            took.append(time.perf_counter() - start)

    threads = [threading.Thread(target=run, args=[teacher]) for teacher in teachers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(took) / seconds, 1000 * statistics.quantiles(took, n=20)[-1], spent.each(len(took))


def raw(facts: dict, seconds: int) -> float:
    """Transactions a second of pgbench writing the same rows."""
    pgbench = shutil.which("pgbench") or next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), None)
    if pgbench is None:
        raise SystemExit("Install pgbench: it comes with the PostgreSQL server, on Debian: apt-get install postgresql")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(RAW.format(last=CLIENTS - 1, **{k: facts[k] for k in ("school", "day", "code", "other", "first")}))
        script.flush()
        command = [
            pgbench,
            "-n",
            "-M",
            "prepared",
            "-c",
            str(CLIENTS),
            "-j",
            "2",
            "-T",
            str(seconds),
            "-f",
            script.name,
        ]
        said = subprocess.run([*command, f"{SERVER}/{NAME}"], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"tps = ([\d.]+)", said)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10)
    seconds = parser.parse_args().seconds
    os.environ |= {"DJANGO_SETTINGS_MODULE": "attendance_mis.settings", "ATTENDANCE_MIS_ENV": "development"}
    os.environ |= {
        "DATABASE_URL": f"{SERVER}/{NAME}",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
        "WEB_CONCURRENCY": "2",
    }
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 6379)) == 0:
            os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/13")
    with scratch_database():
        facts = prepare()
        with web_server() as server:
            teachers = [Teacher(**each) for each in facts["teachers"]]
            # Pages first: hammered marks leave thousands of dead versions behind, as no morning does.
            load(teachers, Teacher.open_page, 2, server)
            pages, pages_p95, pages_cost = load(teachers, Teacher.open_page, seconds, server)
            load(teachers, Teacher.save, 2, server)
            saves, saves_p95, saves_cost = load(teachers, Teacher.save, seconds, server)
        tps = raw(facts, seconds)
    print(f"open the register page of 30: {pages:,.0f} a second, p95 {pages_p95:.0f} ms ({pages_cost})")
    print(f"save a register of 30:        {saves:,.0f} a second, p95 {saves_p95:.0f} ms ({saves_cost})")
    print(f"pgbench, the same rows:       {tps:,.0f} a second; a save is {100 * saves / tps:.0f} % of it")


if __name__ == "__main__":
    main()

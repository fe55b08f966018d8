"""Save a register of 30 and open its page: requests a second and p95 of eight clients, beside the same rows raw.

    .venv/bin/python -m bench.register [--seconds 6] [--rounds 3]

Makes a scratch database on the server of DATABASE_URL (default: 127.0.0.1), starts gunicorn as production does, with
Redis for the sessions where one listens, and runs the clients on the same machine. Each client walks through the 26
classes of a school of its own. A save is a whole register: 30 marks, their versions, the entry in the log. pgbench
writes the same 30 marks and the same entry by one statement, walks through the same classes, and writes as many
registers as the saves before it, so that both leave as many versions behind. Rounds alternate; the tables are vacuumed
before each side.
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
from itertools import cycle
from pathlib import Path
from typing import IO, Any

import psycopg

SERVER = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres").rsplit("/", 1)[0]
NAME, PORT, CLIENTS = "attendance_bench_register", 8765, 8
CLASSES_OF_A_SCHOOL, PUPILS_OF_A_CLASS = 26, 30
ROOT = Path(__file__).resolve().parent.parent

RAW = """
\\set school {school} + :client_id
\\set from {first} + {pupils} * ({classes} * :client_id + random(0, {classes} - 1))
WITH pupils AS (SELECT p FROM generate_series(:from, :from + {pupils} - 1) p),
entry AS (
  INSERT INTO registers_entry (school_id, day, session, at, made_at, by_id, by_name, by_position, source, key, pupils,
                               codes)
  SELECT :school, '{day}', 1, now(), now(), 1, 'A Teacher', 'Class teacher', 'teacher', gen_random_uuid(),
         array_agg(p), array_agg({code}::smallint) FROM pupils
  RETURNING id)
INSERT INTO registers_mark (school_id, pupil_id, day, session, code, entry_id)
SELECT :school, p, '{day}', 1, {code}, entry.id FROM entry, pupils
ON CONFLICT (school_id, pupil_id, day, session) DO UPDATE
SET code = {code} + {other} - registers_mark.code, entry_id = excluded.entry_id;
"""  # from one code to the other and back, as the saves do: a mark whose code changes is written to its indexes too


@contextmanager
def scratch_database(*, stands: bool = False, stays: bool = False) -> Iterator[None]:
    """Made for the block. One that `stands` is taken as it is, one that `stays` is left for the next run."""
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        if not stands:
            admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {NAME}")
        try:
            yield
        finally:
            if not stays:
                admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def prepare(classes: int) -> list[dict[str, Any]]:
    """Schools of 26 classes of 30 whose register has just opened, each class with its teacher and a week of marks."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from attendance_mis.permissions import Role
    from attendance_mis.tenancy import acting_for
    from registers.codes import code_for
    from registers.models import ClassGroup, ClassMembership, Entry, Pupil, Registration, SchoolDay, Teaching
    from tests import factories

    call_command("migrate", verbosity=0)
    now = timezone.localtime()
    today, opens = now.date(), min(now.replace(second=0, microsecond=0), now.replace(hour=23, minute=0))
    times = [(opens + timedelta(minutes=n)).time() for n in (0, 30, 31, 32, 33)]
    fields = dict(zip(("am_register", "am_closes", "pm_register", "pm_closes", "day_ends"), times, strict=True))
    days = [today - timedelta(back) for back in range(8)]
    codes = {session: code_for(letter, today).number for session, letter in ((1, "/"), (2, "\\"))}
    found = []
    while len(found) < classes:
        school = factories.SchoolFactory(**fields)
        with acting_for(school):
            SchoolDay.objects.bulk_create(
                SchoolDay(school=school, day=day, am=True, pm=True, half_term=1, academic_year=today.year)
                for day in days
            )
            groups = ClassGroup.objects.bulk_create(
                ClassGroup(school=school, name=f"{n + 1}A")
                for n in range(min(CLASSES_OF_A_SCHOOL, classes - len(found)))
            )
            built = factories.PupilFactory.build_batch(len(groups) * PUPILS_OF_A_CLASS, school=school)
            for n, pupil in enumerate(built):
                pupil.upn = f"A{school.pk:06d}{n:06d}"
            pupils = Pupil.objects.bulk_create(built)
            since = today - timedelta(200)
            Registration.objects.bulk_create(Registration(school=school, pupil=p, admission_date=since) for p in pupils)
            in_class = [pupils[n * PUPILS_OF_A_CLASS :][:PUPILS_OF_A_CLASS] for n in range(len(groups))]
            ClassMembership.objects.bulk_create(
                ClassMembership(school=school, pupil=p, class_group=group, start=since)
                for group, members in zip(groups, in_class, strict=True)
                for p in members
            )
            entry = Entry.objects.create(
                school=school, day=days[1], session=1, at=now, made_at=now, by_name="A Teacher",
                by_position="Class teacher", source=Entry.Source.IMPORT, key=uuid.uuid4(), pupils=[], codes=[],
            )  # fmt: skip
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO registers_mark (school_id, pupil_id, day, session, code, entry_id)"
                    " SELECT %s, pupil, day, session, code, %s FROM unnest(%s::bigint[]) pupil, unnest(%s::date[]) day,"
                    " unnest(%s::smallint[], %s::smallint[]) AS of_session (session, code)",
                    [school.pk, entry.pk, [p.pk for p in pupils], days[1:], list(codes), list(codes.values())],
                )
            for group, members in zip(groups, in_class, strict=True):
                user = factories.MembershipFactory(school=school, role=Role.TEACHER).user
                Teaching.objects.create(school=school, user=user, class_group=group, start=since)
                client = Client()
                client.force_login(user)
                found.append(
                    {
                        "session": client.cookies["sessionid"].value,
                        "path": f"/s/{school.urn}/registers/{group.pk}/{today}/AM/",
                        "pupils": [p.pk for p in members],
                    }
                )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return found


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


def connect() -> socket.socket:
    """To the web server. Bare sockets: the clients share the server's processors."""
    connection = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Teacher:
    """One browser and its class's register of this morning."""

    def __init__(self, session: str, path: str, pupils: list[int]) -> None:
        self.path, self.cookie, self.token = path, f"sessionid={session}", ""
        self.versions, self.code = dict.fromkeys(pupils, 0), ""

    def ask(self, connection: socket.socket, method: str, path: str, body: bytes = b"") -> tuple[bytes, bytes]:
        kind = f"Content-Type: application/json\r\nX-CSRFToken: {self.token}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: {self.cookie}\r\n{kind}"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = connection.recv(262144)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += connection.recv(262144)
        headers = answer[:end]
        whole = end + 4 + int(re.search(rb"(?i)\r\nContent-Length: (\d+)", headers)[1])
        while len(answer) < whole:
            if not (more := connection.recv(262144)):
                raise RuntimeError(f"{method} {path}: the answer ends early")
            answer += more
        if not headers.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{method} {path}: {answer[:600]!r}")
        return answer[end + 4 :], headers

    def open_page(self, connection: socket.socket) -> None:
        self.ask(connection, "GET", self.path)

    def read_page(self, connection: socket.socket) -> None:
        """Open the page and read what a save needs: the token, each mark's version, the code that stands."""
        page, headers = self.ask(connection, "GET", self.path)
        self.token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()
        if found := re.search(rb"csrftoken=([^;]+)", headers):
            self.cookie = f"{self.cookie.partition(';')[0]}; csrftoken={found[1].decode()}"
        self.code = re.search(rb'id="code-\d+" value="([^"]*)"', page)[1].decode()
        for pupil, version in re.findall(rb'data-pupil="(\d+)" data-version="(\d+)"', page):
            self.versions[int(pupil)] = int(version)

    def save(self, connection: socket.socket) -> None:
        self.code = "N" if self.code == "/" else "/"  # each save changes every mark
        marks = [{"pupil": p, "code": self.code, "version": v} for p, v in self.versions.items()]
        body = json.dumps({"key": str(uuid.uuid4()), "marks": marks}).encode()
        text, _ = self.ask(connection, "POST", f"{self.path}save/", body)
        for answer in json.loads(text)["answers"]:
            if answer["outcome"] != "taken" or answer["version"] == self.versions[answer["pupil"]]:
                raise RuntimeError(text[:300])
            self.versions[answer["pupil"]] = answer["version"]


class Spent:
    """Processor milliseconds of the web server's processes, of its database connections, of these clients, and of a
    PgBouncer that stands between."""

    def __init__(self, server: int, pooler: int | None = None) -> None:
        self.server, self.pooler = server, pooler
        self.before = self.now()

    def now(self) -> dict[str, float]:
        children = Path(f"/proc/{self.server}/task/{self.server}/children").read_text().split()
        with psycopg.connect(f"{SERVER}/{NAME}") as connection:
            query = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            backends = [pid for (pid,) in connection.execute(query, [NAME])]
        between = {"PgBouncer": _processor_ms(self.pooler)} if self.pooler else {}
        return between | {
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


class Loaded:
    """What a load came to: requests, requests a second, p95 in milliseconds, and who spent how much on one."""

    def __init__(self, took: list[float], seconds: float, spent: Spent) -> None:
        self.requests, self.rate = len(took), len(took) / seconds
        self.p95 = 1000 * statistics.quantiles(took, n=20)[-1]
        self.spent = spent.each(len(took))

    def __str__(self) -> str:
        return f"{self.rate:,.0f} a second, p95 {self.p95:.0f} ms ({self.spent})"


def load(
    schools: list[list[Teacher]], act: Callable[[Teacher, socket.socket], None], seconds: float, server: int
) -> Loaded:
    """A client for each school walks through its classes, and asks again as soon as it is answered."""
    took: list[float] = []
    spent = Spent(server)
    until = time.perf_counter() + seconds

    def run(teachers: list[Teacher]) -> None:
        with connect() as connection:
            for teacher in cycle(teachers):
                if (start := time.perf_counter()) >= until:
                    return
                act(teacher, connection)
                took.append(time.perf_counter() - start)

    threads = [threading.Thread(target=run, args=[teachers]) for teachers in schools]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Loaded(took, seconds, spent)


def raw(registers: int) -> float:
    """Transactions a second of pgbench writing so many registers, each with the same rows as a save."""
    from registers.codes import code_for

    pgbench = shutil.which("pgbench") or next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), None)
    if pgbench is None:
        raise SystemExit("Install pgbench: it comes with the PostgreSQL server, on Debian: apt-get install postgresql")
    with psycopg.connect(f"{SERVER}/{NAME}") as connection:
        query = "SELECT (SELECT min(id) FROM attendance_mis_school), (SELECT min(id) FROM registers_pupil), max(day)"
        school, first, day = connection.execute(f"{query} FROM registers_schoolday").fetchone()  # type: ignore[misc]
    script_text = RAW.format(
        school=school, first=first, day=day, classes=CLASSES_OF_A_SCHOOL, pupils=PUPILS_OF_A_CLASS,
        code=code_for("/", day).number, other=code_for("N", day).number,
    )  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(script_text)
        script.flush()
        each = ["-t", str(-(-registers // CLIENTS)), "-f", script.name]
        command = [pgbench, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", *each, f"{SERVER}/{NAME}"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"tps = ([\d.]+)", said)[1])


def vacuum() -> None:
    """As autovacuum does between one morning and the next."""
    with psycopg.connect(f"{SERVER}/{NAME}", autocommit=True) as connection:
        connection.execute("VACUUM registers_mark, registers_keptcount, registers_entry")


def use_scratch_database() -> None:
    """The settings of every process of a bench of the register."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "attendance_mis.settings", "ATTENDANCE_MIS_ENV": "development",
        "DATABASE_URL": f"{SERVER}/{NAME}", "LOG_LEVEL": "INFO", "LOG_FORMAT": "json", "WEB_CONCURRENCY": "2",
    }  # fmt: skip
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 6379)) == 0:
            os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/13")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=6, help="of each load")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    use_scratch_database()
    with scratch_database():
        teachers = [Teacher(**each) for each in prepare(CLIENTS * CLASSES_OF_A_SCHOOL)]
        schools = [teachers[n : n + CLASSES_OF_A_SCHOOL] for n in range(0, len(teachers), CLASSES_OF_A_SCHOOL)]
        with web_server() as server:
            load(schools, Teacher.read_page, 5, server)
            shares = []
            for _ in range(options.rounds):
                vacuum()
                pages = load(schools, Teacher.open_page, options.seconds, server)
                with connect() as connection:
                    for teacher in teachers:
                        teacher.read_page(connection)
                saves = load(schools, Teacher.save, options.seconds, server)
                vacuum()
                tps = raw(saves.requests)
                shares.append(100 * saves.rate / tps)
                print(f"open the register page of 30: {pages}")
                print(f"save a register of 30:        {saves}")
                print(
                    f"pgbench, the same rows:       {tps:,.0f} a second; a save is {shares[-1]:.0f} % of it", flush=True
                )
    print(f"a save, per cent of pgbench: median {statistics.median(shares):.0f} of {len(shares)} rounds")


if __name__ == "__main__":
    main()

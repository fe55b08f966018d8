"""A new release goes in while registers are being marked, and back out: nobody is refused, no mark is lost.

docs/production.md gives these commands, in this order. The releases are copies of this tree with a line of their
own; the database is on a server of the test's own, because the next release brings a migration.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from attendance_mis import seals
from letters.models import StoredPdf
from letters.occasions import Occasion
from registers import record
from registers.models import Entry, Mark
from tests import databases
from tests.cluster import database_moved, folder_of_any_size
from tests.conftest import REGISTER_TIME, TODAY
from tests.factories import ContactFactory
from tests.house.test_faults import PATIENCE
from tests.letters.test_letters import approve, queue
from tests.letters.test_worker_killed import (
    LETTERS,
    Redis,
    all_are_made,
    approved_letters,
    assert_each_once,
    redis,
    standing_still_after_two,
    wait_until,
)
from tests.letters.worker import Worker
from tests.stage import Cast, session_of
from tests.wire import a_port

__all__ = ["redis"]  # the fixture
ROOT = Path(__file__).parents[2]
SECRET_KEY = "long and random " * 4
CONTENT = ("attendance_mis", "registers", "letters", "casework", "penalties", "reports", "templates", "static")
ENOUGH = 6  # marks that each teacher enters between one step and the next

# What a release changes besides its code: a column of the marks that the one before does not know and need not fill.
MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("registers", "{leaf}")]
    operations = [migrations.RunSQL(
        "ALTER TABLE registers_mark ADD COLUMN next_only integer NOT NULL DEFAULT 7",
        "ALTER TABLE registers_mark DROP COLUMN next_only")]
"""
# It names itself in each answer, and reads that column for it: on a database that was not migrated it answers nothing.
NEXT = """
import sys
from pathlib import Path
here = Path(sys.prefix).resolve().parent  # of the virtual environment

def application(environ, start_response, before=application):
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(next_only), 7) FROM registers_mark")
        [(seven,)] = cursor.fetchall()
    def start(status, headers, *more):
        return start_response(status, [*headers, ("X-Release", f"{here.name} {seven}")], *more)
    return before(environ, start)
"""


class Releases:
    """Folders with a release each, and `current`, which names the one that is served (docs/install-debian.md)."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.current = folder, folder / "current"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PWD": str(self.current), "PYTHONDONTWRITEBYTECODE": "1",
            "ATTENDANCE_MIS_ENV": "production", "SECRET_KEY": SECRET_KEY, "ALLOWED_HOSTS": "localhost",
            "DATABASE_URL": databases.address(), "VAR_DIR": str(folder / "var"), "BEHIND_PROXY": "1",
            "HOST": "127.0.0.1", "WEB_CONCURRENCY": "2", "LOG_LEVEL": "CRITICAL",
        }  # fmt: skip

    def unpack(self, name: str) -> Path:
        """This tree under a name of its own, with its static files collected."""
        release = self.folder / name
        release.mkdir()
        for each in CONTENT:
            shutil.copytree(ROOT / each, release / each)
        for each in ("manage.py", "gunicorn.conf.py"):
            shutil.copy2(ROOT / each, release / each)
        venv.create(release / ".venv")
        [own] = (release / ".venv/lib").glob("python*/site-packages")
        (own / "shared.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
        shutil.copy2(Path(sys.executable).with_name("gunicorn"), release / ".venv/bin")
        return release

    def manage(self, release: Path, *words: str) -> None:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=release, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def name(self, release: Path) -> None:
        """`ln -sfn release current`."""
        link = self.folder / "link"
        link.symlink_to(release)
        link.rename(self.current)

    @contextmanager
    def served(self, port: int) -> Iterator[subprocess.Popen[bytes]]:
        """gunicorn as the unit starts it, from `current`."""
        process = subprocess.Popen(
            [self.current / ".venv/bin/python", self.current / ".venv/bin/gunicorn", "attendance_mis.wsgi"],
            cwd=self.current, env={**self.environment, "PORT": str(port)}, start_new_session=True,
        )  # fmt: skip
        try:
            wait_until(lambda: is_healthy(port), "gunicorn does not start")
            yield process
        finally:
            subprocess.run(["pkill", "-KILL", "-g", str(process.pid)])  # it, and whoever succeeded it
            process.wait()


def is_healthy(port: int) -> bool:
    try:
        return requests.get(f"http://localhost:{port}/healthz", timeout=PATIENCE).status_code == 200
    except requests.ConnectionError:
        return False


class Teacher(threading.Thread):
    """Opens the register, fetches the files that the page asks for, enters a mark, and so on until told to stop."""

    def __init__(self, cast: Cast, ports: list[int], pupil: int, *, keeps: bool) -> None:
        super().__init__(daemon=True)
        self.ports, self.pupil, self.keeps, self.asked = ports, pupil, keeps, 0
        with override_settings(SECRET_KEY=SECRET_KEY):
            self.cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(cast.people['teacher'])}"
        self.path = cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/")
        self.http, self.stopped, self.fault = requests.Session(), threading.Event(), ""
        self.acknowledged: list[tuple[int, str]] = []
        self.served_by: list[str] = []

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                self.mark()
        except Exception as fault:  # told to the test
            self.fault = repr(fault)

    def mark(self) -> None:
        page = self.ask("GET", self.path)
        for file in re.findall(r'"(/static/registers/[^"]+\.(?:js|css))"', page.text)[:3]:
            self.ask("GET", file)
        token = re.search(r'"X-CSRFToken": "(\w+)"', page.text)[1]
        csrf = re.search(r"csrftoken=\w+", page.headers.get("Set-Cookie", self.cookie))[0]
        self.cookie = "; ".join([self.cookie.split("; ")[0], csrf])
        code = "N" if len(self.acknowledged) % 2 else "/"
        version = self.acknowledged[-1][0] if self.acknowledged else 0
        body = {"key": str(uuid4()), "age": 0, "reason": "",
                "marks": [{"pupil": self.pupil, "code": code, "version": version}]}  # fmt: skip
        headers = {"X-CSRFToken": token, "Content-Type": "application/json", "Referer": "https://localhost/"}
        answer = self.ask("POST", f"{self.path}save/", data=json.dumps(body), headers=headers)
        [taken] = answer.json()["answers"]
        assert taken["outcome"] == "taken", taken
        self.acknowledged.append((taken["version"], code))
        self.served_by.append(answer.headers.get("X-Release", "first"))

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: str) -> requests.Response:
        """The answer. A connection kept for long may end just as it is used: then it is asked again, as a browser does
        (and the page of a register, by the same key); on a new one every request must be answered."""
        try:
            answer = self.send(method, path, headers or {}, **more)
        except requests.ConnectionError:
            if not self.keeps:
                raise
            answer = self.send(method, path, {**(headers or {}), "Connection": "close"}, **more)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def send(self, method: str, path: str, headers: dict[str, str], **more: str) -> requests.Response:
        self.asked += 1
        ports = self.ports
        told = {
            "Host": "localhost", "Cookie": self.cookie, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1",
            **({} if self.keeps else {"Connection": "close"}),
        }  # fmt: skip
        return self.http.request(
            method, f"http://127.0.0.1:{ports[self.asked % len(ports)]}{path}",
            headers={**told, **headers}, allow_redirects=False, timeout=PATIENCE, **more,
        )  # fmt: skip


class Nine:
    """Nine o'clock: four teachers at once, half of them on a connection that they keep."""

    def __init__(self, cast: Cast, port: int) -> None:
        self.cast = cast
        pupils = cast.pupils[:4]
        self.teachers = [Teacher(cast, [port], p.pk, keeps=n % 2 == 0) for n, p in enumerate(pupils)]

    def goes_on(self, *served_by: str) -> None:
        """Until each has been acknowledged enough marks more, the last of them by this release, or one of these."""
        before = [len(teacher.acknowledged) for teacher in self.teachers]

        def enough() -> bool:
            assert [each.fault for each in self.teachers] == [""] * 4
            return all(
                len(each.acknowledged) >= n + ENOUGH and each.served_by[-1] in served_by
                for n, each in zip(before, self.teachers, strict=True)
            )

        wait_until(enough, f"the marks do not go on, or not at {served_by}")

    @contextmanager
    def at_work(self) -> Iterator[None]:
        for teacher in self.teachers:
            teacher.start()
        try:
            yield
        finally:
            self.go_home()

    def proxy_leads_to(self, *ports: int) -> None:
        """To each of them in turn, one request after the other."""
        for teacher in self.teachers:
            teacher.ports = list(ports)

    def go_home(self) -> None:
        for teacher in self.teachers:
            teacher.stopped.set()
            teacher.join(PATIENCE)

    def assert_nothing_lost(self) -> None:
        """Every mark that was acknowledged is in the log, each once, and the record is proved whole."""
        assert [each.fault for each in self.teachers] == [""] * 4
        entries = dict(Entry.objects.values_list("pk", "pupils"))
        for each in self.teachers:
            versions = [version for version, _ in each.acknowledged]
            assert [pk for pk in sorted(entries) if each.pupil in entries[pk]] == versions
            stands = Mark.objects.get(pupil_id=each.pupil)
            assert stands.entry_id == versions[-1]
        seals.seal(self.cast.school)
        assert [check.faults for check in record.verify(self.cast.school).checks if check.faults] == []


@pytest.fixture
def releases(transactional_db: None, cast: Cast, tmp_path: Path) -> Iterator[Releases]:
    """`first` is served; `next` lies beside it and is not migrated for yet."""
    cast.school.is_demo, cast.school.clock_offset = True, REGISTER_TIME - timezone.now()
    cast.school.save()
    with folder_of_any_size() as folder, database_moved(folder):
        releases = Releases(tmp_path)
        first, following = releases.unpack("first"), releases.unpack("next")
        leaf = max((following / "registers/migrations").glob("[0-9]*.py")).stem
        (following / "registers/migrations/9999_next.py").write_text(MIGRATION.format(leaf=leaf))
        for path, more in (("attendance_mis/wsgi.py", NEXT), ("static/registers/register.js", "\n// next\n")):
            with (following / path).open("a") as file:
                file.write(more)
        for each in (first, following):
            releases.manage(each, "collectstatic", "--noinput", "--verbosity=0")
        releases.name(first)
        yield releases


def roll(pid: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "bin/roll.py", str(pid)], cwd=ROOT, capture_output=True, text=True)


def served_now(done: subprocess.CompletedProcess[str]) -> int:
    assert done.returncode == 0, done.stderr
    return int(re.search(r"by process (\d+)", done.stdout)[1])


@pytest.mark.long
def test_the_next_release_goes_in_and_out_and_nobody_is_refused(cast: Cast, releases: Releases) -> None:
    first, following, broken = (releases.folder / name for name in ("first", "next", "broken"))
    ports = [a_port(), a_port()]
    nine = Nine(cast, ports[0])
    with releases.served(ports[0]) as process, nine.at_work():
        nine.goes_on("first")
        releases.manage(following, "migrate", "--noinput")
        nine.goes_on("first")  # on the schema of the next

        # One machine: the new server starts on the sockets of the old. A release that does not start changes nothing.
        releases.unpack("broken")
        (broken / "attendance_mis/wsgi.py").write_text("import nothing_of_the_name\n")
        releases.name(broken)
        done = roll(process.pid)
        assert done.returncode == 1
        assert "the old one goes on serving" in done.stderr
        nine.goes_on("first")
        releases.name(following)
        now = served_now(roll(process.pid))
        nine.goes_on("next 7")
        releases.name(first)
        now = served_now(roll(now))
        nine.goes_on("first")

        # Several: another stands beside it, the proxy leads there, and SIGTERM ends the one that nobody asks any more.
        releases.name(following)
        with releases.served(ports[1]):
            nine.proxy_leads_to(*ports)
            nine.goes_on("first", "next 7")
            nine.proxy_leads_to(ports[1])
            nine.goes_on("next 7")
            os.kill(now, signal.SIGTERM)
            wait_until(lambda: not is_healthy(ports[0]), "SIGTERM does not end it")
            nine.goes_on("next 7")
            nine.go_home()
    nine.assert_nothing_lost()


class ProductionWorker(Worker):
    """With the processes that production has."""

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.process = self._celery("worker", "--concurrency=2")


@pytest.mark.django_db(transaction=True)
def test_worker_and_beat_are_replaced_while_letters_are_made(cast: Cast, tmp_path: Path, redis: Redis) -> None:
    """SIGTERM lets the worker finish what it is at; whoever comes next makes nothing a second time."""
    approved_letters(cast)
    often = {"REDIS_URL": redis.url, "TICK_SECONDS": "1", "CLOCK_SENDS": "letters."}
    old, new = (ProductionWorker(tmp_path / name, **often) for name in ("old", "new"))
    try:
        with standing_still_after_two():
            old.start()
            old.start_clock()
            databases.until_somebody_waits()
            for process in (old.clock, old.process):
                process.terminate()
            assert old.clock.wait(PATIENCE) == 0
            assert old.process.poll() is None, "it has a letter in its hands"
        assert old.process.wait(PATIENCE) == 0
        assert all_are_made(), "it finished its task"
        assert_each_once()
        made = dict(StoredPdf.objects.values_list("copy_id", "sha256"))

        ContactFactory(pupil=cast.pupils[0], postcode="N1 2AB", address_1="1 Mill Lane", town="London")
        approve(cast, queue(cast, pupil=cast.pupils[0], occasion=Occasion.ILLNESS))
        new.start()
        new.start_clock()
        wait_until(lambda: StoredPdf.objects.count() > LETTERS, "the new worker makes nothing")
        assert_each_once(LETTERS + 1)
        assert made.items() <= dict(StoredPdf.objects.values_list("copy_id", "sha256")).items()
    finally:
        for each in (old, new):
            each.kill()

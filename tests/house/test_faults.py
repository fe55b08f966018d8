"""The machine fails under two web processes: what people see, and that nothing acknowledged is lost.

docs/faults.md is the table. Two gunicorns stand on the test's database, by a wire that is cut, and on a Redis of their
own, that is killed. The school's clock stands at 09:05.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone

from attendance_mis import seals
from attendance_mis.models import Session, User
from attendance_mis.permissions import Role
from registers import record
from registers.models import ClassGroup, Entry, Mark
from tests import databases
from tests.cluster import without_room
from tests.conftest import REGISTER_TIME, TODAY
from tests.registers.conftest import mark
from tests.stage import Cast, session_of
from tests.wire import Wire, a_port, wire_to

__all__ = ["mark"]  # the fixture
PATIENCE = 60.0


class Redis:
    """A Redis of the test's own, that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = a_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--save",
            "",
            "--dir",
            str(self.folder),
            "--loglevel",
            "warning",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert time.monotonic() < deadline, "redis-server does not start"
            time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Web:
    """One web process as production runs it."""

    def __init__(self, database: str, redis: str, **more: str) -> None:
        self.port = a_port()
        self.url = f"http://localhost:{self.port}"
        environment = {
            **os.environ, "DATABASE_URL": database, "REDIS_URL": redis, "DJANGO_SETTINGS_MODULE": "tests.settings",
            "HOST": "127.0.0.1", "PORT": str(self.port), "WEB_CONCURRENCY": "1", "LOG_LEVEL": "CRITICAL",
            **more,
        }  # fmt: skip
        command = [sys.executable, "-m", "gunicorn", "attendance_mis.wsgi"]
        self.process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):  # noqa: S310  our own
                return
            assert time.monotonic() < deadline, "gunicorn does not start"
            time.sleep(0.05)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Machines:
    """The two web processes, their Redis, and the wire to the database."""

    def __init__(self, wire: Wire, redis: Redis) -> None:
        self.wire, self.redis = wire, redis
        self.webs = [Web(databases.address_at(wire.port), redis.url) for _ in range(2)]
        for web in self.webs:
            web.wait()


@pytest.fixture
def machines(transactional_db: None, cast: Cast, tmp_path: Path) -> Iterator[Machines]:
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server on this machine")
    cast.school.is_demo, cast.school.clock_offset = True, REGISTER_TIME - timezone.now()
    cast.school.save()
    redis = Redis(tmp_path)
    redis.start()
    with wire_to(*databases.server()) as wire:
        made: list[Web] = []
        try:
            machines = Machines(wire, redis)
            made = machines.webs
            yield machines
        finally:
            for web in made:
                web.kill()
            redis.kill()


class Browser:
    """Somebody's browser: one session, whichever web process answers."""

    def __init__(self, person: User, class_group: ClassGroup) -> None:
        self.http = requests.Session()
        self.http.cookies.set(settings.SESSION_COOKIE_NAME, session_of(person))
        self.register = f"/s/{class_group.school.urn}/registers/{class_group.pk}/{TODAY}/AM/"

    def get(self, web: Web, path: str) -> requests.Response:
        return self.http.get(web.url + path, allow_redirects=False, timeout=PATIENCE)

    def open_register(self, web: Web) -> str:
        page = self.get(web, self.register)
        assert page.status_code == 200
        self.token = re.search(r'"X-CSRFToken": "(\w+)"', page.text)[1]
        return page.text

    def mark(self, web: Web, pupil: int, code: str) -> requests.Response:
        return self.save(web, {pupil: 0}, code, str(uuid4()))

    def save(self, web: Web, versions: dict[int, int], code: str, key: str) -> requests.Response:
        """One press: the same code for these children."""
        marks = [{"pupil": pupil, "code": code, "version": version} for pupil, version in versions.items()]
        body = {"key": key, "age": 0, "reason": "", "marks": marks}
        headers = {"X-CSRFToken": self.token, "Content-Type": "application/json", "Referer": web.url}
        return self.http.post(f"{web.url}{self.register}save/", json.dumps(body), headers=headers, timeout=PATIENCE)


@pytest.mark.long
def test_the_machine_fails_under_two_web_processes(cast: Cast, machines: Machines) -> None:
    """One test, because two web processes take seconds to start: each step begins where the one before left off."""
    one, other = machines.webs
    teacher = Browser(cast.people[Role.TEACHER], cast.own_class)

    # Two web processes: a session of one is known to the other, and ended for both.
    teacher.open_register(one)
    assert teacher.mark(other, cast.pupils[0].pk, "/").status_code == 200
    head = Browser(cast.people[Role.HEAD], cast.own_class)
    assert head.get(other, "/account/").status_code == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', head.get(one, "/account/").text)[1]
    gone = head.http.cookies.get(settings.SESSION_COOKIE_NAME)
    stolen = requests.Session()
    stolen.cookies.set(settings.SESSION_COOKIE_NAME, gone)
    assert stolen.get(f"{other.url}/account/", allow_redirects=False, timeout=PATIENCE).status_code == 200

    # Redis is killed: pages and marks go on, from the database; a session that ends now stays ended.
    machines.redis.kill()
    for web in machines.webs:
        assert teacher.get(web, teacher.register).status_code == 200
    assert teacher.mark(one, cast.pupils[1].pk, "N").status_code == 200
    assert Mark.objects.count() == 2
    out = head.http.post(f"{one.url}/sign-out/", {"csrfmiddlewaretoken": token}, headers={"Referer": one.url},
                         allow_redirects=False, timeout=PATIENCE)  # fmt: skip
    assert out.status_code == 302
    machines.redis.start()
    time.sleep(5.5)  # caches.ASK_AGAIN_AFTER
    for web in machines.webs:
        assert teacher.get(web, teacher.register).status_code == 200
        answer = stolen.get(f"{web.url}/account/", allow_redirects=False, timeout=PATIENCE)
        assert answer.status_code == 302, "what ended while Redis was lost stays ended"
    assert not Session.objects.filter(session_key=gone).exists()

    # The database is restarted: a plain sentence meanwhile, and everything as before when it is back.
    machines.wire.cut()
    with ThreadPoolExecutor() as at_once:
        page = at_once.submit(teacher.get, one, teacher.register)
        sent = at_once.submit(teacher.mark, other, cast.pupils[2].pk, "/")
        health = at_once.submit(teacher.get, one, "/healthz")
        assert page.result().status_code == sent.result().status_code == health.result().status_code == 503
    assert "Not just now" in page.result().text
    assert page.result().headers["Retry-After"] == "30"
    machines.wire.mend()
    deadline = time.monotonic() + PATIENCE
    while teacher.get(one, "/healthz").status_code != 200 or teacher.get(other, "/healthz").status_code != 200:
        assert time.monotonic() < deadline, "the web processes do not find the database again"
        time.sleep(0.1)
    assert Mark.objects.count() == 2, "what was refused was not written"
    assert teacher.mark(other, cast.pupils[2].pk, "/").status_code == 200

    # Nine o'clock: many at once, on both processes, and one of the two is killed in the middle.
    slots = [(web, pupil.pk) for pupil in (cast.pupils[3], cast.pupils[4]) for web in machines.webs * 8]
    acknowledged = []

    def press(slot: tuple[Web, int]) -> None:
        if len(acknowledged) == 8:
            one.kill()
        with suppress(requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            answer = teacher.mark(*slot, "/")
            assert answer.status_code == 200, "refused or taken, never an error"
            acknowledged.append(answer.json()["answers"][0])

    with ThreadPoolExecutor(8) as at_once:
        list(at_once.map(press, slots))
    marks = {mark.pupil_id: mark for mark in Mark.objects.all()}
    assert set(marks) == {pupil.pk for pupil in cast.pupils}
    assert Entry.objects.count() == len(cast.pupils), "each once, however often it was sent"
    seals.seal(cast.school)
    assert [check.faults for check in record.verify(cast.school).checks if check.faults] == []


def test_a_clock_that_jumps_back_harms_no_record(cast: Cast, mark, clock) -> None:  # type: ignore[no-untyped-def]
    """The order of entries is by their numbers, not by the time that was read."""
    mark(cast.pupils[0], letter="N")
    seals.seal(cast.school)
    teacher = cast.client(Role.TEACHER)
    page = cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/")
    assert teacher.get(page).status_code == 200
    clock.shift(-timedelta(hours=2))
    version = Mark.objects.get().entry_id
    mark(cast.pupils[0], letter="/", version=version)
    mark(cast.pupils[1])
    seals.seal(cast.school)
    assert teacher.get(page).status_code == 200, "nobody is signed out"
    clock.shift(timedelta(hours=2))
    assert [check.faults for check in record.verify(cast.school).checks if check.faults] == []
    assert Mark.objects.get(pupil=cast.pupils[0]).entry_id > version


def test_a_full_disk_of_the_database_refuses_whole(cast: Cast, mark, clock) -> None:  # type: ignore[no-untyped-def]
    """What PostgreSQL says when it cannot extend a file (53100): a plain sentence, and nothing by half."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$; "
            "CREATE TRIGGER disk_full BEFORE INSERT ON registers_mark FOR EACH ROW EXECUTE FUNCTION disk_full()"
        )
    client = cast.client(Role.TEACHER)
    client.raise_request_exception = False
    page = cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/")
    client.get(page)
    body = {"key": str(uuid4()), "age": 0, "reason": "",
            "marks": [{"pupil": cast.pupils[0].pk, "code": "/", "version": 0}]}  # fmt: skip
    from django.db import transaction

    with transaction.atomic():
        answer = client.post(page + "save/", json.dumps(body), content_type="application/json")
        transaction.set_rollback(True)
    assert answer.status_code == 503
    assert "Not just now" in answer.text


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_is_written_full_refuses_whole(cast: Cast) -> None:
    """The same on a disk without a byte left; when there is room the same press is taken, without a restart."""
    cast.school.is_demo, cast.school.clock_offset = True, REGISTER_TIME - timezone.now()
    cast.school.save()
    client = cast.client(Role.TEACHER)
    client.raise_request_exception = False
    page = cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/save/")
    body = {"key": str(uuid4()), "age": 0, "reason": "",
            "marks": [{"pupil": cast.pupils[0].pk, "code": "/", "version": 0}]}  # fmt: skip
    with ExitStack() as stack:
        try:
            room = stack.enter_context(without_room("small disk"))
        except OSError:
            pytest.skip("this machine lets nobody make a disk; the test above is what is proved")
        answer = client.post(page, json.dumps(body), content_type="application/json")
        assert answer.status_code == 503
        assert "Not just now" in answer.text
        assert not Mark.objects.exists()
        assert not Entry.objects.exists()
        room.close()
        connection.close()
        assert client.post(page, json.dumps(body), content_type="application/json").status_code == 200
        assert (Mark.objects.count(), Entry.objects.count()) == (1, 1)

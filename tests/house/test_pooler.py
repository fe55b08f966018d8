"""Behind PgBouncer, which lends two connections to everybody (decision 0065): nothing is lost, nobody gets another's.

PgBouncer runs by the file that docs/deploy has, before a PostgreSQL of the test's own; gunicorn with eight threads and
the worker come through it, the commands beside it. The test itself looks at the database directly.
"""

import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from attendance_mis import checks, seals
from attendance_mis.models import ScheduledRun, School, User
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from registers import record
from registers.actions import backups
from registers.actions.importing import runs
from registers.codes import code_for
from registers.models import ClassGroup, Entry, ImportRun, Mark, Teaching
from tests import databases, factories
from tests.cluster import Cluster, database_moved, folder_of_any_size
from tests.conftest import REGISTER_TIME, TODAY
from tests.house.test_faults import PATIENCE, Browser, Web
from tests.letters.test_letters import queue
from tests.letters.test_worker_killed import wait_until
from tests.letters.worker import Worker
from tests.packs import Pack
from tests.pooler import Pooler, pooler_before
from tests.registers.test_backup import _manage
from tests.registers.test_import_page import zipped
from tests.stage import Cast
from tests.wire import a_port

LENT = 2  # connections, to eight threads
CLASSES, CHILDREN = 4, 3  # of each of two schools
# What a program may leave on a connection, as whoever is lent it next would find it: settings of the session, but for
# those that PgBouncer itself sets anew for each, statements, cursors, locks, tables.
LEFT = """
SELECT (SELECT array_agg(name ORDER BY name) FROM pg_settings WHERE source = 'session' AND name NOT IN
          ('TimeZone', 'DateStyle', 'client_encoding', 'standard_conforming_strings', 'application_name')),
       current_setting('jit'), current_setting('random_page_cost'),
       coalesce(current_setting('attendance.disposal', true), ''),
       (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_cursors WHERE name <> ''),
       (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
       (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema())
"""
CLEAN = (["jit", "random_page_cost"], "off", "1.1", "", 0, 0, 0, 0)  # as pgbouncer.ini asks


@dataclass
class Pooled:
    """The database, PgBouncer before it, and what tells the application of both."""

    cluster: Cluster
    pooler: Pooler
    environment: dict[str, str]

    def what_is_left(self) -> list[tuple[object, ...]]:
        """What the next one finds on each of the connections that are lent."""
        with ExitStack() as stack:
            taken = [stack.enter_context(psycopg.connect(self.pooler.url)) for _ in range(LENT)]
            return [each.execute(LEFT).fetchone() or () for each in taken]


@pytest.fixture
def pooled(transactional_db: None, cast: Cast, request: pytest.FixtureRequest) -> Iterator[Pooled]:
    """The clock of both schools stands at 09:05. A parameter: seconds to wait for a connection, else the file says."""
    patience = getattr(request, "param", None)
    School.objects.update(is_demo=True, clock_offset=REGISTER_TIME - timezone.now())
    with (
        folder_of_any_size() as folder,
        database_moved(folder) as cluster,
        pooler_before(databases.address(), LENT, cluster.server.system_user, patience) as pooler,
    ):
        yield Pooled(cluster, pooler, {"DATABASE_URL": pooler.url, "DIRECT_URL": databases.address()})


@pytest.fixture
def web(pooled: Pooled, tmp_path: Path) -> Iterator[Web]:
    files = {"VAR_DIR": str(tmp_path / "var"), "WEB_THREADS": "8", "DIRECT_URL": pooled.environment["DIRECT_URL"]}
    web = Web(pooled.pooler.url, "", **files)
    try:
        web.wait()
        yield web
    finally:
        web.kill()


@dataclass
class Teacher:
    """She saves her whole class again and again; `sent` has the key of each press, and what was answered."""

    user: User
    class_group: ClassGroup
    pupils: list[int]
    versions: dict[int, int] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self.browser = Browser(self.user, self.class_group)
        self.versions = dict.fromkeys(self.pupils, 0)

    def opens(self, web: Web) -> None:
        """Her page has her name's class, and the children of no other."""
        page = self.browser.open_register(web)
        assert {int(pupil) for pupil in re.findall(r'data-pupil="(\d+)"', page)} == set(self.pupils)
        assert self.user.email in self.browser.get(web, "/account/").text

    def presses(self, web: Web, code: str) -> None:
        """Until it is taken, each time with the same key, as the page does."""
        key, deadline = str(uuid4()), time.monotonic() + PATIENCE
        while (answer := self.browser.save(web, self.versions, code, key)).status_code != 200:
            assert answer.status_code == 503, answer.text
            assert "Not just now" in answer.text
            self.refused += 1
            assert time.monotonic() < deadline, "it does not go on"
            time.sleep(0.1)
        taken = answer.json()["answers"]
        assert {each["outcome"] for each in taken} == {"taken"}
        self.versions = {each["pupil"]: each["version"] for each in taken}
        self.sent.append((key, code))


@pytest.fixture
def teachers(pooled: Pooled, cast: Cast) -> list[Teacher]:
    """Of two schools, by turns."""
    made = []
    for number in range(CLASSES):
        for school in (cast.school, cast.other_school):
            with acting_for(school):
                group, pupils = factories.make_class(school, f"{number + 1}P", CHILDREN)
                user = factories.MembershipFactory(school=school, role=Role.TEACHER).user
                Teaching.objects.create(school=school, user=user, class_group=group, start=TODAY)
                made.append(Teacher(user, group, [pupil.pk for pupil in pupils]))
    return made


def assert_each_is_there_once_and_hers(cast: Cast, teachers: list[Teacher]) -> None:
    """Each press that was answered is one entry, whole, in the name of who sent it, at her school; and no other is."""
    schools = (cast.school, cast.other_school)
    expected = {
        (key, one.class_group.school_id, one.user.pk, one.user.name, tuple(sorted(one.pupils)), code)
        for one in teachers
        for key, code in one.sent
    }
    numbers = {code_for(letter, TODAY).number: letter for letter in "/N"}
    with acting_for(*schools):
        entries = list(Entry.objects.all())
        found = {
            (str(e.key), e.school_id, e.by_id, e.by_name, tuple(sorted(e.pupils)), *{numbers[code] for code in e.codes})
            for e in entries
        }
        marks = {(mark.school_id, mark.pupil_id, mark.entry_id) for mark in Mark.objects.all()}
    assert found == expected
    assert len(entries) == len(expected)
    assert marks == {(one.class_group.school_id, *now) for one in teachers for now in one.versions.items()}
    for school in schools:
        with acting_for(school):
            seals.seal(school)
            assert [check.faults for check in record.verify(school).checks if check.faults] == []


@pytest.mark.long
@pytest.mark.parametrize("pooled", [int(PATIENCE)], indirect=True, ids=["patient"])
def test_two_schools_and_a_night_through_two_connections(
    cast: Cast, pooled: Pooled, web: Web, teachers: list[Teacher], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Registers, a whole night's tasks, an import and a backup, all at once."""
    var = tmp_path / "var"
    new = factories.SchoolFactory(is_demo=True, clock_offset=cast.school.clock_offset)
    monkeypatch.setattr(settings, "MEDIA_ROOT", var / "media")
    monkeypatch.setattr("registers.actions.importing.runs.send_soon", lambda *_: None)
    technician = factories.MembershipFactory(school=new, role=Role.TECHNICIAN).user
    pack = zipped(Pack().change("school.toml", "123456", new.urn).files)
    with acting_for(new), override_settings(MEDIA_ROOT=var / "media"):
        runs.upload_import(
            school=new, file=ContentFile(pack, "pack.zip"), user=technician, by=cast.actor(Role.TECHNICIAN)
        )
    worker = Worker(var, **pooled.environment)
    worker.start()
    try:
        worker.send(runs.WORK, new.pk)
        daily = [task for task, at in settings.SCHOOL_TASKS.items() if at]
        for school in (cast.school, cast.other_school):
            for task in settings.SCHOOL_TASKS:
                worker.send(task, school.pk, *([TODAY.isoformat()] if task in daily else []))
        worker.send("registers.tasks.keep_mark_years")

        letter, manager = queue(cast), Browser(cast.people[Role.MANAGER], cast.own_class)

        def reads() -> None:
            """A letter that waits, whose facts are read mark by mark: through a cursor, where nobody stands between."""
            for _ in range(10):
                page = manager.get(web, cast.url(f"letters/{letter.pk}/"))
                assert (page.status_code, cast.pupils[0].forename in page.text) == (200, True)

        def lives(teacher: Teacher) -> None:
            for code in "N/N":
                teacher.opens(web)
                teacher.presses(web, code)

        recipient, _ = backups.make_key()
        with ThreadPoolExecutor(len(teachers) + 2) as at_once:
            words = ["backup", tmp_path / "backups", "--recipient", recipient]
            backup = at_once.submit(_manage, {**worker.environment}, *words)
            reading = at_once.submit(reads)
            list(at_once.map(lives, teachers))
            reading.result()
            assert backup.result().returncode == 0, backup.result().stderr

        def run() -> ImportRun:
            with acting_for(new):
                return ImportRun.objects.get()

        wait_until(lambda: run().status in {"checked", "refused", "failed"}, "the pack is not checked")
        assert run().status == "checked", run().lines
        with acting_for(new):
            runs.start_import(run=run())
        worker.send(runs.WORK, new.pk)
        wait_until(lambda: run().status in {"done", "failed"}, "the pack is not imported")
        assert run().status == "done", run().lines

        def ended() -> set[tuple[int, str]]:
            with acting_for(cast.school, cast.other_school):
                return set(ScheduledRun.objects.exclude(ended_at=None).values_list("school_id", "task"))

        every = {(school.pk, task) for school in (cast.school, cast.other_school) for task in daily}
        wait_until(lambda: ended() == every, "the night does not end")
    finally:
        worker.kill()
    assert "Traceback" not in capfd.readouterr().err, "a task failed"
    assert [teacher.refused for teacher in teachers] == [0] * len(teachers), "nobody waits in vain"
    [pool] = [each for each in pooled.pooler.pools() if each["database"] == "moved"]
    assert pool["sv_active"] + pool["sv_idle"] + pool["sv_used"] <= LENT
    assert pool["cl_active"] > LENT, "each thread keeps its own connection to PgBouncer"
    assert pooled.what_is_left() == [CLEAN] * LENT
    assert_each_is_there_once_and_hers(cast, teachers)


@pytest.mark.long
def test_the_pooler_and_the_server_behind_it_fail_while_registers_are_marked(
    cast: Cast, pooled: Pooled, web: Web, teachers: list[Teacher], tmp_path: Path
) -> None:
    """Each teacher presses on; what was answered is there, what was not is whole or not at all."""
    for teacher in teachers:
        teacher.opens(web)
    is_over = False

    def lives(teacher: Teacher) -> None:
        for code in cycle("N/"):
            teacher.presses(web, code)
            if is_over:
                return

    def has_gone_on() -> bool:
        return all(len(teacher.sent) > count for teacher, count in zip(teachers, counts, strict=True))

    def presses() -> list[int]:
        return [len(teacher.sent) for teacher in teachers]

    def is_told_within(seconds: float) -> None:
        begun = time.monotonic()
        assert teachers[0].browser.get(web, "/healthz").status_code == 503
        assert time.monotonic() - begun < seconds

    with ThreadPoolExecutor(len(teachers)) as at_once:
        going = [at_once.submit(lives, teacher) for teacher in teachers]
        try:
            counts = presses()
            wait_until(has_gone_on, "nobody marks")

            pooled.pooler.kill()
            wait_until(lambda: all(teacher.refused for teacher in teachers), "nobody is told")
            is_told_within(3)
            assert_whole(cast)
            for words in (["migrate"], ["backup", tmp_path / "backups", "--recipient", backups.make_key()[0]]):
                done = _manage({**os.environ, **pooled.environment, "VAR_DIR": str(tmp_path / "var")}, *words)
                assert done.returncode == 0, "a command goes to the database itself"
            pooled.pooler.start()
            counts = presses()
            wait_until(has_gone_on, "it does not go on after PgBouncer is back")

            pooled.cluster.stop()
            is_told_within(15)  # query_wait_timeout, and a busy machine
            pooled.cluster.restart()
            connection.close()
            assert_whole(cast)
            counts = presses()
            wait_until(has_gone_on, "it does not go on after PostgreSQL is back")
        finally:
            is_over = True
        for each in going:
            each.result()
    assert pooled.what_is_left() == [CLEAN] * LENT
    assert_each_is_there_once_and_hers(cast, teachers)


def assert_whole(cast: Cast) -> None:
    """Also what nobody was answered."""
    with acting_for(cast.school, cast.other_school):
        assert {len(entry.pupils) for entry in Entry.objects.all()} == {CHILDREN}


def test_the_check_says_where_an_address_leads(pooled: Pooled, settings: Any) -> None:
    """Of each mistake one sentence."""
    pooler, server = pooled.pooler.url, databases.address()
    elsewhere, away = databases.address("postgres"), f"postgres://postgres@127.0.0.1:{a_port()}/moved"
    wait_until(lambda: checks._way(pooler) is not None, "PgBouncer does not start")
    for database, direct, told in (
        (pooler, server, []),
        (server, "", []),
        (pooler, away, []),
        (pooler, "", ["W001"]),
        (server, server, ["W002"]),
        (pooler, pooler, ["W003"]),
        (pooler, elsewhere, ["W004"]),
    ):
        settings.DATABASE_URL, settings.DIRECT_URL = database, direct
        assert [each.id for each in checks.pooler_is_named()] == [f"attendance_mis.{number}" for number in told]

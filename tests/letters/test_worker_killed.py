"""The worker is killed in the middle of a batch, its database cut off, Redis gone, the disk full: each letter exists
once. `BATCH=420 pytest tests/letters/test_worker_killed.py` does it with so many."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from letters.actions import rendering
from letters.models import Copy, StoredPdf
from letters.occasions import Occasion
from tests import databases
from tests.cluster import database_moved, folder_of_any_size, without_room
from tests.factories import ContactFactory, make_class
from tests.letters.test_letters import approve, queue
from tests.letters.worker import Worker

RENDER = "letters.tasks.render_letters"
LETTERS = int(os.environ.get("BATCH", "12"))


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    worker = Worker(tmp_path / "var", LETTER_CLAIM_SECONDS="1")
    yield worker
    worker.kill()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)  # a row of another process: there is nothing to be told by


def approved_letters(cast, number: int = LETTERS) -> None:
    """A letter with its enclosure for each child of a class, by default twelve: more than one claim takes."""
    _, children = make_class(cast.school, "5C", number)
    for child in children:
        ContactFactory(pupil=child, postcode="N1 2AB", address_1="1 Mill Lane", town="London")
    approve(cast, *(queue(cast, pupil=child, occasion=Occasion.ILLNESS) for child in children))
    assert Copy.objects.filter(status="approved").count() == number


def all_are_made() -> bool:
    return Copy.objects.filter(status="rendered").count() == LETTERS


def assert_each_once(number: int = LETTERS) -> None:
    assert StoredPdf.objects.count() == number
    assert Copy.objects.count() == number
    for pdf in StoredPdf.objects.select_related("copy"):
        assert hashlib.sha256(pdf.data).hexdigest() == pdf.sha256
        assert rendering.stored(pdf.copy).startswith(b"%PDF-1.7")
        assert rendering.stored(pdf.copy).rstrip().endswith(b"%%EOF"), "none is half"


@contextmanager
def standing_still_after_two() -> Iterator[None]:
    """Whoever stores the third PDF waits in the middle of it, so that the worker is not done before it is killed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_lock(1); "
            "CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF (SELECT count(*) FROM letters_storedpdf) >= 2 THEN PERFORM pg_advisory_lock(1); END IF; "
            "RETURN NEW; END $$; "
            "CREATE TRIGGER stand_still BEFORE INSERT ON letters_storedpdf FOR EACH ROW EXECUTE FUNCTION stand_still()"
        )
        try:
            yield
        finally:
            cursor.execute(
                "SELECT pg_advisory_unlock(1); DROP TRIGGER stand_still ON letters_storedpdf; "
                "DROP FUNCTION stand_still()"
            )


def cut_off() -> None:
    """Every connection but ours breaks, as when the database is restarted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_and_a_database_cut_off(cast, worker: Worker) -> None:
    approved_letters(cast)
    with standing_still_after_two():
        worker.start()
        worker.send(RENDER, cast.school.pk)
        databases.until_somebody_waits()
        worker.kill()
        cut_off()
    made = dict(StoredPdf.objects.values_list("copy_id", "sha256"))
    assert len(made) == 2
    assert set(Copy.objects.values_list("status", flat=True)) >= {"rendered", "rendering"}, "where it died is seen"

    time.sleep(max(0, 1.1 - _age_of_claim()))
    worker.start()
    worker.send(RENDER, cast.school.pk)
    wait_until(lambda: StoredPdf.objects.count() > len(made), "the second worker makes nothing")
    cut_off()

    def ticked() -> bool:
        Copy.objects.update(next_try_at=None)  # a minute later
        worker.send(RENDER, cast.school.pk)
        time.sleep(0.5)
        return all_are_made()

    wait_until(ticked, "not all are made")
    assert_each_once()
    assert made.items() <= dict(StoredPdf.objects.values_list("copy_id", "sha256")).items(), "no second PDF of one"


def _age_of_claim() -> float:
    claimed = Copy.objects.filter(status="rendering").values_list("claimed_at", flat=True).first()
    return (timezone.now() - claimed).total_seconds() if claimed else 2.0


class Redis:
    """A redis-server of the test's own that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        quiet = ["--save", "", "--loglevel", "warning"]
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", *quiet], cwd=self.folder
        )
        wait_until(self.answers, "redis-server does not start")

    def answers(self) -> bool:
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """With all it held, as the power would."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not on this machine")
    redis = Redis(tmp_path)
    redis.start()
    yield redis
    redis.stop()


APPROVE = """
import django; django.setup()
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from letters.actions.approving import approve_letters
school = School.objects.get(pk={school})
with acting_for(school):
    print(approve_letters(school=school, letters=[{letter}], roles=["head"], by=Actor.system("test")), "approved")
"""


@pytest.mark.django_db(transaction=True)
def test_redis_goes_with_all_it_held_and_comes_back(cast, tmp_path: Path, redis: Redis) -> None:
    approved_letters(cast)
    ContactFactory(pupil=cast.pupils[0], postcode="N1 2AB", address_1="1 Mill Lane", town="London")
    late = queue(cast, pupil=cast.pupils[0], occasion=Occasion.ILLNESS)
    worker = Worker(tmp_path / "var", REDIS_URL=redis.url, LETTER_CLAIM_SECONDS="1")
    try:
        worker.start()
        worker.send(RENDER, cast.school.pk)
        wait_until(lambda: StoredPdf.objects.count() >= 2, "the worker makes nothing")
        redis.stop()
        wait_until(all_are_made, "what is begun needs no Redis")
        approved = subprocess.run(
            [sys.executable, "-c", APPROVE.format(school=cast.school.pk, letter=late.pk)],
            cwd=settings.BASE_DIR, env=worker.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert "1 approved" in approved.stdout, approved.stderr
        assert Copy.objects.get(letter=late).status == "approved", "it stands, and waits for the tick"

        redis.start()
        worker.send(RENDER, cast.school.pk)  # the tick

        def is_made() -> bool:
            if worker.is_over():  # Celery finds its broker again, or ends where it was just taking a task: then the
                worker.start()  # service manager starts it anew
            return StoredPdf.objects.filter(copy__letter=late).exists()

        wait_until(is_made, "the worker does not come back")
    finally:
        worker.kill()
    assert_each_once(LETTERS + 1)


@contextmanager
def by_itself(folder: Path, **environment: str) -> Iterator[Worker]:
    """A worker with the clock beside it, on the database as it is now: nobody sends a task."""
    quick = {"LETTER_CLAIM_SECONDS": "1", "TICK_SECONDS": "1", "CLOCK_SENDS": "letters."}
    worker = Worker(folder / "var", **quick, **environment)
    try:
        worker.start()
        worker.start_clock()
        yield worker
    finally:
        worker.kill()


@pytest.mark.django_db(transaction=True)
def test_the_database_is_restarted_in_the_middle(cast, tmp_path: Path) -> None:
    """The server itself, at once, twice: the same worker and clock go on by themselves."""
    approved_letters(cast)
    with folder_of_any_size() as folder, database_moved(folder) as cluster, by_itself(tmp_path) as worker:
        for made in (2, LETTERS // 2):
            wait_until(lambda made=made: StoredPdf.objects.count() >= made, "the worker makes nothing")
            before = dict(StoredPdf.objects.values_list("copy_id", "sha256"))
            assert len(before) < LETTERS
            cluster.restart()
            connection.close()
            now = dict(StoredPdf.objects.values_list("copy_id", "sha256"))
            assert before.items() <= now.items(), "what was made is there"
        wait_until(all_are_made, "the letters do not go on")
        assert not worker.is_over()
        assert_each_once()
        assert before.items() <= dict(StoredPdf.objects.values_list("copy_id", "sha256")).items(), "no second of one"


@pytest.mark.parametrize("kind", ["small disk", "full device"])
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_seen_and_waited_for(cast, tmp_path: Path, kind: str) -> None:
    """A disk of a few MB that is written full; and, for machines that let nobody make one, the system's full device."""
    approved_letters(cast)
    with ExitStack() as stack:
        try:
            room = stack.enter_context(without_room(kind, "letters_storedpdf"))
        except OSError:
            pytest.skip("this machine lets nobody make a disk; the full device is what is proved")
        stack.enter_context(by_itself(tmp_path))
        wait_until(lambda: Copy.objects.filter(fault__contains="disk may be full").exists(), "nobody is told")
        told = Copy.objects.filter(fault__contains="disk may be full").first()
        assert told.status in {"approved", "rendering"}, "not given up"
        wait_until(lambda: Copy.objects.get(pk=told.pk).next_try_at != told.next_try_at, "it is not tried again")
        assert not StoredPdf.objects.exists(), "none is half"
        room.close()
        connection.close()
        wait_until(all_are_made, "the letters do not go on when there is room")
        assert_each_once()
        assert not Copy.objects.exclude(fault="").exists()

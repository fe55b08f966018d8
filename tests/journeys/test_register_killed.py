"""The web process is killed in the middle of marking: no acknowledged mark is lost, what waited is delivered after.

The server here is gunicorn in processes of its own, on the test's database; the school's clock stands at 09:05.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from attendance_mis.permissions import Role
from registers.codes import by_number
from registers.models import Entry, Mark
from tests import databases
from tests.conftest import REGISTER_TIME, TODAY
from tests.journeys.browser import saved
from tests.stage import session_of


class Gunicorn:
    """The web server as production runs it, that can be killed and started again on the same port."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": databases.address(),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "REDIS_URL": "",
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "attendance_mis.wsgi"]
        self.process = subprocess.Popen(command, env=self.environment, cwd=settings.BASE_DIR, start_new_session=True)
        deadline = time.monotonic() + 60
        while True:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):  # noqa: S310  our own address
                return
            assert time.monotonic() < deadline, "gunicorn does not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """As the power would: no process of it gets to say goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(transactional_db):
    server = Gunicorn()
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def page(cast, server, chromium):
    """The teacher's open register at 09:05."""
    cast.school.is_demo = True
    cast.school.clock_offset = REGISTER_TIME - timezone.now()
    cast.school.save()
    session = session_of(cast.people[Role.TEACHER])
    context = chromium.new_context(base_url=server.url)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
    page = context.new_page()
    page.goto(cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/"))
    expect(page.locator("button.rg-code").first).to_be_focused()
    yield page
    context.close()


def test_a_killed_server_loses_no_acknowledged_mark_and_gets_the_rest_once(page, server):

    page.keyboard.type("/n")
    saved(page)
    acknowledged = {mark.pupil_id: mark.entry_id for mark in Mark.objects.all()}
    assert len(acknowledged) == 2

    server.kill()
    page.keyboard.type("/n/")
    expect(page.locator("#state")).to_contain_text("3 marks waiting")
    server.start()
    saved(page)

    marks = {mark.pupil_id: mark for mark in Mark.objects.all()}
    assert {pupil_id: marks[pupil_id].entry_id for pupil_id in acknowledged} == acknowledged
    entries = [by_number(entry.codes[0]).letter for entry in Entry.objects.order_by("pk")]
    assert entries == ["/", "N", "/", "N", "/"]


def test_a_database_cut_off_in_the_middle_takes_the_mark_when_it_is_back(page):
    """Every connection of the server is broken while the page is open; the next save finds a new one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            "pg_backend_pid()"
        )
    page.keyboard.type("/n")
    saved(page)
    assert Mark.objects.count() == Entry.objects.count() == 2


def test_a_network_as_slow_as_can_be_loses_nothing(page):
    """Most of a second there and back, 20 kbit/s: the page does not wait for it, and says so until all is saved."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 700, "downloadThroughput": 2500, "uploadThroughput": 2500}
    network.send("Network.emulateNetworkConditions", slow)
    page.keyboard.type("/n/")
    expect(page.locator("#state")).not_to_have_text("All saved")
    saved(page)
    assert Mark.objects.count() == 3

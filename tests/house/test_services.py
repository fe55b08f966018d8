"""Each service of docker-compose.yml, run with its own command as a process: no engine is needed to prove them."""

import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from attendance_mis import audit
from attendance_mis.models import Block
from tests import databases
from tests.conftest import Cast

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]
SYSTEMD = ROOT / "docs/deploy/systemd"
GRACE = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["graceful_timeout"]
LONG_RUNNING = [name for name in SERVICES if name != "migrate"]
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", OURS)
def test_our_services_have_no_rights(name: str) -> None:
    assert SERVICES[name]["read_only"]
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    users = re.findall(r"^USER (\w+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["attendance"]


def test_every_volume_is_declared() -> None:
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_compose_sets_every_value_that_production_needs() -> None:
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"} <= set(SERVICES["web"]["environment"])
    assert all(SERVICES[name]["env_file"] == [".env"] for name in OURS), "mail, Notify, school accounts, backups"
    assert "ATTENDANCE_MIS_ENV=production" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_other_ways_to_install_run_the_same_commands(name: str) -> None:
    """systemd and Kubernetes; where beat keeps its file is each place's own."""

    def plain(command: list[str]) -> list[str]:
        command = command[1:] if command[0].endswith("/python") else command  # which would be said by the script's #!
        return [Path(command[0]).name, *(word for word in command[1:] if not word.startswith("--schedule="))]

    unit = (SYSTEMD / f"attendance-{name}.service").read_text()
    started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1].split()
    manifests = yaml.safe_load_all((ROOT / "docs/deploy/kubernetes.yaml").read_text())
    [deployment] = [
        each for each in manifests if (each["kind"], each["metadata"]["name"]) == ("Deployment", f"attendance-{name}")
    ]
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert plain(started) == plain(container["command"]) == plain(SERVICES[name]["command"])
    assert container["securityContext"]["readOnlyRootFilesystem"]


def test_a_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    """With the release here, as it is the paths that differ."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine")
    units = [*SYSTEMD.iterdir()]
    for unit in units:
        text = unit.read_text().replace("/srv/attendance/current/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text.replace("/srv/attendance/current", str(ROOT)))
    verify = ["systemd-analyze", "--man=no", "verify", *(str(tmp_path / unit.name) for unit in units)]
    done = subprocess.run(verify, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("name", "seconds"), [("web", GRACE), ("worker", settings.CELERY_TASK_TIME_LIMIT)])
def test_who_is_stopped_has_the_time_to_finish(name: str, seconds: int) -> None:
    text = (SYSTEMD / f"attendance-{name}.service").read_text()
    [unit] = re.findall(r"^TimeoutStopSec=(\d+)(min)?$", text, re.MULTILINE)
    [compose] = re.findall(r"(\d+)(m?)", SERVICES[name]["stop_grace_period"])
    for number, minutes in (unit, compose):
        assert int(number) * (60 if minutes else 1) >= seconds


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of this test's own, so that nobody else's worker takes its tasks."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not on this machine")
    port = _free_port()
    quiet = ["--save", "", "--loglevel", "warning"]
    server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", *quiet], cwd=tmp_path)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait()


@pytest.fixture(params=["files", "redis"])
def environment(request: pytest.FixtureRequest, tmp_path: Path, transactional_db: None) -> dict[str, str]:
    """What the services see: production, on the database of this test."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ATTENDANCE_MIS_ENV": "production",
        "SECRET_KEY": "long and random " * 4,
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": databases.address(),
        "REDIS_URL": request.getfixturevalue("redis_url") if request.param == "redis" else "",
        "VAR_DIR": str(tmp_path),
        "HOST": "127.0.0.1",
        "PORT": str(_free_port()),
        "WEB_CONCURRENCY": "1",
        "TICK_SECONDS": "1",
    }


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str) -> subprocess.Popen[bytes]:
        command = [word.replace("/tmp/", f"{tmp_path}/") for word in SERVICES[name]["command"]]  # noqa: S108
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _becomes_healthy(name: str, environment: dict[str, str]) -> bool:
    probe = [
        word.replace("localhost:8000", f"localhost:{environment['PORT']}")
        for word in SERVICES[name]["healthcheck"]["test"]
    ]
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if subprocess.run(probe[1:], cwd=ROOT, env=environment, capture_output=True).returncode == 0:
            return True
        time.sleep(0.5)
    return False


@pytest.mark.long
def test_the_services_run_seal_what_was_written_and_stop(start: Start, environment: dict[str, str], cast: Cast) -> None:
    """Web serves; the tick of beat goes through the broker to the worker, which seals; SIGTERM ends each in its grace.

    No eager mode, no clock of the test.
    """
    audit.record("see", school_id=cast.school.pk, by=cast.actor("head"), summary="Looked at the register.")
    assert start("migrate").wait(120) == 0
    running = [start(name) for name in ("worker", "beat", "web")]
    deadline = time.monotonic() + 120
    while not Block.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)  # a row of another process: there is nothing to be told by
    assert Block.objects.get(log="attendance_mis_auditrow", number=1).count == 1
    assert _becomes_healthy("web", environment)
    assert _becomes_healthy("worker", environment)
    for process in running:
        process.terminate()
    assert [process.wait(120) for process in running] == [0, 0, 0]


def test_a_still_clock_is_not_healthy(environment: dict[str, str]) -> None:
    probe = SERVICES["worker"]["healthcheck"]["test"][1:]
    result = subprocess.run(probe, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 1
    assert "The clock stands still" in result.stderr


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_the_servers_images_carry_what_their_health_check_calls(name: str) -> None:
    probe = SERVICES[name]["healthcheck"]["test"][1]
    if not shutil.which(probe):
        pytest.skip(f"{probe} is not on this machine")
    assert subprocess.run([probe, "--version"], capture_output=True).returncode == 0

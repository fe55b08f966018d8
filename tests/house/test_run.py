"""`make run`, for real: from an empty folder to an answering page, and nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import psutil
import pytest
import time_machine

from attendance_mis import audit
from attendance_mis import clock as clock_of
from attendance_mis.models import School
from attendance_mis.tenancy import acting_for
from registers.models import SchoolDay
from tests import factories

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: each session shuts the others' folder to all but root, and PostgreSQL never runs as root."""
    with tempfile.TemporaryDirectory(prefix="attendance-") as folder:
        yield Path(folder)


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours = {"VAR_DIR": str(folder / "var"), "PORT": str(port), "DEMO": "0", "WEB_CONCURRENCY": "1"}
    theirs = {"DATABASE_URL", "REDIS_URL", "ATTENDANCE_MIS_ENV", "DJANGO_SETTINGS_MODULE"}
    return {**{name: value for name, value in os.environ.items() if name not in theirs}, **ours}


@contextmanager
def make_run(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        [sys.executable, "bin/run.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield program
    finally:
        program.terminate()
        program.communicate(timeout=120)


def _opened(program: subprocess.Popen[str]) -> str:
    """What it prints up to the line that says where to look."""
    assert program.stdout
    seen = ""
    for line in program.stdout:
        seen += line
        if line.startswith("Open http"):
            return seen
    pytest.fail(f"it stopped:\n{seen}")


def _belonging_to(var: str) -> list[psutil.Process]:
    """Every process that was started for this folder, whoever its parent is by now."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if (
                var in " ".join(process.cmdline())
                or process.environ().get("VAR_DIR") == var
                or process.cwd().startswith(var)
            ):
                found.append(process)
    return found


def _assert_nobody_left(var: str) -> None:
    _, alive = psutil.wait_procs(_belonging_to(var), timeout=120)  # PostgreSQL gives up its data, then ends
    assert alive == []


@pytest.mark.long
def test_run_serves_leaves_nothing_behind_and_finds_its_data_again(environment: dict[str, str]) -> None:
    with make_run(environment) as program:
        assert f"http://127.0.0.1:{environment['PORT']}/" in _opened(program)
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/healthz", timeout=120) as answer:
            assert answer.read() == b"ok"
        assert len(_belonging_to(environment["VAR_DIR"])) > 3

        second = subprocess.run(
            [sys.executable, "bin/run.py"], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert second.returncode == 1
        assert "running already" in second.stderr

        program.send_signal(signal.SIGINT)
        assert program.wait(120) == 0
    _assert_nobody_left(environment["VAR_DIR"])

    def command(*words: str) -> str:
        """A command beside `make run`, on the database it made, with nothing set."""
        ours = {name: environment[name] for name in ("PATH", "VAR_DIR")}
        return subprocess.check_output([sys.executable, "manage.py", *words], cwd=ROOT, env=ours, text=True)

    command("shell", "-c", "from attendance_mis.models import Trust; Trust.objects.create(name='Kept')")
    _assert_nobody_left(environment["VAR_DIR"])

    with make_run(environment) as program:
        _opened(program)
        program.send_signal(signal.SIGTERM)
        assert program.wait(120) == 0
    _assert_nobody_left(environment["VAR_DIR"])
    assert "[ ]" not in command("showmigrations")
    assert command("shell", "-c", "from attendance_mis.models import Trust; print(Trust.objects.get())").strip()
    _assert_nobody_left(environment["VAR_DIR"])


def test_a_taken_port_is_named(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["PORT"]))):
        result = subprocess.run(
            [sys.executable, "bin/run.py"], cwd=ROOT, env=environment, capture_output=True, text=True
        )
    assert result.returncode == 1
    assert f"Port {environment['PORT']} of 127.0.0.1 cannot be had" in result.stderr


def test_a_database_that_does_not_answer_is_named(environment: dict[str, str]) -> None:
    environment |= {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}
    result = subprocess.run([sys.executable, "bin/run.py"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 1
    assert "DATABASE_URL names a database that does not answer" in result.stderr


def test_run_refuses_production(environment: dict[str, str]) -> None:
    environment |= {
        "ATTENDANCE_MIS_ENV": "production",
        "SECRET_KEY": "long and random",
        "ALLOWED_HOSTS": "attendance.example",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
    }
    result = subprocess.run([sys.executable, "bin/run.py"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 1
    assert "This is for trying things out" in result.stderr


def program(name: str) -> ModuleType:
    """One of bin/ as a module."""
    spec = spec_from_file_location(name, ROOT / "bin" / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run() -> ModuleType:
    return program("run")


def test_a_python_in_a_folder_of_one_user_is_told(tmp_path: Path) -> None:
    """A service of another user would silently take the machine's own Python, with the libraries of this one."""
    setup = program("setup")
    assert not setup.is_private(Path("/usr"))
    inner = tmp_path / "versions" / "3.11"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert setup.is_private(inner)


@pytest.mark.django_db
def test_a_demonstration_is_not_begun_anew_over_a_real_school(run: ModuleType) -> None:
    factories.SchoolFactory(is_demo=True)
    factories.SchoolFactory()
    with pytest.raises(run.CannotRun, match="there is a school in it that is no demonstration"):
        run.empty_demo()
    assert School.objects.count() == 2


@pytest.mark.django_db
def test_who_comes_back_later_hears_how_to_have_the_demonstration_up_to_today(
    run: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel("2025-03-10 12:00", tick=False) as clock:
        school = factories.SchoolFactory(is_demo=True)
        with acting_for(school):
            audit.record("load_demo", school, school_id=school.pk, by=factories.ACTOR, summary="Loaded.")
        for day in (date(2025, 3, 10), date(2025, 3, 11)):
            SchoolDay.objects.create(school=school, day=day, am=True, pm=True, half_term=4, academic_year=2024)
        run.live_on_the_last_day_of_the_demo()
        assert capsys.readouterr().out == ""
        clock.move_to("2025-03-11 12:00")
        run.live_on_the_last_day_of_the_demo()
        school.refresh_from_db()
        assert clock_of.today(school) == date(2025, 3, 10)
        said = capsys.readouterr().out
        assert "ends on Monday 10 March; there it is 08:50 on Monday 10 March now. `DEMO=afresh make run`" in said

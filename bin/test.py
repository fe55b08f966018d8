"""`make test`: everything that must hold. `bin/test.py suite` runs the tests alone,
`bin/test.py suite tests/house --pdb` some of them as pytest understands it.

PostgreSQL is DATABASE_URL's, else one from a wheel with its data in `var/test` (never the one `make run` uses).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from attendance_mis.embedded import embedded_postgres  # noqa: E402

BIN = Path(sys.executable).parent
PYTHON = sys.executable
DEVELOPMENT = {"ATTENDANCE_MIS_ENV": "development"}
PRODUCTION = {
    "ATTENDANCE_MIS_ENV": "production",
    "SECRET_KEY": "a key as long and as random as production wants it: 0123456789 abcdefghijklmnop",
    "ALLOWED_HOSTS": "attendance.example",
}
Step = tuple[str, list[str], dict[str, str]]
# One process migrates; the checks run beside it, and the suite begins on all cores.
TEMPLATE: Step = ("database", [PYTHON, "-m", "tests.databases"], {})
STEPS: list[Step] = [
    ("types", [f"{BIN}/mypy", "--no-incremental"], {}),
    ("format", [f"{BIN}/ruff", "format", "--check", "--quiet", "."], {}),
    ("lint", [f"{BIN}/ruff", "check", "--quiet", "."], {}),
    ("floors", [f"{BIN}/lint-imports", "--no-cache"], {}),
    ("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"], DEVELOPMENT),
    ("production", [PYTHON, "manage.py", "check", "--deploy", "--fail-level=WARNING"], PRODUCTION),
]


def main() -> None:
    os.chdir(ROOT)
    environ.Env.read_env(ROOT / ".env")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["CHROMIUM"] = find_chromium()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    given = os.environ.get("DATABASE_URL")
    with nullcontext() if given else embedded_postgres(ROOT / "var" / "test", durable=False):
        steps = [] if sys.argv[1:2] == ["suite"] else [TEMPLATE, *STEPS]
        with ThreadPoolExecutor(os.cpu_count()) as several:
            failed = [step[0] for step, is_well in zip(steps, several.map(passes, steps), strict=True) if not is_well]
        os.environ.setdefault("SCREENSHOTS", "0")
        processes = ["--numprocesses", str(os.cpu_count())]
        suite = [PYTHON, "-m", "pytest", "--create-db", *processes, *sys.argv[2:]]
        if subprocess.run(suite).returncode:
            failed.append("suite")
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


def passes(step: Step) -> bool:
    """Runs a check and prints how it went."""
    name, command, environment = step
    started = time.monotonic()
    result = subprocess.run(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    print(f"{name:<12}{'ok' if result.returncode == 0 else 'FAILED':<8}{time.monotonic() - started:4.1f} s", flush=True)
    if result.returncode:
        print(result.stdout.decode(), flush=True)
    return result.returncode == 0


def find_chromium() -> str:
    for name in (
        os.environ.get("CHROMIUM", ""),
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
    ):
        if name and (path := shutil.which(name)):
            return path
    sys.exit(
        "The browser journeys need Chromium: install it (Debian: apt-get install chromium-headless-shell), "
        "or set CHROMIUM to its path."
    )


if __name__ == "__main__":
    main()

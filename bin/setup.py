"""From a bare machine to a working `.venv`: `python3 bin/setup.py run|test`. Needs nothing but Python 3.11.

Does nothing, in well under a second, when nothing is to do: a stamp in `.venv` holds the fingerprint of the
requirements last installed.
"""

import compileall
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SOURCES = ("attendance_mis", "registers", "letters", "casework", "penalties", "reports")

# WeasyPrint draws letters with pango and harfbuzz. Noto draws Bengali, Arabic, Urdu, Tamil, Gujarati, Punjabi and more,
# WenQuanYi Chinese.
FONTS = ["fonts-liberation2", "fonts-noto-core", "fonts-wqy-microhei"]
# For the journeys: Chromium without a window, which takes two thirds of the processor time of the whole browser.
# PgBouncer: tests start one of their own; the one that Debian starts leads nowhere.
SYSTEM_LIBRARIES = {
    "run": ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", *FONTS],
    "test": ["chromium-headless-shell", "poppler-utils", "pgbouncer"],
}


def main(kind: str) -> None:
    if sys.version_info < (3, 11):
        sys.exit(
            f"Install Python 3.11 or newer, or name one: make PYTHON=python3.12 run (this is {sys.version.split()[0]})."
        )
    install_system_libraries(SYSTEM_LIBRARIES["run"] + (SYSTEM_LIBRARIES["test"] if kind == "test" else []))
    make_virtual_environment()
    install_requirements(kind)


def install_system_libraries(wanted: list[str]) -> None:
    """By apt as root or with sudo; elsewhere one sentence says what to install, and the set-up goes on."""
    if not shutil.which("dpkg-query"):
        if missing := [name for name in ("pango-1.0", "harfbuzz-subset") if not _library_found(name)]:
            say(f"Install Pango and HarfBuzz to print letters (missing here: {', '.join(missing)}).")
        return
    status = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${Status}\n", *wanted], capture_output=True, text=True)
    have = {line.split()[0] for line in status.stdout.splitlines() if line.endswith("install ok installed")}
    missing = [name for name in wanted if name not in have]
    if "chromium-headless-shell" in missing and any(
        map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
    ):
        missing.remove("chromium-headless-shell")
    if not missing:
        return
    by_hand = f"apt-get install {' '.join(missing)}"
    if os.geteuid() == 0:
        apt = ["apt-get"]
    elif shutil.which("sudo") and (sys.stdin.isatty() or _quietly("sudo", "-n", "true")):
        apt = ["sudo", "apt-get"]
    else:
        say(f"Ask somebody who may to run: {by_hand}")
        return
    say(f"Installing {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*apt, "install", "-y", "-q", "--no-install-recommends", *missing]
    if subprocess.run(install, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
        return
    subprocess.run([*apt, "update", "-q"], env=environment, stdout=subprocess.DEVNULL)  # a bare image has no lists yet
    if subprocess.run(install, env=environment).returncode:
        say(f"That failed; see above, then run: {by_hand}")


def make_virtual_environment() -> None:
    if PYTHON.exists() and _quietly(PYTHON, "-c", "import pip"):
        return
    say(f"Making a virtual environment with Python {sys.version.split()[0]}")
    if is_private(Path(sys.base_prefix)):
        say(f"{sys.base_prefix} is not for everybody: services of another user need make PYTHON=/usr/bin/python3")
    try:
        import ensurepip  # noqa: F401  Debian packs it apart
    except ImportError:
        install_system_libraries(["python3-venv"])
    venv.create(VENV, with_pip=True, clear=VENV.exists())


def is_private(folder: Path) -> bool:
    """Whether some users cannot reach it: their Python would look for its library elsewhere, and find another one."""
    return any(not each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))


def install_requirements(kind: str) -> None:
    """Exactly the pinned files, each checked against its hash."""
    pinned = ROOT / "requirements" / f"{kind}.txt"
    fingerprint = hashlib.sha256(pinned.read_bytes()).hexdigest()
    stamp = VENV / f".{kind}-requirements"
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    say(f"Installing {pinned.relative_to(ROOT)}")
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-deps",
        "--no-input",
        "-qq",
        "-r",
        pinned,
    ]
    if subprocess.run(pip).returncode:
        sys.exit("The requirements could not be installed: see pip's message above, then try again.")
    # Without bytecode every start costs seconds, and some machines forbid Python to write it by itself.
    subprocess.run([PYTHON, "-m", "compileall", "-q", "-j", "0", *_site_packages()], check=False)
    for source in SOURCES:
        compileall.compile_dir(ROOT / source, quiet=2)
    stamp.write_text(fingerprint)


def say(sentence: str) -> None:
    print(sentence, flush=True)


def _site_packages() -> list[Path]:
    return list(VENV.glob("lib/python*/site-packages"))


def _library_found(name: str) -> bool:
    from ctypes.util import find_library  # slow, and only wanted off Debian

    return find_library(name) is not None


def _quietly(*command: object) -> bool:
    return subprocess.run([*map(str, command)], capture_output=True).returncode == 0


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")

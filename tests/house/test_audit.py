"""The audit of the pinned libraries, by the real pip-audit against a service of advisories on the loopback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
HOLE = {
    "id": "OSV-0000-1",
    "schema_version": "1.0.0",
    "summary": "Anybody may read anything.",
    "affected": [
        {
            "package": {"name": "django", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}],
        }
    ],
}


@contextmanager
def advisories(*, known: bool = False, answers: int = 200) -> Iterator[str]:
    """A service that knows a hole of Django, or none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            has_hole = known and asked["package"]["name"] == "django"
            told = json.dumps({"vulns": [HOLE]} if has_hole else {}).encode()
            self.send_response(answers)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *args: object) -> None:
            """Nothing to tell."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def audit(service: str, *options: str) -> tuple[int, str]:
    command = [sys.executable, "bin/audit.py", *options, "--vulnerability-service", "osv", "--osv-url", service]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_known_hole_fails_and_says_what_mends_it() -> None:
    with advisories(known=True) as service:
        code, said = audit(service)
    assert code == 1
    assert said.startswith("django ")
    assert said.strip().endswith(": OSV-0000-1, mended in 99.1")


def test_every_pinned_library_is_asked_about() -> None:
    lines = (ROOT / "requirements" / "run.txt").read_text().splitlines()
    pinned = [Requirement(line.rstrip(" \\")) for line in lines if line[0].isalnum()]
    here = [each for each in pinned if each.marker is None or each.marker.evaluate()]
    with advisories() as service:
        code, said = audit(service, "--answered")
    assert code == 0
    assert said == f"{len(here)} libraries asked about: no hole is known.\n"


def test_an_audit_that_nobody_answered_never_looks_like_one_that_found_nothing() -> None:
    with advisories(answers=503) as service:
        assert audit(service) == (0, "NOT AUDITED: nobody answered about any library.\n")
        assert audit(service, "--answered")[0] == 2

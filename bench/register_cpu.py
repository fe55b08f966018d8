"""What a view of the register page and its save cost in processor time, whatever else the machine does.

    .venv/bin/python -m bench.register_cpu [--requests 300] [--profile]

In one process, through the whole stack of middleware, with the settings of bench.register: the milliseconds of this
process, the queries, and with --profile where the time goes. What the database and the server around it use is not
in it: that is what bench.register is for.
"""

import argparse
import cProfile
import io
import json
import pstats
import re
import statistics
import time
import uuid
from typing import Any

from bench.register import CLIENTS, prepare, scratch_database, use_scratch_database


class Teacher:
    """One browser, without a network between it and the application."""

    def __init__(self, application: Any, session: str, path: str, pupils: list[int]) -> None:
        self.application, self.path, self.token = application, path, ""
        self.cookie = f"sessionid={session}"
        self.versions, self.code = dict.fromkeys(pupils, 0), "N"
        page, headers = self.ask("GET", path)
        self.token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()
        self.cookie += "; csrftoken=" + re.search(r"csrftoken=([^;]+)", headers)[1]
        for pupil, version in re.findall(rb'data-pupil="(\d+)" data-version="(\d+)"', page):
            self.versions[int(pupil)] = int(version)

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[bytes, str]:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SCRIPT_NAME": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8765",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8765",
            "HTTP_COOKIE": self.cookie,
            "HTTP_X_CSRFTOKEN": self.token,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.version": (1, 0),
        }
        said: list[Any] = []
        answer = self.application(environ, lambda status, headers, exc_info=None: said.extend((status, headers)))
        text = b"".join(answer)
        answer.close()
        if not said[0].startswith("200"):
            raise RuntimeError(f"{method} {path}: {said[0]} {text[:300]!r}")
        return text, "; ".join(value for name, value in said[1] if name == "Set-Cookie")

    def open_page(self) -> None:
        self.ask("GET", self.path)

    def save(self) -> None:
        self.code = "N" if self.code == "/" else "/"  # each save changes every mark
        marks = [{"pupil": p, "code": self.code, "version": v} for p, v in self.versions.items()]
        text, _ = self.ask("POST", f"{self.path}save/", json.dumps({"key": str(uuid.uuid4()), "marks": marks}).encode())
        for answer in json.loads(text)["answers"]:
            if answer["outcome"] != "taken" or answer["version"] == self.versions[answer["pupil"]]:
                raise RuntimeError(text[:300])
            self.versions[answer["pupil"]] = answer["version"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    use_scratch_database()
    with scratch_database():
        facts = prepare(CLIENTS)
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from attendance_mis.wsgi import application

        teachers = [Teacher(application, **each) for each in facts]
        for act in (Teacher.open_page, Teacher.save):
            for n in range(50):
                act(teachers[n % len(teachers)])
            took = []
            for n in range(options.requests):
                start = time.process_time()
                act(teachers[n % len(teachers)])
                took.append(1000 * (time.process_time() - start))
            with CaptureQueriesContext(connection) as captured:
                act(teachers[0])
            queries = [query["sql"] for query in captured]
            print(f"{act.__name__}: median {statistics.median(took):.2f} ms of processor, {len(queries)} queries")
            if options.profile:
                profile = cProfile.Profile(time.process_time)
                profile.enable()
                for n in range(options.requests):
                    act(teachers[n % len(teachers)])
                profile.disable()
                for key in ("cumtime", "tottime"):
                    pstats.Stats(profile).sort_stats(key).print_stats(110)
                for query in queries:
                    print(query.strip()[:300].replace("\n", " "))
        connection.close()


if __name__ == "__main__":
    main()

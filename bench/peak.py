"""Nine o'clock: classes open their registers, mark thirty children and send, at a rising rate, until answers get slow.

    .venv/bin/python -m bench.peak [--rates 4,8,12] [--seconds 20] [--ready FILE] [--lent 8]

Makes a scratch database of a trust on the server of DATABASE_URL (default: 127.0.0.1), starts gunicorn as production
does, and lets classes begin evenly at each rate (classes a second), whatever becomes of those before: a morning does
not wait. One class is what the page does in a minute: it opens the register, says "all present" (27 marks), marks three
exceptions one by one, asks every four seconds what others entered, and sends. Server, database and clients share the
machine. All traffic stays on 127.0.0.1. With --ready the first run makes the trust and ends, and the next, within half
an hour, measures: only that wants an idle machine. With --lent all is measured once more through a PgBouncer that
lends so many connections (docs/deploy/pgbouncer.ini).
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.register import PORT, Spent, prepare, scratch_database, use_scratch_database, web_server

MINUTE, EVERY = 60, 4
Took = dict[str, list[float]]


class Class:
    """One teacher's browser for a minute. Every answer's time goes into `took` by what was asked."""

    def __init__(self, took: Took, session: str, path: str, pupils: list[int]) -> None:
        self.took, self.path, self.pupils = took, path, pupils
        self.cookie, self.token, self.since = f"sessionid={session}", "", 0
        self.versions = dict.fromkeys(pupils, 0)

    async def live(self) -> None:
        """What the page does in its minute."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", PORT, limit=2**20)
        try:
            page, headers = await self.ask("open the page", "GET", self.path)
            self.token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1].decode()
            self.cookie += "; csrftoken=" + re.search(rb"csrftoken=([^;]+)", headers)[1].decode()
            for pupil, version in re.findall(rb'data-pupil="(\d+)" data-version="(\d+)"', page):
                self.versions[int(pupil)] = int(version)
            absent = self.pupils[:3]
            steps = [("all present", self.pupils[3:], "/"), *(("one mark", [pupil], "N") for pupil in absent)]
            for beat in range(MINUTE // EVERY):
                await asyncio.sleep(EVERY)
                if beat < len(steps):
                    await self.save(*steps[beat])
                await self.ask("what others entered", "GET", f"{self.path}changes/?since={max(self.versions.values())}")
                if beat == len(steps):
                    await self.ask("send", "POST", f"{self.path}send/", b"blanks=", form=True)
        finally:
            self.writer.close()

    async def save(self, what: str, pupils: list[int], code: str) -> None:
        marks = [{"pupil": p, "code": code, "version": self.versions[p]} for p in pupils]
        body = json.dumps({"key": str(uuid.uuid4()), "marks": marks}).encode()
        text, _ = await self.ask(what, "POST", f"{self.path}save/", body)
        for answer in json.loads(text)["answers"]:
            if answer["outcome"] != "taken":
                raise RuntimeError(f"{what}: {text[:300]!r}")
            self.versions[answer["pupil"]] = answer["version"]

    async def ask(
        self, what: str, method: str, path: str, body: bytes = b"", *, form: bool = False
    ) -> tuple[bytes, bytes]:
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        sent = f"Content-Type: {kind}\r\nX-CSRFToken: {self.token}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: {self.cookie}\r\n{sent}"
        start = time.perf_counter()
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        headers = await self.reader.readuntil(b"\r\n\r\n")
        answer = await self.reader.readexactly(int(re.search(rb"(?i)\r\nContent-Length: (\d+)", headers)[1]))
        self.took[what].append(time.perf_counter() - start)
        if not headers.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{what}: {headers + answer[:600]!r}")
        return answer, headers


async def morning(classes: list[dict[str, Any]], rate: float) -> tuple[Took, int]:
    """Begin a class every 1/rate seconds; answers what each request took, and how many classes did not get through."""
    took: Took = defaultdict(list)
    begun = []
    start = time.perf_counter()
    for n, facts in enumerate(classes):
        await asyncio.sleep(max(0, start + n / rate - time.perf_counter()))
        begun.append(asyncio.create_task(Class(took, **facts).live()))
    ended = await asyncio.gather(*begun, return_exceptions=True)
    faults = [fault for fault in ended if isinstance(fault, BaseException)]
    if faults:
        print(f"  {len(faults)} classes failed, the first: {faults[0]!r}"[:400])
    return took, len(faults)


def report(rate: float, seconds: float, took: Took, spent: Spent, failed: int) -> None:
    """A line for each kind of request."""
    every = [each for times in took.values() for each in times]
    print(f"{rate:g} classes a second for {seconds:g} s: {len(every):,} requests, {failed} classes failed")
    print(f"  each request on average: {spent.each(len(every))}")
    for what, times in took.items():
        slow = f"median {_ms(times, 50):4.0f} ms  p95 {_ms(times, 95):4.0f} ms  worst {1000 * max(times):5.0f} ms"
        print(f"  {what:<20}{len(times):>7,}  {slow}")
    print(f"  {'all of them':<20}{len(every):>7,}  median {_ms(every, 50):4.0f} ms  p95 {_ms(every, 95):4.0f} ms")


def _ms(times: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(times, n=100)[percent - 1] if len(times) > 1 else 1000 * times[0]


@contextmanager
def way_to_the_database(lent: int) -> Iterator[int | None]:
    """The environment of what is started in the block: through a PgBouncer, whose process is answered, or directly."""
    if not lent:
        yield None
        return
    from tests.pooler import pooler_before

    direct = os.environ["DATABASE_URL"]
    print(f"Through a PgBouncer that lends {lent}:")
    with pooler_before(direct, lent) as pooler:
        os.environ |= {"DATABASE_URL": pooler.url, "DIRECT_URL": direct}
        try:
            yield pooler.process.pid
        finally:
            os.environ["DATABASE_URL"] = direct
            del os.environ["DIRECT_URL"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", default="4,8,12", help="classes a second, one after the other")
    parser.add_argument("--seconds", type=float, default=20, help="how long classes begin at each rate")
    parser.add_argument("--ready", type=Path, help="where the classes are written down between the two runs")
    parser.add_argument("--lent", type=int, default=0, help="connections that a PgBouncer between lends")
    options = parser.parse_args()
    rates = [float(rate) for rate in options.rates.split(",")]
    ways = [0, options.lent] if options.lent else [0]
    use_scratch_database()
    stands = bool(options.ready and options.ready.exists())
    stays = bool(options.ready and not stands)
    with scratch_database(stands=stands, stays=stays):
        if stands:
            classes = json.loads(options.ready.read_text())
            options.ready.unlink()
        else:
            classes = prepare(sum(round(rate * options.seconds) for rate in rates * len(ways)))
        if stays:
            options.ready.write_text(json.dumps(classes))
            return
        for lent in ways:
            with way_to_the_database(lent) as pooler, web_server() as server:
                for rate in rates:
                    now, classes = classes[: round(rate * options.seconds)], classes[round(rate * options.seconds) :]
                    spent = Spent(server, pooler)
                    took, failed = asyncio.run(morning(now, rate))
                    report(rate, options.seconds, took, spent, failed)


if __name__ == "__main__":
    main()

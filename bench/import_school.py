"""How fast a large school is imported, beside COPY of the same marks: `python bench/import_school.py [PUPILS YEARS]`.

Makes a secondary school (1,500 pupils, ten years, 5.7 million marks) as a school pack in a temporary folder and a
database of its own, imports it with every check, imports it again, and says marks a second and the peak memory.
"""

import os
import random
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("ATTENDANCE_MIS_ENV", "development")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402

from attendance_mis.actors import Actor  # noqa: E402
from attendance_mis.models import School  # noqa: E402
from attendance_mis.tenancy import acting_for  # noqa: E402
from registers.actions import importing  # noqa: E402
from registers.sums import sums  # noqa: E402
from registers.upn import make_upn  # noqa: E402

FIRST_YEAR = 2015
HALF_TERMS = [(9, 4, 38), (11, 2, 37), (1, 5, 30), (2, 18, 30), (4, 15, 25), (6, 2, 30)]  # month, day, school days
TOML = Path(__file__).with_name("school.toml")


def half_terms(year: int) -> Iterator[tuple[date, date]]:
    """The half-terms of an academic year: 190 school days."""
    for month, day, length in HALF_TERMS:
        start = date(year + (month < 8), month, day)
        days = [start + timedelta(n) for n in range(60) if (start + timedelta(n)).weekday() < 5]
        yield days[0], days[length - 1]


def write_pack(folder: Path, pupils: int, years: int) -> int:
    """Write the pack; returns the number of marks. A seventh of the school leaves each year and as many come."""
    chance = random.Random(7)
    (folder / "school.toml").write_text(TOML.read_text())
    calendar = [
        (number, span)
        for year in range(FIRST_YEAR, FIRST_YEAR + years)
        for number, span in enumerate(half_terms(year), 1)
    ]
    lines = [f"{start},{end},HT{number}," for number, (start, end) in calendar]
    (folder / "calendar.csv").write_text("\n".join(["start,end,kind,label", *lines, ""]))
    days = [
        start + timedelta(n)
        for _, (start, end) in calendar
        for n in range((end - start).days + 1)
        if (start + timedelta(n)).weekday() < 5
    ]
    joined = [(FIRST_YEAR - n % 7, n) for n in range(pupils)]
    joined += [(year, n) for year in range(FIRST_YEAR + 1, FIRST_YEAR + years) for n in range(pupils // 7)]
    rows = sorted((make_upn(201, 1000 + n // 999, year % 100, n % 999), year, n) for year, n in joined)
    marks = 0
    with (
        (folder / "pupils.csv").open("w") as people,
        (folder / "contacts.csv").open("w") as contacts,
        (folder / "marks.csv").open("w") as register,
    ):
        people.write(
            "upn,legal_surname,legal_forename,date_of_birth,sex,year_group,class_name,admission_date,leaving_date\n"
        )
        contacts.write("upn,priority,surname,mobile\n")
        register.write("upn,date,session,code,minutes_late,note\n")
        for upn, year, n in rows:
            first, last = date(max(year, FIRST_YEAR), 9, 1), date(year + 7, 7, 31)
            left = last if last <= days[-1] else ""
            form = f"{min(FIRST_YEAR + years - 1 - year, 6) + 7}"
            people.write(
                f"{upn},Family{n},Given{n},{year - 11}-01-15,F,{form},{form}{'ABCDEF'[n % 6]},{first},{left}\n"
            )
            contacts.write(f"{upn},1,Family{n},07700 900123\n")
            for day in days:
                if first <= day <= last:
                    register.write(f"{upn},{day},AM,{_code(chance, '/')}\n{upn},{day},PM,{_code(chance, chr(92))}\n")
                    marks += 2
    return marks


def _code(chance: random.Random, present: str) -> str:
    found = chance.random()
    if found < 0.92:
        return f"{present},,"
    return "I,," if found < 0.95 else "L,7," if found < 0.97 else "O,," if found < 0.99 else "M,,dentist"


def timed(what: str, rows: int, work: Callable[[], object]) -> float:
    """Run it; print rows a second and the peak memory, here and in the database server; return seconds of processor.

    On a machine that does other things the processor's seconds say more than the clock's.
    """
    watch = _Watch()
    started, busy = time.perf_counter(), time.process_time() + watch.busy()
    try:
        work()
    except importing.PackRefused as refused:
        raise SystemExit("\n".join(map(str, refused.faults.shown))) from None
    seconds, busy = time.perf_counter() - started, time.process_time() + watch.busy() - busy
    server = watch.stop()
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{what:<36}{seconds:8.1f} s ({busy:6.1f} s of processor) {rows / seconds:11,.0f} marks/s   "
        f"{here:4} MB here, {server:4} MB in PostgreSQL",
        flush=True,
    )
    return busy


class _Watch(threading.Thread):
    """Looks at the private memory of the connection's server process, where it runs on this machine."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (self.pid,) = cursor.fetchone()
        self.peak, self._over = 0, threading.Event()
        self.start()

    def busy(self) -> float:
        """Seconds of processor of the server process."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def run(self) -> None:
        path = Path(f"/proc/{self.pid}/status")
        while not self._over.wait(0.2) and path.exists():
            found = [line.split()[1] for line in path.read_text().splitlines() if line.startswith("RssAnon")]
            self.peak = max(self.peak, *map(int, found), 0)

    def stop(self) -> int:
        self._over.set()
        self.join()
        return self.peak // 1024


def plain_copy(folder: Path) -> None:
    """COPY of the same rows as numbers into a table of the same columns and key: no check, no log."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS plain; CREATE TABLE plain (LIKE registers_mark INCLUDING INDEXES)")
        cursor.execute(
            "COPY (SELECT school_id, pupil_id, day, session, code, entry_id, minutes_late, note FROM registers_mark) "
            f"TO '{folder}/plain'"
        )
        columns = "school_id, pupil_id, day, session, code, entry_id, minutes_late, note"
        with (folder / "plain").open("rb") as file, cursor.copy(f"COPY plain ({columns}) FROM STDIN") as copy:
            while block := file.read(1 << 20):
                copy.write(block)


def main(pupils: int = 1500, years: int = 10) -> None:
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    by = Actor.system("bench")
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            folder.chmod(0o777)
            marks = write_pack(folder, pupils, years)
            size = (folder / "marks.csv").stat().st_size / 1e6
            print(f"{pupils:,} pupils, {years} years, {marks:,} marks ({size:.0f} MB), database {name}")
            once = timed("import_school, every check", marks, lambda: importing.import_pack(folder, by=by))
            school = School.objects.get()
            copied = timed("plain COPY of the same marks", marks, lambda: plain_copy(folder))
            timed("import_school again, nothing new", marks, lambda: importing.import_pack(folder, by=by))
            with acting_for(school):
                timed("attendance_summary of all years", marks, lambda: sums(date(FIRST_YEAR, 8, 1), date(2025, 7, 31)))
                timed(
                    "attendance_summary of one year", marks // years, lambda: sums(date(2023, 8, 1), date(2024, 7, 31))
                )
            print(f"import_school takes {once / copied:.1f} times the processor of plain COPY with the same key")
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

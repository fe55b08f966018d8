"""How many letters a second? 420 one-page letters with the attendance summary enclosed, by 1 and 2 real workers.

    .venv/bin/python -m bench.letters [--letters 420] [--workers 1 2] [--plain 60]

Makes a scratch database beside DATABASE_URL (default: the server on 127.0.0.1) with approved letters of one school that
has a logo and a scanned signature, starts real Celery workers, and takes the time from the task to the last PDF in the
database: claims, drawing, storing. Beside it the floor, the plainest WeasyPrint loop on the same HTML (fonts, style
sheets and pictures anew for each letter, nothing stored), and as a faster engine fpdf2 with the same words and rows,
untagged and without shaping (where it is installed: pip install fpdf2). Memory is the kernel's high-water mark of the
worker; "at 100" is what it held after a hundred letters.
"""

import argparse
import importlib.util
import os
import tempfile
import time
from base64 import b64encode
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import psycopg

SERVER = os.environ.get("DATABASE_URL", "postgres://root@127.0.0.1:5432/postgres").rsplit("/", 1)[0]
NAME = "attendance_bench_letters"
DAY = date(2025, 1, 6)
WARM = 4


def enclosure(number: int) -> str:
    """Thirteen days away, in four spells of illness and three days without a reason, as the product draws them."""
    from django.template.loader import render_to_string

    from registers.attendance import Summary
    from registers.codes import code_for
    from registers.enclosure import AttendanceEnclosure, Away, Part

    ill, unknown = code_for("I", DAY), code_for("O", DAY)
    days = [DAY + timedelta(days=each + each // 5 * 2) for each in range(20)]
    spells = {**dict.fromkeys([0, 1, 2, 7, 8, 9, 10, 14, 15, 16], ill), **dict.fromkeys([4, 12, 19], unknown)}
    away = tuple(Away(days[each], code, code) for each, code in sorted(spells.items()))
    sums = Summary(possible=226, attended=200, authorised=20, unauthorised=6)
    parts = tuple(Part(f"Half-term {n}", DAY, DAY, sums) for n in (1, 2, 3))
    of = AttendanceEnclosure(
        number, f"Amina Begum {number}", "3A", "Example Primary School", date(2024, 9, 4), DAY, sums, parts, away, (),
        (ill, unknown),
    )  # fmt: skip
    return render_to_string("registers/_attendance_summary.html", {"of": of})


def picture(width: int, height: int, strokes: int) -> bytes:
    """A logo (few broad strokes) or a signature (many fine ones) as schools upload them: PNG, on nothing."""
    from PIL import Image, ImageDraw

    drawn = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((0, 0, height - 1, height - 1), fill=(18, 89, 107, 255))
    points = [(height + n * (width - height) // strokes, height // 2 * (1 + n * 7 % 3 - n % 2)) for n in range(strokes)]
    pen.line(points, fill=(18, 89, 107, 255), width=max(4, 60 // strokes), joint="curve")
    out = BytesIO()
    drawn.save(out, "PNG")
    return out.getvalue()


def fill(letters: int) -> int:
    """A school with so many approved letters, one copy each; its id. Copies wait, but the first few."""
    from uuid import uuid4

    from django.utils import timezone

    from attendance_mis.tenancy import acting_for
    from letters.actions.templates import newest_version, template_for
    from letters.fields import samples_of
    from letters.models import Copy, Letter, Letterhead
    from letters.occasions import Occasion
    from tests.factories import PupilFactory, SchoolFactory

    school = SchoolFactory(name="Example Primary School")
    with acting_for(school):
        Letterhead.objects.create(
            school=school, signatory="Daniel Patel", logo=picture(1200, 360, 6), signature=picture(900, 240, 24)
        )
        template = template_for(school, Occasion.CONCERN)
        now, pupil = timezone.now(), PupilFactory(school=school)
        values = {**samples_of(Occasion.CONCERN), "salutations": {}}
        rows = Letter.objects.bulk_create(
            Letter(
                school=school, pupil=pupil, template=template, occasion="concern", why="Bench", queued_at=now,
                queued_by_name="Bench", state="approved", decided_at=now, version=newest_version(template), dated=DAY,
                values={**values, "forename": f"Amina {number}"}, enclosure=enclosure(number),
            )
            for number in range(letters + WARM)
        )  # fmt: skip
        Copy.objects.bulk_create(
            Copy(
                school=school, letter=row, addressee="Ms Nadia Begum", reference=uuid4(),
                address=["Ms Nadia Begum", f"{number} Mill Lane", "London", "N1 2AB"],
                status="approved" if number < WARM else "cancelled",
            )
            for number, row in enumerate(rows)
        )  # fmt: skip
    return school.pk


def by_workers(school: int, workers: int) -> None:
    """Time so many workers; takes back what they made, so that the next may make it again."""
    from django.db import connection

    from attendance_mis.tenancy import acting_for
    from letters.models import Copy, StoredPdf
    from tests.letters.worker import Worker

    def wait(status: str, count: int) -> None:
        while Copy.objects.filter(status=status).count() < count:
            time.sleep(0.05)

    with tempfile.TemporaryDirectory() as folder, acting_for(school):
        started = [Worker(Path(folder) / str(n)) for n in range(workers)]
        try:
            for worker in started:  # each makes the first few: it is up, and everything is imported
                worker.start()
                Copy.objects.filter(status="rendered").update(status="cancelled")
                with connection.cursor() as cursor:
                    cursor.execute("SET session_replication_role = replica; DELETE FROM letters_storedpdf; "
                                   "SET session_replication_role = DEFAULT")  # fmt: skip
                first = Copy.objects.order_by("pk").values_list("pk", flat=True)[:WARM]
                Copy.objects.filter(pk__in=list(first)).update(status="approved")
                worker.send("letters.tasks.render_letters", school)
                wait("rendered", WARM)
            due = Copy.objects.filter(status="cancelled").update(status="approved", attempts=0)
            before, start = sum(map(processor, started)), time.perf_counter()
            for worker in started:
                worker.send("letters.tasks.render_letters", school)
            wait("rendered", min(100, due))
            early = max(memory(worker, "VmRSS") for worker in started)
            wait("rendered", due + WARM)
            seconds, used = time.perf_counter() - start, sum(map(processor, started)) - before
            sizes = list(StoredPdf.objects.values_list("size", flat=True))
            how = f"{'our workers':22}{workers} process{'es' if workers > 1 else '  '}"
            print(
                f"{how} {due} letters in {seconds:5.1f} s: "
                f"{due / seconds:5.1f} a second, {1000 * used / due:3.0f} ms of processor each, peak "
                f"{max(memory(worker, 'VmHWM') for worker in started)} MB ({early} MB at 100), "
                f"{sum(sizes) // len(sizes)} bytes a letter",
                flush=True,
            )
        finally:
            for worker in started:
                worker.kill()


def memory(worker, name: str) -> int:
    """Of a worker's process, in MB."""
    status = Path(f"/proc/{worker.process.pid}/status").read_text(encoding="utf-8")
    return int(status.split(f"{name}:")[1].split()[0]) // 1024


def processor(worker) -> float:
    """Seconds of processor that a worker has used."""
    used = Path(f"/proc/{worker.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


def plain(rows: list[str]) -> tuple[int, int]:
    """The plainest loop: bytes made, and the peak memory of the process in MB."""
    import resource

    import django

    django.setup()
    from django.conf import settings
    from weasyprint import CSS, HTML

    from letters.drawing import STYLES

    size = 0
    for html in rows:
        sheets = [CSS(filename=settings.BASE_DIR / "static" / style) for style in STYLES]
        document = HTML(string=html)
        size += len(document.write_pdf(stylesheets=sheets, pdf_variant="pdf/ua-1"))
    return size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def other(rows: list[list[str]]) -> tuple[int, int]:
    """The same words and rows by fpdf2: every paragraph and every cell, no tags, no shaping."""
    import resource

    from fpdf import FPDF

    font = "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf"
    size = 0
    for lines in rows:
        pdf = FPDF(format="A4")
        pdf.add_font("Sans", fname=font)
        pdf.set_font("Sans", size=11)
        pdf.add_page()
        for line in lines:
            if line == "\f":
                pdf.add_page()
            elif "\t" in line:
                cells = line.split("\t")
                for cell in cells:
                    pdf.cell(180 / len(cells), 6, cell)
                pdf.ln()
            elif line.strip():
                pdf.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
        size += len(pdf.output())
    return size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def floor(school: int, letters: int) -> None:
    """The loop without us, and the faster engine, each in a process of its own."""
    import re

    from attendance_mis.models import School
    from attendance_mis.tenancy import acting_for
    from letters import drawing
    from letters.models import Copy, Letterhead
    from letters.occasions import Occasion

    with acting_for(school):
        head, of = Letterhead.objects.get(), School.objects.get(pk=school)
        pictures = {f"ours:{name}": b64encode(bytes(getattr(head, name))).decode() for name in ("logo", "signature")}
        drawn = []
        for copy in Copy.objects.select_related("letter__version").order_by("pk")[:letters]:
            values = {**copy.letter.values, "salutation": copy.addressee}
            pages = drawing.words(copy.letter.version, Occasion.CONCERN, values)
            html = drawing.html_of(
                of, head, pages=pages, address=copy.address, dated=DAY, reference="1", enclosure=copy.letter.enclosure
            )
            for address, data in pictures.items():
                html = html.replace(address, f"data:image/png;base64,{data}")
            drawn.append(html)
    words = []
    for html in drawn:
        text = re.sub(r"</t[dh]>\s*<t[dh][^>]*>", "\t", html.replace('<div class="lt-enclosure"', "\n\f\n<div"))
        words.append(re.sub(r"<[^>]+>", "", text.partition("<body>")[2]).replace("&#x27;", "'").split("\n"))
    runs = [("plain WeasyPrint loop", plain, drawn)]
    if importlib.util.find_spec("fpdf"):
        runs.append(("fpdf2, a reference", other, words))
    for name, run, rows in runs:
        with ProcessPoolExecutor(1) as pool:
            pool.submit(run, rows[:2]).result()
            start = time.perf_counter()
            size, peak = pool.submit(run, rows).result()
            seconds = time.perf_counter() - start
        print(
            f"{name:22}1 process   {len(rows)} letters in {seconds:5.1f} s: {len(rows) / seconds:5.1f} a second, "
            f"peak {peak} MB, {size // len(rows)} bytes a letter",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--letters", type=int, default=420)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--plain", type=int, default=60)
    options = parser.parse_args()
    admin = psycopg.connect(f"{SERVER}/postgres", autocommit=True)
    admin.execute(f"DROP DATABASE IF EXISTS {NAME}")
    admin.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = f"{SERVER}/{NAME}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    try:
        call_command("migrate", verbosity=0)
        school = fill(options.letters)
        for workers in options.workers:
            by_workers(school, workers)
        if options.plain:
            floor(school, options.plain)
    finally:
        connections.close_all()
        admin.execute(f"DROP DATABASE {NAME}")


if __name__ == "__main__":
    main()

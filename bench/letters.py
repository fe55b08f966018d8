"""How many letters a second? 420 one-page letters with the attendance summary enclosed, by 1 and 2 worker processes.

    .venv/bin/python -m bench.letters [--letters 420]

Draws and measures only: the database's part (a claim, an insert) is a few milliseconds a letter and is proved by the
tests. Beside it the plainest WeasyPrint loop on the same HTML: fonts, style sheets and pictures anew for each letter.
"""

import argparse
import gc
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta

os.environ.setdefault("ATTENDANCE_MIS_ENV", "development")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attendance_mis.settings")


def html_of(number: int) -> str:
    from django.template.loader import render_to_string
    from django.utils.safestring import mark_safe

    from attendance_mis.models import School
    from letters import drawing, markup
    from letters.fields import fields_of, samples_of
    from letters.occasions import Occasion
    from letters.starters import starter_of
    from registers.attendance import Summary
    from registers.codes import code_for
    from registers.enclosure import AttendanceEnclosure, Away, Part

    occasion = Occasion.CONCERN
    values = {**samples_of(occasion), "forename": f"Amina {number}"}
    starter, fields = starter_of(occasion), fields_of(occasion)
    subject, body = (markup.parse(text, fields) for text in (starter.subject, starter.body))
    page = drawing.Page(
        "en-GB", "ltr", markup.as_plain(subject, values).strip(), mark_safe(markup.as_html(body, values))
    )
    first = date(2025, 1, 6)
    ill = code_for("I", first)
    away = tuple(Away(first + timedelta(days=day), ill, ill if day % 2 else None) for day in range(13))
    sums = Summary(possible=226, attended=200, authorised=26)
    enclosure = AttendanceEnclosure(
        number, "Amina Begum", "3A", "Example Primary School", date(2024, 9, 4), first, sums,
        (Part("Half-term 1", first, first, sums), Part("Half-term 2", first, first, sums)), away, (), (ill,),
    )  # fmt: skip
    school = School(name="Example Primary School", address=["1 Example Road", "London"], postcode="N1 1AA")
    drawn = render_to_string("registers/_attendance_summary.html", {"of": enclosure})
    address = ["Ms Nadia Begum", f"{number} Mill Lane", "London", "N1 2AB"]
    return drawing.html_of(
        school, None, pages=[page], address=address, dated=first, reference=str(number), enclosure=drawn
    )


def ours(numbers: range) -> tuple[int, int, int, float]:
    """Letters made, their bytes, the peak memory of this process in MB, and its growth since the 40th letter."""
    import django

    django.setup()
    from letters.drawing import pdf_of

    size, base = 0, 0.0
    for done, number in enumerate(numbers):
        size += len(pdf_of(html_of(number), None))
        if done % 10 == 9:
            gc.collect()
        if done == 39:
            base = _peak()
    return len(numbers), size, int(_peak()), _peak() - base if base else 0.0


def plain(numbers: range) -> tuple[int, int, int, float]:
    import django

    django.setup()
    from django.conf import settings
    from weasyprint import CSS, HTML

    from letters.drawing import STYLES

    size = 0
    for number in numbers:
        sheets = [CSS(filename=settings.BASE_DIR / "static" / style) for style in STYLES]
        size += len(HTML(string=html_of(number)).write_pdf(stylesheets=sheets, pdf_variant="pdf/ua-1"))
    return len(numbers), size, int(_peak()), 0.0


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, run, letters: int, processes: int) -> None:
    share = letters // processes
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(run, [range(2)] * processes))  # started, everything imported
        start, cpu = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        results = list(pool.map(run, [range(n * share, (n + 1) * share) for n in range(processes)]))
        seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime
    made, size = sum(each[0] for each in results), sum(each[1] for each in results)
    print(
        f"{name:28} {processes} process{'es' if processes > 1 else '  '} {made} letters in {seconds:6.1f} s: "
        f"{made / seconds:5.1f} a second ({made / used:5.1f} a second of processor), "
        f"peak {max(r[2] for r in results)} MB, "
        f"grown {max(r[3] for r in results):.0f} MB since the 40th, {size // made} bytes a letter"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=420)
    wanted = parser.parse_args().letters
    measure("plain WeasyPrint loop", plain, max(wanted // 7, 8), 1)
    measure("ours", ours, wanted, 1)
    measure("ours", ours, wanted, 2)

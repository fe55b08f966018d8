"""How long does a half-term's report to governors take, and the reports to the parents of 420 children?

    DATABASE_URL=postgres://... .venv/bin/python -m bench.governor_report [--classes 3]

On a database that holds the demonstration (`manage.py load_demo`): its largest school, its last finished half-term.
Nothing is left behind: the report is made in a transaction that is rolled back. Beside the time on the wall stands the
processor's, of this process alone: on a machine that others use too it says more.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any


def timed(run: Callable[[], Any]) -> tuple[str, Any]:
    start, used = time.perf_counter(), time.process_time()
    result = run()
    return f"{time.perf_counter() - start:.2f} s ({time.process_time() - used:.2f} of the processor)", result


def megabytes() -> int:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--classes", type=int, default=100, help="Reports to parents of this many classes only.")
    most = arguments.parse_args().classes
    import django

    os.environ.setdefault("ATTENDANCE_MIS_ENV", "development")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attendance_mis.settings")
    django.setup()

    from django.db import transaction
    from django.db.models import Count

    from attendance_mis import clock
    from attendance_mis.actors import Actor
    from attendance_mis.models import School
    from attendance_mis.tenancy import acting_for
    from registers.enclosure import attendance_enclosures, this_year
    from registers.models import ClassGroup, Pupil
    from reports.actions.governor import make_governor_report
    from reports.governor import document
    from reports.paper import parents_pdf
    from reports.querysets.governor import material, spans_of

    schools = {}
    for each in School.objects.all():
        with acting_for(each):
            schools[each] = Pupil.objects.on_roll(clock.today(each)).aggregate(n=Count("pk"))["n"]
    school = max(schools, key=lambda each: schools[each])
    today = clock.today(school)
    with acting_for(school):
        span = [each for each in spans_of(school, today) if each.end < today][-1]
        print(f"{school}: {schools[school]} pupils on roll; {span}")
        for run in ("first", "second"):
            facts, of = timed(lambda: material(school, span, today))
            sums, _ = timed(partial(document, of))
            with transaction.atomic():
                whole, report = timed(
                    lambda: make_governor_report(
                        school=school, academic_year=span.academic_year, half_term=int(span.name[-1]),
                        by=Actor.system("Bench"),
                    )
                )  # fmt: skip
                transaction.set_rollback(True)
            print(
                f"governor report, {run} run: {whole} in all; questions {facts}; suppression and document {sums}; "
                f"PDF of {len(report.pdf) // 1024} kB"
            )
        before, made, start, used = megabytes(), 0, time.perf_counter(), time.process_time()
        for group in ClassGroup.objects.order_by("name")[:most]:
            ids = list(Pupil.objects.in_class(group.pk, today).values_list("pk", flat=True))
            if ids:
                found = attendance_enclosures(school, ids, *this_year(school, today))
                parents_pdf(school, found)
                made += len(found)
            if made <= len(ids):
                after_first = megabytes()
        took, used = time.perf_counter() - start, time.process_time() - used
        print(
            f"reports to parents, a PDF a class: {made} in {took:.1f} s, {made / took:.1f} a second "
            f"({made / used:.1f} a second of the processor); memory "
            f"{before} MB before, {after_first} MB after the first class, {megabytes()} MB after the last"
        )


if __name__ == "__main__":
    main()

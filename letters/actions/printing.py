"""Print runs: all that waits for the printer in envelope order, and what of it went into the post."""

import re
from collections.abc import Collection

from django.db import transaction
from django.template.loader import render_to_string

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.pdf import join, render_pdf
from attendance_mis.words import how_many
from letters.actions.leaving import note_sent
from letters.actions.rendering import stored
from letters.models import Copy, PrintRun


@transaction.atomic
def make_print_run(*, school: School, by: Actor) -> PrintRun:
    """Take what waits into one print run, in envelope order. Raises Refused when nothing waits."""
    waiting = list(Copy.objects.to_print().select_for_update(of=("self",)).select_related("letter__pupil"))
    if not waiting:
        raise Refused(["No letter waits to be printed."])
    run = PrintRun.objects.create(school=school, made_at=clock.now(school), made_by_id=by.user_id)
    for place, copy in enumerate(sorted(waiting, key=_envelope), 1):
        copy.print_run, copy.place, copy.status = run, place, Copy.Status.SENDING
    Copy.objects.bulk_update(waiting, ["print_run", "place", "status"], batch_size=200)
    audit.record(
        "make_print_run", run, school_id=school.pk, by=by, summary=f"Printed {how_many(len(waiting), 'letter')}."
    )
    return run


def _envelope(copy: Copy) -> tuple[list[str], str, int]:
    """Letters to one door lie together, and of one parent behind each other: they may share an envelope. Doors are in
    the order of the street: number 2 before number 10."""
    door = copy.address[-1:] + copy.address[1:2]
    counted = [re.sub(r"\d+", lambda number: number.group().zfill(6), line.casefold()) for line in door]
    return counted, copy.addressee.casefold(), copy.pk


def run_pdf(run: PrintRun, *, both_sides: bool) -> bytes:
    """Cover sheet, tick list and every letter, as one PDF; for both sides each letter begins on a new sheet."""
    copies = list(run.copies.select_related("letter__pupil").with_pdf().order_by("place"))
    html = render_to_string("letters/print_run_pdf.html", {"run": run, "school": run.school, "copies": copies})
    cover = render_pdf(html, "letters/print_run.css")
    return join(cover, [stored(copy) for copy in copies], on_new_sheets=both_sides)


@transaction.atomic
def note_posted(*, run: PrintRun, posted: Collection[int], by: Actor) -> tuple[int, int]:
    """Say which copies of a run went into the post; the others wait for the next run. How many of each.

    Raises Refused when it was said before.
    """
    run = PrintRun.objects.select_for_update(of=("self",)).select_related("school").get(pk=run.pk)
    if run.posted_at:
        raise Refused(["It has been said already what of this run was posted."])
    copies = list(run.copies.filter(status=Copy.Status.SENDING).select_related("letter"))
    sent = [copy for copy in copies if copy.pk in set(posted)]
    if not sent:
        raise Refused(["Tick the letters that went into the post."])
    note_sent(Copy.objects.filter(pk__in=[copy.pk for copy in sent]), sent, run.school, by=by)
    back = run.copies.filter(status=Copy.Status.SENDING)
    left = back.update(status=Copy.Status.RENDERED, print_run=None, place=None)
    PrintRun.objects.filter(pk=run.pk).update(posted_at=clock.now(run.school), posted_by=by.user_id)
    return len(sent), left

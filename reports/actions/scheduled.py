"""Make what the schedule owes a school, and switch a kind of report off and on."""

import gc
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actors import Actor
from attendance_mis.models import School
from letters.series import swept
from registers.calendar_rules import half_terms
from registers.enclosure import attendance_enclosures, this_year
from registers.models import CalendarEntry, ClassGroup, ClassMembership, Pupil, SchoolDay
from registers.querysets import standing_on
from reports import paper
from reports.models import MadeReport, SwitchedOff
from reports.querysets.people import awards, challenge, week_of_class
from reports.scheduled import STILL_MADE, Kind, due

KEPT = timedelta(366)
Documents = Iterator[tuple[ClassGroup | None, bytes]]


def is_on(kind: Kind) -> bool:
    """Whether the school in scope wants this made by itself."""
    return not SwitchedOff.objects.filter(kind=kind).exists()


def make_due(*, school: School, day: date) -> list[MadeReport]:
    """Make each document that is due on a day and not yet there. Safe to call again: what is there stays as it is.

    Each is kept as soon as it is made, so a run that is cut short is gone on with.
    """
    MadeReport.objects.filter(last__lt=day - KEPT).delete()
    held = list(
        SchoolDay.objects.filter(day__range=(day - STILL_MADE - timedelta(90), day + timedelta(30)))
        .order_by("day")
        .values_list("day", "half_term", "academic_year")
    )
    made = []
    for kind, documents in _MAKERS.items():
        span = due(kind, held, day) if is_on(kind) else None
        if span is None:
            continue
        before = set(MadeReport.objects.filter(kind=kind, first=span[0]).values_list("class_group", flat=True))
        for group, pdf in documents(school, *span, frozenset(before)):
            made.append(
                MadeReport.objects.create(
                    school=school, kind=kind, first=span[0], last=span[1], class_group=group,
                    made_at=timezone.now(), pdf=pdf,
                )
            )  # fmt: skip
    return made


def switch(*, school: School, kind: Kind, on: bool, by: Actor) -> None:
    """Have a kind of report made by the schedule, or not."""
    if on:
        changed, _ = SwitchedOff.objects.filter(kind=kind).delete()
    else:
        _, changed = SwitchedOff.objects.get_or_create(
            school=school, kind=kind, defaults={"off_at": timezone.now(), "off_by_id": by.person}
        )
    if changed:
        audit.record(
            "switch_report", school, school_id=school.pk, by=by,
            summary=f"Switched {kind} {'on' if on else 'off'}: the schedule {'makes' if on else 'no longer makes'} it.",
        )  # fmt: skip


Before = frozenset[int | None]


def _classes(day: date, before: Before) -> Iterator[tuple[ClassGroup, list[int]]]:
    """Classes with somebody in them, without those that have theirs already."""
    held = ClassMembership.objects.filter(standing_on(day)).values("class_group")
    for group in ClassGroup.objects.filter(pk__in=held).exclude(pk__in=filter(None, before)).order_by("name"):
        if pupils := list(Pupil.objects.in_class(group.pk, day).values_list("pk", flat=True)):
            yield group, pupils


def _class_lists(school: School, first: date, last: date, before: Before) -> Documents:
    for group, _ in _classes(last, before):
        yield group, paper.class_list_pdf(school, week_of_class(school, group, last))


def _newsletter(school: School, first: date, last: date, before: Before) -> Documents:
    week = challenge(school, last)
    if not before and week["whole"]:
        yield None, paper.newsletter_pdf(school, week)


def _parents(school: School, first: date, last: date, before: Before) -> Documents:
    start, end = this_year(school, last)
    with swept():
        for group, pupils in _classes(last, before):
            yield group, paper.parents_pdf(school, attendance_enclosures(school, pupils, start, end))
            gc.collect()


def _awards(school: School, first: date, last: date, before: Before) -> Documents:
    spans = [span for span in half_terms(e.period for e in CalendarEntry.objects.all()) if span.start <= last]
    if before or not spans:
        return
    if found := awards(spans[-1], spans[-2] if len(spans) > 1 else None, last):
        yield None, paper.awards_pdf(school, spans[-1].spoken, found)


_MAKERS: dict[Kind, Callable[[School, date, date, Before], Documents]] = {
    Kind.CLASS_LIST: _class_lists,
    Kind.NEWSLETTER: _newsletter,
    Kind.PARENTS: _parents,
    Kind.AWARDS: _awards,
}

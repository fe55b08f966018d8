"""The patterns of a question: of many pupils by their sessions of each day, of one child by hers and her siblings'.

A page tells them and an explanation finds them again, the same way.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from attendance_mis.models import School
from registers.calendar_rules import academic_year_bounds, academic_year_of
from registers.models import Pupil
from registers.siblings import siblings_of
from reports import kept
from reports.figures import Figures
from reports.patterns import COUNTED, Pattern, Slot, find
from reports.querysets.days import school_days, slots_by_day, slots_of
from reports.ranges import Range


def slots_in(figures: Figures, asked: Range) -> list[Slot]:
    """Sessions by day; the whole school's from what is kept."""
    question = figures.question
    if question.is_whole_school:
        return kept.of_days(asked.first, asked.last, question.today)
    return slots_by_day(asked.first, asked.last, figures.ids)


def of_many(slots: Iterable[Slot]) -> list[Pattern]:
    slots = list(slots)
    return find(slots, sorted({slot.day for slot in slots}), of_one=False)


def slots_about(school: School, pupil: Pupil, days: Range) -> dict[int, list[Slot]]:
    """The sessions of a child and of her siblings, by pupil."""
    return slots_of(days.first, days.last, [pupil.pk, *_siblings(school, pupil)])


def of_one(school: School, pupil: Pupil, days: Range, slots: dict[int, list[Slot]]) -> list[Pattern]:
    held = [day for day, _ in school_days(days.first, days.last)]
    away = _away(_siblings(school, pupil), slots)
    return find(slots.get(pupil.pk, []), held, siblings=away, from_start=_begins_a_year(days.first, held))


def named(figures: Figures, pupil: Pupil | None, key: str) -> Pattern | None:
    """The pattern of this key as these figures tell it; None where no pattern is so called. One that they do not tell
    is made of nothing.
    """
    if key.partition("-")[0] not in COUNTED:
        return None
    school, asked = figures.question.school, figures.question.range
    if pupil:
        found = of_one(school, pupil, asked, slots_about(school, pupil, asked))
    else:
        found = of_many(slots_in(figures, asked))
    untold = Pattern(key, "Not told of these days: it would be no more than chance.", 0, 0, {})
    return next((each for each in found if each.key == key), untold)


def _siblings(school: School, pupil: Pupil) -> list[int]:
    return sorted(siblings_of(school).get(pupil.pk, ()))


def _away(siblings: list[int], slots: dict[int, list[Slot]]) -> dict[str, set[date]]:
    """The days each sibling missed, by the name she goes by."""
    names = Pupil.objects.in_bulk(siblings)
    return {
        names[each].forename: {slot.day for slot in slots.get(each, ()) if slot.absent}
        for each in siblings
        if each in names
    }


def _begins_a_year(first: date, days: list[date]) -> bool:
    """Whether no school day of the same academic year lies before the range."""
    if not days:
        return False
    start, _ = academic_year_bounds(academic_year_of(days[0]))
    return not school_days(start, first - timedelta(1))

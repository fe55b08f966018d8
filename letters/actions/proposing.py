"""Propose one letter for many pupils at once."""

from decimal import Decimal

from django.db import transaction

from attendance_mis import clock
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.words import how_many
from letters.actions.queueing import proposed_or_queued, queue_letters
from letters.facts import Facts, facts_of
from letters.occasions import Occasion
from registers.models import ClassGroup, Pupil


@transaction.atomic
def propose_for_many(
    *,
    school: School,
    occasion: Occasion,
    by: Actor,
    class_group: ClassGroup | None = None,
    year_group: str = "",
    at_most: Decimal | None = None,
    late_at_least: int | None = None,
    ill_at_least: int | None = None,
    key: str = "",
) -> int:
    """Propose a letter for each pupil on roll who fits, but not where it waits already; how many.

    `ill_at_least` counts sessions of illness this year. With a `key` (the half-term, the week) a pupil for whom it
    was proposed under that key is passed over.
    """
    today = clock.today(school)
    pupils = Pupil.objects.on_roll(today)
    if class_group:
        pupils = pupils.in_class(class_group.pk, today)  # type: ignore[attr-defined]
    if year_group:
        pupils = pupils.filter(year_group=year_group)
    passed_over = proposed_or_queued(occasion, key)
    ids = [pk for pk in pupils.values_list("pk", flat=True) if pk not in passed_over]
    whys = {}
    for facts in facts_of(school, ids, today).values():
        is_ill = ill_at_least is None or facts.values["illness_days"] >= ill_at_least
        if is_ill and _fits(facts, at_most, late_at_least):
            whys[facts.pupil] = _why(facts, occasion)
    return queue_letters(school=school, occasion=occasion, by=by, whys=whys, key=key)


def _fits(facts: Facts, at_most: Decimal | None, late_at_least: int | None) -> bool:
    percent = facts.summary.percent
    if at_most is not None and (percent is None or percent > at_most):
        return False
    return late_at_least is None or facts.values["times_late"] >= late_at_least


def _why(facts: Facts, occasion: Occasion) -> str:
    if occasion == Occasion.LATENESS:
        return f"Late {how_many(facts.values['times_late'], 'time')} this half-term."
    if facts.summary.percent is None:
        return "No session yet this year."
    return f"This year: {facts.summary.in_words}."

"""Propose one letter for many pupils at once."""

from decimal import Decimal

from django.db import transaction

from attendance_mis import clock
from attendance_mis.actors import Actor
from attendance_mis.models import School
from letters.actions.queueing import queue_letter
from letters.facts import Facts, facts_of
from letters.models import Letter
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
    waiting = set(Letter.objects.proposed().filter(occasion=occasion.value).values_list("pupil_id", flat=True))
    done = set(Letter.objects.filter(key__startswith=f"{key}:").values_list("pupil_id", flat=True)) if key else set()
    ids = [pk for pk in pupils.values_list("pk", flat=True) if pk not in waiting | done]
    count = 0
    for facts in facts_of(school, ids, today).values():
        is_ill = ill_at_least is None or facts.values["illness_days"] >= ill_at_least
        if is_ill and _fits(facts, at_most, late_at_least):
            queue_letter(
                school=school,
                pupil=facts.pupil,
                occasion=occasion,
                by=by,
                why=_why(facts, occasion),
                key=f"{key}:{facts.pupil.pk}" if key else "",
            )
            count += 1
    return count


def _fits(facts: Facts, at_most: Decimal | None, late_at_least: int | None) -> bool:
    percent = facts.summary.percent
    if at_most is not None and (percent is None or percent > at_most):
        return False
    return late_at_least is None or facts.values["times_late"] >= late_at_least


def _why(facts: Facts, occasion: Occasion) -> str:
    if occasion == Occasion.LATENESS:
        return f"Late {facts.values['times_late']} times this half-term."
    if facts.summary.percent is None:
        return "No session yet this year."
    return f"{facts.summary.percent} per cent this year: {facts.summary.phrase}."

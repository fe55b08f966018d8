"""Find a child by her own name, a class, a brother's or sister's name, or the name or number of a contact."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from attendance_mis.models import School
from registers.models import Pupil
from registers.siblings import siblings_of

MOST = 40  # a class fits

_FOUND = """
SELECT p.id FROM registers_pupil p WHERE p.school_id = %(school)s AND p.search @@ search_query(%(school)s, %(words)s)
UNION
SELECT c.pupil_id FROM registers_contact c
WHERE %(contacts)s AND c.school_id = %(school)s AND c.search @@ search_query(%(school)s, %(words)s)
UNION
SELECT m.pupil_id FROM registers_classmembership m
JOIN registers_classgroup g ON g.school_id = m.school_id AND g.id = m.class_group_id
WHERE m.school_id = %(school)s AND %(day)s BETWEEN m.start AND coalesce(m."end", 'infinity')
  AND lower(g.name) = lower(%(words)s)
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One child that fits, with her class; `sibling_of` names the child through whom she was found."""

    pupil: Pupil
    class_name: str
    sibling_of: str = ""

    @property
    def label(self) -> str:
        return f"{self.pupil.name}, {self.class_name or 'no class'}"


def find_children(
    *, school: School, words: str, reach: QuerySet[Pupil], day: date, by_contacts: bool, chosen: Collection[int] = ()
) -> list[Found]:
    """Those who fit these words, after the chosen who do not; then their brothers and sisters.

    Choosing one of the list leaves its order as it is: whoever ticks by keyboard stays where she was.
    """
    ids = _ids(school, words.strip(), day, by_contacts=by_contacts) if len(words.strip()) > 1 else set()
    siblings = siblings_of(school)
    near = {sibling for pk in {*ids, *chosen} for sibling in siblings.get(pk, ())} - ids - set(chosen)
    rows = Pupil.objects.filter(pk__in=[*chosen, *ids, *near]).filter(pk__in=reach.values("pk"))
    by_id: dict[int, Any] = {pupil.pk: pupil for pupil in rows.with_class(day)}
    found = [Found(by_id[pk], by_id[pk].class_name or "") for pk in chosen if pk in by_id and pk not in ids]
    fitting = sorted((by_id[pk] for pk in ids if pk in by_id), key=lambda pupil: pupil.name)
    found += [Found(pupil, pupil.class_name or "") for pupil in fitting]
    first = {pk: next(other for other in siblings[pk] if other in ids or other in chosen) for pk in near}
    found += [
        Found(by_id[pk], by_id[pk].class_name or "", by_id[other].name)
        for pk, other in sorted(first.items())
        if pk in by_id and other in by_id
    ]
    kept = [each for each in found[MOST:] if each.pupil.pk in chosen]
    return [*found[:MOST], *kept]


def _ids(school: School, words: str, day: date, *, by_contacts: bool) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {"school": school.pk, "words": words, "day": day, "contacts": by_contacts})
        return {pk for (pk,) in cursor.fetchall()}

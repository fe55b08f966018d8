"""Find a pupil by any word of a name, of a contact's name, by UPN or telephone number; find a class by its name.

The database keeps the folded words of each row in `search` (migration 0008) with the school before each word, so one
index answers for every school of a trust, and the word `zoe` finds Zoë. Each word asked for is a beginning.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from attendance_mis import prepared
from attendance_mis.models import School, User
from attendance_mis.permissions import Grant
from registers.models import ClassGroup, Pupil

AT_MOST = 12
MOST_OF_A_NUMBER = 4

# Who is on roll comes before who has left, a child before one whose parent has that name.
_FOUND = """
WITH hit AS (
  SELECT p.id AS pupil_id, NULL::bigint AS contact_id FROM registers_pupil p
  WHERE p.school_id = %(school)s AND p.search @@ search_query(%(school)s::int, %(words)s::text)
  UNION ALL
  SELECT c.pupil_id, c.id FROM registers_contact c
  WHERE %(contacts)s AND c.school_id = %(school)s AND c.search @@ search_query(%(school)s::int, %(words)s::text)),
best AS (SELECT pupil_id, min(contact_id) AS contact_id, bool_or(contact_id IS NULL) AS is_own FROM hit GROUP BY 1)
SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename) AS forename,
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname) AS surname, p.year_group, g.name,
       g.name IS NULL AS has_left,
       CASE WHEN b.is_own THEN '' ELSE concat_ws(' ', c.forename, c.surname) END,
       CASE WHEN b.is_own THEN '' ELSE c.relationship END
FROM best b JOIN registers_pupil p ON p.school_id = %(school)s AND p.id = b.pupil_id
LEFT JOIN registers_contact c ON c.id = b.contact_id
LEFT JOIN LATERAL (
  SELECT g.name FROM registers_classmembership m JOIN registers_classgroup g ON g.id = m.class_group_id
  WHERE m.school_id = %(school)s AND m.pupil_id = p.id AND m.start <= %(day)s AND (m.end IS NULL OR m.end >= %(day)s)
    AND EXISTS (SELECT FROM registers_registration o WHERE o.school_id = %(school)s AND o.pupil_id = p.id
                AND o.admission_date <= %(day)s AND (o.leaving_date IS NULL OR o.leaving_date >= %(day)s))
  LIMIT 1) g ON true
WHERE (%(only)s::int[] IS NULL OR p.id = ANY(%(only)s::int[])) AND (g.name IS NOT NULL OR NOT %(here)s)
ORDER BY has_left, NOT b.is_own, surname, forename, p.id
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class FoundPupil:
    """A child who fits; `contact` names the person by whom she was found, when not by herself."""

    pupil_id: int
    forename: str
    surname: str
    year_group: str
    class_name: str | None
    has_left: bool
    contact: str
    relationship: str

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


def find_pupils(
    school: School,
    words: str,
    day: date,
    *,
    contacts: bool = False,
    only: Collection[int] | None = None,
    here: bool = False,
    limit: int = AT_MOST,
) -> list[FoundPupil]:
    """The children who fit every word, by one query. `contacts` looks at their people too, `here` at those on roll."""
    if not words.strip():
        return []
    values = {
        "school": school.pk,
        "words": _said(words),
        "day": day,
        "contacts": contacts,
        "only": None if only is None else list(only),
        "here": here,
        "limit": limit,
    }
    return [FoundPupil(*row) for row in prepared.rows(_FOUND, values)]


def _said(words: str) -> str:
    """The words as the index knows them: a telephone number is one word, and its own country goes without saying."""
    if sum(each.isdecimal() for each in words) >= MOST_OF_A_NUMBER and not any(each.isalpha() for each in words):
        digits = "".join(each for each in words if each.isdecimal())
        return f"0{digits[2:]}" if words.lstrip().startswith("+44") else digits[:20]
    return words[:200]


def find_classes(words: str, grant: Grant, user: User, day: date) -> list[ClassGroup]:
    """The classes within reach whose name begins so, or ends so ("5" finds 5A, "A" finds 5A)."""
    asked = words.strip().lower()
    if not asked or len(asked) > 30:
        return []
    names = Q(name__istartswith=asked) | Q(name__iendswith=asked)
    return list(ClassGroup.objects.within(grant, user, day).filter(names)[:AT_MOST])


def own_pupils(grant: Grant, user: User, day: date) -> list[int] | None:
    """Whom a search may find for this person: None is everybody."""
    return None if grant == Grant.ALL else list(Pupil.objects.within(grant, user, day).values_list("pk", flat=True))

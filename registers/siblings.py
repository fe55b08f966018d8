"""Children of one family at the school: they share a person with parental responsibility, known by e-mail or mobile."""

from collections import defaultdict

from attendance_mis.models import School
from registers.models import Contact


def siblings_of(school: School) -> dict[int, set[int]]:
    """Each pupil's siblings at the school, by their ids; a pupil without any is left out. One query."""
    of_person: dict[str, set[int]] = defaultdict(set)
    contacts = Contact.objects.filter(school=school, parental_responsibility=True)
    for pupil_id, email, mobile in contacts.values_list("pupil_id", "email", "mobile"):
        for known_by in (email.strip().lower(), "".join(filter(str.isdigit, mobile))):
            if known_by:
                of_person[known_by].add(pupil_id)
    found: dict[int, set[int]] = defaultdict(set)
    for family in of_person.values():
        for pupil_id in family if len(family) > 1 else ():
            found[pupil_id] |= family - {pupil_id}
    return dict(found)

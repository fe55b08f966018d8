"""The class lists of a day, as a paper register prints them."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Q

from registers.models import ClassGroup, ClassMembership, Pupil, Teaching


@dataclass(frozen=True, slots=True)
class ClassList:
    """A class on a day: who teaches it, and its pupils in the order of the register."""

    class_group: ClassGroup
    teachers: str
    pupils: list[Pupil]


def class_lists(day: date, class_group_id: int | None = None) -> list[ClassList]:
    """Every class that has pupils on this day, or one of them; two queries."""
    memberships = ClassMembership.objects.filter(
        Q(end=None) | Q(end__gte=day), start__lte=day, pupil__in=Pupil.objects.on_roll(day)
    )
    teachings = Teaching.objects.filter(Q(end=None) | Q(end__gte=day), start__lte=day)
    if class_group_id is not None:
        memberships = memberships.filter(class_group=class_group_id)
        teachings = teachings.filter(class_group=class_group_id)
    teachers: dict[int, list[str]] = {}
    for group_id, name in teachings.order_by("user__name").values_list("class_group", "user__name"):
        teachers.setdefault(group_id, []).append(name)
    members = sorted(
        memberships.select_related("pupil", "class_group"),
        key=lambda m: (m.class_group.name, m.class_group_id, m.pupil.surname, m.pupil.forename, m.pupil_id),
    )
    return [
        ClassList(group, " and ".join(teachers.get(group.pk, [])), [member.pupil for member in found])
        for group, found in groupby(members, key=lambda member: member.class_group)
    ]

"""Say who covers a class for a day. A teacher who takes a class over herself does so in `taking.cover_class`."""

from datetime import date

from django.db import transaction
from django.db.models import Q

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School, User
from registers.models import ClassGroup, Cover, Register, SchoolDay, Teaching


def why_not_cover(school: School, class_group: ClassGroup, user: User, day: date) -> list[str]:
    """Why this person cannot be put down as cover, in sentences; empty means she can."""
    reasons = []
    if day < clock.today(school):
        reasons.append(f"{day:%A %-d %B %Y} is over: who took the register then stands on it.")
    if not SchoolDay.objects.filter(day=day).exists():
        reasons.append(f"There is no school on {day:%A %-d %B %Y}.")
    teaches = Teaching.objects.filter(Q(end=None) | Q(end__gte=day), class_group=class_group, user=user, start__lte=day)
    if teaches.exists():
        reasons.append(f"{user.name} teaches {class_group} on that day, so its register is hers already.")
    if Cover.objects.filter(class_group=class_group, day=day, user=user).exists():
        reasons.append(f"{user.name} covers {class_group} on that day already.")
    return reasons


@transaction.atomic
def assign_cover(*, school: School, class_group: ClassGroup, user: User, day: date, by: Actor) -> Cover:
    """Let a person take a class's registers on a day; the register says that she covers."""
    ClassGroup.objects.select_for_update(no_key=True).get(pk=class_group.pk)  # two people press at once
    if reasons := why_not_cover(school, class_group, user, day):
        raise Refused(reasons)
    cover = Cover.objects.create(
        school=school, class_group=class_group, user=user, day=day, noted_by=by.name, noted_at=clock.now(school)
    )
    audit.record(
        "assign_cover",
        cover,
        school_id=school.pk,
        by=by,
        summary=f"{user.name} covers {class_group} on {day:%A %-d %B %Y}.",
        data={"user": user.pk},
    )
    return cover


@transaction.atomic
def end_cover(*, school: School, cover: Cover, by: Actor) -> None:
    """Take a cover back, as long as the person has not sent a register of that day."""
    if Register.objects.filter(class_group=cover.class_group, day=cover.day, sent_by=cover.user).exists():
        raise Refused([f"{cover.user.name} has sent a register of {cover.class_group} on that day: the cover stands."])
    audit.record(
        "end_cover",
        cover,
        school_id=school.pk,
        by=by,
        summary=f"{cover.user.name} no longer covers {cover.class_group} on {cover.day:%A %-d %B %Y}.",
        data={"user": cover.user_id},
    )
    cover.delete()

"""Who is in the building right now, by class: on a phone, without a network, on paper."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from attendance_mis import clock
from attendance_mis.permissions import Grant, Permission, requires
from attendance_mis.requests import Request
from registers.models import ClassGroup
from registers.presence import Present, presence
from registers.whereabouts import Where


@requires(Permission.SEE_REGISTER)
@never_cache
def see_evacuation(request: Request) -> HttpResponse:
    """Every class, or a teacher's own; ticks stay on the device, as nothing may depend on the network now."""
    now = clock.now(request.school)
    own = None
    if request.grant != Grant.ALL:
        own = list(ClassGroup.objects.within(request.grant, request.user, now.date()).values_list("pk", flat=True))
    found = presence(request.school, now, classes=own)
    classes = [_of_class(list(group)) for _, group in groupby(found, key=lambda each: each.class_group_id)]
    context = {
        "now": now,
        "classes": classes,
        "expected": sum(len(each["here"]) + len(each["unknown"]) for each in classes),
        "unknown": sum(len(each["unknown"]) for each in classes),
        "out": sum(len(each["out"]) for each in classes),
    }
    return render(request, "registers/see_evacuation.html", context)


def _of_class(children: list[Present]) -> dict:
    by_where = {where: [each for each in children if each.whereabouts.where is where] for where in Where}
    return {
        "id": children[0].class_group_id,
        "name": children[0].class_name,
        "here": by_where[Where.IN],
        "unknown": by_where[Where.UNKNOWN],
        "out": by_where[Where.OUT],
        "expected": len(by_where[Where.IN]) + len(by_where[Where.UNKNOWN]),
    }

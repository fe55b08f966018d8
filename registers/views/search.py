"""Search from anywhere: a posted name finds pupils, contacts and classes."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from attendance_mis import clock
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from registers.search import AT_MOST, find_classes, find_pupils, own_pupils


@requires(Permission.SEE_REGISTER)
@never_cache
def search(request: Request) -> HttpResponse:
    """The whole page, or for the box in the head the list below it. A teacher finds her own classes' children."""
    words = request.POST.get("words", "").replace("\0", "")[:100]
    today = clock.today(request.school)
    pupils = find_pupils(
        request.school,
        words,
        today,
        contacts=bool(can(request.user, Permission.SEE_CONTACTS, request.school)),
        only=own_pupils(request.grant, request.user, today),
    )
    context = {
        "words": words,
        "pupils": pupils,
        "classes": find_classes(words, request.grant, request.user, today),
        "is_full": len(pupils) == AT_MOST,
    }
    return render(request, "registers/_found.html" if request.htmx else "registers/search.html", context)

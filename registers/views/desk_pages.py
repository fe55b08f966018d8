"""The pages of the office's morning, as tabs: `parts/subnav.html` with `items=pages`."""

from typing import Any

from django.urls import NoReverseMatch, reverse

from attendance_mis.permissions import Permission, can
from attendance_mis.requests import Request

# Permission, url by name (strings, as some stand above; it takes the school's urn only), word. A page no app has is
# left out; what stands in the menu is not said twice.
DESK: list[tuple[Permission, str, str]] = [
    (Permission.SEE_TODAY, "casework:today", "Today"),
    (Permission.AMEND_MARK, "registers:late_desk", "Late desk"),
    (Permission.AMEND_MARK, "registers:see_signed_out", "Sign out and back"),
    (Permission.SEE_REGISTER, "registers:see_evacuation", "Evacuation list"),
]


def desk_pages(request: Request) -> list[dict[str, Any]]:
    """The tabs this person may open; the page's own is current."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    found = []
    for permission, url, text in DESK:
        address = href(url, request.school.urn)
        if address and can(request.user, permission, request.school):
            found.append({"href": address, "text": text, "current": url == here})
    return found


def href(url: str, *args: Any) -> str:
    """The address of a page by name; empty where no app has it."""
    try:
        return reverse(url, args=args)
    except NoReverseMatch:
        return ""


def board_of(request: Request) -> str:
    """Where the office goes back to after a click on the board."""
    urn = request.school.urn
    return href("casework:today", urn) or reverse("registers:see_registers", args=[urn])

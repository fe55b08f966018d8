"""The tabs of the letters' pages."""

from typing import Any

from django.urls import reverse

from attendance_mis.permissions import Permission, can
from attendance_mis.requests import Request
from letters.models import Copy, Letter


def tabs(request: Request, here: str) -> list[dict[str, Any]]:
    """To approve, all, printing, templates, schedule; those this person may open."""
    items: list[tuple[Permission, str, str, int | None]] = [
        (Permission.APPROVE_LETTERS, "see_proposals", "To approve", Letter.objects.proposed().count()),
        (Permission.SEE_CASES, "see_letters", "All letters", None),
        (Permission.APPROVE_LETTERS, "see_print_runs", "Printing", Copy.objects.to_print().count()),
        (Permission.APPROVE_LETTERS, "see_templates", "Texts", None),
        (Permission.APPROVE_LETTERS, "see_schedule", "Schedule", None),
    ]
    return [
        {
            "text": text,
            "href": reverse(f"letters:{name}", args=[request.school.urn]),
            "current": name == here,
            "count": count,
        }
        for permission, name, text, count in items
        if can(request.user, permission, request.school)
    ]

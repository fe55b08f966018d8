"""The tabs of the pages about many cases."""

from typing import Any

from django.urls import reverse

from attendance_mis.requests import Request

_TABS = (
    ("see_cases", "Open cases"),
    ("see_weeklies", "Weekly meeting"),
    ("see_referrals", "Referrals"),
    ("see_supervision", "Supervision"),
    ("see_impact", "Impact"),
)


def tabs(request: Request, here: str) -> list[dict[str, Any]]:
    """Open cases, weekly meeting, referrals, supervision, impact: whoever sees cases opens each."""
    return [
        {"text": text, "href": reverse(f"casework:{name}", args=[request.school.urn]), "current": name == here}
        for name, text in _TABS
    ]

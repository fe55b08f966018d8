"""The menu: what each role finds in the head of a page. The apps above add a row here, by name of their url."""

from functools import lru_cache
from typing import Any

from django.urls import reverse

from attendance_mis.permissions import Permission, Role, can, reach, roles_at
from attendance_mis.requests import Request

# One row per menu item, in the order of the page: the permission that shows it, its url (a string, as the apps stand
# above; it takes the school's urn only), its word: (Permission.SEE_REGISTER, "registers:see_registers", "Registers").
MENU: list[tuple[Permission, str, str]] = [
    (Permission.SEE_TODAY, "casework:today", "Today"),
    (Permission.TAKE_REGISTER, "registers:see_registers", "Registers"),
    (Permission.SEE_CONTACTS, "casework:first_day_contact", "First day contact"),
    (Permission.RECORD_ABSENCE, "casework:report_absence", "Report absence"),
    (Permission.AMEND_MARK, "registers:see_missing", "Put right"),
    (Permission.SEE_REGISTER, "registers:see_pupils", "Pupils"),
    (Permission.SEE_REGISTER, "registers:see_classes", "Classes"),
    (Permission.PLAN_ABSENCE, "registers:see_planned", "Planned absences"),
    (Permission.PLAN_ABSENCE, "casework:see_leave_requests", "Leave"),
    (Permission.SEE_CONTACTS, "casework:see_clocks", "Clocks"),
    (Permission.SEE_REGISTER, "registers:see_calendar", "Calendar"),
    (Permission.RUN_SCHOOL, "registers:see_setup", "Set up"),
    (Permission.RUN_SCHOOL, "see_people", "People"),
    (Permission.VERIFY_RECORD, "registers:verify_record", "Record"),
    (Permission.SEE_CASES, "casework:see_escalations", "Casework"),
    (Permission.APPROVE_LETTERS, "letters:see_proposals", "Letters"),
    (Permission.RAISE_CONCERN, "casework:see_own_class", "First conversations"),
    (Permission.PREPARE_PENALTY, "penalties:see_penalties", "Penalties"),
    (Permission.SEE_CLASS_FIGURES, "reports:see_dashboard", "Figures"),
    (Permission.READ_GOVERNOR_REPORT, "reports:see_dashboard", "Figures"),
    (Permission.SEE_CASES, "casework:see_policy", "Policy"),
    (Permission.SEE_CLASS_FIGURES, "reports:see_reports", "Lists and reports"),
    (Permission.READ_GOVERNOR_REPORT, "reports:see_governor_reports", "Governor reports"),
    (Permission.AMEND_MARK, "reports:see_checks", "Data checks"),
]


def menu(request: Request) -> dict[str, Any]:
    """What `base.html` needs everywhere: `nav_items`, `schools`, `person_role`, `search_href`.

    Adds no query to the memberships'.
    """
    user = getattr(request, "user", None)
    if not user or not user.is_authenticated:
        return {}
    school = getattr(request, "school", None)
    memberships = user.current_memberships()
    schools = {m.school.urn: m.school.name for m in memberships if m.school}
    return {
        "nav_items": _items(request) if school else [],
        "schools": [
            {"name": name, "href": _href("home", urn), "current": school is not None and urn == school.urn}
            for urn, name in schools.items()
        ],
        "search_href": _href("registers:search", school.urn)
        if school and can(user, Permission.SEE_REGISTER, school)
        else "",
        "person_role": Role(request.membership.role).label if school else "",
    }


def _items(request: Request) -> list[dict[str, Any]]:
    """The menu of this person; the item whose address begins this page's, and longest, is where she is."""
    items = _menu_of(request.school.urn, frozenset(roles_at(request.user, request.school)))
    here = [href for _, href in items if request.path.startswith(href)]
    current = max(here, key=len, default="")
    return [{"text": text, "href": href, "current": href == current} for text, href in items]


@lru_cache(maxsize=4096)
def _menu_of(urn: str, roles: frozenset[str]) -> list[tuple[str, str]]:
    words = {
        url: text for permission, url, text in MENU if reach(roles, permission)
    }  # a url that two open is there once
    return [(text, _href(url, urn)) for url, text in words.items()]


@lru_cache(maxsize=4096)
def _href(url: str, urn: str) -> str:
    return reverse(url, args=[urn])

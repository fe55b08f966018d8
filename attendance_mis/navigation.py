"""The menu: what each role finds in the head of a page. The apps above add a row here, by name of their url."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import reverse

from attendance_mis.permissions import Permission, Role, can, reach, roles_at
from attendance_mis.requests import Request

# The areas of the menu in the order of the page, and the pages of each: the permission that shows it, its url (a
# string, as the apps stand above; it takes the school's urn only), its word. The first page is the area's; the others
# stand in a second row while one is in the area. Who may open one page of an area only reads that page's word.
AREAS: list[tuple[str, list[tuple[Permission, str, str]]]] = [
    (
        "Today",
        [
            (Permission.SEE_TODAY, "casework:today", "Today"),
            (Permission.AMEND_MARK, "registers:late_desk", "Late desk"),
            (Permission.AMEND_MARK, "registers:see_signed_out", "Sign out and back"),
            (Permission.SEE_TODAY, "registers:see_evacuation", "Evacuation list"),
        ],
    ),
    (
        "Registers",
        [
            (Permission.TAKE_REGISTER, "registers:see_registers", "Registers"),
            (Permission.AMEND_MARK, "registers:see_missing", "Put right"),
            (Permission.AMEND_MARK, "reports:see_checks", "Data checks"),
            (Permission.SEE_REGISTER, "registers:see_calendar", "Calendar"),
        ],
    ),
    (
        "Absences",
        [
            (Permission.SEE_CONTACTS, "casework:first_day_contact", "First day contact"),
            (Permission.RECORD_ABSENCE, "casework:report_absence", "Report an absence"),
            (Permission.RECORD_ABSENCE, "casework:see_absence_reports", "Absence reports"),
            (Permission.SEE_CONTACTS, "casework:text_unexplained", "Text or e-mail"),
            (Permission.PLAN_ABSENCE, "registers:see_planned", "Planned absences"),
            (Permission.PLAN_ABSENCE, "casework:see_leave_requests", "Leave"),
            (Permission.SEE_CONTACTS, "casework:see_clocks", "Clocks"),
        ],
    ),
    (
        "Pupils",
        [
            (Permission.SEE_REGISTER, "registers:see_pupils", "Pupils"),
            (Permission.SEE_REGISTER, "registers:see_classes", "Classes"),
        ],
    ),
    (
        "Casework",
        [
            (Permission.SEE_CASES, "casework:see_escalations", "Ladders and cases"),
            (Permission.RAISE_CONCERN, "casework:see_own_class", "First conversations"),
            (Permission.SEE_CASES, "casework:see_policy", "Policy"),
        ],
    ),
    ("Letters", [(Permission.APPROVE_LETTERS, "letters:see_proposals", "Letters")]),
    ("Penalties", [(Permission.PREPARE_PENALTY, "penalties:see_penalties", "Penalties")]),
    (
        "Figures",
        [
            (Permission.SEE_CLASS_FIGURES, "reports:see_dashboard", "Figures"),
            (Permission.READ_GOVERNOR_REPORT, "reports:see_dashboard", "Figures"),
            (Permission.SEE_CLASS_FIGURES, "reports:see_reports", "Lists and reports"),
            (Permission.READ_GOVERNOR_REPORT, "reports:see_governor_reports", "Governor reports"),
        ],
    ),
    (
        "Set up",
        [
            (Permission.RUN_SCHOOL, "registers:see_setup", "Set up"),
            (Permission.RUN_SCHOOL, "see_people", "People"),
            (Permission.RUN_SCHOOL, "see_status", "Status"),
            (Permission.VERIFY_RECORD, "registers:verify_record", "Is the record whole?"),
            (Permission.APPROVE_DISPOSAL, "registers:see_keeping", "Keeping records"),
            (Permission.MANAGE_INTERFACES, "see_interfaces", "Interfaces"),
        ],
    ),
]


def menu(request: Request) -> dict[str, Any]:
    """What `base.html` needs everywhere, without a query more than the memberships'.

    `nav_items`, `area_items`, `schools`, `person_role`, `search_href`, `idle_minutes`.
    """
    user = getattr(request, "user", None)
    if not user or not user.is_authenticated:
        return {}
    school = getattr(request, "school", None)
    memberships = user.current_memberships()
    schools = {m.school.urn: m.school.name for m in memberships if m.school}
    areas, pages = _items(request) if school else ([], [])
    return {
        "nav_items": areas,
        "area_items": pages,
        "schools": [
            {"name": name, "href": _href("home", urn), "current": school is not None and urn == school.urn}
            for urn, name in schools.items()
        ],
        "search_href": _href("registers:search", school.urn)
        if school and can(user, Permission.SEE_REGISTER, school)
        else "",
        "idle_minutes": settings.IDLE_MINUTES,
        "person_role": Role(request.membership.role).label if school else "",
    }


Item = dict[str, Any]


def _items(request: Request) -> tuple[list[Item], list[Item]]:
    """The areas of this person's menu, and the pages of the area she is in.

    She is on the page whose address begins this one's, and longest.
    """
    areas = _menu_of(request.school.urn, frozenset(roles_at(request.user, request.school)))
    places = [href for _, pages in areas for _, href in pages]
    current = max(filter(request.path.startswith, places), key=len, default="")
    items, second_row = [], []
    for word, pages in areas:
        is_here = any(href == current for _, href in pages)
        items.append({"text": word, "href": pages[0][1], "current": is_here})
        if is_here and len(pages) > 1:
            second_row = [{"text": text, "href": href, "current": href == current} for text, href in pages]
    return items, second_row


@lru_cache(maxsize=4096)
def _menu_of(urn: str, roles: frozenset[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    areas = []
    for word, rows in AREAS:
        words = {url: text for permission, url, text in rows if reach(roles, permission)}  # once, if two open it
        pages = [(text, _href(url, urn)) for url, text in words.items()]
        if pages:
            areas.append((word if len(pages) > 1 else pages[0][0], pages))
    return areas


@lru_cache(maxsize=4096)
def _href(url: str, urn: str) -> str:
    return reverse(url, args=[urn])

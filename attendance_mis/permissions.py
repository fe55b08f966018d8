"""Who may do what: permissions are verbs, roles are plain data, `can` is the one question.

The table is shared/design/roles.md. A class teacher's grant reaches her own classes only; a governor and a trust lead
see aggregates, never a name. Which classes are a teacher's own is a fact of registers, not of this module.
"""

from collections.abc import Callable, Iterable
from enum import IntEnum, StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpResponse

from attendance_mis import clock
from attendance_mis.requests import Request

if TYPE_CHECKING:
    from attendance_mis.models import School, User


class Grant(IntEnum):
    """How far a permission reaches: OWN is a teacher's classes or a manager's cases.

    NO is false, so `if can(...)` reads well.
    """

    NO = 0
    AGGREGATES = 1
    OWN = 2
    ALL = 3


class Permission(StrEnum):
    """One verb each; the text is what the page says of it."""

    SEE_REGISTER = "see registers"
    TAKE_REGISTER = "take a register"
    SET_ANY_CODE = "set any code in force"
    AMEND_MARK = "amend a mark after the register is sent or closed"
    REKEY_REGISTER = "re-key a paper register"
    ASSIGN_COVER = "say who covers a class"
    SEE_TODAY = "see who is not accounted for today"
    CLOSE_DAY = "close the day"
    RECORD_ABSENCE = "record an absence report or a call"
    SEE_CONTACTS = "see contacts and addresses"
    EDIT_CONTACTS = "change contacts and addresses"
    SEE_VULNERABLE = "see that a child is vulnerable"
    SEE_VULNERABLE_WHY = "see why a child is vulnerable"
    PLAN_ABSENCE = "plan an absence, a trip or a part-time timetable"
    DECIDE_LEAVE = "decide leave of absence"
    ADMIT_PUPIL = "admit pupils, remove them from roll, edit the calendar"
    SEE_CLASS_FIGURES = "see figures by pupil"
    SEE_DASHBOARD = "see the whole-school dashboard with names"
    MAKE_GOVERNOR_REPORT = "make the governor report"
    READ_GOVERNOR_REPORT = "read the governor report"
    SEE_CASES = "see cases"
    WORK_CASES = "work on cases, plans and meetings"
    RAISE_CONCERN = "raise a concern and hold the first conversation"
    READ_CONFIDENTIAL = "read confidential notes"
    CHANGE_POLICY = "change the policy and letter templates"
    APPROVE_LETTERS = "approve letters"
    PREPARE_PENALTY = "prepare a penalty notice"
    DECIDE_PENALTY = "decide and sign a penalty notice"
    AUTHORISE_SIGNER = "authorise somebody to sign penalty notices"
    SIGN_STATEMENT = "sign the headteacher's statement"
    MAKE_RETURNS = "make returns to the local authority"
    VERIFY_RECORD = "prove that the record is whole"
    RUN_SCHOOL = "import, export, users, settings, backups"
    EXPORT_SUBJECT = "export all that is held on a child; see who looked at her"
    APPROVE_DISPOSAL = "approve that records are deleted"
    MANAGE_INTERFACES = "see which partners read the school's records, ask for a token and revoke one"
    OPEN_INTERFACE = "let a partner read the school's records"
    SEE_TRUST = "see the schools of the trust side by side"


LENDABLE = frozenset({Permission.DECIDE_PENALTY})
"""What the headteacher may lend to a deputy or assistant headteacher by an `Authorisation` (law.md 5.16)."""


class Role(models.TextChoices):
    TEACHER = "teacher", "Class teacher"
    OFFICE = "office", "Office staff"
    MANAGER = "manager", "Attendance manager"
    LEAD = "lead", "Attendance lead"
    HEAD = "head", "Headteacher"
    SAFEGUARDING = "safeguarding", "Safeguarding lead"
    GOVERNOR = "governor", "Governor"
    TECHNICIAN = "technician", "Technician"
    TRUST_LEAD = "trust_lead", "Trust lead"


SENTENCES: dict[str, str] = {
    Role.TEACHER: "Takes the registers of her classes, and of any class she covers for a day.",
    Role.OFFICE: "Accounts for every child in the morning, keeps the registers right and makes the returns.",
    Role.MANAGER: "Runs the school's attendance policy: figures, cases, letters and the roll.",
    Role.LEAD: "The senior leader who answers for attendance and supervises the cases.",
    Role.HEAD: "Decides leave of absence and penalties, and sees everything in the school.",
    Role.SAFEGUARDING: "Sees every child and every confidential note, and acts when a child is missing.",
    Role.GOVERNOR: "Reads figures of the whole school, never a name.",
    Role.TECHNICIAN: "Keeps the system running; sees no child's record outside an import check.",
    Role.TRUST_LEAD: "Sees the trust's schools side by side, never a name.",
}


def _table() -> dict[str, dict[Permission, Grant]]:
    p, r = Permission, Role
    staff = {r.OFFICE, r.MANAGER, r.LEAD, r.HEAD}
    leaders = {r.MANAGER, r.LEAD, r.HEAD}
    everyone = staff | {r.SAFEGUARDING}
    rows: dict[Permission, set[Role]] = {
        p.SEE_REGISTER: everyone,
        p.TAKE_REGISTER: everyone,
        p.SET_ANY_CODE: staff,
        p.AMEND_MARK: staff,
        p.REKEY_REGISTER: staff,
        p.ASSIGN_COVER: staff,
        p.SEE_TODAY: everyone,
        p.CLOSE_DAY: staff,
        p.RECORD_ABSENCE: everyone,
        p.SEE_CONTACTS: everyone,
        p.EDIT_CONTACTS: everyone,
        p.SEE_VULNERABLE: everyone,
        p.SEE_VULNERABLE_WHY: {r.LEAD, r.HEAD, r.SAFEGUARDING},
        p.PLAN_ABSENCE: staff,
        p.DECIDE_LEAVE: {r.HEAD},
        p.ADMIT_PUPIL: {r.MANAGER, r.HEAD},
        p.SEE_CLASS_FIGURES: leaders | {r.SAFEGUARDING},
        p.SEE_DASHBOARD: leaders | {r.SAFEGUARDING},
        p.MAKE_GOVERNOR_REPORT: leaders,
        p.READ_GOVERNOR_REPORT: leaders | {r.SAFEGUARDING},
        p.SEE_CASES: leaders | {r.SAFEGUARDING},
        p.WORK_CASES: leaders,
        p.RAISE_CONCERN: leaders,
        p.READ_CONFIDENTIAL: {r.LEAD, r.HEAD, r.SAFEGUARDING},
        p.CHANGE_POLICY: {r.LEAD, r.HEAD},
        p.APPROVE_LETTERS: leaders,
        p.PREPARE_PENALTY: leaders,
        p.DECIDE_PENALTY: {r.HEAD},
        p.AUTHORISE_SIGNER: {r.HEAD},
        p.SIGN_STATEMENT: {r.HEAD},
        p.MAKE_RETURNS: staff,
        p.VERIFY_RECORD: {r.LEAD, r.HEAD, r.TECHNICIAN},
        p.RUN_SCHOOL: {r.TECHNICIAN},
        p.EXPORT_SUBJECT: {r.HEAD, r.SAFEGUARDING},
        p.APPROVE_DISPOSAL: {r.HEAD, r.SAFEGUARDING},
        p.MANAGE_INTERFACES: {r.HEAD, r.TECHNICIAN},
        p.OPEN_INTERFACE: {r.HEAD},
        p.SEE_TRUST: set(),
    }
    teacher = {
        p.SEE_REGISTER,
        p.TAKE_REGISTER,
        p.RECORD_ABSENCE,
        p.SEE_VULNERABLE,
        p.SEE_CLASS_FIGURES,
        p.RAISE_CONCERN,
    }
    table: dict[str, dict[Permission, Grant]] = {role: {} for role in r}
    for permission, roles in rows.items():
        for role in roles:
            table[role][permission] = Grant.ALL
    table[r.TEACHER] = dict.fromkeys(teacher, Grant.OWN)
    table[r.MANAGER][p.READ_CONFIDENTIAL] = Grant.OWN
    table[r.GOVERNOR] = {p.READ_GOVERNOR_REPORT: Grant.AGGREGATES}
    table[r.TRUST_LEAD] = {p.READ_GOVERNOR_REPORT: Grant.AGGREGATES, p.SEE_TRUST: Grant.AGGREGATES}
    return table


ROLES = _table()


def can(user: "User", permission: Permission, school: "School") -> Grant:
    """How far `permission` reaches for this person at this school, over all her roles there; `Grant.NO` is false.

    What somebody has lent her counts too, for as long as she has a role there.
    """
    roles = roles_at(user, school)
    grant = reach(roles, permission)
    if grant or not roles or permission not in LENDABLE:
        return grant
    lent = school.authorisations.in_force(clock.today(school)).filter(person=user, permission=permission)
    return Grant.ALL if lent.exists() else Grant.NO


def reach(roles: Iterable[str], permission: Permission) -> Grant:
    """How far `permission` reaches for whoever holds these roles."""
    return max((ROLES[role].get(permission, Grant.NO) for role in roles), default=Grant.NO)


def roles_at(user: "User", school: "School") -> list[str]:
    """The roles a person holds at a school today, one held over the whole trust included."""
    if not user.is_authenticated or not user.is_active:
        return []
    return [
        m.role
        for m in user.current_memberships()
        if m.school_id == school.pk or (m.trust_id is not None and m.trust_id == school.trust_id)
    ]


View = Callable[..., HttpResponse]


def requires(permission: Permission) -> Callable[[View], View]:
    """Guard of a school's view: 403 unless the person holds `permission` there. The view reads `request.grant`."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            request.grant = can(request.user, permission, request.school)
            if not request.grant:
                raise PermissionDenied(f"Your role does not let you {permission}.")
            return view(request, *args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def open_to(who: str) -> Callable[[View], View]:
    """Mark a view that belongs to no school.

    `anyone`, `signed in`, `member` (of the school in the address) or `trust`.
    """

    def mark(view: View) -> View:
        view.access = who  # type: ignore[attr-defined]
        return view

    return mark

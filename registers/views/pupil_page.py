"""One child: today, this year, who to call, classes, spells on roll, what is planned, and what happened."""

from contextlib import suppress
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString, mark_safe

from attendance_mis import clock
from attendance_mis.models import AuditRow
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from registers import codes
from registers.ages import age_on
from registers.attendance import Summary, in_days, percent_of, summarise
from registers.calendar_rules import Session, academic_year_bounds, academic_year_of, year_name
from registers.models import Amendment, Contact, Pupil, Registration, SchoolDay
from registers.presence import presence
from registers.roll import Reachable, contact_warnings
from registers.templatetags.marks import values_of
from registers.views.pupils import reachable_pupil
from registers.year_picture import HeldDay, year_picture

# Which audit rows of a child stand in her timeline, and who may read each. A verb that is not here stays unseen.
TIMELINE: dict[str, Permission] = {
    "admit_pupil": Permission.SEE_REGISTER,
    "remove_from_roll": Permission.SEE_CONTACTS,
    "keep_on_roll": Permission.SEE_CONTACTS,
    "readmit_pupil": Permission.SEE_REGISTER,
    "change_starting_day": Permission.SEE_REGISTER,
    "edit_pupil": Permission.SEE_CONTACTS,
    "move_class": Permission.SEE_REGISTER,
    "add_contact": Permission.SEE_CONTACTS,
    "edit_contact": Permission.SEE_CONTACTS,
    "remove_contact": Permission.SEE_CONTACTS,
    "order_contacts": Permission.SEE_CONTACTS,
    "record_arrival": Permission.SEE_REGISTER,
    "sign_out": Permission.SEE_REGISTER,
    "sign_back": Permission.SEE_REGISTER,
    "account_for": Permission.SEE_CONTACTS,
    "plan_absence": Permission.SEE_REGISTER,
    "cancel_absence": Permission.SEE_REGISTER,
    "change_absence": Permission.SEE_REGISTER,
    "split_absence": Permission.SEE_REGISTER,
    "review_part_time": Permission.PLAN_ABSENCE,
    "record_clocks_done": Permission.SEE_CONTACTS,
    "make_return": Permission.SEE_CONTACTS,
    "tell_worker": Permission.SEE_VULNERABLE_WHY,
    "ask_leave": Permission.PLAN_ABSENCE,
    "note_leave_evidence": Permission.PLAN_ABSENCE,
    "withdraw_leave": Permission.PLAN_ABSENCE,
    "decide_leave": Permission.PLAN_ABSENCE,
    "settle_leave": Permission.PLAN_ABSENCE,
    "unauthorise_leave": Permission.PLAN_ABSENCE,
    "issue_certificate": Permission.MAKE_RETURNS,
    "record_contact": Permission.SEE_CONTACTS,
    "message_failed": Permission.SEE_CONTACTS,
    "record_absence": Permission.RECORD_ABSENCE,
    "decide_absence": Permission.RECORD_ABSENCE,
    "undo_absence": Permission.RECORD_ABSENCE,
    "note_medical_evidence": Permission.SEE_CONTACTS,
    "edit_confidential": Permission.SEE_VULNERABLE_WHY,
    "read_confidential": Permission.EXPORT_SUBJECT,
    "export_subject": Permission.EXPORT_SUBJECT,
    "reach_threshold": Permission.PREPARE_PENALTY,
    "begin_pack": Permission.PREPARE_PENALTY,
    "sign_pack": Permission.PREPARE_PENALTY,
    "complete_pack": Permission.PREPARE_PENALTY,
    "drop_pack": Permission.PREPARE_PENALTY,
    "record_order": Permission.PREPARE_PENALTY,
    "prepare_decision": Permission.PREPARE_PENALTY,
    "answer_decision": Permission.PREPARE_PENALTY,
    "decide_penalty": Permission.PREPARE_PENALTY,
    "offer_improvement": Permission.PREPARE_PENALTY,
    "start_improvement": Permission.PREPARE_PENALTY,
    "pass_improvement": Permission.PREPARE_PENALTY,
    "meet_improvement": Permission.PREPARE_PENALTY,
    "miss_improvement": Permission.PREPARE_PENALTY,
    "end_improvement": Permission.PREPARE_PENALTY,
    "write_penalty": Permission.PREPARE_PENALTY,
    "decline_penalty": Permission.PREPARE_PENALTY,
    "issue_penalty": Permission.PREPARE_PENALTY,
    "copy_penalty": Permission.PREPARE_PENALTY,
    "know_penalty": Permission.PREPARE_PENALTY,
    "marks_of_penalty_changed": Permission.PREPARE_PENALTY,
    "record_payment": Permission.PREPARE_PENALTY,
    "record_unpaid": Permission.PREPARE_PENALTY,
    "record_late_payment": Permission.PREPARE_PENALTY,
    "withdraw_penalty": Permission.PREPARE_PENALTY,
    "prosecute_penalty": Permission.PREPARE_PENALTY,
    "record_guilty": Permission.PREPARE_PENALTY,
    "record_not_guilty": Permission.PREPARE_PENALTY,
    "add_evidence": Permission.PREPARE_PENALTY,
    "remove_evidence": Permission.PREPARE_PENALTY,
    "propose_letter": Permission.SEE_CASES,
    "approve_letter": Permission.SEE_CASES,
    "drop_letter": Permission.SEE_CASES,
    "send_letter": Permission.SEE_CASES,
    "return_letter": Permission.SEE_CASES,
    "send_letter_again": Permission.SEE_CASES,
    "cancel_copy": Permission.SEE_CASES,
    "letter_failed": Permission.SEE_CASES,
    "letter_wrong": Permission.SEE_CASES,
    "note_sensitivity": Permission.SEE_CASES,
    "end_sensitivity": Permission.SEE_CASES,
    "plan_meeting": Permission.SEE_CASES,
    "record_meeting": Permission.SEE_CASES,
    "change_minutes": Permission.SEE_CASES,
    "refer": Permission.SEE_CASES,
    "answer_referral": Permission.SEE_CASES,
    "supervise": Permission.SEE_CASES,
    "make_agenda": Permission.EXPORT_SUBJECT,
    "read_letter": Permission.EXPORT_SUBJECT,
    "export_correspondence": Permission.EXPORT_SUBJECT,
}
# What the floors above add to a child's page: who may see it, the url by name (it takes the school's urn and the
# pupil's id), its words. LINKS are the verbs at the head of the page. PANELS are parts that htmx fetches into the page
# (the view answers a request of htmx with the part alone), and links without script. A name no app has is left out.
LINKS: list[tuple[Permission, str, str]] = [
    (Permission.AMEND_MARK, "registers:record_arrival", "Late arrival"),
    (Permission.AMEND_MARK, "registers:sign_pupil_out", "Sign out"),
    (Permission.RECORD_ABSENCE, "casework:report_absence_of", "Report an absence"),
    (Permission.SEE_CASES, "casework:see_case", "Case"),
    (Permission.MAKE_RETURNS, "registers:issue_certificate", "Registration certificate"),
    (Permission.SEE_CLASS_FIGURES, "reports:parent_report", "Report to parents"),
    (Permission.EXPORT_SUBJECT, "registers:see_who_looked", "Who looked"),
    (Permission.EXPORT_SUBJECT, "registers:export_subject", "Subject access"),
    (Permission.SEE_CASES, "letters:see_correspondence", "Letters"),
]
PANELS: list[tuple[Permission, str, str]] = [
    (Permission.SEE_CONTACTS, "casework:contact_record", "Contact record"),
]
LATEST = 30
LAST_DAYS = 5


@requires(Permission.SEE_REGISTER)
def see_pupil(request: Request, pupil_id: int) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    may = {permission.name.lower(): bool(can(request.user, permission, request.school)) for permission in Permission}
    today = clock.today(request.school)
    spells = list(pupil.registrations.all())
    classes = list(pupil.class_memberships.select_related("class_group").order_by("-start"))
    now = clock.now(request.school)
    days, summary, picture = _this_year(pupil, spells, today)
    here = presence(request.school, now, only=[pupil.pk])
    contacts = list(pupil.contacts.all()) if may["see_contacts"] else []
    context = {
        "pupil": pupil,
        "may": may,
        "header": _header(pupil, spells, classes, today, may),
        "summary": summary if may["see_class_figures"] else None,
        "missed": f"{in_days(summary.absence)} missed".capitalize() if summary.absence else "No days missed",
        "attended": f"Attendance {summary.percent} %",
        "in_days": _in_days(summary) if may["see_class_figures"] and summary.possible else [],
        "picture": picture,
        "whereabouts": here[0].whereabouts if here else None,
        "now": now,
        "year": year_name(academic_year_of(today)),
        "days": days,
        "contacts": contacts,
        "warnings": contact_warnings([_reachable(each) for each in contacts]) if may["see_contacts"] else [],
        "classes": classes,
        "spells": spells[::-1],
        "leaving": next((spell for spell in spells if spell.leaving_date and spell.leaving_date >= today), None),
        "has_left": all(spell.leaving_date and spell.leaving_date < today for spell in spells),
        "planned": [
            {"plan": plan, "code": codes.by_number(plan.code)}
            for plan in pupil.planned_absences.standing().filter(end__gte=today).order_by("start")
        ],
        "events": _timeline(pupil, may),
        "links": _above(LINKS, request, pupil),
        "panels": _above(PANELS, request, pupil),
    }
    return render(request, "registers/see_pupil.html", context)


def _above(rows: list[tuple[Permission, str, str]], request: Request, pupil: Pupil) -> list[dict[str, str]]:
    found = []
    for permission, url, text in rows:
        with suppress(NoReverseMatch):
            if can(request.user, permission, request.school):
                found.append({"href": reverse(url, args=[request.school.urn, pupil.pk]), "text": text})
    return found


def _header(
    pupil: Pupil, spells: list[Registration], classes: list[Any], today: date, may: dict[str, bool]
) -> dict[str, Any]:
    current = next((each for each in classes if each.start <= today and (not each.end or each.end >= today)), None)
    last = spells[-1] if spells else None
    tags = []
    if may["see_vulnerable"] and pupil.needs_watching:
        tags.append({"text": "Vulnerable", "colour": "amber"})
    if last and last.admission_date > today:
        tags.append({"text": f"Starts on {last.admission_date:%-d %B %Y}", "colour": "blue"})
    elif last and last.leaving_date:
        when = "Leaves after" if last.leaving_date >= today else "Left on"
        tags.append({"text": f"{when} {last.leaving_date:%-d %B %Y}", "colour": "grey"})
    if not pupil.compulsory_from <= today <= pupil.compulsory_until:
        tags.append({"text": "Not of compulsory school age", "colour": "grey"})
    return {
        "tags": tags,
        "facts": [
            {"key": "Year", "value": pupil.year_group},
            {"key": "Class", "value": current.class_group if current else "none"},
            {"key": "Age", "value": age_on(pupil.date_of_birth, today)},
            {"key": "Born", "value": f"{pupil.date_of_birth:%-d %B %Y}"},
            {"key": "UPN", "value": pupil.upn},
            {
                "key": "Compulsory school age",
                "value": f"{pupil.compulsory_from:%-d %b %Y} to {pupil.compulsory_until:%-d %b %Y}",
            },
        ],
    }


def _this_year(
    pupil: Pupil, spells: list[Registration], today: date
) -> tuple[list[dict[str, Any]], Summary, SafeString]:
    """The last school days with their marks, the sums of the year up to today, and the whole year's picture."""
    year = academic_year_of(today)
    school_days = list(SchoolDay.objects.filter(day__range=academic_year_bounds(year)))
    found = pupil.marks.filter(day__range=academic_year_bounds(year)).values_list("day", "session", "code")
    by_slot = {(day, Session(session)): code for day, session, code in found}
    marks = [(day, session, code) for (day, session), code in by_slot.items() if day <= today]
    on_roll = [day for day in school_days if _is_on_roll(spells, day.day)]
    expected = [
        (day.day, session)
        for day in on_roll
        for session, is_held in ((Session.AM, day.am), (Session.PM, day.pm))
        if is_held and day.day <= today
    ]
    summary = summarise(marks, expected, (pupil.compulsory_from, pupil.compulsory_until))
    picture = year_picture(
        (HeldDay(each.day, each.am, each.pm, each.half_term) for each in on_roll),
        by_slot,
        today,
        f"Every session of {year_name(year)}, a line a week",
    )
    days = [
        {
            "label": f"{each.day:%a %-d}",
            "today": each.day == today,
            "am": values_of(by_slot.get((each.day, Session.AM))),
            "pm": values_of(by_slot.get((each.day, Session.PM))),
        }
        for each in [day for day in school_days if day.day <= today][-LAST_DAYS:]
    ]
    return days, summary, mark_safe(picture) if on_roll else SafeString()  # noqa: S308  escaped where it is made


def _is_on_roll(spells: list[Registration], day: date) -> bool:
    return any(s.admission_date <= day and (not s.leaving_date or day <= s.leaving_date) for s in spells)


def _in_days(summary: Summary) -> list[dict[str, str]]:
    """The sums in days, as people say them: a session is half of one; `figure` names what explains it."""
    named = (
        ("Attended", "attendance", summary.attended, "Late but in time: " + str(summary.late) if summary.late else ""),
        ("Authorised absence", "authorised", summary.authorised, ""),
        ("Unauthorised absence", "unauthorised", summary.unauthorised, ""),
    )
    return [
        {
            "label": label,
            "figure": figure,
            "number": f"{sessions / 2:g}",
            "unit": "day" if sessions == 2 else "days",
            "why": " · ".join(filter(None, [f"{percent_of(sessions, summary.possible)} %", more])),
        }
        for label, figure, sessions, more in named
    ]


def _timeline(pupil: Pupil, may: dict[str, bool]) -> list[dict[str, Any]]:
    """What happened to the record of this child, newest first: her audit rows and the amendments of her marks."""
    verbs = [verb for verb, permission in TIMELINE.items() if may[permission.name.lower()]]
    rows = AuditRow.objects.filter(pupil_id=pupil.pk, verb__in=verbs).order_by("-at")[:LATEST]
    amendments = Amendment.objects.filter(pupil=pupil).order_by("-at")[:LATEST]
    happened = [(row.at, row.by_name, row.by_position, row.summary, "", "quiet") for row in rows]
    happened += [(a.at, a.by_name, a.by_position, _amended(a), a.reason, "") for a in amendments]
    zone = pupil.school.zone
    return [
        {
            "title": title,
            "text": text,
            "kind": kind,
            "at": f"{at.astimezone(zone):%-d %B %Y, %H:%M}",
            "datetime": at.isoformat(),
            "by": f"{name}, {position}",
        }
        for at, name, position, title, text, kind in sorted(happened, key=lambda each: each[0], reverse=True)[:LATEST]
    ]


def _amended(amendment: Amendment) -> str:
    original, amended = (
        codes.by_number(code).letter if code is not None else "blank"
        for code in (amendment.original, amendment.amended)
    )
    return f"{amendment.day:%-d %B} {Session(amendment.session)}: {original} amended to {amended}"


def _reachable(contact: Contact) -> Reachable:
    return Reachable(contact.name, bool(contact.parental_responsibility), bool(contact.numbers))

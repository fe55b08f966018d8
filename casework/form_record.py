"""What the record already knows of a form: its head, its first answers, and the lines of the legal checklist."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from attendance_mis import clock
from attendance_mis.models import AuditRow
from attendance_mis.promises import promised
from casework.form_definitions import FormDefinition
from casework.legal_checklist import Found
from casework.meeting_rules import State
from casework.models import Case, ContactRecord, FilledForm, Meeting, Plan, Supervision
from casework.progress import summary_of, this_year
from casework.referral_rules import Service
from letters.models import Letter
from letters.occasions import SERVED, Occasion
from registers.models import Pupil, Teaching
from registers.querysets import standing_on

SAID_SO = frozenset(
    {Occasion.CONCERN, Occasion.STAGE_1, Occasion.STAGE_2, Occasion.STAGE_3, Occasion.UNEXPLAINED_5, Occasion.LATENESS}
)
WARNED = frozenset({Occasion.FORMAL_WARNING, Occasion.LEGAL_WARNING})


def head_of(pupil: Pupil, today: date) -> list[list[str]]:
    """Who it is about, as known today: printed at the head of the form and kept with it."""
    now = this_year(pupil, today)
    known = Pupil.objects.with_class(today).get(pk=pupil.pk)
    class_name, class_id = known.class_name or "", known.class_id  # type: ignore[attr-defined]
    teachings = Teaching.objects.filter(standing_on(today), class_group=class_id).select_related("user")
    parents = [contact for contact in pupil.contacts.all() if contact.parental_responsibility]
    rows = [
        ["Pupil", f"{pupil}"],
        ["Date of birth", f"{pupil.date_of_birth:%-d %B %Y}"],
        ["Year and class", ", ".join(filter(None, [f"Year {pupil.year_group}", class_name]))],
        ["Class teacher", ", ".join(teaching.user.name for teaching in teachings)],
        *(["Parent", f"{contact.name} ({contact.relationship})"] for contact in parents),
        ["Attendance this year", now.in_words],
    ]
    return [row for row in rows if row[1]]


def begins_with(form: FormDefinition, pupil: Pupil | None, today: date) -> dict[str, Any]:
    """The answers a new form begins with; a person changes what is not so."""
    if pupil is None:
        return dict(form.begins)
    case = Case.objects.filter(pupil=pupil).exclude(state="closed").prefetch_related("barriers").first()
    plan = Plan.objects.filter(case=case, is_reviewed=False).prefetch_related("targets", "actions").first()
    match form.key:
        case "early_help":
            return {"on": today.isoformat()}
        case "assessment":
            return _actions(plan) | {
                "so_far": "\n".join(_so_far(pupil, case, today)),
                "review": plan.review_on.isoformat() if plan else "",
            }
        case "contract" | "support_plan":
            parents = [contact.name for contact in pupil.contacts.all() if contact.parental_responsibility]
            targets = [f"{target}" for target in plan.targets.all()] if plan else []
            aim: Any = targets if form.key == "support_plan" else "\n".join(targets)
            return _actions(plan) | {
                "with": ", ".join(parents),
                "aim": aim,
                "worries": case.concern if case else "",
                "voice": case.voice if case else "",
                "starts": today.isoformat(),
                "review": plan.review_on.isoformat() if plan else "",
            }
        case "legal_checklist":
            return {
                key: {"answer": "yes", "on": found.on.isoformat(), "note": found.said}
                for key, found in checklist_record(pupil, today).items()
                if found.on
            }
    return {}


def _actions(plan: Plan | None) -> dict[str, list[str]]:
    """Who does what in the running plan."""
    found: dict[str, list[str]] = {}
    for action in plan.actions.all() if plan else ():
        found.setdefault(action.who, []).append(action.what)
    return found


def _so_far(pupil: Pupil, case: Case | None, today: date) -> Iterator[str]:
    now = this_year(pupil, today)
    yield f"Attendance this year: {now.in_words}."
    if case:
        yield f"Case since {case.opened_on:%-d %B %Y}: {case.concern}"
        for barrier in case.barriers.all():
            yield f"In the way ({barrier.get_side_display().lower()}): {barrier.what}"


def contact_answers(record: ContactRecord) -> dict[str, Any]:
    """One contact as the answers of its form."""
    at = record.at.astimezone(record.school.zone)
    outcome = f": {record.get_outcome_display().lower()}" if record.outcome else ""
    kind = record.get_step_display() if record.step else record.get_kind_display()
    return {
        "when": f"{at:%A %-d %B %Y, %H:%M}",
        "kind": f"{kind}{outcome}",
        "with": record.who,
        "present": record.present,
        "said": record.said,
        "agreed": [
            f"{each['what']} ({each['who']}, by {date.fromisoformat(each['by']):%-d %B %Y})" for each in record.agreed
        ],
        "review": record.review_on.isoformat() if record.review_on else "",
    }


# The checklist


def checklist_record(pupil: Pupil, today: date | None = None) -> dict[str, Found]:
    """What the record says of each line of the legal checklist; a line it says nothing of is not in it.

    Ten queries for any length of the record.
    """
    today = today or clock.today(pupil.school)
    letters = list(
        Letter.objects.filter(pupil=pupil, state=Letter.State.APPROVED, dated__isnull=False).order_by("dated", "pk")
    )
    plans = list(Plan.objects.filter(case__pupil=pupil).order_by("starts", "pk"))
    meetings = list(Meeting.objects.filter(case__pupil=pupil).prefetch_related("invitees").order_by("at", "pk"))
    referrals = list(pupil.referrals.select_related("agency").order_by("sent_on", "pk"))
    found = {
        "reviewed": _reviewed(pupil, plans, today),
        "told": _first_letter(letters, SAID_SO),
        "voice": _voice(pupil),
        "invited": _invited(meetings),
        "informed": _first_letter(letters, SERVED),
        "support": _support(plans, referrals),
        "health": _referred(referrals, Service.MEDICAL),
        "agencies": Found(None, "Referred to " + ", ".join(f"{each.agency}" for each in referrals))
        if referrals
        else None,
        "needs": _needs(plans),
        "minutes": _minutes(meetings, letters),
        "review": _last_review(plans),
        "warned": _first_letter(letters, WARNED),
        "asked": _referred(referrals, Service.WELFARE),
    }
    return {key: each for key, each in found.items() if each}


def _first_letter(letters: list[Letter], occasions: frozenset[Occasion]) -> Found | None:
    letter = next((each for each in letters if each.occasion in occasions), None)
    return Found(letter.dated, f"Letter: {letter.label}") if letter else None


def _reviewed(pupil: Pupil, plans: list[Plan], today: date) -> Found | None:
    """The last review or supervision, as long as unauthorised absence went on after the work began."""
    days = [plan.reviewed_on for plan in plans if plan.reviewed_on]
    days += Supervision.objects.filter(case__pupil=pupil).values_list("on", flat=True)
    if not days:
        return None
    missed = summary_of(pupil, plans[0].starts if plans else min(days), today).unauthorised
    if not missed:
        return Found(None, "It was reviewed, and no session was unauthorised since the work began")
    return Found(max(days), f"{missed} session{'s' if missed > 1 else ''} unauthorised since the work began")


def _voice(pupil: Pupil) -> Found | None:
    """The child's words in a form of hers, or in the case: on the day they were written down."""
    for form in FilledForm.objects.filter(pupil=pupil, form__in=("early_help", "support_plan")).standing():
        if any(form.answers.get(key) for key in ("reasons_child", "barriers_child", "impact_child", "voice")):
            return Found(form.on, f"{form.definition.title}")
    case = Case.objects.filter(pupil=pupil).exclude(voice="").first()
    if not case:
        return None
    changed = AuditRow.objects.filter(
        school=pupil.school_id, verb="change_case", pupil_id=pupil.pk, subject_id=case.pk, summary__contains="voice"
    ).last()
    return Found(changed.at.astimezone(pupil.school.zone).date() if changed else case.opened_on, "Written in the case")


def _invited(meetings: list[Meeting]) -> Found | None:
    invited = [meeting for meeting in meetings if meeting.invitees.all()]
    first = min(invited, key=lambda meeting: meeting.planned_at, default=None)
    return Found(first.planned_at.astimezone(first.school.zone).date(), f"Invited to: {first}") if first else None


def _support(plans: list[Plan], referrals: list[Any]) -> Found | None:
    found = [Found(plan.starts, "A plan was made") for plan in plans]
    found += [Found(each.sent_on, f"Referred to {each.agency}") for each in referrals]
    return min(found, key=lambda each: each.on or date.max, default=None)


def _needs(plans: list[Plan]) -> Found | None:
    plan = next((plan for plan in plans if plan.support.strip()), None)
    return Found(plan.starts, plan.support.splitlines()[0][:150]) if plan else None


def _minutes(meetings: list[Meeting], letters: list[Letter]) -> Found | None:
    """Each meeting that was held or missed has its letter."""
    days = []
    for meeting in meetings:
        if meeting.state not in (State.HELD, State.MISSED):
            continue
        letter = next((each for each in letters if each.key == f"meeting-notes-{meeting.pk}"), None)
        if not letter:
            return Found(None, f"The letter about this meeting has not been sent: {meeting}")
        days.append(promised(letter.dated))
    return Found(max(days), "Letter about each meeting") if days else None


def _last_review(plans: list[Plan]) -> Found | None:
    days = [plan.reviewed_on for plan in plans if plan.reviewed_on]
    return Found(max(days), "Review of the plan") if days else None


def _referred(referrals: list[Any], service: Service) -> Found | None:
    first = next((each for each in referrals if each.agency.service == service), None)
    return Found(first.sent_on, f"Referred to {first.agency}") if first else None

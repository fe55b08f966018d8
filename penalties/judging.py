"""The facts of one parent and one child, fetched for the rules of penalties to judge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from attendance_mis.models import School
from attendance_mis.words import how_many
from casework.measures import Mark
from penalties import rules
from penalties.amounts import Kind
from penalties.improvement import OPEN, ImprovementState
from penalties.models import Decision, ImprovementNotice, PenaltyNotice
from penalties.notices import CONTENTS, OFFENCE_PARTICULARS, Notice, Reason, Session, Source, State, used_sessions
from penalties.readings import PenaltySettings
from penalties.reminders import Reminder, reminder_due
from penalties.rules import IssueFacts, Issuer
from penalties.thresholds import WATCHED, Working
from penalties.watching import Calendar, calendar_of, evidence_of, facts_of, settings_of, working_of
from registers import codes
from registers.models import Contact, Pupil
from registers.models import Mark as MarkRow

DRAFTS = (State.PREPARED.value, State.DECLINED.value)


def notices_of(contact: Contact) -> list[PenaltyNotice]:
    """Every notice to this parent for this child that was issued, from every source, newest first."""
    found = PenaltyNotice.objects.filter(contact=contact).exclude(state__in=DRAFTS)
    return list(found.select_related("document").defer("document__content").prefetch_related("sessions", "events"))


def reminders_due(on: date, settings: PenaltySettings) -> list[tuple[PenaltyNotice, Reminder]]:
    """The school's own notices that wait for payment and whose reminder is due, the first to end on top; one query."""
    running = PenaltyNotice.objects.filter(state=State.ISSUED.value, source=Source.SCHOOL.value)
    found = []
    for notice in running.select_related("pupil", "contact").order_by("full_until", "pk"):
        if notice.amount and notice.period:
            reminder = reminder_due(notice.amount, notice.period, on, settings.remind_days)
            if reminder:
                found.append((notice, reminder))
    return sorted(found, key=lambda pair: pair[1].last)


def earlier_of(contact: Contact) -> list[Notice]:
    return [notice.facts for notice in notices_of(contact)]


def is_parent(contact: Contact) -> bool:
    """Parental responsibility, or care of the child (Education Act 1996 s.576); living together stands for care."""
    return bool(contact.parental_responsibility or contact.lives_with_pupil)


def counted_codes(settings: PenaltySettings) -> frozenset[int]:
    return WATCHED if settings.count_n else codes.PENALTY_COUNTED


def unauthorised_in(notice: ImprovementNotice, until: date, settings: PenaltySettings) -> list[Mark]:
    """The sessions that a notice to improve counts up to a day, as the register says now (`actions.improvements`)."""
    days = (notice.starts, min(until, notice.until))
    marks = MarkRow.objects.filter(pupil=notice.pupil_id, day__range=days, code__in=counted_codes(settings))
    return [*marks.order_by("day", "session").values_list("day", "session", "code")]


def unauthorised_now(pupil: Pupil, sessions: Iterable[Session], settings: PenaltySettings) -> frozenset[Session]:
    """Of these sessions, those that the register, or another school's word, still calls unauthorised."""
    wanted = set(sessions)
    if not wanted:
        return frozenset()
    days = {day for day, _ in wanted}
    counted = counted_codes(settings)
    marks = MarkRow.objects.filter(pupil=pupil, school=pupil.school_id, day__in=days, code__in=counted)
    known = {*marks.values_list("day", "session")} | {(d, s) for d, s, code in evidence_of(pupil) if code in counted}
    return frozenset(wanted & known)


@dataclass(frozen=True, slots=True)
class Offence:
    """What a decision would be about: the sessions with their codes, and what the threshold counts with them."""

    marks: tuple[Mark, ...]
    counted: int
    working: Working | None


def offence_of(
    pupil: Pupil,
    contact: Contact,
    kind: Kind,
    span: tuple[date, date] | None,
    on: date,
    calendar: Calendar | None = None,
) -> Offence:
    """The open sessions of the ten weeks up to `on`, or of a span of days; what earlier notices have spent is left out.

    In a public place: every session of the span, whatever its code.
    """
    settings = settings_of(pupil.school, on)
    earlier = earlier_of(contact)
    last = span[1] if span else on
    calendar = calendar or calendar_of(pupil.school, last)
    if kind is Kind.PUBLIC_PLACE:
        marks = MarkRow.objects.filter(pupil=pupil, day__range=span or (on, on)).order_by("day", "session")
        return Offence(tuple(marks.values_list("day", "session", "code")), 0, None)
    used = used_sessions(earlier, {mark[:2] for mark in marks_of_weeks(pupil, calendar, last)}, settings)
    working = working_of(pupil, last, settings, calendar, used)
    if span:
        by_slot = {mark[:2]: mark for mark in [*evidence_of(pupil), *facts_of(pupil, *span).counted_marks()]}
        of_span = [
            mark
            for slot, mark in sorted(by_slot.items())
            if mark[2] in counted_codes(settings)
            and span[0] <= slot[0] <= span[1]
            and slot not in used
            and pupil.compulsory_from <= slot[0] <= pupil.compulsory_until
        ]
        return Offence(tuple(of_span), working.counted if working else 0, working)
    if working is None:
        return Offence((), 0, None)
    open_marks = sorted(mark for week in working.weeks for mark in set(week.counted) - set(week.used))
    return Offence(tuple(open_marks), working.counted, working)


def marks_of_weeks(pupil: Pupil, calendar: Calendar, on: date) -> list[Mark]:
    """Every unauthorised session around the ten weeks, this school's and others'."""
    first = calendar.days[0] if calendar.days else on
    return [*facts_of(pupil, first, on).marks, *evidence_of(pupil)]


def improvement_state(contact: Contact, first_day: date | None) -> ImprovementState | None:
    """Where the latest notice to improve to this parent stands; one that was over before the offence says nothing."""
    latest = ImprovementNotice.objects.filter(contact=contact).first()
    if latest is None or (latest.state not in OPEN and first_day and latest.until < first_day):
        return None
    return ImprovementState(latest.state)


def issue_facts(
    decision: Decision,
    on: date,
    *,
    contents: Mapping[str, str],
    issuer: Issuer,
    signed: bool,
    issuer_authorised: bool = False,
    state: State = State.PREPARED,
) -> IssueFacts:
    """Everything the rules ask about a notice on a day."""
    pupil, contact = decision.pupil, decision.contact
    marks = decision.marks
    return IssueFacts(
        on=on,
        school_type=pupil.school.type,
        issuer=issuer,
        issuer_authorised=issuer_authorised,
        signed=signed,
        sessions=decision.offence,
        counted=decision.counted,
        compulsory=(pupil.compulsory_from, pupil.compulsory_until),
        contents=contents,
        kind=Kind(decision.kind),
        is_parent=is_parent(contact),
        holiday=rules.is_holiday([codes.by_number(code).letter for _, _, code in marks]),
        earlier=earlier_of(contact),
        improvement=improvement_state(contact, marks[0][0] if marks else None),
        below_threshold_reason=decision.below_threshold_reason,
        best_tool=decision.best_tool,
        support=decision.support,
        equality=decision.equality,
        allowed_absence=decision.allowed_absence,
        public_place=decision.public_place,
        la_checked=decision.la_checked,
        state=state,
    )


SAID = {content.field: "said" for content in (OFFENCE_PARTICULARS, *CONTENTS)}


def facts_before_the_draft(decision: Decision, on: date) -> IssueFacts:
    """The facts of a decision with its formalities taken as done: they are asked of the draft."""
    return issue_facts(decision, on, contents=SAID, issuer=Issuer.HEADTEACHER, signed=True)


def changed_since(decision: Decision, on: date) -> list[Reason]:
    """Whether marks of the offence are no longer unauthorised: then the decision rests on what is not so."""
    if decision.kind == Kind.PUBLIC_PLACE:
        return []
    settings = settings_of(decision.pupil.school, on)
    lost = len(decision.offence - unauthorised_now(decision.pupil, decision.offence, settings))
    if not lost:
        return []
    verb = "is" if lost == 1 else "are"
    text = f"{lost} of its {how_many(len(decision.offence), 'session')} {verb} no longer unauthorised."
    return [Reason(f"{text} Prepare the decision anew.", "5.1")]


def why_not_penalty(decision: Decision, on: date) -> list[Reason]:
    """Why no penalty notice can follow this decision; empty means it may."""
    settings = settings_of(decision.pupil.school, on)
    return changed_since(decision, on) + rules.why_not_issue(facts_before_the_draft(decision, on), settings)


def may_issue(school: School) -> bool:
    return school.type in rules.MAY_ISSUE

"""Record what a family says of an absence, decide its code, note its evidence, undo a mistake."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from attendance_mis import audit, clock, words
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.absence_rules import PLANS, UNEXPLAINED, Effect, Said, effect, why_not_report
from casework.actions import contacts
from casework.models import AbsenceReport, ContactRecord
from registers import codes
from registers.actions import planning
from registers.actions.amending import Wanted, amend_marks, hold_registers
from registers.actions.marking import Change, enter_marks
from registers.calendar_rules import Session
from registers.facts import MarkFacts, Slot, mark_facts
from registers.models import Contact, Entry, Mark, PlannedAbsence, Pupil, SchoolDay
from registers.planning import Plan
from registers.siblings import siblings_of

Source, Evidence = AbsenceReport.Source, AbsenceReport.Evidence
KINDS = {
    Source.CALL: ContactRecord.Kind.CALL,
    Source.ANSWERPHONE: ContactRecord.Kind.CALL,
    Source.EMAIL: ContactRecord.Kind.REPLY,
    Source.HATCH: ContactRecord.Kind.HATCH,
}
MOST = 500  # of an amendment's reason


class AskFirst(Refused):
    """Something speaks against the report: a person looks and says that she is sure."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What whoever takes the report may do with marks: a class teacher fills her own open register, no more."""

    decide: bool
    decide_leave: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What the family said."""

    source: str
    who: str
    words: str
    start: date
    end: date
    letter: str
    start_session: Session = Session.AM
    expected_back: date | None = None
    contact: Contact | None = None
    ask_for_evidence: bool = False


@dataclass(slots=True)
class _Work:
    """What one report writes for one child."""

    wanted: list[tuple[Wanted, MarkFacts]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    ahead: list[Slot] = field(default_factory=list)


@transaction.atomic
def report_absence(
    *,
    school: School,
    pupils: Sequence[Pupil],
    told: Told,
    decided: bool,
    by: Actor,
    rights: Rights,
    sure: bool = False,
    record: ContactRecord | None = None,
) -> list[AbsenceReport]:
    """Record a report for one child or several, and enter it in every register that is open or past.

    Registers to come are pre-filled where the code can be. `AskFirst` when something speaks against it (she is marked
    present, somebody reported it already) and nobody said `sure`; `Refused` when it can not be.
    """
    if not pupils:
        raise Refused(["Choose the child it is about."])
    locked = list(
        Pupil.objects.select_for_update(no_key=True).filter(pk__in=[pupil.pk for pupil in pupils]).order_by("pk")
    )
    decided = decided and rights.decide
    said = Said(told.start, told.end, told.letter, decided)
    today = clock.today(school)
    if reasons := why_not_report(said, today=today, expected_back=told.expected_back):
        raise Refused(reasons)
    standing = AbsenceReport.objects.standing().filter(pupil__in=locked, start__lte=told.end, end__gte=told.start)
    work = _work(school, locked, told, said, rights, sure=sure)
    if not sure:
        _ask(school, locked, work, list(standing.select_related("pupil")))
    if record is None and told.source in KINDS:
        record = _contact(school, locked, told, by)
    together = record.together if record else uuid4()
    now = clock.now(school)
    reports = []
    for pupil in locked:
        marks = _enter(school, work[pupil.pk], _because(told), by, rights)
        report = AbsenceReport.objects.create(
            school=school,
            pupil=pupil,
            together=together,
            source=told.source,
            contact=told.contact if told.contact and told.contact.pupil_id == pupil.pk else None,
            who=told.who,
            words=told.words,
            start=told.start,
            start_session=told.start_session,
            end=told.end,
            expected_back=told.expected_back,
            proposed=codes.code_for(told.letter, told.start).number,
            decided=codes.code_for(told.letter, told.start).number if decided else None,
            decided_at=now if decided else None,
            decided_by_id=by.user_id if decided else None,
            evidence=Evidence.ASKED if told.ask_for_evidence else Evidence.NOT_ASKED,
            asked_on=today if told.ask_for_evidence else None,
            record=record if record and record.pupil_id == pupil.pk else None,
            planned=_plan(school, pupil, told, work[pupil.pk], by) if decided else None,
            marks=marks,
            made_at=now,
            made_by_id=by.user_id,
            by_name=by.name,
        )
        _record("record_absence", report, by, _summary(report, decided=decided))
        reports.append(report)
    return reports


@transaction.atomic
def decide_absence(*, report: AbsenceReport, letter: str, by: Actor, rights: Rights) -> None:
    """Say which code a reported reason is, and enter it where N or nothing stands. Raises `Refused`."""
    school = report.school
    report = AbsenceReport.objects.select_for_update(no_key=True, of=("self",)).get(pk=report.pk)
    if report.undone_at or report.decided:
        raise Refused(["Somebody has decided or undone this report already. Look at it again."])
    said = Said(report.start, report.end, letter, decided=True)
    if reasons := why_not_report(said, today=clock.today(school), expected_back=None):
        raise Refused(reasons)
    told = Told(
        report.source, report.who, report.words, report.start, report.end, letter, Session(report.start_session)
    )
    work = _work(school, [report.pupil], told, said, rights, sure=False)[report.pupil_id]
    report.marks += _enter(school, work, _because(told), by, rights)
    report.planned = _plan(school, report.pupil, told, work, by)
    report.decided = codes.code_for(letter, report.start).number
    report.decided_at, report.decided_by_id = clock.now(school), by.user_id
    report.save()
    was = codes.by_number(report.proposed).letter
    summary = f"Decided: {letter} for “{report.words}”" + (f" ({was} was proposed)." if was != letter else ".")
    _record("decide_absence", report, by, summary)


@transaction.atomic
def note_evidence(*, report: AbsenceReport, evidence: str, note: str, by: Actor) -> None:
    """Note that evidence was asked for, or came."""
    today = clock.today(report.school)
    report = AbsenceReport.objects.select_for_update(no_key=True, of=("self",)).get(pk=report.pk)
    report.evidence, report.evidence_note = evidence, note
    if evidence == Evidence.ASKED:
        report.asked_on, report.received_on = report.asked_on or today, None
    elif evidence == Evidence.RECEIVED:
        report.received_on = today
    report.save()
    said = f"Medical evidence {report.get_evidence_display().lower()}" + (f": {note}" if note else "") + "."
    _record("note_medical_evidence", report, by, said)


@transaction.atomic
def undo_absence(*, report: AbsenceReport, because: str, by: Actor) -> int:
    """Take a report back: its marks become what they were, its plan ends. Returns how many marks.

    The talk it came of no longer counts as having reached the family. A mark that somebody changed since stays as it
    is. A mark that was blank when its register has been sent or closed meanwhile becomes N. Raises `Refused` when it
    was undone already.
    """
    school = report.school
    report = AbsenceReport.objects.select_for_update(no_key=True, of=("self",)).select_related("planned").get(
        pk=report.pk
    )  # fmt: skip
    if report.undone_at:
        raise Refused(["Somebody has undone this report already."])
    undone = _restore(school, report, because or "the report was a mistake", by)
    planned = report.planned
    if planned and not planned.cancelled_at and planned.end >= clock.today(school):
        planning.cancel_absence(planned=planned, by=by, reason="the absence report was undone")
    heard = ContactRecord.objects.standing().filter(together=report.together, pupil=report.pupil_id)
    for record in heard.select_related("school", "pupil", "contact"):
        contacts.withdraw_answer(record=record, because=because or "a mistake", by=by)
    report.undone_at, report.undone_by_id, report.undone_because = clock.now(school), by.user_id, because
    report.save()
    _record("undo_absence", report, by, f"Took back the report of {report.who}: {because or 'a mistake'}.")
    return undone


def _work(
    school: School, pupils: Sequence[Pupil], told: Told, said: Said, rights: Rights, *, sure: bool
) -> dict[int, _Work]:
    """What the report would do to each session of its days. Two queries."""
    now = clock.now(school)
    held = [
        (row.day, session)
        for row in SchoolDay.objects.filter(day__range=(told.start, told.end)).order_by("day")
        for session, is_held in ((Session.AM, row.am), (Session.PM, row.pm))
        if is_held and (row.day, session) >= (told.start, told.start_session)
    ]
    slots = [Slot(pupil.pk, day, session) for pupil in pupils for day, session in held]
    hold_registers(school, slots)
    names = {pupil.pk: pupil.name for pupil in pupils}
    work = {pupil.pk: _Work() for pupil in pupils}
    for slot, facts in mark_facts(school, slots).items():
        mine = work[slot.pupil_id]
        if facts.pupil is None:
            continue
        if now < facts.register.opens_at:
            mine.ahead.append(slot)
            continue
        what = effect(said, facts.code, opens_at=facts.register.opens_at, now=now, sure=sure)
        if what is Effect.ASK:
            mine.questions.append(
                f"{names[slot.pupil_id]} is marked {facts.code} ({facts.code.within}) on "
                f"{slot.day:%A %-d %B} {slot.session}. Is it the right child?"
            )
        elif what is Effect.ENTER and (rights.decide or (facts.code is None and not facts.register.is_settled(now))):
            mine.wanted.append((Wanted(slot, said.entered, facts.version, note=told.words), facts))
    return work


def _ask(school: School, pupils: Sequence[Pupil], work: dict[int, _Work], standing: list[AbsenceReport]) -> None:
    questions = [question for each in work.values() for question in each.questions]
    if questions:
        questions += _siblings_missing(school, pupils)
    questions += [
        f"{report.by_name} recorded an absence of {report.pupil} {_when(report, school)}: “{report.words}”. "
        "Record this one as well?"
        for report in standing
    ]
    if questions:
        raise AskFirst(questions)


def _when(report: AbsenceReport, school: School) -> str:
    return f"at {report.made_at.astimezone(school.zone):%H:%M on %-d %B}"


def _siblings_missing(school: School, pupils: Sequence[Pupil]) -> list[str]:
    """The brother or sister the family may have meant: she has no reason today."""
    chosen = {pupil.pk for pupil in pupils}
    families = siblings_of(school)
    near = {sibling for pk in chosen for sibling in families.get(pk, ())} - chosen
    missing = Mark.objects.filter(pupil__in=near, day=clock.today(school)).without_reason().values("pupil")
    siblings: Iterable[Any] = Pupil.objects.filter(pk__in=missing).with_class(clock.today(school))
    return [
        f"{sibling} of {sibling.class_name or 'no class'}, of the same family, is missing without a reason: "
        "may it be about this child?"
        for sibling in siblings
    ]


def _contact(school: School, pupils: Sequence[Pupil], told: Told, by: Actor) -> ContactRecord:
    """The talk itself, in the contact record: the report's own audit row tells of it."""
    records = contacts.add_records(
        school=school,
        pupils=pupils,
        kind=KINDS[Source(told.source)],
        outcome=ContactRecord.Outcome.ANSWERED if told.source == Source.CALL else "",
        who=told.who,
        contact=told.contact,
        said=told.words,
        by=by,
    )
    return records[0]


def _enter(school: School, work: _Work, because: str, by: Actor, rights: Rights) -> list[dict[str, Any]]:
    """Write the marks; what stood there before is kept for undoing it."""
    if not work.wanted:
        return []
    wanted = [each for each, _ in work.wanted]
    amend_marks(school=school, wanted=wanted, reason=because, by=by, may_decide_leave=rights.decide_leave)
    days = [each.slot.day for each in wanted]
    entries = {
        (day, session): entry
        for day, session, entry in Mark.objects.filter(
            pupil=wanted[0].slot.pupil_id, day__range=(min(days), max(days))
        ).values_list("day", "session", "entry_id")
    }
    return [
        {
            "day": facts.slot.day.isoformat(),
            "session": int(facts.slot.session),
            "entry": entries[facts.slot.day, facts.slot.session],
            "before": facts.code.letter if facts.code else "",
            "minutes": facts.minutes_late,
            "note": facts.note,
        }
        for _, facts in work.wanted
    ]


def _plan(school: School, pupil: Pupil, told: Told, work: _Work, by: Actor) -> PlannedAbsence | None:
    """Pre-fill the registers to come; a report of before for the same days gives way."""
    if not work.ahead or told.letter not in PLANS:
        return None
    first, last = work.ahead[0], work.ahead[-1]
    earlier = PlannedAbsence.objects.standing().filter(
        pupil=pupil, kind=PlannedAbsence.Kind.REPORTED, start__lte=last.day, end__gte=first.day
    )
    for each in earlier:
        planning.cancel_absence(planned=each, by=by, reason="replaced by a new report")
    plan = Plan(
        kind=PLANS[told.letter],
        letter=told.letter,
        start=first.day,
        start_session=first.session,
        end=last.day,
        end_session=last.session,
        note=told.words,
    )
    [planned] = planning.plan_absence(school=school, pupils=[pupil], plan=plan, by=by)
    return planned


def _restore(school: School, report: AbsenceReport, because: str, by: Actor) -> int:
    now = clock.now(school)
    kept = {
        Slot(report.pupil_id, date.fromisoformat(each["day"]), Session(each["session"])): each for each in report.marks
    }
    hold_registers(school, list(kept))
    wanted, blank = [], []
    for slot, facts in mark_facts(school, list(kept)).items():
        before = kept[slot]
        if facts.version != before["entry"]:
            continue
        if not before["before"] and not facts.register.is_settled(now):
            blank.append((slot, facts.version))
        elif (letter := before["before"] or UNEXPLAINED) != facts.code.letter:
            wanted.append(Wanted(slot, letter, facts.version, before["minutes"], before["note"]))
    if wanted:
        amend_marks(school=school, wanted=wanted, reason=f"Absence report undone: {because}"[:MOST], by=by)
    for slot, version in blank:
        _take_back(school, slot, version, now, by)
    return len(wanted) + len(blank)


def _take_back(school: School, slot: Slot, version: int, now: datetime, by: Actor) -> None:
    enter_marks(
        school_id=school.pk,
        day=slot.day,
        session=slot.session,
        changes=[Change(slot.pupil_id, None, version)],
        by=by,
        at=now,
        made_at=now,
        source=Entry.Source.OFFICE,
    )


def _because(told: Told) -> str:
    return f"{Source(told.source).label}, {told.who}: {told.words}"[:MOST]


def _summary(report: AbsenceReport, *, decided: bool) -> str:
    letter = codes.by_number(report.proposed).letter
    code = f"{letter}" if decided else f"{letter} proposed, to be decided"
    back = f" Expected back on {report.expected_back:%-d %B}." if report.expected_back else ""
    days = words.days(report.start, report.end)
    source = report.get_source_display().lower()
    return f"Absence reported by {report.who} ({source}), {days}: “{report.words}” {code}.{back}"


def _record(verb: str, report: AbsenceReport, by: Actor, summary: str) -> None:
    audit.record(verb, report, school_id=report.school_id, by=by, summary=summary, pupil_id=report.pupil_id)

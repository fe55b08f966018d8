"""Plan absences that pre-fill the register, and cancel them. Two plans never stand for one session."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers import codes, planning
from registers.actions.amending import Wanted, amend_marks
from registers.calendar_rules import Session
from registers.closures import closures_said
from registers.facts import Slot as MarkSlot
from registers.models import Mark, PlannedAbsence, Pupil, SchoolDay
from registers.planning import Plan, Slot

# What is alike in the rows of one plan for several pupils.
SAME_PLAN = ("kind", "code", "start", "start_session", "end", "end_session", "weekdays", "note")

# Kinds that many pupils have together; two dentists on a day are two plans.
OF_MANY = ("activity", "closure")


@dataclass(frozen=True, slots=True)
class Standing:
    """A mark that stands in a session of a plan and says something else."""

    slot: Slot
    number: int
    version: int

    @property
    def letter(self) -> str:
        return codes.by_number(self.number).letter


@dataclass(frozen=True, slots=True)
class ForPupil:
    """What a plan means for one pupil.

    `replaces` are the plans it covers wholly, `splits` those that go on before and after it, `marks` the other marks
    that stand in its sessions.
    """

    pupil: Pupil
    replaces: tuple[PlannedAbsence, ...] = ()
    splits: tuple[PlannedAbsence, ...] = ()
    marks: tuple[Standing, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def marked(self) -> int:
        return len(self.marks)

    @property
    def is_plain(self) -> bool:
        """Whether the plan only pre-fills this pupil's register."""
        return not (self.replaces or self.splits or self.marks or self.reasons)

    @property
    def letters(self) -> str:
        """The letters that stand: "/ and N"."""
        return " and ".join(dict.fromkeys(mark.letter for mark in self.marks))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would do: its sessions, and each pupil's part."""

    plan: Plan
    slots: tuple[Slot, ...]
    reasons: tuple[str, ...]
    advice: tuple[str, ...]
    pupils: tuple[ForPupil, ...]
    closures: tuple[str, ...] = ()

    @property
    def can(self) -> list[ForPupil]:
        return [each for each in self.pupils if not each.reasons]

    @property
    def plain(self) -> list[ForPupil]:
        return [each for each in self.pupils if each.is_plain]

    @property
    def special(self) -> list[ForPupil]:
        """Those for whom something else is there already."""
        return [each for each in self.pupils if not each.is_plain]

    @property
    def marked(self) -> int:
        """How many other marks stand in it, of those who can have it."""
        return sum(each.marked for each in self.can)

    @property
    def seen(self) -> str:
        """What tells these marks from the same list with a mark changed meanwhile."""
        marks = sorted((each.pupil.pk, *mark.slot, mark.version) for each in self.can for mark in each.marks)
        return hashlib.sha256(repr(marks).encode()).hexdigest()[:16]

    @property
    def cannot(self) -> list[ForPupil]:
        return [each for each in self.pupils if each.reasons]


def preview_absence(
    *,
    school: School,
    pupils: Iterable[Pupil],
    plan: Plan,
    may_decide_leave: bool,
    instead_of: Collection[PlannedAbsence] = (),
) -> Preview:
    """Works out what a plan would do; writes nothing. `instead_of` are the rows it takes the place of."""
    ids = [pupil.pk for pupil in pupils]
    rows = list(Pupil.objects.filter(pk__in=ids).prefetch_related("registrations"))
    others = (
        PlannedAbsence.objects.standing()
        .filter(pupil__in=ids, start__lte=plan.end, end__gte=plan.start)
        .exclude(pk__in=[each.pk for each in instead_of])
    )
    standing: dict[int, list[PlannedAbsence]] = {pk: [] for pk in ids}
    for other in others:
        standing[other.pupil_id].append(other)
    held = _held(
        min([plan.start, *(other.start for other in others)]), max([plan.end, *(other.end for other in others)])
    )
    slots = planning.sessions_of(plan, held)
    marked = _marked(ids, plan, slots)
    # A plan that is over may still be put right: its marks are what is wrong.
    today = min([clock.today(school), *(each.end for each in instead_of)])
    reasons = planning.why_not_plan(plan, slots, today=today, may_decide_leave=may_decide_leave)
    closures = closures_said(plan.start, plan.end) if plan.start <= plan.end else []
    if closures and not slots:
        reasons.append(f"The school is closed: {'; '.join(closures)}.")
    return Preview(
        plan=plan,
        slots=tuple(slots),
        reasons=tuple(reasons),
        advice=tuple(planning.advice(plan, slots)),
        pupils=tuple(_for_pupil(row, plan, held, standing[row.pk], marked.get(row.pk, ()), reasons) for row in rows),
        closures=tuple(closures),
    )


@transaction.atomic
def plan_absence(
    *,
    school: School,
    pupils: Iterable[Pupil],
    plan: Plan,
    by: Actor,
    may_decide_leave: bool = False,
    leave_out: bool = False,
    amend: str = "",
    reason: str = "",
) -> list[PlannedAbsence]:
    """Plan an absence for one pupil or several. A plan that is wholly covered by the new one is replaced by it.

    A closure, an exclusion or leave splits what ranks lower. With `amend` (the preview's `seen`) the other marks that
    stand in its sessions become the plan's, with this reason where their registers were sent or have closed. Raises
    `Refused` with every pupil's reason; with `leave_out` those pupils are left out, and the others planned.
    """
    ids = sorted(pupil.pk for pupil in pupils)
    locked = list(Pupil.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    preview = preview_absence(school=school, pupils=locked, plan=plan, may_decide_leave=may_decide_leave)
    named = [f"{each.pupil}: {'; '.join(each.reasons)}." for each in preview.cannot]
    if preview.reasons or (named and not leave_out) or not preview.can:
        raise Refused([*preview.reasons, *named] or ["Choose at least one pupil."])
    made = [make_one(each, plan, by) for each in preview.can]
    if amend and preview.marked:
        if amend != preview.seen:
            raise Refused(["A mark was changed meanwhile. Look at what the plan would do again."])
        change_marks(school=school, changes=marks_to_change(preview), reason=reason, by=by)
    return made


def marks_to_change(preview: Preview) -> list[Wanted]:
    """The other marks that stand in a plan's sessions, as the plan says them."""
    return [
        Wanted(MarkSlot(each.pupil.pk, *mark.slot), preview.plan.letter, mark.version, note=preview.plan.note)
        for each in preview.can
        for mark in each.marks
    ]


def change_marks(*, school: School, changes: Sequence[Wanted], reason: str, by: Actor) -> None:
    """Let marks follow a plan that was decided already: whoever may plan it may enter its code."""
    amend_marks(school=school, wanted=changes, reason=reason, by=by, may_decide_leave=True, verb="amend_by_plan")


def grouped(plans: Iterable[PlannedAbsence]) -> list[PlannedAbsence]:
    """A trip or a closure once, however many pupils have it: `pupils` of a row are all of them, in their order."""
    found: dict[tuple, PlannedAbsence] = {}
    for plan in plans:
        key = (*(getattr(plan, name) for name in SAME_PLAN), plan.only_session)
        if plan.kind not in OF_MANY:
            key = (plan.pk,)
        found.setdefault(key, plan).__dict__.setdefault("pupils", []).append(plan.pupil)
    return list(found.values())


def others_of(planned: PlannedAbsence) -> QuerySet[PlannedAbsence]:
    """The same plan of other pupils: the rest of a trip."""
    same = {name: getattr(planned, name) for name in SAME_PLAN}
    half = {"only_session": planned.only_session} if planned.only_session else {"only_session__isnull": True}
    return PlannedAbsence.objects.standing().filter(**same, **half).exclude(pk=planned.pk)


@transaction.atomic
def cancel_absence(*, planned: PlannedAbsence, by: Actor, reason: str = "", for_all: bool = False) -> int:
    """Cancel a plan; one that has begun ends yesterday, so that what it entered keeps its ground.

    `for_all` cancels it for every pupil who has the same; returns for how many. Raises `Refused` when it is cancelled
    or over already.
    """
    plans = [planned, *others_of(planned)] if for_all else [planned]
    for each in plans:
        cancel_one(each, by, reason)
    return len(plans)


@transaction.atomic
def review_part_time(*, planned: PlannedAbsence, review_on: date | None, note: str, by: Actor) -> None:
    """Record the review of a part-time timetable, and the day of the next; none when it ends as planned.

    Raises `Refused` for a next review that is not between today and the end (law.md 3.29).
    """
    planned = PlannedAbsence.objects.select_for_update(no_key=True, of=("self",)).get(pk=planned.pk)
    today = clock.today(planned.school)
    if review_on is not None and not today < review_on <= planned.end:
        raise Refused([f"The next review must fall after today, and by the last day, {planned.end:%-d %B %Y}."])
    planned.review_on = review_on
    planned.save(update_fields=["review_on"])
    following = f" The next is on {review_on:%-d %B %Y}." if review_on else " It ends as planned."
    record_plan("review_part_time", planned, by, f"Reviewed the part-time timetable. {note}{following}")


def cancel_one(planned: PlannedAbsence, by: Actor, reason: str) -> None:
    """Cancel one pupil's plan, or end it yesterday when it has begun. Raises `Refused` when it is over already."""
    planned = (
        PlannedAbsence.objects.select_for_update(no_key=True, of=("self",))
        .select_related("pupil__school")
        .get(pk=planned.pk)
    )
    today = clock.today(planned.pupil.school)
    if planned.cancelled_at or planned.end < today:
        raise Refused(["This plan is cancelled or over already."])
    if planned.start < today:
        planned.end, planned.end_session = today - timedelta(1), Session.PM
        said = "Ended"
    else:
        planned.cancelled_at, planned.cancelled_by_id = timezone.now(), by.user_id
        said = "Cancelled"
    planned.save()
    record_plan("cancel_absence", planned, by, f"{said}: {_what(planned)}.", reason)


def clear_way(each: ForPupil, plan: Plan, by: Actor) -> None:
    """Cancel what a plan replaces, and let what it splits go on around it."""
    for other in each.replaces:
        cancel_one(other, by, "replaced by another plan")
    for other in each.splits:
        _split(other, plan, by)


def make_one(each: ForPupil, plan: Plan, by: Actor) -> PlannedAbsence:
    """The plan of one pupil, as its preview says."""
    clear_way(each, plan, by)
    planned = PlannedAbsence.objects.create(
        school_id=each.pupil.school_id,
        pupil=each.pupil,
        kind=plan.kind,
        start=plan.start,
        start_session=plan.start_session,
        end=plan.end,
        end_session=plan.end_session,
        weekdays=plan.weekdays,
        only_session=plan.only_session,
        code=plan.code().number,
        note=plan.note,
        review_on=plan.review_on,
        noted_at=timezone.now(),
        noted_by_id=by.user_id,
    )
    record_plan("plan_absence", planned, by, f"Planned: {_what(planned)}.")
    return planned


def _split(other: PlannedAbsence, plan: Plan, by: Actor) -> None:
    """Let another plan end before this one, and go on after it."""
    what = _what(other)
    for number, part in enumerate(planning.outside(other.plan, plan)):
        if number:
            other.pk = None
            other._state.adding = True
        other.start, other.start_session = part.start, part.start_session
        other.end, other.end_session = part.end, part.end_session
        other.save()
    record_plan("split_absence", other, by, f"{plan.code().short} comes between: {what}, goes on around it.")


def record_plan(verb: str, planned: PlannedAbsence, by: Actor, summary: str, reason: str = "") -> None:
    """One row of the audit trail about a plan, and the child's record has changed."""
    Pupil.objects.filter(pk=planned.pupil_id).update(changed_at=timezone.now())
    audit.record(
        verb,
        planned,
        school_id=planned.school_id,
        by=by,
        pupil_id=planned.pupil_id,
        summary=summary,
        data={"code": codes.by_number(planned.code).letter, "note": planned.note, "reason": reason},
    )


def _what(planned: PlannedAbsence) -> str:
    return f"{planned.get_kind_display().lower()} ({codes.by_number(planned.code).letter}), {planned.said}"


def _held(first: date, last: date) -> list[Slot]:
    """Every session the school holds in these days."""
    days = SchoolDay.objects.filter(day__range=(first, last))
    return [(day.day, session) for day in days for session, held in zip(Session, (day.am, day.pm), strict=True) if held]


def _marked(ids: Sequence[int], plan: Plan, slots: Sequence[Slot]) -> dict[int, tuple[Standing, ...]]:
    """The other marks that stand in these sessions."""
    if not slots:
        return {}
    covered, number = set(slots), plan.code().number
    found: dict[int, tuple[Standing, ...]] = dict.fromkeys(ids, ())
    marks = Mark.objects.filter(pupil__in=ids, day__range=(plan.start, plan.end)).exclude(code=number)
    rows = marks.order_by("day", "session").values_list("pupil", "day", "session", "code", "entry_id")
    for pupil_id, day, session, code, version in rows:
        if (day, session) in covered:
            found[pupil_id] += (Standing((day, Session(session)), code, version),)
    return found


def _for_pupil(
    pupil: Pupil,
    plan: Plan,
    held: Sequence[Slot],
    standing: Iterable[PlannedAbsence],
    marks: Sequence[Standing],
    reasons: Sequence[str],
) -> ForPupil:
    if reasons:
        return ForPupil(pupil)
    spells = [(spell.admission_date, spell.leaving_date) for spell in pupil.registrations.all()]
    compulsory = (pupil.compulsory_from, pupil.compulsory_until)
    slots = planning.sessions_of(plan, held)
    found = planning.why_not_for_pupil(plan, slots, compulsory=compulsory, spells=spells)
    replaces, splits = [], []
    for other in standing:
        theirs = set(planning.sessions_of(other.plan, held))
        if not theirs & set(slots):
            continue
        if theirs <= set(slots):
            replaces.append(other)
        elif planning.goes_over(plan, other.kind):
            splits.append(other)
        else:
            found.append(f"has another plan in this time ({_what(other)}); cancel it first")
    return ForPupil(pupil, tuple(replaces), tuple(splits), tuple(marks), tuple(found))

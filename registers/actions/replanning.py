"""Change a plan, also after registers were taken on its ground: what, when, for whom, and the marks with it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers import taking
from registers.actions.amending import Wanted
from registers.actions.planning import (
    Preview,
    change_marks,
    clear_way,
    make_one,
    marks_to_change,
    others_of,
    preview_absence,
    record_plan,
)
from registers.calendar_rules import Session
from registers.facts import Slot as MarkSlot
from registers.models import Mark, PlannedAbsence, Pupil
from registers.planning import Plan, Slot


@dataclass(frozen=True, slots=True)
class Left:
    """A mark that the plan entered and that it no longer covers."""

    pupil: Pupil
    slot: Slot
    number: int
    version: int


@dataclass(frozen=True, slots=True)
class Replan:
    """What a change of a plan would do: `preview` of the new one, who no longer has it, and the marks it leaves."""

    preview: Preview
    removed: tuple[Pupil, ...]
    left: tuple[Left, ...]
    renamed: int

    @property
    def changes_marks(self) -> bool:
        return bool(self.preview.marked or self.left or self.renamed)

    @property
    def seen(self) -> str:
        marks = sorted((each.pupil.pk, *each.slot, each.version) for each in self.left)
        return hashlib.sha256((repr(marks) + self.preview.seen).encode()).hexdigest()[:16]


def group_of(planned: PlannedAbsence) -> list[PlannedAbsence]:
    """A plan and the same plan of the others: a whole trip."""
    others = others_of(planned).select_related("pupil__school")
    return [planned, *others]


def preview_change(
    *, school: School, group: Sequence[PlannedAbsence], pupils: Iterable[Pupil], plan: Plan, may_decide_leave: bool
) -> Replan:
    """Works out what the change would do; writes nothing."""
    wanted = list(pupils)
    preview = preview_absence(
        school=school, pupils=wanted, plan=plan, may_decide_leave=may_decide_leave, instead_of=group
    )
    stay = {pupil.pk for pupil in wanted}
    covered = set(preview.slots)
    left, renamed = [], 0
    of_pupil = {row.pupil_id: row for row in group}
    old = group[0]
    marks = Mark.objects.filter(pupil__in=list(of_pupil), day__range=(old.start, old.end), code=old.code)
    for pupil_id, day, session, number, version, note in marks.order_by("day", "session").values_list(
        "pupil", "day", "session", "code", "entry_id", "note"
    ):
        slot = (day, Session(session))
        if not old.plan.covers(slot):
            continue
        if pupil_id not in stay or slot not in covered:
            left.append(Left(of_pupil[pupil_id].pupil, slot, number, version))
        elif number == plan.code().number and (note or "") != plan.note:
            renamed += 1
    removed = tuple(row.pupil for row in group if row.pupil_id not in stay)
    return Replan(preview, removed, tuple(left), renamed)


@transaction.atomic
def change_absence(
    *,
    school: School,
    planned: PlannedAbsence,
    for_all: bool,
    pupils: Iterable[Pupil],
    plan: Plan,
    by: Actor,
    may_decide_leave: bool = False,
    amend: str = "",
    instead: str = "N",
    reason: str = "",
) -> Replan:
    """Change a plan, of one pupil or of all who have the same.

    With `amend` (the preview's `seen`) the marks follow: those that stand in its sessions become the plan's, those it
    no longer covers become `instead`. Raises `Refused` with every reason, and changes nothing then.
    """
    pupils = list(pupils)
    ids = [pupil.pk for pupil in pupils]
    list(Pupil.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    locked = PlannedAbsence.objects.select_for_update(no_key=True, of=("self",)).select_related("pupil__school")
    planned = locked.get(pk=planned.pk)
    if planned.cancelled_at:
        raise Refused(["This plan was cancelled meanwhile."])
    group = group_of(planned) if for_all else [planned]
    found = preview_change(school=school, group=group, pupils=pupils, plan=plan, may_decide_leave=may_decide_leave)
    named = [f"{each.pupil}: {'; '.join(each.reasons)}." for each in found.preview.cannot]
    if found.preview.reasons or named or not found.preview.can:
        raise Refused([*found.preview.reasons, *named] or ["Choose at least one pupil, or cancel the plan."])
    changes = _wanted(found, group, plan, instead)  # read before the rows change
    rows = {row.pupil_id: row for row in group}
    for each in found.preview.can:
        if row := rows.get(each.pupil.pk):
            clear_way(each, plan, by)
            _change(row, plan, by)
        else:
            make_one(each, plan, by)
    for pupil in found.removed:
        _remove(rows[pupil.pk], by)
    if amend and changes:
        if amend != found.seen:
            raise Refused(["A mark was changed meanwhile. Look at what the change would do again."])
        change_marks(school=school, changes=changes, reason=reason, by=by)
    return found


def _wanted(found: Replan, group: Sequence[PlannedAbsence], plan: Plan, instead: str) -> list[Wanted]:
    """Every mark that follows the change."""
    left = [
        Wanted(
            MarkSlot(each.pupil.pk, *each.slot),
            taking.present(each.slot[1]) if instead == "/" else instead,
            each.version,
        )
        for each in found.left
    ]
    return [*marks_to_change(found.preview), *_renamed(found, group, plan), *left]


def _renamed(found: Replan, group: Sequence[PlannedAbsence], plan: Plan) -> list[Wanted]:
    """Marks that keep their code and get the new note: the nature of the activity is part of the record."""
    stay, covered = {each.pupil.pk for each in found.preview.can}, set(found.preview.slots)
    marks = Mark.objects.filter(
        pupil__in=[row.pupil_id for row in group if row.pupil_id in stay],
        day__range=(plan.start, plan.end),
        code=plan.code().number,
    )
    return [
        Wanted(MarkSlot(pupil_id, day, Session(session)), plan.letter, version, note=plan.note)
        for pupil_id, day, session, version, note in marks.values_list("pupil", "day", "session", "entry_id", "note")
        if (day, Session(session)) in covered and (note or "") != plan.note
    ]


def _change(row: PlannedAbsence, plan: Plan, by: Actor) -> None:
    before = row.said
    row.kind, row.code, row.note, row.review_on = plan.kind, plan.code().number, plan.note, plan.review_on
    row.start, row.start_session, row.end, row.end_session = plan.start, plan.start_session, plan.end, plan.end_session
    row.weekdays, row.only_session = plan.weekdays, plan.only_session
    row.save()
    moved = "" if before == row.said else f" It was {before}."
    record_plan("change_absence", row, by, f"Changed the plan: {row.get_kind_display().lower()}, {row.said}.{moved}")


def _remove(row: PlannedAbsence, by: Actor) -> None:
    """Taken out of the plan altogether: it never was for this child."""
    row.cancelled_at, row.cancelled_by_id = clock.now(row.pupil.school), by.user_id
    row.save()
    record_plan("cancel_absence", row, by, f"Taken out of the plan: {row.get_kind_display().lower()}, {row.said}.")

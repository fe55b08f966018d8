"""Amend one mark, or many at once."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from registers import history, taking
from registers.actions import amending
from registers.actions.amending import Clash, Wanted
from registers.calendar_rules import Session
from registers.choosing import chosen_slots
from registers.codes import Code
from registers.facts import MarkFacts, Slot, mark_facts
from registers.forms.amending import AmendMarkForm, AmendMarksForm
from registers.forms.choosing import MOST_AT_ONCE, ChosenMarksForm, token
from registers.models import Pupil
from registers.taking import Outcome


@requires(Permission.AMEND_MARK)
def amend_mark(request: Request, pupil_id: int, day: date, session: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil, pk=pupil_id)
    slot = Slot(pupil.pk, day, Session(session))
    facts = mark_facts(request.school, [slot])[slot]
    now = clock.now(request.school)
    may_decide_leave = bool(can(request.user, Permission.DECIDE_LEAVE, request.school))
    amends = amending.outcome(facts, now) is Outcome.AMENDED
    form = AmendMarkForm(request.POST or None, facts=facts, amends=amends, may_decide_leave=may_decide_leave)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        wanted = Wanted(slot, values["code"], values["version"], values["minutes_late"], values["note"])
        try:
            amending.amend_mark(
                school=request.school,
                wanted=wanted,
                reason=values.get("reason", ""),
                by=request.actor,
                may_decide_leave=may_decide_leave,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
            status = 409 if isinstance(refused, Clash) else 422
        else:
            messages.success(request, f"{pupil}, {day:%-d %B} {slot.session}: the mark is now {wanted.code()}.")
            return redirect(request.path)
    if status == 409:
        facts = mark_facts(request.school, [slot])[slot]
        form.rest_on(facts)
    return render(
        request,
        "registers/amend_mark.html",
        {
            "pupil": pupil,
            "slot": slot,
            "facts": facts,
            "form": form,
            "amends": amends,
            "refused": taking.why_not_amend(facts.register, facts.pupil, now),
            "events": history.events(request.school, [pupil.pk], day, slot.session)[::-1],
        },
        status=status,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One mark of the preview: what stands, what it becomes or why it cannot."""

    token: str
    name: str
    class_name: str
    facts: MarkFacts
    code: Code | None
    refused: list[str]


@requires(Permission.AMEND_MARK)
def amend_marks(request: Request) -> HttpResponse:
    """Choose, look at what would become of each mark, then amend the ticked ones: all of them or none."""
    today = clock.today(request.school)
    posted = request.method == "POST"
    form = AmendMarksForm(request.POST if posted else None, initial={"first_day": today, "last_day": today})
    chosen = ChosenMarksForm(request.POST) if "amend" in request.POST else None
    rows: list[Row] = []
    if posted and form.is_valid():
        if chosen and chosen.is_valid():
            try:
                return _amend_chosen(request, form.cleaned_data, chosen.cleaned_data["mark"])
            except Refused as refused:
                form.add_error(None, refused.reasons)
        elif chosen:
            form.add_error(None, chosen.errors["mark"])
        rows = _preview(request, form)
        if len(rows) > MOST_AT_ONCE:
            form.add_error(None, f"These are more than {MOST_AT_ONCE} marks: choose fewer days, or one class.")
            rows = []
    return render(
        request,
        "registers/amend_marks.html",
        {"form": form, "rows": rows, "looked": posted and not form.errors},
        status=422 if form.errors else 200,
    )


def _amend_chosen(request: Request, values: dict, marks: list[tuple[Slot, int]]) -> HttpResponse:
    outcomes = amending.amend_marks(
        school=request.school,
        wanted=[Wanted(slot, values["code"], version, note=values["note"]) for slot, version in marks],
        reason=values["reason"],
        by=request.actor,
        may_decide_leave=bool(can(request.user, Permission.DECIDE_LEAVE, request.school)),
    )
    amended = outcomes.count(Outcome.AMENDED)
    messages.success(request, f"{len(outcomes)} marks are now {values['code']}, {amended} of them by an amendment.")
    return redirect(request.path)


def _preview(request: Request, form: AmendMarksForm) -> list[Row]:
    values = form.cleaned_data
    slots = chosen_slots(
        request.school,
        values["first_day"],
        values["last_day"],
        values["sessions"],
        limit=MOST_AT_ONCE + 1,
        class_group_id=values["class_group"].pk if values["class_group"] else None,
        standing=form.standing_numbers,
        blank=values["standing"] == form.BLANK,
    )
    now = clock.now(request.school)
    may_decide_leave = bool(can(request.user, Permission.DECIDE_LEAVE, request.school))
    rows = []
    for slot, facts in mark_facts(request.school, slots).items():
        wanted = Wanted(slot, values["code"], facts.version, note=values["note"])
        refused = amending.why_not_amend(facts, wanted, now=now, may_decide_leave=may_decide_leave)
        rows.append(Row(token(slot, facts.version), *slots[slot], facts, None if refused else wanted.code(), refused))
    return rows

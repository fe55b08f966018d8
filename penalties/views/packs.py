"""Referral packs and other orders."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from letters.actions import queue_letter
from letters.occasions import Occasion
from penalties.actions import packs as actions
from penalties.forms.notices import WhyForm
from penalties.forms.packs import BeginForm, ChecklistForm, ItemForm, OrderForm, ReasonForm, StatementForm
from penalties.models import Decision, Order, Pack, PackItem
from penalties.pack_rules import AGENCIES, Part
from penalties.packs import default_statement, gather, pack_paper, proposed_ticks
from penalties.views.hub import act_on, family_url, pupil_of


@requires(Permission.PREPARE_PENALTY)
def begin_pack(request: Request, pupil_id: int) -> HttpResponse:
    pupil, today = pupil_of(request, pupil_id), clock.today(request.school)
    last = Decision.objects.filter(pupil=pupil).exclude(outcome="lapsed").first()
    initial = {"last": today, **({"first": last.marks[0][0], "contact": last.contact_id} if last else {})}
    return act_on(
        request,
        BeginForm(request.POST or None, pupil=pupil, initial=initial),
        family_url(request, pupil.pk),
        lambda values: actions.begin(pupil=pupil, by=request.actor, **values).get_absolute_url(),
        title="Begin a referral pack",
        caption=str(pupil),
        button="Begin the pack",
        intro=["Everything the record holds is put in by itself; the page says what is still missing."],
    )


@requires(Permission.PREPARE_PENALTY)
def see_pack(request: Request, pack_id: int) -> HttpResponse:
    """How far the pack is, part by part."""
    pack = _find(pack_id)
    return render(
        request,
        "penalties/see_pack.html",
        {
            "pack": pack,
            "found": gather(pack) if pack.is_open else None,
            "may_sign": bool(can(request.user, Permission.SIGN_STATEMENT, request.school)),
        },
    )


@requires(Permission.PREPARE_PENALTY)
def add_item(request: Request, pack_id: int, part: str) -> HttpResponse:
    pack = _find(pack_id)
    return act_on(
        request,
        ItemForm(request.POST or None, request.FILES or None, initial={"on": clock.today(request.school)}),
        pack.get_absolute_url(),
        lambda values: actions.add_item(pack=pack, part=part, by=request.actor, **values) and None,
        title=f"Add to: {_part(part).heading}",
        caption=str(pack.pupil),
        button="Add it",
        intro=[f"Ask at least: {AGENCIES}."] if part == Part.AGENCIES else [],
    )


@requires(Permission.PREPARE_PENALTY)
def waive_part(request: Request, pack_id: int, part: str) -> HttpResponse:
    pack = _find(pack_id)
    return act_on(
        request,
        ReasonForm(request.POST or None),
        pack.get_absolute_url(),
        lambda values: actions.waive(pack=pack, part=part, by=request.actor, **values) and None,
        title=f"Leave out: {_part(part).heading}",
        caption=str(pack.pupil),
        button="Leave it out",
    )


def _part(value: str) -> Part:
    """The part an address names; another word has no heading of its own and is refused by the action."""
    return Part(value) if value in list(Part) else Part.CHRONOLOGY


@requires(Permission.PREPARE_PENALTY)
@signed_file
def item_pdf(request: Request, item_id: int) -> HttpResponse:
    """The pages of a file that somebody added, as they are kept."""
    item = get_object_or_404(PackItem.objects.select_related("pack__school", "document"), pk=item_id)
    if item.document is None:
        return redirect(item.pack)
    return HttpResponse(bytes(item.document.content), content_type="application/pdf")


@requires(Permission.PREPARE_PENALTY)
@require_POST
def remove_item(request: Request, item_id: int) -> HttpResponse:
    item = get_object_or_404(PackItem.objects.select_related("pack__pupil__school", "pack__school"), pk=item_id)
    try:
        actions.remove_item(item=item, by=request.actor)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(item.pack)


@requires(Permission.PREPARE_PENALTY)
def tick_checklist(request: Request, pack_id: int) -> HttpResponse:
    pack = _find(pack_id)
    form = ChecklistForm(request.POST or None, ticked=proposed_ticks(pack))
    return act_on(
        request,
        form,
        pack.get_absolute_url(),
        lambda values: actions.tick(pack=pack, answers=form.answers(), by=request.actor),
        title="Checklist before legal action",
        intro=["Lines that the record answers are filled in. Nothing is answered until you save."],
        caption=str(pack.pupil),
        button="Save the checklist",
    )


@requires(Permission.SIGN_STATEMENT)
def sign_statement(request: Request, pack_id: int) -> HttpResponse:
    """The headteacher's statement, and her signature under it."""
    pack = _find(pack_id)
    initial = {"statement": pack.statement or default_statement(pack, gather(pack))}
    return act_on(
        request,
        StatementForm(request.POST or None, initial=initial),
        pack.get_absolute_url(),
        lambda values: actions.sign(pack=pack, by=request.actor, **values),
        title="The headteacher's statement",
        caption=str(pack.pupil),
        button="Sign the statement",
        intro=["The sessions and their codes are printed below it. Change what is not so before you sign."],
    )


@requires(Permission.PREPARE_PENALTY)
@require_POST
def complete_pack(request: Request, pack_id: int) -> HttpResponse:
    pack = _find(pack_id)
    try:
        actions.complete(pack=pack, by=request.actor)
    except Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    else:
        messages.success(request, "The pack is complete. What it says is kept as it is, with its hash.")
    return redirect(pack)


@requires(Permission.PREPARE_PENALTY)
def drop_pack(request: Request, pack_id: int) -> HttpResponse:
    pack = _find(pack_id)
    return act_on(
        request,
        WhyForm(request.POST or None),
        family_url(request, pack.pupil_id),
        lambda values: actions.drop(pack=pack, by=request.actor, **values),
        title="Give up the pack",
        caption=str(pack.pupil),
        button="Give it up",
        danger=True,
    )


@requires(Permission.PREPARE_PENALTY)
@signed_file
def pack_pdf(request: Request, pack_id: int) -> HttpResponse:
    """The complete pack byte for byte; of an open one a draft that says so on every page."""
    pack = _find(pack_id)
    content = bytes(pack.document.content) if pack.document else pack_paper(gather(pack), request.actor)
    return HttpResponse(content, content_type="application/pdf")


@requires(Permission.PREPARE_PENALTY)
@signed_file
def pack_csv(request: Request, pack_id: int) -> HttpResponse:
    """The figures of a complete pack as a file."""
    pack = _find(pack_id)
    if pack.figures is None:
        return redirect(pack)
    response = HttpResponse(bytes(pack.figures.content), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="figures-{pack.pk}.csv"'
    return response


@requires(Permission.PREPARE_PENALTY)
def add_order(request: Request, pupil_id: int) -> HttpResponse:
    pupil = pupil_of(request, pupil_id)
    form = OrderForm(request.POST or None, pupil=pupil, initial={"asked_on": clock.today(request.school)})
    return _order(request, form, Order(school_id=pupil.school_id, pupil=pupil), title="Record another order")


@requires(Permission.PREPARE_PENALTY)
def change_order(request: Request, order_id: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.select_related("pupil__school"), pk=order_id)
    names = ("kind", "asked_on", "made_on", "ends_on", "outcome", "note")
    initial = {**{name: getattr(order, name) for name in names}, "contact": order.contact_id}
    form = OrderForm(request.POST or None, pupil=order.pupil, initial=initial)
    return _order(request, form, order, title="Change the order")


def _order(request: Request, form: OrderForm, order: Order, *, title: str) -> HttpResponse:
    def act(values: dict[str, Any]) -> None:
        for name in ("kind", "contact", "asked_on", "made_on", "ends_on", "outcome", "note"):
            setattr(order, name, values[name])
        actions.record_order(order=order, by=request.actor)
        if values["with_letter"]:
            _propose_letter(request, form, order)

    return act_on(
        request, form, family_url(request, order.pupil_id), act, title=title, caption=str(order.pupil),
        button="Record it",
    )  # fmt: skip


def _propose_letter(request: Request, form: OrderForm, order: Order) -> None:
    if order.kind == Order.Kind.CONTRACT:
        values = {
            "improve_from": order.made_on or order.asked_on,
            "improve_until": order.ends_on or order.made_on or order.asked_on,
            "parents_do": form.lines("parents_do"),
            "school_does": form.lines("school_do"),
        }
        occasion = Occasion.CONTRACT
    else:
        values, occasion = {}, Occasion.LEGAL_WARNING
    queue_letter(
        school=request.school, pupil=order.pupil, occasion=occasion, by=request.actor, why=f"{order}", values=values,
        contacts=[order.contact_id] if order.contact_id else [],
    )  # fmt: skip
    messages.success(request, "The letter is proposed: it waits among the letters to approve.")


def _find(pack_id: int) -> Pack:
    return get_object_or_404(
        Pack.objects.select_related("pupil__school", "contact", "school", "document", "figures"), pk=pack_id
    )

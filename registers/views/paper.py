"""Registers on paper: print them, and key what was written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.pdf import render_pdf
from attendance_mis.permissions import Grant, Permission, requires
from attendance_mis.requests import Request, row_id
from registers import class_register, taking
from registers.actions import paper as actions
from registers.actions.amending import Clash
from registers.actions.taking import Wanted
from registers.calendar_rules import Session
from registers.class_register import ClassRegister, Row
from registers.codes import SetBy, codes_in_force
from registers.forms.paper import RekeyForm
from registers.paper import ClassList, class_lists


@requires(Permission.SEE_REGISTER)
def paper_register(request: Request, class_group_id: int, day: date) -> HttpResponse:
    [found] = _lists(request, day, class_group_id)
    return render(
        request,
        "registers/paper_register.html",
        {"list": found, "sees_all": request.grant == Grant.ALL, **_printed(request, day)},
    )


@requires(Permission.SEE_REGISTER)
@signed_file
def paper_register_pdf(request: Request, class_group_id: int, day: date) -> HttpResponse:
    return _pdf(request, day, _lists(request, day, class_group_id))


@requires(Permission.SEE_REGISTER)
@signed_file
def paper_registers_pdf(request: Request, day: date) -> HttpResponse:
    """Every class of the school, a page or two each."""
    if request.grant < Grant.ALL:
        raise PermissionDenied("You can print the registers of your own classes.")
    return _pdf(request, day, class_lists(day))


def _lists(request: Request, day: date, class_group_id: int) -> list[ClassList]:
    head = class_register.head(request.school, class_group_id, day, Session.AM, request.user.pk)
    if head is None or not (found := class_lists(day, class_group_id)):
        raise Http404("No such class on this day.")
    if request.grant < Grant.ALL and not head.is_own:
        raise PermissionDenied(f"{head.class_name} is not your class.")
    return found


def _printed(request: Request, day: date) -> dict:
    key = [code for code in codes_in_force(day) if code.set_by is not SetBy.NOBODY]
    return {"day": day, "school": request.school, "codes": key}


def _pdf(request: Request, day: date, lists: list[ClassList]) -> HttpResponse:
    html = render_to_string("registers/paper_register_pdf.html", {"lists": lists, **_printed(request, day)})
    return HttpResponse(
        render_pdf(html, "registers/paper.css"),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="registers-{day}.pdf"'},
    )


# Keying


@dataclass(frozen=True, slots=True)
class KeyedLine:
    """One pupil's line of the page: what was typed, and why it cannot stay."""

    row: Row
    wanted: Wanted
    reasons: list[str]


@requires(Permission.REKEY_REGISTER)
def rekey_register(request: Request, class_group_id: int, day: date, session: int) -> HttpResponse:
    head = class_register.head(request.school, class_group_id, day, Session(session), request.user.pk)
    if head is None:
        raise Http404("No such class.")
    register = class_register.class_register(request.school, head, day, Session(session))
    now = clock.now(request.school)
    keys = "key" in request.POST
    form = RekeyForm(request.POST if keys else None, school=request.school, opens=register.facts.opens_at.time())
    if request.method == "POST" and not keys:  # the button that fills the blanks: nothing is entered yet
        form.initial = {name: request.POST.get(name, "") for name in form.fields}
    wanted = list(_typed(register, request.POST))
    if "fill" in request.POST:
        wanted = [each if each.letter else replace(each, letter=taking.present(register.session)) for each in wanted]
    lines = [KeyedLine(register.rows[each.pupil_id], each, []) for each in wanted]
    status = 200
    if keys:
        status = 422
        if form.is_valid():
            made_at = datetime.combine(day, form.cleaned_data["taken_at"], register.facts.zone)
            lines = [
                KeyedLine(
                    line.row,
                    line.wanted,
                    actions.judge_line(register, line.wanted, made_at=made_at, at=now).reasons,
                )
                for line in lines
            ]
            try:
                actions.rekey_register(
                    register,
                    wanted,
                    author=form.author(),
                    made_at=made_at,
                    by=request.actor,
                    at=now,
                    reason=form.cleaned_data["reason"],
                )
            except Refused as refused:
                form.add_error(None, refused.reasons)
                status = 409 if isinstance(refused, Clash) else 422
            else:
                messages.success(request, f"The paper register of {head.class_name} is entered and sent.")
                return redirect("registers:take_register", request.school.urn, class_group_id, day, session)
    return render(
        request,
        "registers/rekey_register.html",
        {
            "register": register,
            "head": head,
            "form": form,
            "lines": lines,
            "refused": taking.why_not_open(register.facts, now),
            "codes": _printed(request, day)["codes"],
        },
        status=status,
    )


def _typed(register: ClassRegister, data: QueryDict) -> Iterator[Wanted]:
    """What the page holds for each pupil; at first what the register says already."""
    for pupil_id, row in register.rows.items():
        mark = row.mark
        if f"code-{pupil_id}" not in data:
            known = (mark.code.letter if mark.code else "", mark.minutes_late, mark.note) if mark else ("", None, "")
            yield Wanted(pupil_id, known[0], row.version, known[1], known[2])
            continue
        minutes, version = data.get(f"minutes-{pupil_id}", "").strip(), data.get(f"version-{pupil_id}", "0")
        yield Wanted(
            pupil_id,
            data.get(f"code-{pupil_id}", "").strip(),
            row_id(version) or 0,
            row_id(minutes[:4]),
            data.get(f"note-{pupil_id}", "").strip(),
        )

"""Penalty notices: the draft, the signature, the paper, what others issued, and what the local authority answers."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from attendance_mis import clock
from attendance_mis.actors import Actor
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, per_page
from penalties import judging
from penalties.actions import after
from penalties.actions import notices as actions
from penalties.dashboard import counted_notices
from penalties.forms.notices import AnswerForm, CopyForm, DraftForm, KnownForm, SignForm, WhyForm
from penalties.models import PenaltyNotice
from penalties.notices import CONTENTS, COUNTING, OFFENCE_PARTICULARS, Source, State, amount_text, recheck
from penalties.rules import OFFENCES
from penalties.views.hub import act_on, family_url, pupil_of, tabs
from penalties.watching import settings_of

PER_PAGE = 50
PARTS = (OFFENCE_PARTICULARS, *CONTENTS)


@requires(Permission.PREPARE_PENALTY)
def see_notices(request: Request) -> HttpResponse:
    """Every notice that the hub counts; `?state=` those that stand so."""
    asked = request.GET.get("state", "")
    if asked and asked not in set(State) - {State.DECLINED}:
        raise Http404
    found = counted_notices().select_related("pupil", "contact", "school")
    page = Paginator(found.filter(state=asked) if asked else found, per_page(request, PER_PAGE)).get_page(
        request.GET.get("page")
    )
    context = {"tabs": tabs(request, "penalties:see_penalties"), "state": asked, "page": page}
    return render(request, "penalties/see_notices.html", context)


@requires(Permission.PREPARE_PENALTY)
def see_notice(request: Request, notice_id: int) -> HttpResponse:
    """One notice: as a draft with all it will say and why it cannot be issued yet, then with what became of it."""
    notice = _find(notice_id)
    today = clock.today(request.school)
    is_draft = notice.state == State.PREPARED
    reasons = []
    if is_draft:
        notice, _ = actions.filled(notice, today, request.actor)
        reasons = actions.why_not_issue(notice, today, request.actor, signed=True)
    period, amount = notice.period, notice.amount
    return render(
        request,
        "penalties/see_notice.html",
        {
            "notice": notice,
            "is_draft": is_draft,
            "reasons": reasons,
            "contents": [
                {
                    "key": f"{part.letter + '. ' if part.letter else ''}{part.what[0].upper()}{part.what[1:]}",
                    "value": notice.contents.get(part.field),
                }
                for part in PARTS
            ],
            "has_amounts": amount is not None and period is not None,
            "due": notice.due_on(today),
            "is_over": notice.is_over_on(today),
            "unpaid": notice.unpaid_on(today),
            "period": period,
            "events": notice.events.select_related("noted_by"),
            "changed": _changed(notice),
            "may_sign": bool(can(request.user, Permission.DECIDE_PENALTY, request.school)),
            "verbs": after.VERBS if notice.state not in judging.DRAFTS else {},
            "offences": OFFENCES if notice.state == State.UNPAID else (),
        },
    )


def _changed(notice: PenaltyNotice) -> dict[str, Any] | None:
    """What an issued notice rests on now; live, so that the page is right between two looks."""
    if notice.state not in COUNTING or notice.source != Source.SCHOOL:
        return None
    facts = notice.facts
    settings = settings_of(notice.pupil.school, clock.today(notice.pupil.school))
    found = recheck(facts, judging.unauthorised_now(notice.pupil, facts.sessions, settings))
    return {"found": found, "lost": sorted(found.lost)} if found.flagged and notice.kind == "absence" else None


@requires(Permission.PREPARE_PENALTY)
def write_draft(request: Request, notice_id: int) -> HttpResponse:
    notice = _find(notice_id)
    initial = {**actions.defaults_of(request.school), "served": notice.served or "post"}
    initial |= {name: notice.contents[name] for name in ("authority", "methods") if notice.contents.get(name)}
    return act_on(
        request,
        DraftForm(request.POST or None, initial=initial),
        notice.get_absolute_url(),
        lambda values: actions.write_draft(notice=notice, by=request.actor, **values),
        title="Write the draft",
        caption=f"Penalty notice to {notice.contact}, about {notice.pupil}",
        button="Save the draft",
        intro=["Amounts, dates and everything else the regulations ask for are computed and printed."],
    )


@requires(Permission.DECIDE_PENALTY)
def issue_notice(request: Request, notice_id: int) -> HttpResponse:
    """The headteacher signs, or whom she has authorised. Nothing else issues a notice."""
    notice = _find(notice_id)
    today = clock.today(request.school)
    draft, period = actions.filled(_find(notice_id), today, request.actor)
    reasons = actions.why_not_issue(draft, today, request.actor, signed=True)
    amounts = amount_text(draft.amount, period) if draft.amount and period else "no amount: there is no third notice"

    def act(values: dict[str, Any]) -> None:
        actions.issue(notice=notice, by=request.actor, **values)
        messages.success(request, "Issued. Print it, send it, and send the local authority its copy.")

    return act_on(
        request,
        SignForm(request.POST or None),
        notice.get_absolute_url(),
        act,
        title="Sign and issue the penalty notice",
        caption=f"To {notice.contact}, about {notice.pupil}",
        button="Sign and issue",
        danger=True,
        intro=[f"{amounts}. {len(notice.sessions.all())} sessions.", _you_are(draft, request.actor)],
        advice=[str(reason) for reason in reasons],
    )


def _you_are(draft: PenaltyNotice, by: Actor) -> str:
    authorised = actions.authorised_text(draft.authorisation)
    return ", ".join(filter(None, (f"You are {by.name}", actions.signs_as(draft, by), authorised))) + "."


@requires(Permission.DECIDE_PENALTY)
def decline_notice(request: Request, notice_id: int) -> HttpResponse:
    notice = _find(notice_id)
    return act_on(
        request,
        WhyForm(request.POST or None),
        notice.get_absolute_url(),
        lambda values: actions.decline(notice=notice, by=request.actor, **values),
        title="Decide against the notice",
        caption=f"To {notice.contact}, about {notice.pupil}",
        button="Decide against it",
    )


@requires(Permission.PREPARE_PENALTY)
@signed_file
def notice_pdf(request: Request, notice_id: int) -> HttpResponse:
    """The notice as it was issued, byte for byte."""
    notice = _find(notice_id)
    if notice.document is None:
        return redirect(notice)
    return HttpResponse(bytes(notice.document.content), content_type="application/pdf")


@requires(Permission.PREPARE_PENALTY)
def record_copy(request: Request, notice_id: int) -> HttpResponse:
    notice = _find(notice_id)
    return act_on(
        request,
        CopyForm(request.POST or None, initial={"on": clock.today(request.school)}),
        notice.get_absolute_url(),
        lambda values: actions.record_copy(notice=notice, by=request.actor, **values),
        title="The local authority's copy",
        caption=str(notice),
        button="Record it",
    )


@requires(Permission.PREPARE_PENALTY)
def record_answer(request: Request, notice_id: int) -> HttpResponse:
    """What the local authority says of a notice."""
    notice = _find(notice_id)
    period, amount = notice.period, notice.amount
    intro = [f"{notice} to {notice.contact}: {notice.state}."]
    if period and amount:
        intro.append(f"{amount_text(amount, period)}.")
    return act_on(
        request,
        AnswerForm(request.POST or None, initial={"on": clock.today(request.school)}),
        notice.get_absolute_url(),
        lambda values: after.answer(notice=notice, by=request.actor, **values),
        title="The local authority's answer",
        caption=str(notice.pupil),
        button="Record the answer",
        intro=intro,
    )


@requires(Permission.PREPARE_PENALTY)
def see_answers(request: Request) -> HttpResponse:
    """Every notice that waits for a word of the local authority, the one due first on top."""
    today = clock.today(request.school)
    waiting = PenaltyNotice.objects.filter(state__in=[State.ISSUED, State.UNPAID, State.PROSECUTED])
    rows = [
        {
            "notice": notice,
            "due": notice.due_on(today),
            "is_over": notice.is_over_on(today),
            "unpaid": notice.unpaid_on(today),
        }
        for notice in waiting.select_related("pupil", "contact").order_by("full_until", "pk")
    ]
    return render(
        request,
        "penalties/see_answers.html",
        {"tabs": tabs(request, "penalties:see_answers"), "rows": rows},
    )


@requires(Permission.PREPARE_PENALTY)
def record_known(request: Request, pupil_id: int) -> HttpResponse:
    """Enter a notice that the local authority or another school has issued."""
    pupil = pupil_of(request, pupil_id)
    form = KnownForm(request.POST or None, pupil=pupil)
    return act_on(
        request,
        form,
        family_url(request, pupil.pk),
        lambda values: actions.record_known(notice=form.notice(), by=request.actor) and None,
        title="A notice issued by others",
        caption=str(pupil),
        button="Enter the notice",
        intro=["The local authority alone sees every notice. What it tells you counts to the two in three years."],
    )


def _find(notice_id: int) -> PenaltyNotice:
    return get_object_or_404(
        PenaltyNotice.objects.select_related(
            "pupil__school", "school", "contact", "decision__pupil__school", "decision__contact", "document"
        ).prefetch_related("sessions"),
        pk=notice_id,
    )

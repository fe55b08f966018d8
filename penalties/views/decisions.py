"""Decisions about one parent and one child, and notices to improve."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from attendance_mis.words import how_many
from casework.progress import this_year
from penalties import judging
from penalties.actions import decisions as actions
from penalties.actions import improvements
from penalties.forms.decisions import AnswersForm, DecideForm, EndImprovementForm, ImprovementForm, PrepareForm
from penalties.improvement import IMPROVEMENT_CONTENTS, Target
from penalties.models import Decision, ImprovementNotice, LastLook
from penalties.notices import counting_notices, issued_on, say
from penalties.rules import QUESTIONS
from penalties.thresholds import THRESHOLD
from penalties.views.hub import act_on, family_url, pupil_of
from penalties.watching import settings_of
from penalties.wording import EARLY_GROUNDS, improvement_contents, sessions_text
from registers.models import Contact

ANSWERS = list(AnswersForm.base_fields)


@requires(Permission.PREPARE_PENALTY)
def prepare_decision(request: Request, pupil_id: int, contact_id: int) -> HttpResponse:
    """Put one parent's case before the headteacher."""
    pupil = pupil_of(request, pupil_id)
    contact = get_object_or_404(Contact, pk=contact_id, pupil=pupil)
    last = Decision.objects.filter(contact=contact).first()
    initial = {name: getattr(last, name) for name in ANSWERS} if last and not last.outcome else {}

    def act(values: dict[str, Any]) -> str:
        kind, span = values.pop("kind"), values.pop("span")
        made = actions.prepare(pupil=pupil, contact=contact, kind=kind, span=span, answers=values, by=request.actor)
        return made.get_absolute_url()

    return act_on(
        request,
        PrepareForm(request.POST or None, initial=_shown(initial)),
        family_url(request, pupil.pk),
        act,
        title="Prepare a decision",
        caption=f"{contact}, {contact.relationship or 'contact'} of {pupil}",
        button="Put it before the headteacher",
        intro=["What the record can answer, it answers on the next page. Leave open what you cannot answer yet."],
    )


@requires(Permission.PREPARE_PENALTY)
def answer_questions(request: Request, decision_id: int) -> HttpResponse:
    decision = _find(decision_id)
    return act_on(
        request,
        AnswersForm(request.POST or None, initial=_shown({name: getattr(decision, name) for name in ANSWERS})),
        decision.get_absolute_url(),
        lambda values: actions.answer(decision=decision, answers=values, by=request.actor),
        title="Answer the questions",
        caption=f"{decision.contact}, about {decision.pupil}",
        button="Save the answers",
    )


def _shown(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as the form's choices print them."""
    return {name: str(value) if isinstance(value, bool) else value for name, value in answers.items()}


@requires(Permission.PREPARE_PENALTY)
def see_decision(request: Request, decision_id: int) -> HttpResponse:
    """The questions with their answers, what speaks against a penalty notice, and the decision."""
    decision = _find(decision_id)
    today = clock.today(request.school)
    may_decide = bool(can(request.user, Permission.DECIDE_PENALTY, request.school))
    form = DecideForm(request.POST or None) if may_decide and not decision.outcome else None
    if request.method == "POST" and form and form.is_valid():
        try:
            notice = actions.decide(decision=decision, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            if notice:
                return redirect(notice)
            return redirect(_next(request, decision))
    return render(
        request,
        "penalties/see_decision.html",
        {
            "decision": decision,
            "questions": _questions(decision, today),
            "offence": sessions_text(decision.marks),
            "reasons": [] if decision.outcome else judging.why_not_penalty(decision, today),
            "form": form,
            "may_decide": may_decide,
            "improvement": decision.improvement_notices.first(),
            "notice": decision.penalty_notices.first(),
        },
        status=422 if form and form.errors else 200,
    )


def _next(request: Request, decision: Decision) -> str:
    decision.refresh_from_db()
    if decision.outcome == Decision.Outcome.IMPROVEMENT:
        return reverse("penalties:offer_improvement", args=[request.school.urn, decision.pk])
    return decision.get_absolute_url()


def _questions(decision: Decision, today: date) -> list[dict[str, Any]]:
    """Each question with its answer: by the record where it can, by a person where it must."""
    settings = settings_of(decision.pupil.school, decision.decided_on or today)
    facts = judging.facts_before_the_draft(decision, decision.decided_on or today)
    two = counting_notices(facts.earlier, facts.on, settings)
    met = facts.counted >= THRESHOLD
    record = {
        "threshold": f"{'Yes' if met else 'No'}: {how_many(facts.counted, 'session')} counted, "
        f"the threshold is {THRESHOLD}. " + decision.below_threshold_reason,
        "two_in_three_years": f"{'Yes' if len(two) > 1 else 'No'}: "
        + (f"{len(two)} count{'s' if len(two) == 1 else ''}, {issued_on(two)}." if two else "none counts."),
        "holiday": "Yes: every session is G." if facts.holiday else "No.",
        "la_checked": f"Asked on {say(decision.la_checked)}. {decision.la_said}" if decision.la_checked else "",
    }
    people = {
        "best_tool": (decision.best_tool, decision.best_tool_why),
        "support": (decision.support, decision.support_why),
        "equality": (decision.equality, decision.equality_why),
        "allowed_absence": (decision.allowed_absence, decision.allowed_why),
    }
    return [
        {
            "text": question.text,
            "paragraph": question.paragraph,
            "by": "by the record" if question.by_record else "by a person",
            "answer": record[question.key] if question.key in record else _said(people[question.key]),
        }
        for question in QUESTIONS
    ]


def _said(pair: tuple[bool | None, str]) -> str:
    answer, why = pair
    if answer is None:
        return ""
    return f"{'Yes' if answer else 'No'}. {why}".strip()


@requires(Permission.PREPARE_PENALTY)
def offer_improvement(request: Request, decision_id: int) -> HttpResponse:
    """Offer the notice to improve that was decided on: its dates and what enough is are computed from this."""
    decision = _find(decision_id)
    pupil, today = decision.pupil, clock.today(request.school)
    settings = settings_of(request.school, today)
    year = this_year(pupil, today)

    def act(values: dict[str, Any]) -> str:
        until = improvements.until_of(request.school, values["starts"], values["weeks"], settings)
        contents = improvement_contents(
            record=values["record"],
            support_so_far=values["support_so_far"],
            support_offered=values["support_offered"],
            early_grounds=values["early_grounds"],
            starts=values["starts"],
            until=until or values["starts"],
            target=Target(values["at_most"]),
        )
        made = improvements.offer(
            decision=decision, starts=values["starts"], weeks=values["weeks"], at_most=values["at_most"],
            contents=contents, by=request.actor,
        )  # fmt: skip
        return made.get_absolute_url()

    initial = {
        "starts": today,
        "weeks": settings.improvement_longest_weeks,
        "record": f"Attendance this year: {year.in_words}. These sessions were not authorised:\n"
        + sessions_text(decision.marks),
        "support_so_far": decision.support_why,
        "early_grounds": EARLY_GROUNDS,
    }
    return act_on(
        request,
        ImprovementForm(request.POST or None, initial=initial),
        decision.get_absolute_url(),
        act,
        title="Offer a notice to improve",
        caption=f"{decision.contact}, about {pupil}",
        button="Offer the notice to improve",
        intro=[
            f"It runs {settings.improvement_shortest_weeks} to {settings.improvement_longest_weeks} weeks, counted in "
            f"{settings.improvement_unit}. The benefits of attendance, the duty of section 7 and the warning are in it."
        ],
    )


@requires(Permission.PREPARE_PENALTY)
def see_improvement(request: Request, improvement_id: int) -> HttpResponse:
    """A notice to improve: what it says, where it stands, and what became of it."""
    notice = _improvement(improvement_id)
    today = clock.today(request.school)
    look = LastLook.objects.filter(school=request.school).first()
    counted_until = look.on if look else today
    progress = notice.progress(notice.unauthorised, counted_until)
    form = EndImprovementForm(request.POST or None) if notice.is_open else None
    if request.method == "POST" and form and form.is_valid():
        try:
            improvements.move(notice=notice, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(notice)
    return render(
        request,
        "penalties/see_improvement.html",
        {
            "notice": notice,
            "look": look if notice.is_open else None,
            "sessions": sessions_text(
                judging.unauthorised_in(notice, notice.ended_on or counted_until, settings_of(request.school, today))
            ),
            "contents": [
                {"key": what[0].upper() + what[1:], "value": notice.contents.get(field)}
                for field, what in IMPROVEMENT_CONTENTS.items()
            ],
            "form": form,
            "suggests": {"miss": "It is not met: the target is passed.", "meet": "Its time is over and it is met."}.get(
                progress.verb if notice.is_open else ""
            ),
        },
        status=422 if form and form.errors else 200,
    )


@requires(Permission.PREPARE_PENALTY)
@signed_file
def improvement_pdf(request: Request, improvement_id: int) -> HttpResponse:
    notice = _improvement(improvement_id)
    if notice.document is None:
        return redirect(notice)
    return HttpResponse(bytes(notice.document.content), content_type="application/pdf")


def _find(decision_id: int) -> Decision:
    return get_object_or_404(
        Decision.objects.select_related("pupil__school", "contact", "school", "prepared_by", "decided_by"),
        pk=decision_id,
    )


def _improvement(improvement_id: int) -> ImprovementNotice:
    return get_object_or_404(
        ImprovementNotice.objects.select_related("pupil__school", "school", "contact", "document"), pk=improvement_id
    )

"""The policy: what holds, what is being written, and what a change would do before it is one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.counted import Counted, chosen_of
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, row_id
from casework import policy_editing, what_if
from casework.actions import policy as actions
from casework.forms.policy import (
    AllOfForm,
    DeclinePolicyForm,
    LadderForm,
    NewLadderForm,
    PutIntoForceForm,
    SettingsForm,
    StepForm,
    WhatIfForm,
)
from casework.ladders import Policy
from casework.models import PolicyDraft
from casework.policies import policy_on, version_on
from casework.policy_editing import Document
from casework.presets import PRESETS, policy_of, preset
from casework.sentences import begins_when, follows, settings_sentences
from casework.what_if import Direction
from registers.models import PolicyVersion, Pupil

WHAT_IF = {
    Direction.IN: "stand on no step of a ladder by the policy of the time and on one by the draft",
    Direction.UP: "stand on a higher step of a ladder by the draft than by the policy of the time",
    Direction.DOWN: "stand on a lower step of a ladder by the draft than by the policy of the time",
    Direction.OUT: "stand on a step of a ladder by the policy of the time and on none by the draft",
}
LEFT_OUT = (
    "Pupils whose step would be the same, and pupils who were not on roll. A pupil on two ladders counts once on each."
)
OVER_A_TERM = "Over a term each counts once on a ladder, as on the last day on which the two policies differ."


def _said(policy: Policy) -> dict[str, Any]:
    """A policy as its page says it."""
    return {
        "title": policy.title,
        "settings": settings_sentences(policy),
        "ladders": [
            {
                "number": number,
                "name": ladder.name,
                "is_all_of": bool(ladder.all_of),
                "vulnerable_ahead": ladder.vulnerable_ahead,
                "steps": [
                    {
                        "number": index,
                        "name": step.name,
                        "when": begins_when(ladder, step),
                        "follows": "; ".join(follows(step)),
                        "do": step.do,
                        "automatic": step.automatic,
                    }
                    for index, step in enumerate(ladder.steps)
                ],
            }
            for number, ladder in enumerate(policy.ladders)
        ],
    }


@requires(Permission.SEE_CASES)
def see_policy(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    versions = list(PolicyVersion.objects.all())
    shown = version_on(versions, today)
    if asked := row_id(request.GET.get("version", "")):
        shown = next((version for version in versions if version.pk == asked), shown)
    policy = policy_of(shown.document) if shown else preset("national")
    return render(
        request,
        "casework/see_policy.html",
        {
            "policy": _said(policy),
            "versions": [
                {"version": v, "current": v == shown, "in_force": v == version_on(versions, today)}
                for v in reversed(versions)
            ],
            "shown": shown,
            "presets": [
                {"name": name, "title": preset(name).title, "ladders": ", ".join(x.name for x in preset(name).ladders)}
                for name in PRESETS
            ],
            "drafts": PolicyDraft.objects.filter(state__in=["draft", "proposed"]).select_related("made_by", "school"),
            "may_edit": can(request.user, Permission.WORK_CASES, request.school),
        },
    )


@requires(Permission.WORK_CASES)
@require_POST
def start_draft(request: Request) -> HttpResponse:
    start_from = request.POST.get("from", "")
    if start_from not in ("", *PRESETS):
        raise Http404
    today = clock.today(request.school)
    draft = actions.start_draft(school=request.school, start_from=start_from, today=today, by=request.actor)
    return redirect(draft.get_absolute_url())


@requires(Permission.WORK_CASES)
def see_draft(request: Request, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(PolicyDraft.objects.select_related("made_by", "decided_by", "school"), pk=draft_id)
    return render(
        request,
        "casework/see_draft.html",
        {
            "draft": draft,
            "policy": _said(policy_of(draft.document)),
            "refused": actions.why_not_change(draft),
            "may_decide": can(request.user, Permission.CHANGE_POLICY, request.school),
        },
    )


@requires(Permission.WORK_CASES)
def change_step(request: Request, draft_id: int, ladder: int, step: int) -> HttpResponse:
    draft, table = _ladder(draft_id, ladder)
    steps = table.get("step", [table])
    if step >= len(steps):
        raise Http404
    kind = AllOfForm if "all_of" in table else StepForm
    return _edit(
        request,
        draft,
        kind(request.POST or None, initial=kind.of(steps[step])),
        lambda values: policy_editing.with_step(draft.document, ladder, step, values),
        title=f"Change the step {steps[step]['name']}",
        caption=f"Ladder {table['name']}",
        remove=("Remove this step", lambda: policy_editing.without_step(draft.document, ladder, step)),
    )


@requires(Permission.WORK_CASES)
def add_step(request: Request, draft_id: int, ladder: int) -> HttpResponse:
    draft, table = _ladder(draft_id, ladder)
    if "all_of" in table:
        raise Http404
    return _edit(
        request,
        draft,
        StepForm(request.POST or None),
        lambda values: policy_editing.with_step(draft.document, ladder, None, values),
        title="Add a step",
        caption=f"Ladder {table['name']}",
    )


@requires(Permission.WORK_CASES)
def change_ladder(request: Request, draft_id: int, ladder: int) -> HttpResponse:
    draft, table = _ladder(draft_id, ladder)
    if "all_of" in table:
        return redirect("casework:change_step", request.school.urn, draft.pk, ladder, 0)
    return _edit(
        request,
        draft,
        LadderForm(request.POST or None, initial={"vulnerable_ahead": 0, **table}),
        lambda values: policy_editing.with_ladder(draft.document, ladder, values),
        title=f"Change the ladder {table['name']}",
        caption="Draft of the policy",
        remove=("Remove this ladder", lambda: policy_editing.without_ladder(draft.document, ladder)),
    )


@requires(Permission.WORK_CASES)
def add_ladder(request: Request, draft_id: int) -> HttpResponse:
    draft = _draft(draft_id)
    return _edit(
        request,
        draft,
        NewLadderForm(request.POST or None),
        lambda values: policy_editing.with_ladder(draft.document, None, values),
        title="Add a ladder",
        caption="Draft of the policy",
    )


@requires(Permission.WORK_CASES)
def change_settings(request: Request, draft_id: int) -> HttpResponse:
    draft = _draft(draft_id)
    return _edit(
        request,
        draft,
        SettingsForm(request.POST or None, initial={"leave_notice_weeks": 0, **draft.document}),
        lambda values: policy_editing.with_settings(draft.document, values),
        title="Change the settings",
        caption="Draft of the policy",
    )


@requires(Permission.WORK_CASES)
def see_what_if(request: Request, draft_id: int) -> HttpResponse:
    """Who would move, on a past day or over the last whole term. It reads, and saves nothing. `?show=` some."""
    draft = _draft(draft_id)
    today = clock.today(request.school)
    term = what_if.last_whole_term(request.school, today)
    form = WhatIfForm(request.GET if "on" in request.GET else None, initial={"on": today})
    after, context = policy_of(draft.document), {}
    if "term" in request.GET and term:
        before = policy_on(request.school, term.end)
        replayed = what_if.over_term(request.school, term, before, after)
        found, context = [each.difference for each in replayed], {"replayed": replayed, "what": str(term)}
    else:
        on = (form.cleaned_data.get("on") if form.is_bound and form.is_valid() else None) or today
        found = what_if.on_day(request.school, on, policy_on(request.school, on), after)
        context = {"what": f"{on:%-d %B %Y}"}
    left_out = f"{LEFT_OUT} {OVER_A_TERM}" if "replayed" in context else LEFT_OUT
    counts = [
        Counted(slugify(each), each.capitalize(), number, f"Pupils who {WHAT_IF[each]}.", left_out)
        for each, number in what_if.counted(found).items()
    ]
    chosen = chosen_of(request, counts)
    names = Pupil.objects.in_bulk({difference.pupil_id for difference in found})
    rows = [
        {"pupil": names[each.pupil_id], "difference": each, "replayed": replayed}
        for each, replayed in zip(found, context.get("replayed", [None] * len(found)), strict=True)
        if chosen is None or slugify(each.direction) == chosen.slug
    ]
    return render(
        request,
        "casework/see_what_if.html",
        {
            "draft": draft,
            "form": form,
            "term": term,
            "rows": rows,
            "counts": counts,
            "chosen": chosen,
            **context,
        },
    )


@requires(Permission.WORK_CASES)
def put_into_force(request: Request, draft_id: int) -> HttpResponse:
    """The policy from a day on; a person who may only propose it hands it to those who may."""
    draft = _draft(draft_id)
    may = can(request.user, Permission.CHANGE_POLICY, request.school)
    today = clock.today(request.school)
    initial = {"in_force_from": draft.in_force_from or today, "why": draft.why}
    form = PutIntoForceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            if may:
                actions.put_into_force(draft=draft, today=today, by=request.actor, **form.cleaned_data)
                done = f"The policy is in force from {form.cleaned_data['in_force_from']:%-d %B %Y}."
            else:
                actions.propose_policy(draft=draft, by=request.actor, **form.cleaned_data)
                done = "The draft is proposed. The attendance lead or the headteacher decides."
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, done)
            return redirect("casework:see_policy", request.school.urn)
    verb = "Put the policy into force" if may else "Propose the policy"
    return form_page(
        request, form, title=verb, button=verb, back=draft.get_absolute_url(), caption="Draft of the policy",
        intro=["Letters already sent stay sent. From that day on every pupil is judged by the new ladders."],
    )  # fmt: skip


@requires(Permission.CHANGE_POLICY)
def decline_policy(request: Request, draft_id: int) -> HttpResponse:
    draft = get_object_or_404(PolicyDraft.objects.select_related("school"), pk=draft_id)
    form = DeclinePolicyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decline_policy(draft=draft, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect("casework:see_policy", request.school.urn)
    return form_page(
        request, form, title="Decline the proposed policy", button="Decline", back=draft.get_absolute_url()
    )


@requires(Permission.WORK_CASES)
def discard_draft(request: Request, draft_id: int) -> HttpResponse:
    draft = _draft(draft_id)
    form = Form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.discard_draft(draft=draft, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect("casework:see_policy", request.school.urn)
    return form_page(
        request, form, title="Discard this draft?", button="Discard", back=draft.get_absolute_url(), danger=True
    )


def _draft(draft_id: int) -> PolicyDraft:
    return get_object_or_404(PolicyDraft.objects.select_related("school"), pk=draft_id)


def _ladder(draft_id: int, ladder: int) -> tuple[PolicyDraft, Document]:
    draft = _draft(draft_id)
    if ladder >= len(draft.document["ladder"]):
        raise Http404
    return draft, draft.document["ladder"][ladder]


def _edit(
    request: Request,
    draft: PolicyDraft,
    form: Form,
    change: Callable[[dict[str, Any]], Document],
    *,
    title: str,
    caption: str,
    remove: tuple[str, Callable[[], Document]] | None = None,
) -> HttpResponse:
    """One part of a draft as a form; what is wrong with the policy it would make is said on the form."""
    removing = remove is not None and "remove" in request.POST
    if request.method == "POST" and (removing or form.is_valid()):
        document = remove[1]() if remove and removing else change(form.cleaned_data)
        try:
            actions.change_draft(draft=draft, document=document, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(draft.get_absolute_url())
    context = {"form": form, "title": title, "caption": caption, "button": "Keep in the draft",
               "remove": remove[0] if remove else "", "back": draft.get_absolute_url()}  # fmt: skip
    return render(request, "casework/draft_form.html", context, status=422 if form.errors else 200)

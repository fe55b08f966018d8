"""What teachers marked after the close: the office decides."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from registers.actions import amending, proposals
from registers.codes import Code
from registers.facts import MarkFacts, mark_facts
from registers.forms.proposals import DecideProposalForm
from registers.models import Proposal


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal, the mark as it stands, and why it cannot be accepted."""

    proposal: Proposal
    facts: MarkFacts
    code: Code
    refused: list[str]


@requires(Permission.AMEND_MARK)
def see_proposals(request: Request) -> HttpResponse:
    return _page(request)


@requires(Permission.AMEND_MARK)
@require_POST
def decide_proposal(request: Request, proposal_id: int) -> HttpResponse:
    proposal = get_object_or_404(Proposal.objects.select_related("made_by"), pk=proposal_id)
    form = DecideProposalForm(request.POST)
    if form.is_valid():
        try:
            _decide(request, proposal, form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            accepted = form.cleaned_data["decision"] == form.ACCEPT
            messages.success(request, "The mark is amended." if accepted else "The mark stays as it is.")
            return redirect("registers:see_proposals", request.school.urn)
    return _page(request, form, proposal)


def _decide(request: Request, proposal: Proposal, values: dict) -> None:
    if values["decision"] == DecideProposalForm.ACCEPT:
        proposals.accept_proposal(
            school=request.school,
            proposal=proposal,
            version=values["version"],
            by=request.actor,
            may_decide_leave=_may_decide_leave(request),
        )
    else:
        proposals.decline_proposal(school=request.school, proposal=proposal, reason=values["reason"], by=request.actor)


def _page(request: Request, form: DecideProposalForm | None = None, refused: Proposal | None = None) -> HttpResponse:
    context = {"rows": _rows(request, clock.now(request.school)), "form": form, "refused": refused}
    return render(request, "registers/see_proposals.html", context, status=422 if form else 200)


def _rows(request: Request, now: datetime) -> list[Row]:
    waiting = Proposal.objects.filter(decided_at=None).select_related("pupil", "made_by").order_by("made_at", "pk")
    wanted = {proposal: proposals.wanted(proposal, 0) for proposal in waiting}
    facts = mark_facts(request.school, [each.slot for each in wanted.values()])
    may_decide_leave = _may_decide_leave(request)
    return [
        Row(
            proposal,
            facts[each.slot],
            each.code(),
            amending.why_not_amend(facts[each.slot], each, now=now, may_decide_leave=may_decide_leave),
        )
        for proposal, each in wanted.items()
    ]


def _may_decide_leave(request: Request) -> bool:
    return bool(can(request.user, Permission.DECIDE_LEAVE, request.school))

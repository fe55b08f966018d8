"""Write a new policy: a draft changes nothing, a proposal waits for the attendance lead, a version is in force."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.ladders import Policy
from casework.models import PolicyDraft
from casework.policies import policy_on
from casework.policy_editing import Document, faults_of
from casework.policy_tables import own_table
from casework.presets import PRESETS, policy_of, preset
from registers.models import PolicyVersion

State = PolicyDraft.State


@transaction.atomic
def start_draft(*, school: School, start_from: str, today: date, by: Actor) -> PolicyDraft:
    """A draft that begins as the policy in force, or as a preset of that name. Raises KeyError."""
    policy = preset(start_from) if start_from else policy_on(school, today)
    draft = PolicyDraft.objects.create(
        school=school,
        document=own_table(policy),
        made_at=timezone.now(),
        made_by_id=by.user_id,  # type: ignore[misc]
    )
    _record("start_draft", draft, f"Began a draft of the policy from {start_from or 'the one in force'}.", by)
    return draft


@transaction.atomic
def change_draft(*, draft: PolicyDraft, document: Document, by: Actor) -> None:
    """Keep a changed draft. Raises Refused with everything wrong with it, or when it is open no more."""
    if reasons := why_not_change(draft) + faults_of(document):
        raise Refused(reasons)
    PolicyDraft.objects.filter(pk=draft.pk).update(document=document)


def why_not_change(draft: PolicyDraft) -> list[str]:
    """Why a draft cannot be changed; empty means it can."""
    return [] if draft.is_open else [f"This draft has been {draft.get_state_display().lower()}; begin a new one."]


@transaction.atomic
def propose_policy(*, draft: PolicyDraft, in_force_from: date, why: str, by: Actor) -> None:
    """Hand a draft to the people who may change the policy. Raises Refused."""
    if reasons := why_not_change(draft):
        raise Refused(reasons)
    PolicyDraft.objects.filter(pk=draft.pk).update(state=State.PROPOSED, in_force_from=in_force_from, why=why)
    _record("propose_policy", draft, f"Proposed a policy from {in_force_from:%-d %B %Y}: {why}", by)


@transaction.atomic
def put_into_force(*, draft: PolicyDraft, in_force_from: date, today: date, why: str, by: Actor) -> PolicyVersion:
    """Make a draft the policy from a day on. Raises Refused for a day that has passed, or that has a version already.

    Days that have passed were judged, and letters sent, by the policy they had: they keep it.
    """
    reasons = why_not_change(draft) + faults_of(draft.document)
    if in_force_from < today:
        reasons.append("A policy cannot come into force on a day that has passed. Choose today or a day to come.")
    if PolicyVersion.objects.filter(school=draft.school, in_force_from=in_force_from).exists():
        reasons.append(f"A policy already comes into force on {in_force_from:%-d %B %Y}. Choose another day.")
    if reasons:
        raise Refused(reasons)
    now = timezone.now()
    version = PolicyVersion.objects.create(
        school=draft.school,
        in_force_from=in_force_from,
        document=document_of(policy_of(draft.document)),
        changed_at=now,
        changed_by=str(by),
    )
    PolicyDraft.objects.filter(pk=draft.pk).update(
        state=State.IN_FORCE, in_force_from=in_force_from, why=why, decided_at=now, decided_by=by.user_id
    )
    _record("put_into_force", draft, f"A new policy is in force from {in_force_from:%-d %B %Y}: {why}", by)
    return version


def document_of(policy: Policy) -> dict[str, Any]:
    """What a version keeps: the name of a preset that was taken unchanged, or everything the policy says."""
    own = own_table(policy)
    return next(({"preset": name} for name in PRESETS if own_table(preset(name)) == own), own)


@transaction.atomic
def decline_policy(*, draft: PolicyDraft, answer: str, by: Actor) -> None:
    """Decline a proposed policy with an answer. Raises Refused."""
    if reasons := why_not_change(draft):
        raise Refused(reasons)
    PolicyDraft.objects.filter(pk=draft.pk).update(
        state=State.DECLINED, answer=answer, decided_at=timezone.now(), decided_by=by.user_id
    )
    _record("decline_policy", draft, f"Declined the proposed policy: {answer}", by)


@transaction.atomic
def discard_draft(*, draft: PolicyDraft, by: Actor) -> None:
    """Put a draft aside. Raises Refused when it is open no more."""
    if reasons := why_not_change(draft):
        raise Refused(reasons)
    PolicyDraft.objects.filter(pk=draft.pk).update(state=State.DISCARDED)
    _record("discard_draft", draft, "Discarded a draft of the policy.", by)


def _record(verb: str, draft: PolicyDraft, summary: str, by: Actor) -> None:
    audit.record(verb, draft, school_id=draft.school_id, by=by, summary=summary)

"""Accept or decline what a step proposes; do the tasks that come of it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.models import Case, Proposal, Standing, Task, WeeklyMeeting
from letters.actions import queue_letter
from letters.actions.approving import approve_where_clear
from letters.occasions import of_label
from registers.models import Pupil

KINDS = {
    Proposal.Kind.CASE: Task.Kind.DO,
    Proposal.Kind.TASK: Task.Kind.DO,
    Proposal.Kind.LETTER: Task.Kind.LETTER,
    Proposal.Kind.REFERRAL: Task.Kind.REFERRAL,
}


def why_not_decide(state: str) -> list[str]:
    """Why a proposal cannot be decided; empty means it can."""
    if state == Proposal.State.LAPSED:
        return ["The marks have changed, and the step does not hold now: there is nothing to decide."]
    if state != Proposal.State.OPEN:
        return ["Somebody has decided this already."]
    return []


@transaction.atomic
def accept(*, proposal: Proposal, by: Actor, reason: str = "", automatic: bool = False) -> Task | None:
    """Accept a proposal: it becomes a task of the step's owner; a letter goes to the letters to approve, and None is
    returned. `automatic`: the school lets this step send its letter, and it goes where nothing warns against it.

    Raises Refused when it was decided meanwhile.
    """
    standing = _decide(proposal, Proposal.State.ACCEPTED, reason, by)
    occasion = of_label(proposal.occasion) if proposal.kind == Proposal.Kind.LETTER else None
    if occasion:
        _record("accept_proposal", proposal, f"Accepted: {title_of(proposal, standing)}.", by)
        letter = queue_letter(
            school=proposal.school,
            pupil=proposal.pupil,
            occasion=occasion,
            by=by,
            why=f"{standing.step}: {standing.reason}",
            key=f"step:{proposal.pk}",
        )
        if automatic:
            approve_where_clear(school=proposal.school, letter=letter, by=by)
        return None
    task = Task.objects.create(
        school_id=proposal.school_id,
        pupil_id=proposal.pupil_id,
        proposal=proposal,
        kind=KINDS[Proposal.Kind(proposal.kind)],
        title=title_of(proposal, standing),
        text=standing.do if proposal.kind == Proposal.Kind.TASK else "",
        owner=proposal.owner or "attendance manager",
        due=proposal.due or proposal.made_on + timedelta(days=7),
        made_at=timezone.now(),
        made_by_id=by.user_id,
    )
    _record("accept_proposal", proposal, f"Accepted: {task.title}.", by)
    return task


def title_of(proposal: Proposal, standing: Standing) -> str:
    """What a proposal asks for, in one line."""
    match proposal.kind:
        case Proposal.Kind.CASE:
            return "Open a case"
        case Proposal.Kind.LETTER:
            return f"Send the letter: {proposal.occasion}"
        case Proposal.Kind.REFERRAL:
            return f"Refer to the {proposal.occasion}"
    return standing.step


@transaction.atomic
def decline(*, proposal: Proposal, reason: str, by: Actor) -> None:
    """Decline a proposal; it stays so while the pupil is on the step. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(["Say why it is not the right thing now: whoever looks at the child next will want to know."])
    standing = _decide(proposal, Proposal.State.DECLINED, reason.strip(), by)
    _record("decline_proposal", proposal, f"Declined: {title_of(proposal, standing)}. {reason.strip()}", by)


@transaction.atomic
def decide_all(*, proposals: Iterable[int], accepted: bool, reason: str, by: Actor) -> int:
    """Accept or decline many proposals at once, all or none; how many."""
    rows = list(Proposal.objects.filter(pk__in=list(proposals)))
    for proposal in rows:
        if accepted:
            accept(proposal=proposal, reason=reason, by=by)
        else:
            decline(proposal=proposal, reason=reason, by=by)
    return len(rows)


def _decide(proposal: Proposal, state: Proposal.State, reason: str, by: Actor) -> Standing:
    now = timezone.now()
    claimed = Proposal.objects.filter(pk=proposal.pk, state=Proposal.State.OPEN)
    if not claimed.update(state=state, reason=reason, decided_at=now, decided_by=by.user_id):
        raise Refused(why_not_decide(Proposal.objects.values_list("state", flat=True).get(pk=proposal.pk)))
    proposal.refresh_from_db()
    return proposal.standing


@transaction.atomic
def finish_task(*, task: Task, outcome: str, by: Actor) -> None:
    """Say what came of a task. Raises Refused when somebody else did meanwhile, or nothing is said."""
    if not outcome.strip():
        raise Refused(["Say in a few words what came of it."])
    open_ = Task.objects.filter(pk=task.pk, done_at=None)
    if not open_.update(done_at=timezone.now(), done_by=by.user_id, outcome=outcome.strip()):
        raise Refused(["Somebody has done this already."])
    audit.record(
        "finish_task", task, school_id=task.school_id, by=by, summary=f"{task.title}: {outcome.strip()}",
        pupil_id=task.pupil_id,
    )  # fmt: skip


@transaction.atomic
def add_task(
    *,
    school: School,
    pupil_id: int,
    title: str,
    owner: str,
    due: date,
    by: Actor,
    text: str = "",
    weekly: WeeklyMeeting | None = None,
) -> Task:
    """Note something to do about a pupil; `weekly` is the meeting at which it was agreed."""
    task = Task.objects.create(
        school=school,
        pupil_id=pupil_id,
        title=title,
        text=text,
        owner=owner,
        due=due,
        weekly=weekly,
        made_at=timezone.now(),
        made_by_id=by.user_id,
    )
    summary = f"To do by {due:%-d %B %Y}: {title} ({owner})."
    audit.record("add_task", task, school_id=school.pk, by=by, summary=summary, pupil_id=pupil_id)
    return task


@transaction.atomic
def praise(*, standing: Standing, by: Actor) -> None:
    """Somebody told the child that it was seen. Raises Refused when somebody else did, or there is no good news."""
    good = Standing.objects.filter(pk=standing.pk, end=Standing.End.IMPROVED, praised_at=None)
    if not good.update(praised_at=timezone.now(), praised_by=by.user_id):
        raise Refused(["Somebody has praised the child for this already."])
    summary = f"Praised the child: {standing.step} ({standing.ladder}) has ended."
    audit.record("praise", standing, school_id=standing.school_id, by=by, summary=summary, pupil_id=standing.pupil_id)


@transaction.atomic
def raise_concern(*, pupil: Pupil, concern: str, today: date, by: Actor) -> Task:
    """Tell the attendance lead of a worry: it is hers to do by the next day."""
    task = Task.objects.create(
        school_id=pupil.school_id,
        pupil=pupil,
        title=f"Concern of {by}",
        text=concern,
        owner="attendance lead",
        due=today + timedelta(days=1),
        made_at=timezone.now(),
        made_by_id=by.user_id,
    )
    summary = f"Raised a concern: {concern}"
    audit.record("raise_concern", task, school_id=pupil.school_id, by=by, summary=summary, pupil_id=pupil.pk)
    return task


def pupils_with_a_case(school: School) -> set[int]:
    """Whose open case makes another proposal of one needless."""
    return set(Case.objects.filter(school=school).exclude(state="closed").values_list("pupil_id", flat=True))


def _record(verb: str, proposal: Proposal, summary: str, by: Actor) -> None:
    audit.record(verb, proposal, school_id=proposal.school_id, by=by, summary=summary, pupil_id=proposal.pupil_id)

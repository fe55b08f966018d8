"""Offer a notice to improve, check it each day, end it."""

from datetime import date
from typing import Any

from django.db import connection, transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.promises import promised
from attendance_mis.words import how_many
from letters.actions import queue_letter
from letters.occasions import Occasion
from penalties import judging
from penalties.actions.decisions import lock, refuse
from penalties.improvement import (
    IMPROVEMENT_TRANSITIONS,
    OPEN,
    ImprovementFacts,
    ImprovementState,
    last_day,
    why_not_move,
    why_not_notice_to_improve,
)
from penalties.models import Decision, ImprovementNotice
from penalties.papers import improvement_paper, keep
from penalties.readings import PenaltySettings
from penalties.thresholds import THRESHOLD
from penalties.watching import calendar_of, settings_of

CHECKING = Actor.system("check of notices to improve")
LABELS = {"start": "Started", "meet": "Met", "miss": "Not met", "end": "Ended"}


def until_of(school: School, starts: date, weeks: int, settings: PenaltySettings) -> date | None:
    """The last day of a notice to improve by the school's calendar."""
    return last_day(starts, weeks, calendar_of(school, starts).days, settings.improvement_unit)


@transaction.atomic
def offer(
    *, decision: Decision, starts: date, weeks: int, at_most: int, contents: dict[str, str], by: Actor
) -> ImprovementNotice:
    """Offer a notice to improve. Raises Refused with every reason and its paragraph.

    `contents` are complete but for what is computed; the paper is kept with its hash.
    """
    lock(decision.pupil)
    decision = Decision.objects.select_related("pupil__school", "contact").get(pk=decision.pk)
    pupil, contact = decision.pupil, decision.contact
    today = clock.today(pupil.school)
    settings = settings_of(pupil.school, today)
    until = until_of(pupil.school, starts, weeks, settings)
    facts = judging.facts_before_the_draft(decision, today)
    reasons = why_not_notice_to_improve(
        ImprovementFacts(
            on=today,
            threshold_met=decision.counted >= THRESHOLD,
            holiday=facts.holiday,
            of_compulsory_age=pupil.compulsory_from <= today <= pupil.compulsory_until,
            support_offered=bool(contents.get("support_offered", "").strip()),
            weeks=weeks,
            until=until,
            contents=contents,
            earlier=facts.earlier,
            open_notice=ImprovementNotice.objects.filter(contact=contact, state__in=OPEN).exists(),
            may_issue_penalties=judging.may_issue(pupil.school),
            below_threshold_reason=decision.below_threshold_reason,
        ),
        settings,
    )
    refuse(reasons)
    if decision.outcome != Decision.Outcome.IMPROVEMENT:
        raise Refused(["The headteacher has not decided on a notice to improve."])
    if starts < today:
        raise Refused(["It starts today or later."])
    if ImprovementNotice.objects.filter(decision=decision).exists():
        raise Refused(["It has been offered already."])
    notice = ImprovementNotice(
        school_id=pupil.school_id,
        pupil=pupil,
        contact=contact,
        decision=decision,
        state=ImprovementState.OFFERED.value,
        weeks=weeks,
        unit=settings.improvement_unit.value,
        offered_on=today,
        starts=starts,
        until=promised(until),
        at_most=at_most,
        contents=contents,
        offered_by_id=by.user_id,
    )
    notice.document = keep(f"Notice to improve, {today:%-d %B %Y}", improvement_paper(notice, by), pupil.school, by)
    notice.save()
    queue_letter(
        school=pupil.school,
        pupil=pupil,
        occasion=Occasion.NOTICE_TO_IMPROVE,
        contacts=[contact.pk],
        by=by,
        why=f"A notice to improve was decided on, until {until:%-d %B %Y}.",
        values={
            "improve_from": starts,
            "improve_until": until,
            "support": contents["support_so_far"],
            "sessions_allowed": at_most,
        },
    )
    record("offer_improvement", notice, f"Offered {contact} a notice to improve until {until:%-d %B %Y}.", by)
    check(school=pupil.school, on=today, settings=settings)
    return notice


@transaction.atomic
def move(*, notice: ImprovementNotice, verb: str, why: str, by: Actor) -> None:
    """Met, not met or ended, by a person's decision. Raises Refused."""
    lock(notice.pupil)
    notice = ImprovementNotice.objects.select_related("school").get(pk=notice.pk)
    refuse(why_not_move(verb, ImprovementState(notice.state)))
    if not why.strip():
        raise Refused(["Say why."])
    after = IMPROVEMENT_TRANSITIONS[ImprovementState(notice.state)][verb]
    today = clock.today(notice.school)
    ImprovementNotice.objects.filter(pk=notice.pk).update(state=after.value, ended_on=today, end_why=why)
    record(f"{verb}_improvement", notice, f"{LABELS[verb]}: the notice to improve. {why}", by)


# Unauthorised sessions of each notice in its time, and what was known of it before; only what differs is written.
_CHECK = """
WITH found AS (
  SELECT n.id, n.state AS state_before, n.unauthorised AS before,
         (SELECT count(*) FROM registers_mark m
          WHERE m.school_id = n.school_id AND m.pupil_id = n.pupil_id AND m.code = ANY(%(counted)s)
            AND m.day BETWEEN n.starts AND least(%(on)s::date, n.until)) AS now
  FROM penalties_improvementnotice n
  WHERE n.school_id = %(school)s AND n.state = ANY(%(open)s) AND n.starts <= %(on)s
)
UPDATE penalties_improvementnotice n SET state = %(running)s, unauthorised = f.now FROM found f
WHERE n.id = f.id AND (f.state_before, f.before) IS DISTINCT FROM (%(running)s, f.now)
RETURNING n.id, n.pupil_id, f.state_before, f.before, f.now, n.at_most
"""


@transaction.atomic
def check(*, school: School, on: date, settings: PenaltySettings) -> None:
    """Start what begins, and count each running notice's unauthorised sessions; people decide what follows."""
    values: dict[str, Any] = {
        "school": school.pk,
        "on": on,
        "open": sorted(OPEN),
        "running": ImprovementState.RUNNING.value,
        "counted": sorted(judging.counted_codes(settings)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHECK, values)
        changed = cursor.fetchall()
    rows = []
    for pk, pupil, state, before, now, at_most in changed:
        notice = ImprovementNotice(pk=pk)
        if state == ImprovementState.OFFERED:
            rows.append(audit.Row("start_improvement", notice, "The notice to improve began.", pupil))
        if now > at_most >= before:
            said = f"More unauthorised absence than the notice to improve allows: {how_many(now, 'session')}."
            rows.append(audit.Row("pass_improvement", notice, said, pupil))
    audit.record_all(rows, school_id=school.pk, by=CHECKING)


def record(verb: str, notice: ImprovementNotice, summary: str, by: Actor) -> None:
    audit.record(verb, notice, school_id=notice.school_id, by=by, summary=summary, pupil_id=notice.pupil_id)

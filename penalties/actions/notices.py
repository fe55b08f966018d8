"""Penalty notices: the draft, the signature that issues it, and what others have issued."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.db import connection, transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Authorisation, School
from penalties import judging, rules
from penalties.actions.decisions import lock, refuse
from penalties.actions.signing import authorisation_of
from penalties.amounts import AMOUNTS, Kind, Period, Scheme, Served, day_one, period_of, three_years_after
from penalties.models import NoticeSession, PenaltyNotice
from penalties.notices import (
    COUNTING,
    Notice,
    Reason,
    Source,
    State,
    counting_notices,
    why_not,
    why_not_record_known,
)
from penalties.papers import keep, notice_paper
from penalties.readings import PenaltySettings
from penalties.signing import issuer_of
from penalties.watching import settings_of
from penalties.wording import METHODS, NoticeFacts, notice_contents


def defaults_of(school: School) -> dict[str, str]:
    """What a draft begins with: the authority's address and methods as the last notice said them."""
    last = PenaltyNotice.objects.filter(school=school, source=Source.SCHOOL.value).exclude(contents={}).first()
    known = last.contents if last else {}
    return {"authority": known.get("authority", ""), "methods": known.get("methods", METHODS)}


@transaction.atomic
def write_draft(*, notice: PenaltyNotice, authority: str, methods: str, served: str, by: Actor) -> None:
    """Write what only a person knows of the notice. Raises Refused once it is issued."""
    lock(notice.pupil)
    notice = PenaltyNotice.objects.get(pk=notice.pk)
    refuse(why_not("issue", State(notice.state)))
    PenaltyNotice.objects.filter(pk=notice.pk).update(
        contents={"authority": authority, "methods": methods}, served=served
    )
    record("write_penalty", notice, "Wrote the draft of the penalty notice.", by)


@transaction.atomic
def decline(*, notice: PenaltyNotice, why: str, by: Actor) -> None:
    """Decide against a draft: its sessions are free again. Raises Refused."""
    lock(notice.pupil)
    notice = PenaltyNotice.objects.get(pk=notice.pk)
    refuse(why_not("decline", State(notice.state)))
    if not why.strip():
        raise Refused(["Say why."])
    PenaltyNotice.objects.filter(pk=notice.pk).update(state=State.DECLINED.value)
    NoticeSession.objects.filter(notice=notice).update(is_spent=False)
    record("decline_penalty", notice, f"Decided against the penalty notice. {why}", by)


def filled(notice: PenaltyNotice, on: date, by: Actor) -> tuple[PenaltyNotice, Period | None]:
    """The notice as it would be issued on a day by somebody: amounts, dates and contents computed; nothing is written.

    Without an amount (a third in three years) it has no period and no contents.
    """
    decision, pupil, contact = notice.decision, notice.pupil, notice.contact
    if decision is None:
        raise ValueError("a notice of others is not issued here")
    school = pupil.school
    settings = settings_of(school, on)
    notice.authorisation = authorisation_of(school, by, on)
    facts = judging.facts_before_the_draft(decision, on)
    amount = facts.amount(settings)
    if amount is None:
        return notice, None
    served = Served(notice.served or Served.POST)
    period = period_of(amount, day_one(on, served, settings))
    home = contact.address or _address_of_child(notice)
    address = ", ".join([*school.address, school.postcode])
    notice.contents = notice_contents(
        NoticeFacts(
            kind=Kind(notice.kind),
            parent=contact.name,
            parent_address=contact.address,
            child=f"{pupil.legal_forename} {pupil.legal_surname}, born {pupil.date_of_birth:%-d %B %Y}",
            child_address=home,
            school=school.name,
            school_address=address,
            issuer=by.name,
            issuer_position=signs_as(notice, by),
            authorised=authorised_text(notice.authorisation),
            marks=decision.marks,
            issued=on,
            amount=amount,
            period=period,
            authority=notice.contents.get("authority", ""),
            methods=notice.contents.get("methods", ""),
            reference=f"PN {school.urn}-{notice.pk}",
        )
    )
    notice.scheme = facts.scheme(settings).value
    notice.issued_on, notice.served = on, served.value
    notice.full_pounds, notice.reduced_pounds = amount.full, amount.reduced
    notice.day_one, notice.reduced_until, notice.full_until = period.day_one, period.reduced_until, period.full_until
    notice.counts_until = three_years_after(on)
    position = signs_as(notice, by)
    notice.issuer, notice.issuer_name, notice.issuer_position = issuer_of(position).value, by.name, position
    return notice, period


def signs_as(notice: PenaltyNotice, by: Actor) -> str:
    """The position in which somebody signs: as she was authorised, else her own."""
    return notice.authorisation.person_position if notice.authorisation else by.position


def authorised_text(authorisation: Authorisation | None) -> str:
    """Who authorised the person who signs, and when, as the notice prints it; empty for the headteacher."""
    if authorisation is None:
        return ""
    giver = f"{authorisation.given_name}, {authorisation.given_position}"
    return f"authorised by {giver}, on {authorisation.given_on:%-d %B %Y}"


def _address_of_child(notice: PenaltyNotice) -> str:
    home = notice.pupil.contacts.filter(lives_with_pupil=True).exclude(postcode="").first()
    return home.address if home else ""


def why_not_issue(notice: PenaltyNotice, on: date, by: Actor, *, signed: bool) -> list[Reason]:
    """Why the draft, as `filled` in, cannot be issued on a day by somebody; empty means it can."""
    decision = notice.decision
    if decision is None:
        return why_not("issue", State(notice.state)) or [Reason("It was issued by others.", "5.26")]
    settings = settings_of(notice.pupil.school, on)
    facts = judging.issue_facts(
        decision,
        on,
        contents=notice.contents,
        issuer=issuer_of(signs_as(notice, by)),
        issuer_authorised=notice.authorisation is not None,
        signed=signed,
        state=State(notice.state),
    )
    return judging.changed_since(decision, on) + rules.why_not_issue(facts, settings)


@transaction.atomic
def issue(*, notice: PenaltyNotice, signature: str, by: Actor) -> PenaltyNotice:
    """Issue the notice: the headteacher, or whom she has authorised, signs with her name. Raises Refused with reasons.

    Of two who sign at once, one issues it and the other is told; the database itself holds one notice an offence.
    """
    lock(notice.pupil)
    notice = PenaltyNotice.objects.select_related("pupil__school", "contact", "decision__pupil__school").get(
        pk=notice.pk
    )
    today = clock.today(notice.pupil.school)
    refuse(why_not("issue", State(notice.state)))
    notice, _ = filled(notice, today, by)
    signed = bool(by.user_id) and " ".join(signature.split()).casefold() == by.name.casefold()
    refuse(why_not_issue(notice, today, by, signed=signed))
    notice.state = State.ISSUED.value
    notice.issued_by_id = by.user_id
    notice.document = keep(f"Penalty notice, {today:%-d %B %Y}", notice_paper(notice), notice.pupil.school, by)
    settings = settings_of(notice.pupil.school, today)
    notice.place = _place(judging.earlier_of(notice.contact), notice, settings)
    notice.save()
    settle_places(notice.contact_id, settings)
    signed_by = f"{by.name}, {notice.issuer_position}"
    said = f"Issued a penalty notice to {notice.contact}: {notice.contents['amounts']}. Signed by {signed_by}."
    record("issue_penalty", notice, said, by)
    return notice


def _place(earlier: list[Notice], notice: PenaltyNotice, settings: PenaltySettings) -> int | None:
    """A place to begin with; `settle_places` gives the final ones."""
    this = Notice(notice.issued_on, scheme=Scheme(notice.scheme))  # type: ignore[arg-type]
    if not this.counts(settings):
        return None
    return 1 + len(counting_notices(earlier, this.issued, settings)) % 2


def settle_places(contact_id: int, settings: PenaltySettings) -> None:
    """Number a parent's counting notices for a child 1, 2, 1, 2 by their day of issue.

    Of two with the same place the later is then outside the three years of the earlier, unless there is a third: the
    database refuses that when the transaction ends, whatever the rules said.
    """
    notices = PenaltyNotice.objects.filter(contact=contact_id).exclude(state__in=judging.DRAFTS)
    n = 0
    for notice in notices.order_by("issued_on", "pk").prefetch_related("sessions"):
        counts = notice.facts.counts(settings)
        place = 1 + n % 2 if counts else None
        n += counts
        if place != notice.place:
            PenaltyNotice.objects.filter(pk=notice.pk).update(place=place)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS no_third_in_three_years IMMEDIATE")
        cursor.execute("SET CONSTRAINTS no_third_in_three_years DEFERRED")


@transaction.atomic
def record_copy(*, notice: PenaltyNotice, on: date, by: Actor) -> None:
    """Note when the local authority was sent its copy (5.18). Raises Refused before the issue."""
    lock(notice.pupil)
    if notice.issued_on is None or on < notice.issued_on:
        raise Refused(["The copy goes to the local authority once the notice is issued (5.18)."])
    PenaltyNotice.objects.filter(pk=notice.pk).update(la_copied_on=on)
    record("copy_penalty", notice, f"The local authority was sent its copy on {on:%-d %B %Y}.", by)


@transaction.atomic
def record_known(
    *,
    notice: PenaltyNotice,
    by: Actor,
) -> PenaltyNotice:
    """Enter a notice that the local authority or another school has issued (5.26). Raises Refused.

    `notice` is unsaved and says who told of it, the day of issue, scheme, state, and the offence as far as known.
    """
    lock(notice.pupil)
    today = clock.today(notice.pupil.school)
    settings = settings_of(notice.pupil.school, today)
    if notice.issued_on is None or notice.issued_on > today:
        raise Refused(["Give the day on which it was issued, today at the latest (5.26)."])
    known = replace(
        Notice(notice.issued_on),
        scheme=Scheme(notice.scheme),
        state=State(notice.state),
        offence_from=notice.offence_from,
        offence_until=notice.offence_until,
        source=Source(notice.source),
    )
    others = judging.earlier_of(notice.contact)
    reasons = why_not_record_known(known, others, settings)
    if (amount := notice.amount) and amount not in AMOUNTS[Scheme(notice.scheme)]:
        reasons.append(Reason(f"{amount} is no amount under the {notice.scheme}.", "5.9"))
    refuse(reasons)
    notice.kind = known.kind.value
    notice.prepared_on, notice.prepared_by_id = today, by.user_id
    notice.counts_until = three_years_after(notice.issued_on)
    notice.place = _place(others, notice, settings) if known.counts(settings) else None
    notice.save()
    settle_places(notice.contact_id, settings)
    said = f"Entered a penalty notice of {notice.issued_on:%-d %B %Y} to {notice.contact}: {notice.origin}"
    record("know_penalty", notice, said, by)
    return notice


_LEFT = """
SELECT n.id, count(*),
       count(*) FILTER (WHERE m.code = ANY(%(counted)s) OR e.code = ANY(%(counted)s)) AS standing
FROM penalties_penaltynotice n
JOIN penalties_noticesession s ON s.school_id = n.school_id AND s.notice_id = n.id
LEFT JOIN registers_mark m ON m.school_id = n.school_id AND m.pupil_id = n.pupil_id AND m.day = s.day
     AND m.session = s.session
LEFT JOIN penalties_evidence e ON e.school_id = n.school_id AND e.pupil_id = n.pupil_id AND e.day = s.day
     AND e.session = s.session
WHERE n.school_id = %(school)s AND n.state = ANY(%(states)s) AND n.kind = %(kind)s
GROUP BY n.id, n.sessions_left
HAVING n.sessions_left IS DISTINCT FROM nullif(
  count(*) FILTER (WHERE m.code = ANY(%(counted)s) OR e.code = ANY(%(counted)s)), count(*))
"""


@transaction.atomic
def recheck_marks(*, school: School, on: date, settings: PenaltySettings, by: Actor) -> int:
    """Flag each issued notice whose marks have changed, once a change; returns how many were flagged now."""
    values: dict[str, Any] = {
        "school": school.pk,
        "states": sorted(COUNTING),
        "kind": Kind.ABSENCE.value,
        "counted": sorted(judging.counted_codes(settings)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, values)
        rows = cursor.fetchall()
    flagged = 0
    for pk, total, left in rows:
        now = None if left == total else left
        PenaltyNotice.objects.filter(pk=pk).update(sessions_left=now, changed_on=on if now is not None else None)
        notice = PenaltyNotice.objects.get(pk=pk)
        said = f"Marks of the {str(notice).lower()} changed: {left} of its {total} sessions are unauthorised now."
        record("marks_of_penalty_changed", notice, said, by)
        flagged += now is not None
    return flagged


def record(verb: str, notice: PenaltyNotice, summary: str, by: Actor) -> None:
    audit.record(verb, notice, school_id=notice.school_id, by=by, summary=summary, pupil_id=notice.pupil_id)

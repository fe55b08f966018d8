"""Queue a message, send what is due, and take in what the provider says became of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.promises import promised
from attendance_mis.schedule import send_soon
from letters.models import Message, Reply
from letters.querysets import MessageQuerySet
from letters.sending_rules import REPLY_WITHIN, Word, digits, is_mobile, next_try, word_of
from letters.ways_out import NotTaken, TryAgain, email, notify
from registers.models import Contact, Pupil

Status, Way, Provider = Message.Status, Message.Way, Message.Provider
AT_ONCE = 50  # how many a run asks about
WORKS_FOR = timedelta(seconds=150)  # a run stops taking new ones well before its task is killed
TOO_LATE = "It could not be sent in time, and now it would be of no use."


def provider_for(school: School, way: str) -> Message.Provider | None:
    """Who would carry it; None: nobody, this school can not send so."""
    if notify.can_send(school, way):
        return Provider.NOTIFY
    return Provider.SMTP if way == Way.EMAIL and email.can_send() else None


def why_not_queue(school: School, way: str, address: str) -> list[str]:
    """Why no such message can be sent to this address; empty means it can."""
    if provider_for(school, way) is None:
        if way == Way.TEXT:
            return ["This school can not send texts yet: the technician sets a GOV.UK Notify key."]
        return ["This school can not send e-mails yet: the technician sets a GOV.UK Notify key or a mail server."]
    if not address:
        return ["There is no mobile number." if way == Way.TEXT else "There is no e-mail address."]
    if way == Way.TEXT and not is_mobile(address):
        return [f"{address} is not a mobile number: a text can not reach it."]
    return []


def queue_message(
    *,
    school: School,
    way: str,
    address: str,
    body: str,
    by: Actor,
    subject: str = "",
    pupil: Pupil | None = None,
    contact: Contact | None = None,
    expires_at: datetime | None = None,
    proposed: bool = False,
) -> Message:
    """Put a text or e-mail on its way, or raise `Refused`. Call it in the transaction of what it belongs to.

    With `proposed` it waits until `approve_message`. `expires_at` is a true moment (`clock.true_now`).
    """
    if reasons := why_not_queue(school, way, address):
        raise Refused(reasons)
    if not body.strip():
        raise Refused(["The message says nothing."])
    now = clock.true_now(school)
    message = Message.objects.create(
        school=school,
        pupil=pupil,
        contact=contact,
        way=way,
        address=address,
        subject=subject,
        body=body,
        made_at=now,
        made_by_id=by.user_id,
        expires_at=expires_at,
        status=Status.PROPOSED if proposed else Status.QUEUED,
        provider=promised(provider_for(school, way)),
        next_try_at=now,
    )
    if not proposed:
        _send_soon(school)
    return message


@transaction.atomic
def approve_message(*, message: Message, by: Actor) -> None:
    """Let a proposed message go. Raises `Refused` when it is no longer proposed."""
    now = clock.true_now(message.school)
    if not _proposed(message).update(status=Status.QUEUED, next_try_at=now):
        raise Refused(["Somebody has decided this message already."])
    _record("approve_message", message, by, f"Approved: {message.get_way_display().lower()} “{message.body}”")
    _send_soon(message.school)


@transaction.atomic
def cancel_message(*, message: Message, by: Actor) -> None:
    """Take a message back that has not left. Raises `Refused` when it has."""
    now = clock.true_now(message.school)
    waiting = Message.objects.filter(pk=message.pk, status__in=(Status.PROPOSED, Status.QUEUED), attempts=0)
    if not waiting.update(status=Status.CANCELLED, settled_at=now):
        raise Refused(["This message has left already, or was tried: it can not be taken back."])
    _record("cancel_message", message, by, f"Cancelled: {message.get_way_display().lower()} “{message.body}”")


def send_due(*, school: School) -> None:
    """Send what is due, oldest first. Stops at the first that the provider does not take now: it needs a rest."""
    stop_at = clock.true_now(school) + WORKS_FOR
    for message in Message.objects.left_behind(clock.true_now(school)).filter(provider=Provider.SMTP):
        _settle(school, message, Word(failed_because=email.NOT_KNOWN))
    due = Message.objects.due(clock.true_now(school)).order_by("next_try_at", "pk").values_list("pk", flat=True)
    for pk in list(due):
        if clock.true_now(school) >= stop_at:
            return
        mine = claim(school, pk)
        if mine is not None and not send(school, mine):
            return


def claim(school: School, pk: int) -> Message | None:
    """Take one message, so that nobody else sends it; None: somebody has it."""
    now = clock.true_now(school)
    taken = (
        Message.objects.due(now).filter(pk=pk).update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    )
    return Message.objects.get(pk=pk) if taken else None


def send(school: School, message: Message) -> bool:
    """Send a claimed message and record what came of it. False: the provider does not take anything now."""
    now = clock.true_now(school)
    try:
        if message.provider == Provider.NOTIFY:
            return _send_by_notify(school, message, now)
        if _is_too_late(message, now):
            raise NotTaken(TOO_LATE)
        email.send(
            school=school,
            address=message.address,
            subject=message.subject,
            body=message.body,
            reference=message.reference,
        )
    except TryAgain as fault:
        _wait(school, message, str(fault))
        return False
    except NotTaken as fault:
        _settle(school, message, Word(failed_because=str(fault)))
        return True
    _note_sent(school, message)
    return True


def _send_by_notify(school: School, message: Message, now: datetime) -> bool:
    """Whatever happened to an attempt before this one, Notify is asked first whether it has the message."""
    with notify.connect(school) as service:
        known = service.by_reference(message.reference) if message.attempts > 1 else None
        if known:
            _note_sent(school, message, known.id)
            _take_in(school, message, known.status)
            return True
        if _is_too_late(message, now):
            raise NotTaken(TOO_LATE)
        if message.way == Way.TEXT:
            provider_id = service.text(message.address, message.body, message.reference)
        else:
            provider_id = service.email(message.address, message.subject, message.body, message.reference)
    _note_sent(school, message, provider_id)
    return True


def ask_what_became(*, school: School) -> None:
    """Ask Notify what became of the messages it took, and read the replies to them."""
    now = clock.true_now(school)
    if not notify.has_key(school):
        return
    waiting = list(Message.objects.to_ask_about(now)[:AT_ONCE])
    with notify.connect(school) as service:
        try:
            for message in waiting:
                _take_in(school, message, service.status(message.provider_id))
            if Message.objects.texted_within(now, REPLY_WITHIN).exists():
                _take_in_replies(school, service.received(), now)
        except (TryAgain, NotTaken):
            return  # asked again at the next tick


def _take_in(school: School, message: Message, notify_status: str) -> None:
    Message.objects.filter(pk=message.pk).update(asked_at=clock.true_now(school))
    if (word := word_of(notify_status)).is_last:
        _settle(school, message, word)


def _take_in_replies(school: School, texts: Iterable[notify.Received], now: datetime) -> None:
    """Each reply once, beside the last message that went to its number before it."""
    known = set(Reply.objects.filter(at__gt=now - REPLY_WITHIN).values_list("provider_id", flat=True))
    sent: dict[str, list[tuple[datetime, int]]] = {}
    for pk, address, made_at in (
        Message.objects.texted_within(now, REPLY_WITHIN).order_by("-made_at").values_list("pk", "address", "made_at")
    ):
        sent.setdefault(digits(address), []).append((made_at, pk))
    new = [
        Reply(school=school, message_id=answers, provider_id=text.id, text=text.text, at=text.at)
        for text in texts
        if text.id not in known
        for answers in [next((pk for at, pk in sent.get(digits(text.number), []) if at <= text.at), None)]
        if answers is not None
    ]
    Reply.objects.bulk_create(new, ignore_conflicts=True)


def _is_too_late(message: Message, now: datetime) -> bool:
    return message.expires_at is not None and now >= message.expires_at


def _mine(message: Message) -> MessageQuerySet:
    """The row as long as this worker's claim on it stands."""
    return Message.objects.filter(pk=message.pk, status=Status.SENDING, claimed_at=message.claimed_at)


def _note_sent(school: School, message: Message, provider_id: str = "") -> None:
    now = clock.true_now(school)
    _mine(message).update(status=Status.SENT, sent_at=now, provider_id=provider_id, fault="")


def _wait(school: School, message: Message, fault: str) -> None:
    at = next_try(message.attempts, clock.true_now(school), message.expires_at)
    if at is None:
        _settle(school, message, Word(failed_because=f"{fault} Given up after {message.attempts} attempts."))
    else:
        _mine(message).update(status=Status.QUEUED, next_try_at=at, fault=fault[:300])


@transaction.atomic
def _settle(school: School, message: Message, word: Word) -> None:
    """The last word on a message; a failure stands in the pupil's story."""
    still_open = Message.objects.select_for_update(no_key=True).filter(pk=message.pk).exclude(status__in=Message.OVER)
    if not still_open.exists():
        return
    Message.objects.filter(pk=message.pk).update(
        status=Status.DELIVERED if word.arrived else Status.FAILED,
        settled_at=clock.true_now(school),
        fault=word.failed_because[:300],
    )
    if word.failed_because and message.pupil_id:
        _record(
            "message_failed",
            message,
            Actor.system("sending messages"),
            f"{message.get_way_display()} not delivered: {word.failed_because}",
        )


def _proposed(message: Message) -> MessageQuerySet:
    return Message.objects.filter(pk=message.pk, status=Status.PROPOSED)


def _send_soon(school: School) -> None:
    """At once, if the worker runs; the tick sends what is left."""
    send_soon("letters.tasks.send_messages", school.pk)


def _record(verb: str, message: Message, by: Actor, summary: str) -> None:
    audit.record(verb, message, school_id=message.school_id, by=by, summary=summary, pupil_id=message.pupil_id)

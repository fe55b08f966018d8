"""Letters leave by themselves: as e-mail with the PDF, or to GOV.UK Notify to be printed and posted.

A copy is claimed before it is sent. Notify is asked by the copy's reference before a second attempt; a mail server
cannot be asked, so what may have left is never sent again by itself: a person decides (see `ways_out.email`).
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F

from attendance_mis import audit, clock, schedule
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.promises import promised
from letters import markup
from letters.actions import messages
from letters.actions.rendering import stored
from letters.drawing import salutation
from letters.languages import ENGLISH, tag_of
from letters.models import Channel, Copy, Letter, Message
from letters.models.templates import AS_MESSAGE, BY_POST
from letters.occasions import SERVED, Occasion
from letters.querysets import CopyQuerySet
from letters.sending_rules import next_try, word_of
from letters.ways_out import NotTaken, TryAgain, email, notify
from letters.wording import short_of, text_of
from registers.models import Contact
from registers.working_days import working_day_after

SENDING = Actor.system("sending letters")
WORKS_FOR = timedelta(seconds=150)
AT_ONCE = 50
# The second working day after posting, as for first-class post (law.md 5.20; Civil Procedure Rules 6.26).
DEEMED_DAYS = 2
Status, Way = Copy.Status, Message.Way


def send_due(*, school: School) -> None:
    """Send what is ready, oldest first. Stops at the first that is not taken now: the provider needs a rest."""
    stop_at = clock.true_now(school) + WORKS_FOR
    for copy in Copy.objects.left_behind(clock.true_now(school)).filter(channel=Channel.EMAIL):
        _fail(copy, email.NOT_KNOWN)
    Copy.objects.left_behind(clock.true_now(school)).filter(channel=Channel.NOTIFY).update(status=Status.RENDERED)
    _messages_left_behind(school)
    for pk in list(Copy.objects.to_send(clock.true_now(school)).values_list("pk", flat=True)):
        if clock.true_now(school) >= stop_at:
            return
        mine = _claim(school, pk)
        if mine is not None and not _send(school, mine):
            return


def send_soon(school: School) -> None:
    """At once, if the worker runs; the tick sends what is left."""
    schedule.send_soon("letters.tasks.send_letters", school.pk)


def _claim(school: School, pk: int) -> Copy | None:
    now = clock.true_now(school)
    taken = Copy.objects.to_send(now).filter(pk=pk).order_by()
    if not taken.update(status=Status.SENDING, claimed_at=now, attempts=F("attempts") + 1):
        return None
    return Copy.objects.select_related("letter__version", "letter__pupil").get(pk=pk)


def _send(school: School, copy: Copy) -> bool:
    """Send a claimed copy and record what came of it. False: nothing is taken now."""
    try:
        if copy.channel in AS_MESSAGE:
            _by_message(school, copy)
            return True
        if copy.channel == Channel.NOTIFY:
            provider_id = _by_notify(school, copy)
        else:
            _by_email(school, copy)
            provider_id = ""
    except TryAgain as fault:
        _wait(school, copy, str(fault))
        return False
    except NotTaken as fault:
        _fail(copy, str(fault))
        return True
    note_sent(_mine(copy), [copy], school, provider_id=provider_id, by=SENDING)
    return True


def _by_notify(school: School, copy: Copy) -> str:
    with notify.connect(school) as service:
        known = service.by_reference(copy.reference) if copy.attempts > 1 else None
        return known.id if known else service.letter(stored(copy), copy.reference)


@transaction.atomic
def _by_message(school: School, copy: Copy) -> None:
    """Queue the short words; from here the copy is as far as its message. Raises NotTaken where none can be sent."""
    letter, way = copy.letter, Way.TEXT if copy.channel == Channel.TEXT else Way.EMAIL
    values = {**letter.values, "salutation": salutation(copy, letter)}
    subject, _ = text_of(promised(letter.version), Occasion(letter.occasion))
    try:
        message = messages.queue_message(
            school=school,
            pupil=letter.pupil,
            contact=Contact.objects.filter(pk=copy.contact_id).first() if copy.contact_id else None,
            way=way,
            address=copy.mobile if way is Way.TEXT else copy.email,
            subject=markup.as_plain(subject, values).strip() if way is Way.EMAIL else "",
            body=markup.as_plain(short_of(promised(letter.version), Occasion(letter.occasion)), values).strip(),
            by=SENDING,
        )
    except Refused as refused:
        raise NotTaken(" ".join(refused.reasons)) from refused
    # One transaction with the claim's end: a worker that dies before it has queued nothing.
    _mine(copy).update(message=message, claimed_at=None)


def _messages_left_behind(school: School) -> None:
    """Claimed by a worker that died before it queued the message: nothing has left, so it goes again."""
    gone = Copy.objects.left_behind(clock.true_now(school)).filter(channel__in=AS_MESSAGE, message=None)
    gone.update(status=Status.RENDERED, claimed_at=None)


def follow_messages(*, school: School) -> None:
    """Take over how far the short words of copies have come: sent, delivered, or not."""
    with_word = Copy.objects.filter(status__in=(Status.SENDING, Status.SENT), message__isnull=False)
    rows = with_word.select_related("letter", "message").order_by("pk")
    arrived = (Message.Status.SENT, Message.Status.DELIVERED)
    sent = list(rows.filter(status=Status.SENDING, message__status__in=arrived))
    if sent:
        note_sent(
            Copy.objects.filter(pk__in=[copy.pk for copy in sent], status=Status.SENDING), sent, school, by=SENDING
        )
    for copy in rows.filter(message__status__in=(Message.Status.FAILED, Message.Status.CANCELLED)):
        _fail(copy, copy.message.fault or "The message was taken back.", Copy.objects.filter(pk=copy.pk))
    delivered = with_word.filter(status=Status.SENT, message__status=Message.Status.DELIVERED)
    delivered.update(status=Status.DELIVERED)


def _by_email(school: School, copy: Copy) -> None:
    letter = copy.letter
    values = {**letter.values, "salutation": salutation(copy, letter)}
    tag = tag_of(copy.language)
    subject, body = text_of(promised(letter.version), Occasion(letter.occasion), tag)
    is_english = tag == ENGLISH or tag not in letter.version.translations
    plain = markup.as_plain(body, values, is_english=is_english)
    email.send(
        school=school,
        address=copy.email,
        subject=markup.as_plain(subject, values, is_english=is_english).strip(),
        body=f"{plain}\n{school.name}\n\nThe letter is attached as a PDF.\n",
        reference=copy.reference,
        attachments=[(f"letter-{letter.pk}-{copy.pk}.pdf", stored(copy))],
    )


def note_sent(
    rows: CopyQuerySet, copies: list[Copy], school: School, *, by: Actor, provider_id: str = ""
) -> None:  # fmt: skip
    """These copies have left; for what is served the day it counts as received is set."""
    now, today = clock.true_now(school), clock.today(school)
    with transaction.atomic():
        rows.update(status=Status.SENT, sent_at=now, fault="", claimed_at=None, attempts=0, provider_id=provider_id)
        served = [copy.pk for copy in copies if Occasion(copy.letter.occasion) in SERVED]
        by_post = Copy.objects.filter(pk__in=served, status=Status.SENT, channel__in=BY_POST)
        by_post.update(served_on=working_day_after(today, DEEMED_DAYS))
        audit.record_all(
            [
                audit.Row("send_letter", copy.letter, f"Sent the letter {copy.letter.label} to {copy.addressee}, "
                          f"{Channel(copy.channel).label.lower()}.", copy.letter.pupil_id)
                for copy in copies
            ],
            school_id=school.pk,
            by=by,
        )  # fmt: skip


def ask_what_became(*, school: School) -> None:
    """Ask Notify what became of the letters it took."""
    if not notify.has_key(school):
        return
    waiting = list(Copy.objects.to_ask_about(clock.true_now(school))[:AT_ONCE])
    if not waiting:
        return
    with notify.connect(school) as service:
        try:
            for copy in waiting:
                word = word_of(service.status(copy.provider_id))
                row = Copy.objects.filter(pk=copy.pk, status=Status.SENT)
                row.update(asked_at=clock.true_now(school))
                if word.failed_because:
                    row.update(status=Status.FAILED, fault=word.failed_because)
        except (TryAgain, NotTaken):
            return  # asked again later


def _mine(copy: Copy) -> CopyQuerySet:
    return Copy.objects.filter(pk=copy.pk, status=Status.SENDING, claimed_at=copy.claimed_at)


def _fail(copy: Copy, fault: str, row: CopyQuerySet | None = None) -> None:
    with transaction.atomic():
        if (_mine(copy) if row is None else row).update(status=Status.FAILED, fault=fault[:300], claimed_at=None):
            letter: Letter = copy.letter
            audit.record(
                "letter_failed", letter, school_id=copy.school_id, by=SENDING, pupil_id=letter.pupil_id,
                summary=f"The letter {letter.label} to {copy.addressee} has not left: {fault}",
            )  # fmt: skip


def _wait(school: School, copy: Copy, fault: str) -> None:
    at = next_try(copy.attempts, clock.true_now(school), None)
    if at is None:
        _fail(copy, f"{fault} Given up after {copy.attempts} attempts.")
    else:
        _mine(copy).update(status=Status.RENDERED, next_try_at=at, fault=fault[:300], claimed_at=None)

"""What a person does with one copy: post that came back, another try, no copy at all."""

from datetime import date

from django.db import transaction

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from letters.actions.approving import render_soon
from letters.actions.leaving import send_soon
from letters.actions.queueing import can_go
from letters.models import Channel, Copy

LEFT = (Copy.Status.SENT, Copy.Status.DELIVERED)
HERE = (Copy.Status.APPROVED, Copy.Status.RENDERED, Copy.Status.FAILED)


@transaction.atomic
def note_returned(*, copy: Copy, returned_on: date, by: Actor) -> None:
    """The post brought it back. Raises Refused for a copy that has not left, or for a day before it did."""
    if copy.sent_at and returned_on < copy.sent_at.astimezone(copy.school.zone).date():
        raise Refused(["That is before it was sent."])
    left = Copy.objects.filter(pk=copy.pk, status__in=LEFT)
    if not left.update(status=Copy.Status.RETURNED, returned_on=returned_on, served_on=None):
        raise Refused(["Only a letter that was sent can come back."])
    _record("return_letter", copy, f"came back on {returned_on:%-d %B %Y}. Check the address.", by)


@transaction.atomic
def try_again(*, copy: Copy, channel: str, by: Actor) -> None:
    """Let a failed or returned copy go again, this or another way; its PDF stays. Raises Refused for another state."""
    if not can_go(channel, copy.email, copy.mobile):
        raise Refused(["There is no mobile number." if channel == Channel.TEXT else "There is no e-mail address."])
    again = Copy.objects.filter(pk=copy.pk, status__in=(Copy.Status.FAILED, Copy.Status.RETURNED))
    status = Copy.Status.RENDERED if copy.pdfs.exists() else Copy.Status.APPROVED
    if not again.update(
        status=status, channel=channel, attempts=0, next_try_at=None, fault="", print_run=None, place=None, message=None
    ):
        raise Refused(["Only a letter that failed or came back can be sent again."])
    _record("send_letter_again", copy, f"is sent again, {Channel(channel).label.lower()}.", by)
    if status == Copy.Status.APPROVED:
        render_soon(copy.school)
    else:
        send_soon(copy.school)


@transaction.atomic
def cancel_copy(*, copy: Copy, by: Actor) -> None:
    """Take back a copy that has not left. Raises Refused when it has, or is just leaving."""
    if not Copy.objects.filter(pk=copy.pk, status__in=HERE).update(status=Copy.Status.CANCELLED):
        raise Refused(["It has left, or is just leaving: it can not be taken back."])
    _record("cancel_copy", copy, "is cancelled.", by)


def _record(verb: str, copy: Copy, said: str, by: Actor) -> None:
    summary = f"The letter {copy.letter.label} to {copy.addressee} {said}"
    audit.record(
        verb, copy.letter, school_id=copy.school_id, by=by, summary=summary, pupil_id=copy.letter.pupil_id
    )  # fmt: skip

"""Webhooks: a partner's address is added, told of changes by the clock, stopped when it never answers, and ended.

What is told of follows from the sealed logs: up to its last block a log is complete, and no slower transaction can
still write into it (seals.py). So no writer of marks does anything for it, and none can forget it (decision 0042).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from attendance_mis import audit, outgoing, schedule, seals
from attendance_mis.actions.refusing import Refused
from attendance_mis.actors import Actor
from attendance_mis.boxes import box
from attendance_mis.models import AuditRow, Delivery, School, Webhook
from attendance_mis.webhooks import (
    GIVE_UP_AFTER,
    GONE,
    PUPIL_VERBS,
    Event,
    body_of,
    headers_of,
    make_secret,
    wait_after,
    why_not_address,
)

TASK = "attendance_mis.tasks.send_webhooks"
ENTRIES = "registers_entry"  # a string, as the registers stand above
PURPOSE = "attendance_mis.webhooks"
AT_MOST = 20  # messages of one run: each may take as long as `outgoing` lets it
KEPT = timedelta(days=90)  # of what arrived


@transaction.atomic
def add_webhook(*, school: School, partner: str, url: str, events: list[str], by: Actor) -> tuple[Webhook, str]:
    """Tell a partner of changes from now on; returns the webhook and its secret, which no page shows again.

    Raises `Refused` for an address to which nothing may be sent.
    """
    if reasons := why_not_address(url):
        raise Refused(reasons)
    secret = make_secret()
    webhook = Webhook.objects.create(
        school=school,
        partner=partner,
        url=url,
        events=events,
        secret=box(PURPOSE).encrypt(secret.encode()).decode(),
        told={event: _sealed(Event(event)) for event in events},
        made_at=timezone.now(),
        made_by=str(by),
    )
    said = f"Tells {partner} of changes from now on: {', '.join(events)}."
    _record("add_webhook", webhook, by, said, url=url, events=events)
    return webhook, secret


@transaction.atomic
def end_webhook(*, webhook: Webhook, by: Actor) -> None:
    """Tell the partner nothing more; what waits is not sent. Raises `Refused` when it is ended already."""
    webhook = _locked(webhook)
    webhook.ended_at, webhook.ended_by = timezone.now(), str(by)
    webhook.save(update_fields=["ended_at", "ended_by"])
    _record("end_webhook", webhook, by, f"{webhook.partner} is told of no change any more.")


@transaction.atomic
def resume_webhook(*, webhook: Webhook, by: Actor) -> None:
    """Begin again after it was stopped; what waits is sent at once. Raises `Refused` for one that was not stopped."""
    webhook = _locked(webhook)
    if not webhook.stopped_at:
        raise Refused(["It is not stopped."])
    webhook.stopped_at = webhook.failing_since = None
    webhook.save(update_fields=["stopped_at", "failing_since"])
    webhook.deliveries.filter(arrived_at=None).update(next_try_at=timezone.now())
    _record("resume_webhook", webhook, by, f"Tells {webhook.partner} of changes again.")
    schedule.send_soon(TASK, webhook.school_id)


@transaction.atomic
def test_webhook(*, webhook: Webhook, by: Actor) -> None:
    """Send a message that tells of nothing. Raises `Refused` when one waits, or nothing is sent there."""
    webhook = _locked(webhook)
    if webhook.stopped_at:
        raise Refused(["It is stopped: begin it again first."])
    if webhook.deliveries.filter(event=Event.TEST, arrived_at=None).exists():
        raise Refused(["A test is on its way already: see below what became of it."])
    _write(webhook, Event.TEST, 0, timezone.now())
    _record("test_webhook", webhook, by, f"Sent a test to {webhook.partner}.")
    schedule.send_soon(TASK, webhook.school_id)


test_webhook.__test__ = False  # type: ignore[attr-defined]  # a verb, not a test


def note_changes(*, school: School) -> None:
    """Write a message for each webhook and each kind of change that the sealed logs hold and it was not told of."""
    now = timezone.now()
    for pk in Webhook.objects.in_use().values_list("pk", flat=True):
        with transaction.atomic():
            webhook = Webhook.objects.in_use().select_for_update().filter(pk=pk).first()
            if webhook and _note(webhook, now):
                webhook.deliveries.filter(arrived_at__lt=now - KEPT).delete()


def _note(webhook: Webhook, now: datetime) -> bool:
    """Whether there was anything to tell. What still waits tells of all that came after it too."""
    waiting = set(webhook.deliveries.filter(arrived_at=None).values_list("event", flat=True))
    is_told, before = False, dict(webhook.told)
    for event in map(Event, webhook.events):
        told, sealed = webhook.told[event], _sealed(event)
        if event in waiting or sealed <= told:
            continue
        if newest := _newest(event, told, sealed):
            _write(webhook, event, newest, now)
            is_told = True
        webhook.told[event] = sealed
    if webhook.told != before:
        webhook.save(update_fields=["told"])
    return is_told


def _sealed(event: Event) -> int:
    """The last number in the event's log before which no row can appear any more."""
    return seals.last_sealed(ENTRIES if event is Event.MARKS else AuditRow._meta.db_table)


def _newest(event: Event, told: int, sealed: int) -> int:
    """The number of the last change of this kind after `told`; 0 for none."""
    if event is Event.MARKS:
        return sealed  # every entry is a change of marks
    found = AuditRow.objects.filter(pk__gt=told, pk__lte=sealed, verb__in=PUPIL_VERBS).aggregate(newest=Max("pk"))
    return found["newest"] or 0


def _write(webhook: Webhook, event: Event, newest: int, now: datetime) -> Delivery:
    return Delivery.objects.create(
        school_id=webhook.school_id, webhook=webhook, event=event, newest=newest, made_at=now, next_try_at=now
    )


def send_webhooks(*, school: School) -> None:
    """Send what is due, one after the other. A worker that dies on the way leaves the message to be tried again."""
    for _ in range(AT_MOST):
        delivery = _claim()
        if delivery is None:
            return
        _send(delivery, school)


@transaction.atomic
def _claim() -> Delivery | None:
    """The message that has waited longest; nobody else sends it before its next try is due."""
    now = timezone.now()
    due = Delivery.objects.filter(arrived_at=None, next_try_at__lte=now, webhook__in=Webhook.objects.in_use())
    delivery = due.select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at", "pk").first()
    if delivery:
        delivery.tries += 1
        delivery.next_try_at = now + wait_after(delivery.tries)
        delivery.save(update_fields=["tries", "next_try_at"])
    return delivery


def _send(delivery: Delivery, school: School) -> None:
    webhook = delivery.webhook
    body = body_of(delivery.event, at=delivery.made_at, urn=school.urn, newest=delivery.newest)
    secret = box(PURPOSE).decrypt(webhook.secret.encode()).decode()
    headers = headers_of(str(delivery.message_id), at=timezone.now(), body=body, secret=secret)
    status, fault = None, ""
    try:
        status = outgoing.post(webhook.url, body=body, headers=headers)
    except outgoing.NotSent as not_sent:
        fault = str(not_sent)
    _note_answer(delivery, status, fault)


@transaction.atomic
def _note_answer(delivery: Delivery, status: int | None, fault: str) -> None:
    now = timezone.now()
    has_arrived = status is not None and 200 <= status < 300
    Delivery.objects.filter(pk=delivery.pk).update(status=status, fault=fault, arrived_at=now if has_arrived else None)
    webhook = Webhook.objects.filter(pk=delivery.webhook_id)
    if has_arrived:
        webhook.update(failing_since=None)
        return
    webhook.update(failing_since=Coalesce("failing_since", now))
    is_over = status == GONE or webhook.filter(failing_since__lte=now - GIVE_UP_AFTER).exists()
    if is_over and webhook.in_use().update(stopped_at=now):
        why = "it wants no more" if status == GONE else f"no message arrived for {GIVE_UP_AFTER.days} days"
        said = f"Stopped telling {delivery.webhook.partner} of changes: {why}."
        _record("stop_webhook", delivery.webhook, Actor.system("send_webhooks"), said)


def _locked(webhook: Webhook) -> Webhook:
    """The row, held. Refuses one that has ended."""
    webhook = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if webhook.ended_at:
        raise Refused(["It has ended already. Add the address anew."])
    return webhook


def _record(verb: str, webhook: Webhook, by: Actor, summary: str, **data: object) -> None:
    audit.record(verb, webhook, school_id=webhook.school_id, by=by, summary=summary, data=data)

"""Propose letters that remind a parent of the days of payment, where the local authority asks the school to."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from attendance_mis.actors import Actor
from attendance_mis.models import School
from letters.actions.queueing import drop_letters, queue_letter
from letters.models import Letter
from letters.occasions import Occasion
from penalties.judging import reminders_due
from penalties.models import PenaltyNotice
from penalties.readings import PenaltySettings
from penalties.reminders import Reminder

REMINDING = Actor.system("reminders of penalty notices")


def key_of(notice: PenaltyNotice, reminder: Reminder) -> str:
    return f"penalty-{notice.pk}-{reminder.name}"


@transaction.atomic
def propose(*, school: School, on: date, settings: PenaltySettings) -> int:
    """Propose each reminder that is due, once; returns how many letters wait. A person decides whether one goes.

    A proposal whose day has passed is dropped. Where the local authority does not ask, nothing is proposed.
    """
    if not settings.remind_parents:
        return 0
    due = reminders_due(on, settings)
    _drop(_waiting().exclude(key__in=[key_of(*each) for each in due]), "Its day has passed.", REMINDING)
    for notice, reminder in due:
        queue_letter(
            school=school,
            pupil=notice.pupil,
            occasion=Occasion.PENALTY_REMINDER,
            contacts=[notice.contact_id],
            key=key_of(notice, reminder),
            by=REMINDING,
            why=f"£{reminder.pounds} is enough up to {reminder.last:%-d %B %Y}; no payment is recorded.",
            values={
                "notice_day": notice.issued_on,
                "pounds": reminder.pounds,
                "pay_until": reminder.last,
                **({"full_pounds": reminder.then} if reminder.then else {}),
            },
        )
    return _waiting().count()


def drop_reminders(*, notice: PenaltyNotice, reason: str, by: Actor) -> None:
    """Drop what is still proposed about a notice that no longer waits for payment."""
    _drop(_waiting().filter(key__startswith=f"penalty-{notice.pk}-"), reason, by)


def _waiting() -> QuerySet[Letter]:
    return Letter.objects.proposed().filter(occasion=Occasion.PENALTY_REMINDER.value)


def _drop(letters: QuerySet[Letter], reason: str, by: Actor) -> None:
    drop_letters(letters=[letter.pk for letter in letters], reason=reason, by=by)

"""Ask a teacher for the register she has not sent: a note on her page at once, an e-mail as soon as the worker can."""

from datetime import date, timedelta
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School, User
from registers.calendar_rules import Session
from registers.models import ClassGroup, Register, Reminder
from registers.querysets import standing_on

NOT_AGAIN_FOR = timedelta(minutes=3)


@transaction.atomic
def remind(*, school: School, class_group: ClassGroup, day: date, session: Session, by: Actor) -> Reminder:
    """Remind whoever takes the class. Raises Refused for a register that is in, or reminded of moments ago."""
    ClassGroup.objects.select_for_update(no_key=True).get(pk=class_group.pk)  # two people press at once
    now = clock.now(school)
    this = {"class_group": class_group, "day": day, "session": session}
    if reasons := why_not_remind(
        sent=Register.objects.filter(sent_at__isnull=False, **this).exists(),
        last=Reminder.objects.filter(**this, at__gt=now - NOT_AGAIN_FOR).last(),
        school=school,
    ):
        raise Refused(reasons)
    reminder = Reminder.objects.create(school=school, at=now, by_id=by.person, by_name=by.name, **this)
    audit.record(
        "remind",
        reminder,
        school_id=school.pk,
        by=by,
        summary=f"Reminded of the register of {class_group} for {day:%A %-d %B %Y} {session}.",
    )
    return reminder


def why_not_remind(*, sent: bool, last: Reminder | None, school: School) -> list[str]:
    """Why a reminder would be one too many; empty means it is not."""
    if sent:
        return ["This register has come in."]
    if last:
        return [f"{last.by_name} reminded at {last.at.astimezone(school.zone):%H:%M}. Give it a moment, or ring."]
    return []


def mail_reminder(*, school: School, reminder: Reminder, address: str) -> None:
    """Send the e-mail of a reminder once; what hindered it is written on the row for the office to see."""
    with transaction.atomic():
        row = Reminder.objects.select_for_update(of=("self",)).select_related("class_group").get(pk=reminder.pk)
        if row.mailed_at or row.fault:
            return
        people = takers_of(row.class_group, row.day)
        if not people:
            Reminder.objects.filter(pk=row.pk).update(fault="Nobody is down to take this class.")
            return
        try:
            EmailMessage(
                subject=f"Please send the register of {row.class_group}",
                body=f"{row.by_name} in the office is waiting for the register of {row.class_group}, "
                f"{row.day:%A %-d %B} {row.get_session_display()}:\n\n{address}\n",
                to=[person.email for person in people],
            ).send()
        except (OSError, SMTPException) as fault:
            Reminder.objects.filter(pk=row.pk).update(fault=f"The e-mail did not go: {type(fault).__name__}.")
            return
        Reminder.objects.filter(pk=row.pk).update(
            mailed_at=clock.now(school), mailed_to=", ".join(person.name for person in people)[:500]
        )


def takers_of(class_group: ClassGroup, day: date) -> list[User]:
    """Who covers the class on a day, or else who teaches it."""
    covers = list(User.objects.filter(is_active=True, pk__in=class_group.covers.filter(day=day).values("user")))
    if covers:
        return covers
    teaching = class_group.teachings.filter(standing_on(day)).values("user")
    return list(User.objects.filter(Q(pk__in=teaching), is_active=True).order_by("name"))

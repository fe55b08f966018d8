from datetime import date

from celery import shared_task
from django.utils import timezone

from attendance_mis import seals
from attendance_mis.models import Membership, School
from attendance_mis.schedule import daily_school_task, school_task
from attendance_mis.tenancy import acting_for
from registers import kept_counts, mark_years
from registers.actions import disposing, no_reason, reminding, sealing
from registers.actions.importing import runs
from registers.models import Reminder


@school_task
def seal_record(school_id: int) -> None:
    seals.seal(School.objects.get(pk=school_id))


@daily_school_task
def turn_old_n_into_o(school_id: int, day: date) -> None:
    no_reason.turn_all(school=School.objects.get(pk=school_id))


@daily_school_task
def verify_record(school_id: int, day: date) -> None:
    sealing.verify_record(school=School.objects.get(pk=school_id))


@daily_school_task
def propose_disposals(school_id: int, day: date) -> None:
    disposing.propose_disposals(school=School.objects.get(pk=school_id), day=day)


@daily_school_task
def merge_counts(school_id: int, day: date) -> None:
    kept_counts.merge(School.objects.get(pk=school_id))


@shared_task(soft_time_limit=3500, time_limit=3600)  # a year of a hundred schools, beside everything else
def keep_mark_years() -> None:
    mark_years.keep(timezone.localdate())


@school_task
def verify_record_for(school_id: int, membership_id: int) -> None:
    """For a person who asked on the page."""
    sealing.verify_record(school=School.objects.get(pk=school_id), by=Membership.objects.get(pk=membership_id).actor())


@shared_task(soft_time_limit=3500, time_limit=3600)  # ten years of a large school on a small machine
def work_on_imports(school_id: int) -> None:
    with acting_for(school_id):
        runs.work_on_imports()


@school_task
def mail_reminder(school_id: int, reminder_id: int, address: str) -> None:
    reminding.mail_reminder(
        school=School.objects.get(pk=school_id), reminder=Reminder.objects.get(pk=reminder_id), address=address
    )

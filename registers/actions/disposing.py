"""Delete what need not be kept any longer, and leave a certificate of it."""

from datetime import date, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from attendance_mis import audit, clock, mails
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Disposal, Membership, ScheduledRun, School, User
from attendance_mis.permissions import ROLES, Permission
from attendance_mis.tenancy import acting_for
from attendance_mis.words import how_many
from registers import disposals, record
from registers.disposals import ENTRY, WORDS, Due, of_a_day, words_of
from registers.models import DisposalApproval, RetentionRule
from registers.retention import CATEGORIES

LASTS = timedelta(days=30)
MOST_YEARS = 40
PROPOSING = "registers.tasks.propose_disposals"


@transaction.atomic
def set_rule(*, school: School, category: str, years: int, old_regulations: bool, by: Actor) -> RetentionRule:
    """Say how long the school keeps a category. Raises `Refused` for less than the law asks of the registers."""
    if reasons := why_not_rule(category, years):
        raise Refused(reasons)
    rule, _ = RetentionRule.objects.update_or_create(
        school=school, category=category, defaults={"years": years, "old_regulations": old_regulations}
    )
    audit.record(
        "set_retention",
        rule,
        school_id=school.pk,
        by=by,
        summary=f"Keeps from now on: {CATEGORIES[category].sentence(years)}.",
        data={"category": category, "years": years, "old_regulations": old_regulations},
    )
    return rule


def why_not_rule(category: str, years: int) -> list[str]:
    """Why a category cannot be kept for so many years; empty means it can."""
    if not 1 <= years <= MOST_YEARS:
        return [f"Give between 1 and {MOST_YEARS} years."]
    if years < (least := CATEGORIES[category].least):
        return [f"The registers and what proves them are kept for {least} years (SI 2024/208 reg 7), not fewer."]
    return []


def propose_disposals(*, school: School, day: date) -> int:
    """Tell whoever decides it, once a month, that something is due; returns how many rows wait for them.

    On the page it stands every day. What is approved already waits for the technician and is not told of.
    """
    month = {"task": PROPOSING, "day__gte": day.replace(day=1), "day__lt": day, "ended_at__isnull": False}
    if ScheduledRun.objects.filter(**month).exists():
        return 0
    approved = set(_standing().values_list("category", flat=True))
    waiting = [due for name in CATEGORIES if name not in approved and (due := disposals.due(school, name)).total]
    if not waiting:
        return 0
    counts = {due.category.title: due.total for due in waiting}
    total = sum(counts.values())
    said = f"{how_many(total, 'row')} need not be kept any longer: the headteacher or the safeguarding lead decides."
    audit.record(
        "propose_disposals", school_id=school.pk, by=Actor.system("keeping records"), summary=said, data=counts
    )
    lines = "\n".join(f"  {title}: {count:,}" for title, count in counts.items())
    for person in _deciders(school):
        mails.send(
            user=person,
            subject=f"Records of {school.name} that need not be kept any longer",
            body=f"Dear {person.name},\n\nby the school's rules these are due to be deleted:\n\n{lines}\n\n"
            "Nothing is deleted until you or a colleague has looked and approved, under Set up, Keeping records.\n",
        )
    return total


def _deciders(school: School) -> list[User]:
    roles = [role for role, may in ROLES.items() if Permission.APPROVE_DISPOSAL in may]
    held = Membership.objects.filter(school=school, role__in=roles, ended_at=None)
    return list(User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("name"))


@transaction.atomic
def approve_disposal(*, school: School, category: str, shown: int | None, by: Actor) -> DisposalApproval:
    """Allow that what is due in a category is deleted, within thirty days.

    `shown` is how many rows the approver was shown. Raises `Refused` when it is another number now, when nothing is
    due, and when an approval stands already.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two people approve at once
    due = disposals.due(school, category)
    DisposalApproval.objects.filter(category=category, done_at=None, approved_at__lt=timezone.now() - LASTS).update(
        withdrawn_at=timezone.now()
    )
    if _standing().filter(category=category).exists():
        raise Refused(["This is approved already."])
    if not due.total:
        raise Refused(["Nothing of this is due."])
    if due.total != shown:
        raise Refused(["What is due has changed since you opened the page. Look at it again."])
    approval = DisposalApproval.objects.create(
        school=school,
        category=category,
        made_before=due.made_before,
        rows=due.total,
        approved_at=timezone.now(),
        approved_by_id=by.person,
        approved_by_name=by.name,
        approved_by_position=by.position,
    )
    said = f"Approved that {due.total:,} rows are deleted: {due.rule}."
    audit.record("approve_disposal", approval, school_id=school.pk, by=by, summary=said, data=due.counts)
    return approval


@transaction.atomic
def withdraw_approval(*, school: School, category: str, by: Actor) -> None:
    """Take an approval back. Raises `Refused` when there is none any more."""
    approval = _standing().select_for_update().filter(category=category).first()
    if approval is None:
        raise Refused(["There is no approval to take back: it was used, or taken back already."])
    approval.withdrawn_at = timezone.now()
    approval.save(update_fields=["withdrawn_at"])
    audit.record("withdraw_approval", approval, school_id=school.pk, by=by, summary="Took back an approval to delete.")


@transaction.atomic
def delete_due(*, school: School, category: str, by: Actor) -> Disposal:
    """Delete what was approved and is due, and write the certificate. The school is in scope.

    Nobody writes in the school's logs meanwhile. Raises `Refused` without an approval, and when the record has a fault
    afterwards that it had not before: then nothing is deleted.
    """
    approval = _standing().select_for_update().filter(category=category).first()
    if approval is None or approval.approved_at < timezone.now() - LASTS:
        raise Refused(["Nobody has approved this in the last 30 days: the headteacher does, under “Keeping records”."])
    audit.close_gate(school.pk)
    due = disposals.due(school, category, made_before=approval.made_before)
    if not due.total:
        raise Refused(["Nothing of this is due."])
    before = _faults(school)
    certificate = _certificate(school, due, approval, by)
    _open_door(certificate)
    _delete(school, due)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what hangs together shows here, not at the end
    if new := [sentence for sentence in _faults(school) if sentence not in before]:
        raise Refused([f"Nothing was deleted, because the record would not be whole: {new[0]}"])
    approval.done_at = timezone.now()
    approval.save(update_fields=["done_at"])
    said = f"Deleted {due.total:,} rows with certificate {certificate.number}: {due.rule}."
    audit.record("delete_due", certificate, school_id=school.pk, by=by, summary=said, data=due.counts)
    return certificate


def _standing() -> QuerySet[DisposalApproval]:
    """Approvals that were neither used nor taken back."""
    return DisposalApproval.objects.filter(done_at=None, withdrawn_at=None)


def _faults(school: School) -> list[str]:
    verdict = record.verify(school)
    return [fault for check in verdict.checks for fault in check.faults]


def _certificate(school: School, due: Due, approval: DisposalApproval, by: Actor) -> Disposal:
    last = Disposal.objects.aggregate(last=Max("number"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (number,) = cursor.fetchone()
    return Disposal.objects.create(
        school=school,
        at=clock.true_now(school),
        number=last + 1,
        category=due.category.name,
        rule=due.rule,
        made_before=due.made_before,
        removed=due.counts,
        left=_left(school, due),
        blocks=due.blocks,
        approved_at=approval.approved_at,
        approved_by_id=approval.approved_by_id,
        approved_by_name=approval.approved_by_name,
        approved_by_position=approval.approved_by_position,
        by_name=by.name,
        by_position=by.position,
        transaction=number,
    )


def _left(school: School, due: Due) -> dict[str, int]:
    """How many rows of each kind are held afterwards; of people, who belong to no school, it does not say."""
    tables = {WORDS[log]: log for log in due.until}
    tables |= {words_of(model): model._meta.db_table for model in due.rows if model is not User}
    with connection.cursor() as cursor:
        left = {}
        for words, table in tables.items():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE school_id = %s", [school.pk])
            left[words] = cursor.fetchone()[0] - due.counts[words]
    return left


def _open_door(certificate: Disposal) -> None:
    """Let the append-only tables lose rows in this transaction, because of this certificate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('attendance.disposal', %s, true)", [str(certificate.pk)])


def _delete(school: School, due: Due) -> None:
    values: dict[str, Any] = {"school": school.pk, "entry": due.until.get(ENTRY, 0), "day": due.day_before}
    with connection.cursor() as cursor:
        if ENTRY in due.until:
            cursor.execute("DELETE FROM registers_mark WHERE school_id = %(school)s AND entry_id <= %(entry)s", values)
            for table in of_a_day():
                cursor.execute(f"DELETE FROM {table} WHERE school_id = %(school)s AND day < %(day)s", values)
        for log, until in due.until.items():
            cursor.execute(f"DELETE FROM {log} WHERE school_id = %s AND id <= %s", [school.pk, until])
        for model, ids in reversed(due.rows.items()):
            if model is User:
                _delete_people(ids)
            else:
                _delete_rows(cursor, school, model, list(ids))
        cursor.execute("SELECT set_config('attendance.disposal', '', true)")


def _delete_rows(cursor: Any, school: School, model: type[models.Model], ids: list[int]) -> None:
    key = model._meta.pk.column
    cursor.execute(f'DELETE FROM {model._meta.db_table} WHERE school_id = %s AND "{key}" = ANY(%s)', [school.pk, ids])


def _delete_people(ids: set[int]) -> None:
    """People of no school, with their ways in. What names them at another school would keep them: it is looked for."""
    with acting_for(*School.objects.all()):
        User.objects.filter(pk__in=ids).delete()

"""Delete what need not be kept any longer, and leave a certificate of it."""

from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Disposal, School
from registers import disposals, record
from registers.disposals import ENTRY, OF_A_DAY, WORDS, Due
from registers.models import DisposalApproval, RetentionRule
from registers.retention import CATEGORIES, YEARS

LASTS = timedelta(days=30)
MOST_YEARS = 40


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
    if category in ("registers", "children", "audit") and years < YEARS:
        return [f"The registers and what proves them are kept for {YEARS} years (SI 2024/208 reg 7), not fewer."]
    return []


@transaction.atomic
def approve_disposal(*, school: School, category: str, shown: int | None, by: Actor) -> DisposalApproval:
    """Allow that what is due in a category is deleted, within thirty days.

    `shown` is how many rows the approver was shown. Raises `Refused` when it is another number now, when nothing is
    due, and when an approval stands already.
    """
    due = disposals.due(school, category)
    DisposalApproval.objects.filter(category=category, done_at=None, approved_at__lt=timezone.now() - LASTS).update(
        withdrawn_at=timezone.now()
    )
    if DisposalApproval.objects.filter(category=category, done_at=None, withdrawn_at=None).exists():
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
    approval = DisposalApproval.objects.select_for_update().filter(
        category=category, done_at=None, withdrawn_at=None
    ).first()  # fmt: skip
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
    approval = DisposalApproval.objects.select_for_update().filter(
        category=category, done_at=None, withdrawn_at=None
    ).first()  # fmt: skip
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
    """How many rows of each kind are held afterwards."""
    tables = {WORDS[log]: log for log in due.until}
    tables |= {str(model._meta.verbose_name_plural): model._meta.db_table for model in due.rows}
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
            for table in OF_A_DAY:
                cursor.execute(f"DELETE FROM {table} WHERE school_id = %(school)s AND day < %(day)s", values)
        for log, until in due.until.items():
            cursor.execute(f"DELETE FROM {log} WHERE school_id = %s AND id <= %s", [school.pk, until])
        for model, ids in reversed(due.rows.items()):
            _delete_rows(cursor, school, model, list(ids))
        cursor.execute("SELECT set_config('attendance.disposal', '', true)")


def _delete_rows(cursor: Any, school: School, model: type[models.Model], ids: list[int]) -> None:
    key = model._meta.pk.column
    cursor.execute(f'DELETE FROM {model._meta.db_table} WHERE school_id = %s AND "{key}" = ANY(%s)', [school.pk, ids])

"""Pupils: the core of the admission register, and of whom it changed."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from attendance_mis import clock
from attendance_mis.api.door import Asked, Page
from attendance_mis.api.fields import DAY, MOMENT, TEXT, Field, one_of
from registers.api import cursors
from registers.api.parameters import place_of
from registers.models import Pupil, Registration

FIELDS = (
    Field("upn", TEXT, "Unique pupil number."),
    Field("former_upn", TEXT, "The UPN before it, or empty."),
    Field("legal_surname", TEXT, "Surname in law."),
    Field("legal_forename", TEXT, "Forename in law."),
    Field("middle_names", TEXT, "Or empty."),
    Field("preferred_surname", TEXT, "Only where it differs, or empty."),
    Field("preferred_forename", TEXT, "Only where it differs, or empty."),
    Field("date_of_birth", DAY, "Date of birth."),
    Field("sex", one_of(Pupil.Sex.values), "As the census has it."),
    Field("year_group", one_of(Pupil.YEAR_GROUPS), "National curriculum year."),
    Field("class_name", TEXT, "Class of today, or the last one before; null without any.", nullable=True),
    Field("admission_date", DAY, "First day of the newest time on roll; null without any.", nullable=True),
    Field("leaving_date", DAY, "Last day of it; null while none is set.", nullable=True),
    Field("changed_at", MOMENT, "When this, the child's contacts or plans last changed."),
)

# What a cursor holds: for those there are, the moment whose changes are behind it and the last pupil given; for changes
# the last moment and pupil given.
HELD, CHANGES = "held", "changes"
KINDS = {HELD: (cursors.moment, cursors.number), CHANGES: (cursors.moment, cursors.number)}
MARGIN = timedelta(minutes=1)  # between noting the moment of a change and beginning to write it


def pupils(asked: Asked) -> Page:
    """A page of pupils, those who left among them; its cursor leads on to whoever changes afterwards."""
    values = asked.values
    if going_on := place_of(values, KINDS):
        kind, place = going_on
    elif since := values["since"]:
        kind, place = CHANGES, [since, 2**31 - 1]
    else:
        kind, place = HELD, [settled_moment(), 0]
    return _given(asked, kind, *place)


def _given(asked: Asked, kind: str, moment: datetime, pupil_id: int) -> Page:
    settled = settled_moment()  # before looking: what changes meanwhile is told next time
    spells = Registration.objects.filter(pupil=OuterRef("pk")).order_by("-admission_date")
    found = Pupil.objects.with_class(clock.true_now(asked.school).date()).annotate(
        admission_date=Subquery(spells.values("admission_date")[:1]),
        leaving_date=Subquery(spells.values("leaving_date")[:1]),
    )
    if kind == HELD:
        found = found.filter(pk__gt=pupil_id).order_by("pk")
    else:
        found = found.filter(changed_at__gte=moment).exclude(changed_at=moment, pk__lte=pupil_id)
        found = found.order_by("changed_at", "pk")
    limit = asked.values["limit"]
    held = list(found.values("pk", *(field.name for field in FIELDS))[: limit + 1])
    has_more = len(held) > limit
    held = held[:limit]
    if not has_more:
        cursor = cursors.pack(CHANGES, moment if kind == HELD else max(moment, settled), 0)
    elif kind == HELD:
        cursor = cursors.pack(HELD, moment, held[-1]["pk"])
    else:
        cursor = cursors.pack(CHANGES, held[-1]["changed_at"], held[-1]["pk"])
    rows = [{field.name: row[field.name] for field in FIELDS} for row in held]
    for row in rows:
        row["changed_at"] = row["changed_at"].astimezone(asked.school.zone)
    return Page(rows, cursor, has_more)


def settled_moment() -> datetime:
    """The moment up to which every change is written: before the oldest transaction that may still be writing began."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() - least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        (running,) = cursor.fetchone()
    return timezone.now() - running - MARGIN

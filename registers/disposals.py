"""What of a school may go, by category: whole sealed blocks of the logs, all that is held of children who left, what
is kept by a date of its own, and people who left.

Nothing here deletes (`registers.actions.disposing` does). What still hangs together with something that must be kept
is kept with it: an entry whose amendment, certificate or successor is younger, a child of whom another category still
holds something, a token whose uses are kept.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Max, Q

from attendance_mis import clock
from attendance_mis.models import Block, Membership, School, User
from attendance_mis.seals import removed_blocks
from attendance_mis.tenancy import acting_for
from registers import kept_tables, subject_access
from registers.due_to_go import MADE
from registers.kept_tables import How
from registers.models import Entry, Mark, Pupil, RetentionRule
from registers.retention import CATEGORIES, Category, kept_from

ENTRY, AMENDMENT, CERTIFICATE = "registers_entry", "registers_amendment", "registers_certificate"
AUDIT = "attendance_mis_auditrow"
MADE_ON = "(at AT TIME ZONE %(zone)s)::date"
# Rows that lead to no child by themselves and go with the last row that names them.
OWNED = {"penalties": "penalties.document"}
WORDS = {
    ENTRY: "entries of the attendance register",
    AMENDMENT: "amendments",
    CERTIFICATE: "registration certificates",
    AUDIT: "rows of the audit trail",
    "attendance_mis_tokenuse": "answers to partners",
    "reports_governorreport": "governors' reports",
    "registers_mark": "marks",
    "registers_register": "registers sent",
    "registers_crossing": "arrivals and signings out",
    "registers_reminder": "reminders of registers",
    "registers_proposal": "codes proposed",
    "registers_cover": "covers of a class",
    "casework_sessionclose": "closings of the day's list",
    "attendance_mis_user": "people",
    "attendance_mis_membership": "roles",
    "casework_authorityreturn": "returns to the local authority",
    "penalties_order": "orders and contracts",
}


@dataclass(slots=True)
class Due:
    """What of one category may go: `until` is the last id of each log, `rows` the ids of each table of children."""

    category: Category
    rule: str
    made_before: date
    until: dict[str, int] = field(default_factory=dict)
    day_before: date = date.min
    rows: dict[type[models.Model], set[Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    held: int = 0
    blocks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Rows that may go."""
        return sum(self.counts.values())


def rule_of(school: School, category: Category) -> tuple[int, bool]:
    """The years for which the school keeps the category, and whether the old regulations' three years hold."""
    rule = RetentionRule.objects.filter(category=category.name).first()
    return (rule.years, rule.old_regulations) if rule else (category.years, False)


def tables_of(category: str, how: How) -> list[type[models.Model]]:
    """The models of a category that are kept in this way."""
    return [apps.get_model(label) for label in kept_tables.of(category, how)]


def logs_of(category: str) -> list[str]:
    """The tables of the category whose rows go by sealed block."""
    return [model._meta.db_table for model in tables_of(category, How.BLOCK)]


def of_a_day() -> list[str]:
    """What stands beside the entries of a day and goes with them."""
    return [model._meta.db_table for model in tables_of("registers", How.DAY) if model is not Mark]


def words_of(model: type[models.Model]) -> str:
    """What a certificate calls the rows of a table."""
    return WORDS.get(model._meta.db_table, str(model._meta.verbose_name_plural))


def due(school: School, name: str, made_before: date | None = None) -> Due:
    """What of a category may go today, or what was made before a day that was approved. The school is in scope."""
    category = CATEGORIES[name]
    years, old = rule_of(school, category)
    limit = kept_from(clock.today(school), years=years, old_regulations=old and category.is_statutory)
    found = Due(category, category.sentence(years), min(limit, made_before or limit))
    if old and category.is_statutory:
        found.rule += "; three years for those made before 19 August 2024"
    for log in logs_of(name):
        _cut(school, found, log)
    if name == "registers":
        _registers(school, found)
    found.counts |= _counts_of_logs(school, found)
    if tables_of(name, How.CHILD):
        _children(found)
    _by_date(school, found)
    if name == "staff":
        _people(school, found)
    found.rows = {model: ids for model, ids in found.rows.items() if ids}
    found.counts |= {words_of(model): len(ids) for model, ids in found.rows.items()}
    found.blocks = list(_blocks(found))
    return found


def _registers(school: School, found: Due) -> None:
    before = found.until[ENTRY]
    while _hangs_together(school, found):
        pass
    found.held = Entry.objects.filter(id__gt=found.until[ENTRY], id__lte=before).count()
    remaining = Entry.objects.filter(id__gt=found.until[ENTRY]).order_by("day").values_list("day", flat=True).first()
    found.day_before = min(found.made_before, remaining or found.made_before)
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"school": school.pk, "entry": found.until[ENTRY], "day": found.day_before}
        cursor.execute(
            "SELECT count(*) FROM registers_mark WHERE school_id = %(school)s AND entry_id <= %(entry)s", values
        )
        found.counts[WORDS["registers_mark"]] = cursor.fetchone()[0]
        for table in of_a_day():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE school_id = %(school)s AND day < %(day)s", values)
            found.counts[WORDS[table]] = cursor.fetchone()[0]


def _cut(school: School, found: Due, log: str) -> None:
    """The last id of the sealed blocks, from the first on, of which every row is due."""
    made = MADE["entries of the attendance register"][1] if log == ENTRY else MADE_ON
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(id) FROM {log} WHERE school_id = %(school)s AND {made} >= %(before)s",
            {"school": school.pk, "zone": school.timezone, "before": found.made_before},
        )
        (first_kept,) = cursor.fetchone()
    found.until[log] = _boundary(log, first_kept)


def _boundary(log: str, below: int | None) -> int:
    """The end of the last block that ends below an id; of the last block when there is no id."""
    blocks = Block.objects.filter(log=log)
    if below is not None:
        blocks = blocks.filter(last_id__lt=below)
    return blocks.aggregate(last=Max("last_id"))["last"] or 0


# The first row that is due and is needed by one that is kept.
_NEEDED = {
    ENTRY: """
SELECT min(id) FROM (
  SELECT min(a.entry_id) AS id FROM registers_amendment a
  WHERE a.school_id = %(school)s AND a.id > %(amendment)s AND a.entry_id <= %(entry)s
  UNION ALL
  SELECT min(e.id) FROM registers_entry l JOIN registers_entry e
    ON e.school_id = l.school_id AND e.day = l.day AND e.session = l.session AND e.pupils && l.pupils
  WHERE l.school_id = %(school)s AND l.id > %(entry)s AND e.id <= %(entry)s AND l.day <= %(last_day)s
  UNION ALL
  SELECT min(e.id) FROM registers_certificate c JOIN registers_entry e
    ON e.school_id = c.school_id AND e.day BETWEEN c.first AND c.last AND e.pupils @> ARRAY[c.pupil_id]
  WHERE c.school_id = %(school)s AND c.id > %(certificate)s AND e.id <= %(entry)s) AS needed
""",
    AMENDMENT: """
SELECT min(id) FROM registers_amendment
WHERE school_id = %(school)s AND id <= %(amendment)s AND entry_id > %(entry)s
""",
}


def _hangs_together(school: School, found: Due) -> bool:
    """Draw the cuts back to before what is needed by what is kept; whether any was drawn back."""
    is_drawn = False
    last_day = Entry.objects.filter(id__lte=found.until[ENTRY]).aggregate(last=Max("day"))["last"]
    for log, statement in _NEEDED.items():
        with connection.cursor() as cursor:
            cursor.execute(
                statement,
                {
                    "school": school.pk,
                    "entry": found.until[ENTRY],
                    "amendment": found.until[AMENDMENT],
                    "certificate": found.until[CERTIFICATE],
                    "last_day": last_day,
                },
            )
            (needed,) = cursor.fetchone()
        if needed is not None:
            found.until[log] = _boundary(log, needed)
            is_drawn = True
    return is_drawn


def _counts_of_logs(school: School, found: Due) -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for log, until in found.until.items():
            cursor.execute(f"SELECT count(*) FROM {log} WHERE school_id = %s AND id <= %s", [school.pk, until])
            counts[WORDS[log]] = cursor.fetchone()[0]
    return counts


def _blocks(found: Due) -> Iterator[dict[str, Any]]:
    gone = removed_blocks()
    for log, until in found.until.items():
        for block in Block.objects.filter(log=log, last_id__lte=until).order_by("number"):
            if (log, block.number) not in gone:
                yield {"log": log, "number": block.number, "count": block.count, "hash": block.hash}


def _children(found: Due) -> None:
    left = (
        Pupil.objects.annotate(last=Max("registrations__leaving_date"))
        .filter(last__lt=found.made_before)
        .exclude(registrations__leaving_date=None)
    )
    pupils = set(left.values_list("pk", flat=True))
    rows = rows_of(found.category, pupils)
    held = _needed_elsewhere(found.category, rows) & pupils
    if held:
        rows = rows_of(found.category, pupils - held)
    found.held = len(held)
    found.rows = rows


def _by_date(school: School, found: Due) -> None:
    """Rows that have a date of their own, but those that a row which stays still names."""
    before = datetime.combine(found.made_before, time.min, school.zone)
    dated = _named_first(tables_of(found.category.name, How.DATED))
    for model in dated:
        is_over = Q()
        for column in kept_tables.TABLES[model._meta.label].ends:
            is_moment = isinstance(model._meta.get_field(column), models.DateTimeField)
            is_over |= Q(**{f"{column}__lt": before if is_moment else found.made_before})
        rows = model._default_manager.filter(is_over, school=school)
        found.rows[model] = set(rows.values_list("pk", flat=True))
    for model in reversed(dated):
        needed = _named_by_what_stays(model, found)
        found.rows[model] -= needed
        found.held += len(needed)


def _people(school: School, found: Due) -> None:
    """Roles at this school that ended, and the people who have no other role and whom no row names."""
    before = datetime.combine(found.made_before, time.min, school.zone)
    over = Membership.objects.filter(school=school, ended_at__lt=before)
    with acting_for(*School.objects.all()):  # somebody may be named at a school where she is no longer either
        found.rows = {
            User: set(over.values_list("user", flat=True)),
            Membership: set(over.values_list("pk", flat=True)),
        } | found.rows
        named = _named_by_what_stays(User, found)
    found.rows[User] -= named
    found.held += len(named)


def _named_by_what_stays(model: type[models.Model], found: Due) -> set[Any]:
    """Which of the model's rows in `found` a row names that is not in it, and that would not just go with it."""
    named: set[Any] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is not models.CASCADE:
            holder, name = relation.related_model, relation.field.attname
            rows = holder._default_manager.filter(**{f"{name}__in": found.rows[model] - named})
            named |= set(rows.exclude(pk__in=found.rows.get(holder, ())).values_list(name, flat=True))
    return named


def rows_of(category: Category, pupils: Iterable[int]) -> dict[type[models.Model], set[Any]]:
    """The rows of the category's tables that lead to these children, over however many steps; what names a row, after
    the row it names."""
    pupils = set(pupils)
    found: dict[type[models.Model], set[Any]] = {}
    for model in _named_first(tables_of(category.name, How.CHILD)):
        if model is Pupil:
            found[model] = pupils
            continue
        leads = Q(pk__in=[])
        for each in _keys(model):
            if each.related_model is Pupil:
                leads |= Q(**{f"{each.name}__in": pupils})
            elif each.related_model in found and each.related_model is not model:
                leads |= Q(**{f"{each.name}__in": found[each.related_model]})
        if leads != Q(pk__in=[]):
            found[model] = set(model._default_manager.filter(leads).values_list("pk", flat=True))
    for name, owned in OWNED.items():
        if name == category.name:
            found[apps.get_model(owned)] = _owned_by(apps.get_model(owned), found)
    return found


def _owned_by(owned: type[models.Model], found: dict[type[models.Model], set[Any]]) -> set[Any]:
    """Rows that only rows in `found` name."""
    named: set[Any] = set()
    kept: set[Any] = set()
    for model, ids in found.items():
        for each in _keys(model):
            if each.related_model is owned:
                rows = model._default_manager.exclude(**{each.name: None})
                named |= set(rows.filter(pk__in=ids).values_list(each.attname, flat=True))
                kept |= set(rows.exclude(pk__in=ids).values_list(each.attname, flat=True))
    return named - kept


def _named_first(waiting: list[type[models.Model]]) -> list[type[models.Model]]:
    """The tables, each after those it names."""
    ordered: list[type[models.Model]] = []
    while waiting:
        ready = [
            model
            for model in waiting
            if not any(each.related_model in waiting and each.related_model is not model for each in _keys(model))
        ]
        ordered += ready
        waiting = [model for model in waiting if model not in ready]
    return ordered


def _needed_elsewhere(category: Category, rows: dict[type[models.Model], set[Any]]) -> set[int]:
    """The children of whom a table outside the category still names one of these rows."""
    needed: set[int] = set()
    for model, lookup in subject_access.paths().items():
        if model in rows or model._meta.db_table == AUDIT:
            continue
        for each in _keys(model):
            if ids := rows.get(each.related_model):
                holders = model._default_manager.filter(**{f"{each.name}__in": ids})
                needed |= set(holders.values_list(lookup, flat=True))
    if Pupil in rows:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT p FROM registers_entry e CROSS JOIN unnest(e.pupils) AS p WHERE p = ANY(%s)",
                [list(rows[Pupil])],
            )
            needed |= {pupil for (pupil,) in cursor.fetchall()}
    return needed - {None}  # type: ignore[arg-type]


def _keys(model: type[models.Model]) -> list[models.ForeignKey]:
    return [each for each in model._meta.concrete_fields if isinstance(each, models.ForeignKey)]

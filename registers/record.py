"""Prove the legal record: seals, marks, entries and amendments agree, and nothing was changed behind them.

Every check is one set-based statement (a year at a time where it reads the marks), so a school of ten years is
verified in seconds. A fault is a sentence with ids, never a name: a technician reads it too.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, models

from attendance_mis import clock, seals
from attendance_mis.models import AuditRow, Block, School
from attendance_mis.tenancy import acting_for
from registers import kept_counts
from registers.calendar_rules import Session
from registers.codes import by_number
from registers.facts import register_times
from registers.models import Amendment, Certificate, Entry, KeptCount, Mark, Pupil

# Verbs of the audit trail after which the school's times may be others than before.
TIMES_SET_BY = ("change_school", "import_school")
NEWEST = 2**31 - 1  # no entry has a higher id
SHOWN = 50  # faults of one kind that are written out; the count says how many there are


def _after_close(moment: str) -> str:
    return f"""(({moment} AT TIME ZONE %(zone)s)::date > n.day
        OR n.day >= %(times_since)s AND ({moment} AT TIME ZONE %(zone)s)::time >=
           CASE n.session WHEN 1 THEN %(am_closes)s::time ELSE %(pm_closes)s::time END)"""


# Every mark of every entry with what stood before it, and what the marks, the amendments and the registers say of it.
# A mark counts as made when the person made it. The office says when a paper was written, so over a mark that stands
# the moment of keying counts. What was entered before the server had taken a sending could not know of it.
# `times_since`: the day from which today's closing times hold.
# Who filled a blank after the close may still put right what she made so, until she sends the register (decision 0004).
_REPLAY = f"""
WITH entered AS MATERIALIZED (
  SELECT e.id, e.source, e.at, e.made_at, x.pupil_id, e.day, e.session, x.code, x.minutes, coalesce(x.note, '') AS note,
         lag(e.source) OVER w AS before_source,
         e.by_id, lag(e.by_id) OVER w AS before_by, lag(e.at) OVER w AS before_at,
         lag(x.code) OVER w AS before,
         CASE WHEN lag(x.code) OVER w IS NOT NULL THEN lag(x.minutes) OVER w END AS before_minutes,
         CASE WHEN lag(x.code) OVER w IS NULL THEN '' ELSE coalesce(lag(x.note) OVER w, '') END AS before_note,
         lead(e.id) OVER w IS NULL AS is_last,
         max(e.id) FILTER (WHERE e.source = 'rule' AND x.code IS NULL) OVER slot AS began_anew
  FROM registers_entry e CROSS JOIN LATERAL unnest(e.pupils, e.codes, e.minutes, e.notes)
       AS x (pupil_id, code, minutes, note)
  WHERE e.school_id = %(school)s AND e.day BETWEEN %(first)s AND %(last)s
  WINDOW slot AS (PARTITION BY x.pupil_id, e.day, e.session), w AS (slot ORDER BY e.id)),
replayed AS (SELECT * FROM entered WHERE is_last AND code IS NOT NULL),
marks AS (SELECT * FROM registers_mark WHERE school_id = %(school)s AND day BETWEEN %(first)s AND %(last)s),
amendments AS (
  SELECT * FROM registers_amendment
  WHERE school_id = %(school)s AND day BETWEEN %(first)s AND %(last)s AND entry_id IS NOT NULL),
sent AS MATERIALIZED (
  SELECT c.pupil_id, r.day, r.session, r.sent_at, coalesce(r.received_at, r.sent_at) AS received_at
  FROM registers_register r JOIN registers_classmembership c ON c.school_id = r.school_id
       AND c.class_group_id = r.class_group_id AND r.day BETWEEN c.start AND coalesce(c."end", 'infinity')
  WHERE r.school_id = %(school)s AND r.day BETWEEN %(first)s AND %(last)s AND r.sent_at IS NOT NULL),
moments AS (
  SELECT n.*, CASE WHEN n.source = 'paper' AND n.before IS NOT NULL THEN n.at ELSE coalesce(n.made_at, n.at) END AS made
  FROM entered n
  WHERE n.source <> 'import'
    AND (n.code, n.minutes, n.note) IS DISTINCT FROM (n.before, n.before_minutes, n.before_note)),
faults AS (
  SELECT 'marks' AS of, pupil_id, day, session,
         CASE WHEN m.code IS NULL THEN 'the entries say ' || r.code || ', but no mark stands'
              WHEN r.code IS NULL THEN 'a mark stands that nobody entered'
              ELSE 'the mark is not what entry ' || r.id || ' made of it' END AS sentence
  FROM replayed r FULL JOIN marks m USING (pupil_id, day, session)
  WHERE (r.code, r.id, r.minutes, r.note) IS DISTINCT FROM (m.code, m.entry_id, m.minutes_late, coalesce(m.note, ''))
    AND (m.code IS NOT NULL OR r.code IS NOT NULL)
  UNION ALL
  SELECT 'amendments', a.pupil_id, a.day, a.session,
         CASE WHEN n.id IS NULL THEN 'amendment ' || a.id || ' has no entry behind it'
              ELSE 'amendment ' || a.id || ' does not say what entry ' || n.id || ' did' END
  FROM amendments a
  LEFT JOIN entered n ON n.id = a.entry_id AND n.pupil_id = a.pupil_id AND n.day = a.day AND n.session = a.session
  WHERE n.id IS NULL OR (n.code, n.minutes, n.note, n.before, n.before_minutes, n.before_note, n.at)
    IS DISTINCT FROM (a.amended, a.amended_minutes, a.amended_note,
                      a.original, a.original_minutes, a.original_note, a.at)
  UNION ALL
  SELECT 'entries', n.pupil_id, n.day, n.session,
         'entry ' || n.id || ' changed the mark after the register was ' ||
         CASE WHEN n.made > r.sent_at THEN 'sent' ELSE 'closed' END || ', and there is no amendment'
  FROM moments n
  LEFT JOIN amendments a ON a.pupil_id = n.pupil_id AND a.day = n.day AND a.session = n.session AND a.entry_id = n.id
  LEFT JOIN sent r ON r.pupil_id = n.pupil_id AND r.day = n.day AND r.session = n.session
  WHERE a.id IS NULL
    -- The day that a demonstration's clock began anew: what was entered before does not belong to the new register.
    AND NOT (%(is_demo)s AND n.id <= coalesce(n.began_anew, 0))
    AND (n.made > r.sent_at AND n.at > r.received_at
      OR n.before IS NOT NULL AND {_after_close("n.made")}
        AND NOT (n.source = 'teacher' AND n.before_source = 'teacher' AND n.by_id = n.before_by
                 AND {_after_close("n.before_at")})))
SELECT of, pupil_id, day, session, sentence, count
FROM (SELECT *, row_number() OVER (PARTITION BY of ORDER BY day, session, pupil_id) AS n,
             count(*) OVER (PARTITION BY of) AS count FROM faults) numbered
WHERE n <= {SHOWN} ORDER BY of, n
"""

_TRIGGERS = """
SELECT t.name FROM unnest(%s::text[]) AS t (name)
WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.name::regclass AND g.tgname = 'append_only'
                  AND g.tgenabled IN ('O', 'A'))
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked: how many, in words, and what is wrong with them."""

    what: str
    count: int
    faults: list[str]
    fault_count: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `check_value` stands for the whole sealed record: kept elsewhere, it proves that no
    block was taken off the end or made anew."""

    checks: list[Check]
    check_value: str

    @property
    def is_whole(self) -> bool:
        return not any(check.fault_count for check in self.checks)


def verify(school: School) -> Verdict:
    """Check the whole record of one school."""
    with acting_for(school):
        checks = [
            _seals(school),
            _unsealed(school),
            _triggers(),
            *_replay(school),
            _counts(school),
            _certificates(),
        ]
        return Verdict(checks, _check_value(school))


def _seals(school: School) -> Check:
    faults = [f"{f.log}, block {f.block}: {f.sentence}" for f in seals.faults(school)]
    rows = sum(Block.objects.values_list("count", flat=True))
    return Check("sealed rows are as they were sealed, block after block", rows, faults[:SHOWN], len(faults))


def _unsealed(school: School) -> Check:
    """Rows that wait for the next tick. Long waits are a fault: until sealed only the trigger protects a row."""
    count = seals.unsealed(school)
    late = seals.unsealed(school, before=clock.now(school) - seals.LATE) if count else 0
    faults = [f"{late} rows have waited over ten minutes to be sealed: is the worker running?"] if late else []
    return Check("rows wait to be sealed", count, faults, len(faults))


def _triggers() -> Check:
    tables = [log._meta.db_table for log in seals.sealed_logs()] + [Block._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS, [tables])
        faults = [f"{name} may be changed: its append_only trigger is missing or off" for (name,) in cursor.fetchall()]
    return Check("logs are held append-only by the database", len(tables), faults, len(faults))


def _replay(school: School) -> list[Check]:
    """Marks, amendments and entries against each other, a year at a time so that memory stays flat."""
    whats: dict[str, tuple[str, type[models.Model]]] = {
        "marks": ("marks equal the replay of their entries", Mark),
        "amendments": ("amendments say what their entries did", Amendment),
        "entries": ("entries after sending or closing have their amendment", Entry),
    }
    times = register_times(school)
    params: dict[str, Any] = {
        "school": school.pk,
        "zone": school.timezone,
        "is_demo": school.is_demo,
        "times_since": _times_since(school),
        "am_closes": times.am_closes,
        "pm_closes": times.pm_closes,
    }
    faults: dict[str, list[str]] = {of: [] for of in whats}
    totals = dict.fromkeys(whats, 0)
    with connection.cursor() as cursor:
        for first, last in _years():
            cursor.execute(_REPLAY, params | {"first": first, "last": last})
            rows = cursor.fetchall()
            for of, pupil, day, session, sentence, _ in rows:
                faults[of].append(f"pupil {pupil}, {day} {Session(session)}: {sentence}")
            for of, count in {row[0]: row[-1] for row in rows}.items():
                totals[of] += count
    return [
        Check(what, model._default_manager.count(), faults[of][:SHOWN], totals[of])
        for of, (what, model) in whats.items()
    ]


def _counts(school: School) -> Check:
    """What figures add up, against the marks; `count_again` makes it anew."""
    wrong = kept_counts.differences(school)
    return Check(
        "counts kept of pupils equal their marks", KeptCount.objects.count(), list(map(str, wrong[:SHOWN])), len(wrong)
    )


def _certificates() -> Check:
    """The check value of each certificate, made again from the entries."""
    certificates = list(Certificate.objects.select_related("pupil__school").defer("pdf", "csv").order_by("number"))
    faults = [
        f"certificate {each.number}: the record no longer says what it said"
        for each in certificates
        if not confirms(each)
    ]
    return Check(
        "certificates say what the record said at their moment", len(certificates), faults[:SHOWN], len(faults)
    )


def confirms(certificate: Certificate) -> bool:
    """Whether the entries still give the certificate's check value."""
    each = certificate
    return each.check_value == check_value(each.pupil, each.first, each.last, each.moment, each.last_entry_id)


def _years() -> Iterator[tuple[date, date]]:
    """The span of everything recorded, a year at a time."""
    days = [
        day
        for model in (Entry, Mark, Amendment)
        for day in (
            model.objects.order_by("day").values_list("day", flat=True).first(),
            model.objects.order_by("-day").values_list("day", flat=True).first(),
        )
        if day
    ]
    first = min(days, default=None)
    while first and first <= max(days):
        last = first + timedelta(364)
        yield first, last
        first = last + timedelta(1)


def _times_since(school: School) -> date:
    """The day after the school's times were last set: which times held before it, nobody wrote down."""
    set_by = AuditRow.objects.filter(verb__in=TIMES_SET_BY, subject_type=School._meta.label_lower)
    last = set_by.order_by("-id").values_list("at", flat=True).first()
    return last.astimezone(school.zone).date() + timedelta(1) if last else date.min


def _check_value(school: School) -> str:
    digest = hashlib.sha256(school.urn.encode())
    for log in seals.sealed_logs():
        last = Block.objects.filter(log=log._meta.db_table).order_by("-number").first()
        digest.update(f"\n{log._meta.db_table} {last.number if last else 0} {last.hash if last else ''}".encode())
    return digest.hexdigest()


# Marks as they stood at a moment, for certificates

_AS_AT = """
SELECT DISTINCT ON (e.day, e.session) e.day, e.session, x.code, x.minutes
FROM registers_entry e CROSS JOIN LATERAL unnest(e.pupils, e.codes, e.minutes) AS x (pupil_id, code, minutes)
WHERE e.school_id = %(school)s AND e.day BETWEEN %(first)s AND %(last)s AND e.at <= %(moment)s
  AND x.pupil_id = %(pupil)s AND e.id <= %(last_entry)s
ORDER BY e.day, e.session, e.id DESC
"""


@dataclass(frozen=True, slots=True)
class RecordedMark:
    """A mark as the register said it at a moment."""

    day: date
    session: Session
    code: int
    minutes_late: int | None


def marks_as_at(
    pupil: Pupil, first: date, last: date, moment: datetime, last_entry_id: int = NEWEST
) -> list[RecordedMark]:
    """The pupil's marks from `first` to `last` as they were recorded at `moment`, in order; blanks are left out.

    `last_entry_id` leaves out what was entered after that entry: a demonstration's clock can go back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _AS_AT,
            {
                "school": pupil.school_id,
                "pupil": pupil.pk,
                "first": first,
                "last": last,
                "moment": moment,
                "last_entry": last_entry_id,
            },
        )
        return [
            RecordedMark(day, Session(session), code, minutes)
            for day, session, code, minutes in cursor.fetchall()
            if code is not None
        ]


def check_value(pupil: Pupil, first: date, last: date, moment: datetime, last_entry_id: int = NEWEST) -> str:
    """The value printed on a certificate: whoever asks again, of the same moment, must get the same.

    sha256, in hex, over lines of UTF-8: URN, UPN, first and last day, the moment in UTC, then day, session, code and
    minutes late of each mark. Later amendments do not change it; a change of the entries behind it does.
    """
    head = [pupil.school.urn, pupil.upn, f"{first}", f"{last}", moment.astimezone(UTC).isoformat()]
    marks = [
        f"{m.day} {m.session} {by_number(m.code).letter} {m.minutes_late or ''}".rstrip()
        for m in marks_as_at(pupil, first, last, moment, last_entry_id)
    ]
    return hashlib.sha256("\n".join([*head, *marks]).encode()).hexdigest()

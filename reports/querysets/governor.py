"""What a governor report is made of: a few set-based questions about one half-term."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import F, Q

from attendance_mis import clock
from attendance_mis.models import School
from casework.models import Case, Plan
from letters.models import Letter
from registers import codes
from registers.attendance import Summary
from registers.calendar_rules import Span as CalendarSpan
from registers.calendar_rules import academic_year_bounds, autumn_census_day, half_terms
from registers.codes import Category
from registers.former_facts import Former, as_they_were, former_facts, groups_as_at
from registers.models import CalendarEntry, Registration, SchoolDay
from registers.sums import counts, sums
from reports import benchmarks
from reports.governor import Material, Reason, Span, Work
from reports.models import GovernorReport, PublishedRate

A_DAY = timedelta(1)
# Marks on sessions the school held of pupils then on roll, as in `registers.sums`.
_HELD = """
FROM registers_mark m
JOIN registers_schoolday d ON d.school_id = m.school_id AND d.day = m.day
  AND CASE m.session WHEN 1 THEN d.am ELSE d.pm END
WHERE m.school_id = %(school)s AND m.day BETWEEN %(first)s AND %(last)s
  AND EXISTS (SELECT FROM registers_registration r WHERE r.school_id = m.school_id AND r.pupil_id = m.pupil_id
              AND m.day BETWEEN r.admission_date AND coalesce(r.leaving_date, 'infinity'))
"""
_BY_CODE = f"""
SELECT m.code, count(*), array_agg(DISTINCT m.pupil_id), coalesce(sum(m.minutes_late), 0)
{_HELD} AND m.code = ANY(%(codes)s) GROUP BY 1
"""
# Plain X of 2020-22 is counted as it stands: a trend is of the last two years.
_TREND = f"SELECT d.academic_year, d.half_term, m.code, count(*) {_HELD} GROUP BY 1, 2, 3"


def spans_of(school: School, today: date) -> tuple[CalendarSpan, ...]:
    """The half-terms that have begun, in order."""
    return tuple(span for span in half_terms(e.period for e in CalendarEntry.objects.all()) if span.start <= today)


def last_school_day(span: CalendarSpan) -> date | None:
    """The last day of a half-term on which the school meets."""
    days = SchoolDay.objects.filter(day__range=(span.start, span.end))
    return days.order_by("-day").values_list("day", flat=True).first()


def is_over(school: School, span: CalendarSpan) -> bool:
    """Whether the school has closed on the last school day of a half-term."""
    last = last_school_day(span)
    return last is not None and clock.now(school).replace(tzinfo=None) >= datetime.combine(last, school.day_ends)


def material(school: School, span: CalendarSpan, until: date) -> Material:
    """All that the report of a half-term is made of, up to a day of it."""
    number, year = int(span.name[-1]), span.academic_year
    last = min(span.end, until)
    now = former_facts(school, year)
    spans = {
        "half_term": _span(f"Half-term {number}", span.start, last, now),
        "year": _span("Since September", academic_year_bounds(year)[0], last, now),
    }
    before = next((s for s in spans_of(school, until) if s.academic_year == year - 1 and s.name == span.name), None)
    if before:
        start, _ = academic_year_bounds(year - 1)
        then = former_facts(school, year - 1)
        earlier = {
            "half_term_before": _span(f"Half-term {number} last year", before.start, before.end, then),
            "year_before": _span("Last year to the same half-term", start, before.end, then),
        }
        spans |= {name: s for name, s in earlier.items() if any(p.summary.possible for p in s.pupils.values())}
    by_code = _by_code(school, span.start, last)
    late = [row for row in by_code if row[0] in codes.LATE]
    reviewed = list(Plan.objects.filter(reviewed_on__range=(span.start, last)).annotate(pupil_id=F("case__pupil")))
    return Material(
        school=school.name,
        urn=school.urn,
        target=Decimal(school.attendance_target),
        threshold=school.small_numbers_under,
        groups_as_at=groups_as_at(school, year, until),
        academic_year=year,
        half_term=number,
        days=SchoolDay.objects.filter(day__range=(span.start, last)).count(),
        spans=spans,
        reasons=_reasons(by_code),
        late=frozenset(pupil for row in late for pupil in row[2]),
        late_minutes=sum(row[3] for row in late),
        trend=_trend(school, year, last, until),
        benchmarks=_benchmarks(school, year),
        work=_work(span.start, last),
        reviewed=frozenset(plan.pupil_id for plan in reviewed),
        improved=frozenset(plan.pupil_id for plan in reviewed if _better(plan)),
        rolls=rolls(school, year, last),
        rolls_before=rolls(school, year - 1, before.end) if before else [],
        shown_sooner=_shown_sooner(year, number),
        over=is_over(school, span),
        open_cases=frozenset(Case.objects.filter(closed_on=None).values_list("pupil", flat=True)),
    )


def counted_in(first: date, last: date) -> frozenset[int]:
    """Who had a possible session between two days."""
    return frozenset(pupil_id for pupil_id, summary in counts(first, last).items() if summary.possible)


def rolls(school: School, year: int, until: date) -> list[frozenset[int]]:
    """Who was there on one school day of the year after another, each set once: on roll, and counted by then.

    The days up to the census, before which groups still change, are one; and so are those of each half-term at its end.
    """
    first, last = academic_year_bounds(year)
    last, census = min(last, until), autumn_census_day(year)
    held = list(
        SchoolDay.objects.filter(Q(am=True) | Q(pm=True), day__range=(first, last))
        .order_by("day").values_list("day", flat=True)
    )  # fmt: skip
    spells = [
        (pupil, come, gone or last)
        for pupil, come, gone in Registration.objects.filter(admission_date__lte=last)
        .exclude(leaving_date__lt=first).values_list("pupil", "admission_date", "leaving_date")
    ]  # fmt: skip
    turns = sorted({day for _, come, gone in spells for day in (come, gone + A_DAY) if day <= last})

    def on_roll(since: date, day: date) -> Iterator[int]:
        return (pupil for pupil, come, gone in spells if come <= day and since <= gone)

    found: list[frozenset[int]] = []
    known: frozenset[int] = frozenset()
    for span in spans_of(school, last):
        if span.academic_year == year:
            seen = counted_in(span.start, min(span.end, last))
            known |= seen
            days = [day for day in held if span.start <= day <= span.end]
            if early := [day for day in days if day <= census]:
                found.append(known.intersection(on_roll(early[0], early[-1])))
            for _, alike in groupby((day for day in days if day > census), lambda day: bisect(turns, day)):
                day = next(alike)
                found.append(known.intersection(on_roll(day, day)))
            found.append(seen)
    return list(dict.fromkeys(found))


def _span(label: str, first: date, last: date, former: Former) -> Span:
    return Span(label, first, last, {each.pupil_id: each for each in as_they_were(sums(first, last), former)})


def _by_code(school: School, first: date, last: date) -> list[tuple[int, int, list[int], int]]:
    wanted = sorted(codes.ABSENT | codes.LATE)
    with connection.cursor() as cursor:
        cursor.execute(_BY_CODE, {"school": school.pk, "first": first, "last": last, "codes": wanted})
        return cursor.fetchall()


def _reasons(rows: Iterable[tuple[int, int, list[int], int]]) -> list[Reason]:
    """A letter of both code sets is one reason."""
    sessions: dict[tuple[str, bool], int] = defaultdict(int)
    pupils: dict[tuple[str, bool], set[int]] = defaultdict(set)
    labels: dict[tuple[str, bool], str] = {}
    for number, count, ids, _ in sorted(rows):
        if number in codes.ABSENT:
            code = codes.by_number(number)
            key = (code.letter, code.category is Category.AUTHORISED)
            sessions[key] += count
            pupils[key].update(ids)
            labels[key] = code.short
    return [
        Reason(letter, labels[letter, authorised], authorised, count, frozenset(pupils[letter, authorised]))
        for (letter, authorised), count in sessions.items()
    ]


def _trend(school: School, year: int, last: date, until: date) -> list[tuple[int, Summary, Summary]]:
    """The half-terms of this year and the last; a year with a half-term of few pupils has none, as it would follow
    from the others.
    """
    first, _ = academic_year_bounds(year - 1)
    found: dict[tuple[int, int], Summary] = defaultdict(Summary)
    with connection.cursor() as cursor:
        cursor.execute(_TREND, {"school": school.pk, "first": first, "last": last})
        for of_year, half_term, code, count in cursor.fetchall():
            found[of_year, half_term] += Summary(
                possible=count * (code in codes.POSSIBLE), attended=count * (code in codes.ATTENDED)
            )
    few = {
        span.academic_year
        for span in spans_of(school, until)
        if span.academic_year in (year, year - 1)
        and 0 < len(counted_in(span.start, min(span.end, last))) < school.small_numbers_under
    }

    def shown(of_year: int, number: int) -> Summary:
        return found.get((of_year, number), Summary()) if of_year not in few else Summary()

    return [(number, shown(year, number), shown(year - 1, number)) for number in range(1, 7)]


def _benchmarks(school: School, year: int) -> list[dict[str, str | None]]:
    """England, and the local authority where its figures were imported."""
    known = [*benchmarks.england(), *(each.benchmark for each in PublishedRate.objects.all())]
    chosen = [
        benchmarks.choose(known, phase=school.phase, academic_year=year, level=level, areas=[school.local_authority])
        for level in ("nation", "authority")
    ]
    return [
        {
            "label": each.area,
            "attendance": f"{each.attendance:.1f}",
            "persistent": f"{each.persistent:.1f}" if each.persistent is not None else None,
            "sentence": each.sentence,
        }
        for each in chosen
        if each
    ]


def _work(first: date, last: date) -> list[Work]:
    opened = Case.objects.filter(opened_on__range=(first, last)).values_list("pupil", flat=True)
    planned = Plan.objects.filter(starts__range=(first, last)).values_list("case__pupil", flat=True)
    written = Letter.objects.filter(state="approved", dated__range=(first, last)).values_list("pupil", flat=True)
    return [
        Work("letters", "Letters were sent to the parents of {} pupils.", frozenset(written)),
        Work("cases begun", "Work was begun with the families of {} pupils.", frozenset(opened)),
        Work("plans agreed", "A plan with targets was agreed for {} pupils.", frozenset(planned)),
    ]


def _better(plan: Plan) -> bool:
    before, after = plan.before, plan.after
    return bool(
        before.possible and after.possible and after.attended * before.possible > before.attended * after.possible
    )


def _shown_sooner(year: int, half_term: int) -> dict[str, frozenset[str]]:
    """By span, the groups that every report already made shows: of this half-term; since September, of this year's
    earlier ones too.
    """
    found = GovernorReport.objects.filter(academic_year=year, half_term__lte=half_term)
    shown: dict[str, list[frozenset[str]]] = defaultdict(list)
    for number, figures in found.values_list("half_term", "figures"):
        half, since = _shown(figures, "half_term"), _shown(figures, "year")
        if number == half_term:
            shown["half_term"].append(half)
        shown["year"].append(since if number == half_term else half & since)
    return {span: frozenset.intersection(*each) for span, each in shown.items()}


def _shown(figures: Mapping[str, Any], span: str) -> frozenset[str]:
    """The groups that a report shows in a span."""
    rows = (*figures["years"], *figures["groups"])
    return frozenset(row["group"] for row in rows if row.get(span, {}).get("pupils") is not None)

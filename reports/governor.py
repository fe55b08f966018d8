"""The half-termly report to governors: its figures without a name and without a small number, and what they say.

Pure. In come the sums of every pupil, out comes a document of plain values (JSON) that page, PDF and CSV are drawn
from: what is hidden is not in it. Persistent and severe absence are of DfE's cohort, 5 to 15 on 31 August, day pupils
with a possible session (law.md 4.3, 4.6); attendance is of every pupil.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from registers.attendance import Summary, percent_of
from registers.calendar_rules import year_name
from reports import groups
from reports.groups import Facts
from reports.shown import FAMILIES, Hidden, absentees, counted, families_of, hidden_in_range, hidden_in_year
from reports.suppression import WHOLE, Families, Pupils, Row, band

SPANS = ("half_term", "year", "half_term_before", "year_before")


@dataclass(frozen=True, slots=True)
class Span:
    """A range of days with the sums of its pupils, by id; empty when the school has no such record."""

    label: str
    first: date
    last: date
    pupils: Mapping[int, Facts]


@dataclass(frozen=True, slots=True)
class Reason:
    """Absence with one code: sessions, and who has them."""

    letter: str
    label: str
    authorised: bool
    sessions: int
    pupils: Pupils


@dataclass(frozen=True, slots=True)
class Work:
    """What the school did in the half-term: a sentence with {} for the number, and for how many pupils."""

    name: str
    sentence: str
    pupils: Pupils


@dataclass(frozen=True, slots=True)
class Material:
    """All that a report is made of."""

    school: str
    urn: str
    target: Decimal
    academic_year: int
    half_term: int
    days: int
    spans: Mapping[str, Span]
    reasons: Sequence[Reason]
    late: Pupils
    late_minutes: int
    trend: Sequence[tuple[int, Summary, Summary]]  # half-term, this year's sums, last year's; few pupils: none
    benchmarks: Sequence[Mapping[str, str | None]]
    work: Sequence[Work]
    reviewed: Pupils = frozenset()
    improved: Pupils = frozenset()
    # By span, the groups that every earlier report shows of whose days it has some; of a span without one: no report.
    shown_sooner: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rolls: Sequence[Pupils] = ()  # who was there on one day of this year after another, to the end of the half-term
    rolls_before: Sequence[Pupils] = ()  # and of last year
    threshold: int = 6
    groups_as_at: date | None = None  # the day whose groups count; None: it is to come
    open_cases: Pupils = field(default=frozenset())
    over: bool = True  # the half-term; before, two reports would differ by the reasons of a day


def document(of: Material) -> dict[str, Any]:
    """The report as plain values: numbers as integers, shares as text with one decimal, None where one is hidden."""
    tables = _tables(of)
    found: dict[str, Any] = {
        "school": of.school,
        "urn": of.urn,
        "academic_year": of.academic_year,
        "year": year_name(of.academic_year),
        "half_term": of.half_term,
        "days": of.days,
        "over": of.over,
        "target": f"{of.target.normalize():f}",
        "threshold": of.threshold,
        "groups_as_at": None if of.groups_as_at is None else f"{of.groups_as_at:%-d %B %Y}",
        "spans": {
            name: {"label": span.label, "first": f"{span.first}", "last": f"{span.last}"}
            for name, span in of.spans.items()
        },
        "whole": {name: table[WHOLE] for name, table in tables.items()},
        "shares": _shares(of),
        "years": _rows(["year"], tables),
        "groups": _rows([family for family in FAMILIES if family != "year"], tables),
        "reasons": _reasons(of),
        "punctuality": _punctuality(of),
        "trend": [
            {"half_term": number, "now": _said(now), "before": _said(before)} for number, now, before in of.trend
        ],
        "benchmarks": [dict(each) for each in of.benchmarks],
        "work": [{"name": each.name, "sentence": each.sentence, "pupils": _told(each.pupils, of)} for each in of.work],
        "impact": _impact(of),
        "open_cases": _told(of.open_cases, of),
    }
    return found


def _tables(of: Material) -> dict[str, dict[Row, dict[str, Any]]]:
    found = {}
    for pair, rolls in ((("half_term", "year"), of.rolls), (("half_term_before", "year_before"), of.rolls_before)):
        spans = {name: counted(of.spans[name].pupils) for name in pair if name in of.spans}
        year = spans.get(pair[1], {})
        there = (roll & year.keys() for roll in rolls)
        for_good = hidden_in_year(families_of(year), there, of.threshold)
        for name, pupils in spans.items():
            families = families_of(pupils)
            unseen = _not_shown_sooner(of, name, families)
            found[name] = _table(pupils, families, hidden_in_range(pupils, families, for_good, of.threshold, unseen))
    return found


def _not_shown_sooner(of: Material, name: str, families: Families) -> frozenset[Row]:
    """What an earlier report of the same days, or of some of them, did not show stays hidden: facts of a child that are
    filled in would show each beside a row that the other hides (decision 0066).
    """
    if name not in of.shown_sooner:
        return frozenset()
    return frozenset(
        row for row in _every(frozenset(), families) if row != WHOLE and row.name not in of.shown_sooner[name]
    )


def _table(pupils: Mapping[int, Facts], families: Families, dark: Hidden) -> dict[Row, dict[str, Any]]:
    """Every row with its numbers; a hidden one has none, and a count may be hidden by itself."""
    cohort, persistent, severe = absentees(pupils)
    table = {}
    for row, members in _every(frozenset(pupils), families).items():
        if row in dark.rows:
            table[row] = dict.fromkeys(("pupils", "attendance", "days", "persistent", "severe"))
            continue
        total = sum((pupils[pupil_id].summary for pupil_id in members), Summary())
        table[row] = {
            "pupils": len(members),
            "attendance": _said(total),
            "days": f"{Decimal(total.absence) / 2 / len(members):.1f}",
            "persistent": None if row in dark.persistent else _share(members & persistent, members & cohort),
            "severe": None if row in dark.severe else _share(members & severe, members & cohort),
        }
    return table


def _every(whole: Pupils, families: Families) -> dict[Row, Pupils]:
    return {WHOLE: whole} | {Row(f, name): pupils for f, rows in families.items() for name, pupils in rows.items()}


def _share(part: Pupils, whole: Pupils) -> dict[str, Any]:
    return {"count": len(part), "percent": f"{percent_of(len(part), len(whole))}"}


def _said(total: Summary) -> str | None:
    return f"{total.percent}" if total.possible else None


def _told(pupils: Pupils, of: Material) -> str | None:
    """For how many pupils something was done, to within five; None: for few of the half-term's, or for all but few."""
    rest = of.spans["half_term"].pupils.keys() - pupils
    return band(len(pupils), of.threshold) if min(len(pupils), len(rest)) >= of.threshold else None


def _rows(families: Iterable[str], tables: Mapping[str, Mapping[Row, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows of these families in the usual order, each with its numbers by span.

    A group of which nothing is shown is left out, as one that nobody is in; a year group is not, it is no secret.
    """
    found = []
    for family in families:
        known = {row for table in tables.values() for row in table if row.family == family}
        for row in sorted(known, key=lambda each: groups.in_order((each.name,))):
            spans = {name: table[row] for name, table in tables.items() if row in table}
            now = [spans[name]["pupils"] for name in SPANS[:2] if name in spans]
            if any(number is not None for number in now) or (now and family == "year"):
                found.append(
                    {"family": groups.FAMILIES[family], "group": row.name, "label": groups.label((row.name,)), **spans}
                )
    return found


def _shares(of: Material) -> dict[str, str | None]:
    """Authorised and unauthorised absence in per cent; both hidden when few pupils have one of them, and until the
    half-term is over.
    """
    pupils = counted(of.spans["half_term"].pupils)
    total = sum((facts.summary for facts in pupils.values()), Summary())
    having = [sum(bool(getattr(f.summary, kind)) for f in pupils.values()) for kind in ("authorised", "unauthorised")]
    if min(having, default=0) < of.threshold or not of.over:
        return {"authorised": None, "unauthorised": None}
    return {kind: f"{percent_of(getattr(total, kind), total.possible)}" for kind in ("authorised", "unauthorised")}


def _reasons(of: Material) -> list[dict[str, Any]]:
    """Why sessions were missed. Reasons of few pupils stand together, so that no reason is a small number or the
    difference of two."""
    if _shares(of)["authorised"] is None:
        return []
    possible = sum(facts.summary.possible for facts in of.spans["half_term"].pupils.values())
    lines = []
    for authorised in (True, False):
        every = sorted((r for r in of.reasons if r.authorised is authorised), key=lambda r: (-r.sessions, r.letter))
        shown = [reason for reason in every if len(reason.pupils) >= of.threshold]
        rest = [reason for reason in every if reason not in shown]
        while rest and shown and len(frozenset().union(*(r.pupils for r in rest))) < of.threshold:
            rest.append(shown.pop())
        named = [(reason.label, reason.letter, reason.sessions) for reason in shown]
        if rest:
            named.append(("Other reasons", "", sum(reason.sessions for reason in rest)))
        lines += [
            {
                "label": label,
                "code": letter,
                "kind": "authorised" if authorised else "unauthorised",
                "days": f"{Decimal(sessions) / 2:f}",
                "percent": f"{percent_of(sessions, possible, 2)}",
            }
            for label, letter, sessions in named
        ]
    return lines


def _punctuality(of: Material) -> dict[str, Any] | None:
    """How often pupils came late; None: few did, or all but few, or the half-term is not over."""
    attended = {pupil_id for pupil_id, facts in of.spans["half_term"].pupils.items() if facts.summary.attended}
    if not of.over or min(len(of.late), len(attended - of.late)) < of.threshold:
        return None
    total = sum((facts.summary for facts in of.spans["half_term"].pupils.values()), Summary())
    return {
        "late": total.late,
        "pupils": len(of.late),
        "percent": f"{percent_of(total.late, total.attended)}",
        "hours": f"{Decimal(of.late_minutes) / 60:.0f}" if of.late_minutes else None,
    }


def _impact(of: Material) -> dict[str, Any] | None:
    """Plans reviewed, and after how many of them attendance was better, to within five; hidden when either is few, or
    all but few.
    """
    reviewed, improved = len(of.reviewed), len(of.improved & of.reviewed)
    if min(reviewed, improved, reviewed - improved) < of.threshold:
        return None
    return {"reviewed": band(reviewed, of.threshold), "improved": band(improved, of.threshold)}

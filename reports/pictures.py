"""The charts of the figures: sums in, `charts` out."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from registers.attendance import Group, Summary, percent_of
from registers.calendar_rules import Session, monday_of
from reports import charts
from reports.benchmarks import Benchmark
from reports.explained import Ask
from reports.figures import BAND_NAMES, points
from reports.groups import EVERYBODY, Key, compared_with, family_of, in_order, label
from reports.patterns import Slot
from reports.ranges import A_YEAR

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def trend(now: Iterable[Slot], before: Iterable[Slot], rate: Benchmark | None) -> charts.LineChart:
    """Attendance by week, this year and the same weeks last year, with England's rate."""
    this, last = by_week(now), {monday + A_YEAR: share for monday, share in by_week(before).items()}
    weeks = sorted(set(this) | {monday for monday in last if this and monday <= max(this)})
    series = {"This year": [this.get(monday) for monday in weeks]}
    if last:
        series["Last year"] = [last.get(monday) for monday in weeks]
    chart = charts.line_chart(
        "Attendance by week",
        [f"{monday:%-d %b}" for monday in weeks],
        series,
        references={"England": float(rate.attendance)} if rate else None,
    )
    asks = [[_week(monday), _week(monday - A_YEAR, before="on")][: len(series)] for monday in weeks]
    return charts.asking(chart, asks)


def _week(monday: date, **also: str) -> Ask:
    return Ask("attendance", f"week of {monday:%-d %B %Y}", {"week": monday, **also})


def by_week(slots: Iterable[Slot]) -> dict[date, float | None]:
    """Attendance in per cent by the Monday of each week that has a possible session."""
    found: dict[date, list[int]] = {}
    for slot in slots:
        week = found.setdefault(monday_of(slot.day), [0, 0])
        week[0] += slot.attended
        week[1] += slot.possible
    return {monday: _share(*week) for monday, week in found.items() if week[1]}


def _share(part: int, whole: int) -> float | None:
    found = percent_of(part, whole)
    return None if found is None else float(found)


def weekdays(slots: Iterable[Slot], **asks: object) -> charts.CellChart:
    """A heat map of absence by weekday and half of the day; `asks` says whose to the page that explains a cell."""
    cells: dict[tuple[int, int], list[int]] = {}
    for slot in slots:
        cell = cells.setdefault((slot.session, slot.day.weekday()), [0, 0])
        cell[0] += slot.absent
        cell[1] += slot.possible
    chart = charts.heat_map(
        "Sessions missed by weekday, per cent",
        WEEKDAYS,
        [session.name for session in Session],
        [[_share(*cells.get((session, day), (0, 0))) for day in range(5)] for session in Session],
    )
    return charts.asking(
        chart,
        [
            [
                Ask("absence", f"{name} {session.name}", {**asks, "weekday": day, "half": session.name})
                for day, name in enumerate(WEEKDAYS)
            ]
            for session in Session
        ],
    )


def band_chart(now: list[int], before: list[int] | None) -> charts.CellChart:
    """How many pupils missed how much, and how many a year before."""
    rows = [("These days", now, {}), *([("A year before", before, {"before": "on"})] if before else [])]
    return charts.asking(
        charts.stacked_bands("Pupils by how much they missed", BAND_NAMES, [row[:2] for row in rows]),
        [
            [Ask("band", f"{name}, {when.lower()}", {"band": band, **also}) for band, name in enumerate(BAND_NAMES)]
            for when, _, also in rows
        ],
    )


def group_chart(groups: dict[Key, Group]) -> charts.BarChart | None:
    """Sessions missed by each group, with those it is compared with; None where nothing is known of anybody."""
    found = compared(groups)
    if not found:
        return None
    chart = charts.bar_chart(
        "Sessions missed by group, per cent",
        [(label(key), float(missed), None if other is None else float(other)) for key, _, missed, other in found],
        comparison="Others",
        gaps=[points(group.total.percent, groups[_others(key, groups)].total.percent) for key, group, *_ in found],
    )
    asks = [[_group(key), _group(_others(key, groups)), Ask("gap", label(key), {"of": key[0]})] for key, *_ in found]
    return charts.asking(chart, asks)


def _group(key: Key) -> Ask:
    return Ask("absence", label(key), {"of": key[0]} if key else {})


def _others(key: Key, groups: dict[Key, Group]) -> Key:
    other = compared_with(key[0])
    return other if other in groups else EVERYBODY


def compared(groups: dict[Key, Group]) -> list[tuple[Key, Group, Decimal, Decimal | None]]:
    """Each group that is compared with others: the group, its absence in per cent, and theirs."""
    found: list[tuple[Key, Group, Decimal, Decimal | None]] = []
    for key in sorted(groups, key=in_order):
        if len(key) != 1 or family_of(key[0]) in ("class", "year", "ks") or key[0].endswith((":no", ":unknown")):
            continue
        missed = absence_percent(groups[key].total)
        if missed is not None:
            found.append((key, groups[key], missed, absence_percent(groups[_others(key, groups)].total)))
    return found


def absence_percent(total: Summary) -> Decimal | None:
    """Absence in per cent, one decimal, halves up; None when no session was possible."""
    return percent_of(total.absence, total.possible)

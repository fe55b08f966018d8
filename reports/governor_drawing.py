"""The frozen figures of a governor report as page and PDF print them: the same tables, sentences and charts.

Pure; it adds nothing to the figures.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from reports import charts, groups
from reports.governor_words import answers

HIDDEN = "hidden"
CSV_HEADER = ("table", "row", "span", "measure", "value")


def drawn(figures: dict[str, Any]) -> dict[str, Any]:
    """What the templates read: `figures` with days as dates, the answers, the groups by family, and the charts."""
    return {
        **figures,
        "title": f"Attendance in half-term {figures['half_term']}, {figures['year']}",
        "spans": {
            name: {**span, "first": date.fromisoformat(span["first"]), "last": date.fromisoformat(span["last"])}
            for name, span in figures["spans"].items()
        },
        "answers": answers(figures),
        "year_rows": figures["years"],
        "group_rows": figures["groups"],
        "dark_groups": _dark_groups(figures["groups"]),
        "trend_chart": _trend(figures),
        "group_chart": _gaps(figures),
    }


def _dark_groups(rows: list[dict[str, Any]]) -> list[str]:
    """Every group there could be of which nothing is shown, whether or not a pupil is in it."""
    shown = {row["group"] for row in rows}
    named = ["sex:F", "sex:M", "sen:N", "sen:K", "sen:E", *(f"{flag}:yes" for flag in groups.FLAGS)]
    return [*(groups.label((group,)) for group in named if group not in shown), "any ethnic group not in the table"]


def _trend(figures: dict[str, Any]) -> charts.LineChart | None:
    trend = figures["trend"]
    now = [float(each["now"]) if each["now"] else None for each in trend]
    before = [float(each["before"]) if each["before"] else None for each in trend]
    if not any(now):
        return None
    series = {"This year": now} | ({"Last year": before} if any(before) else {})
    labels = [f"HT{each['half_term']}" for each in trend]
    target = {"Target": float(figures["target"])}
    return charts.line_chart("Attendance by half-term", labels, series, references=target, width=680, height=200)


def _gaps(figures: dict[str, Any]) -> charts.BarChart | None:
    """Days missed since September: each group shown beside whom it is compared with."""
    rows = {row["group"]: row for row in (*figures["years"], *figures["groups"])}
    whole = figures["whole"]
    bars = []
    for group, row in rows.items():
        family = groups.family_of(group)
        if family == "ethnicity" or group.endswith((":no", "sen:N")):
            continue
        key = groups.compared_with(group)
        other = rows.get(key[0], {}) if key else whole
        mine, theirs = (each.get("year", {}).get("days") for each in (row, other))
        if mine is not None:
            bars.append((row["label"], float(mine), float(theirs) if theirs is not None else None))
    if not bars:
        return None
    return charts.bar_chart(
        "Days missed since September, each pupil", bars, comparison="the others", unit="", width=680
    )


def csv_lines(figures: dict[str, Any]) -> Iterator[list[object]]:
    """Every figure as a line under `CSV_HEADER`; a hidden one says so."""
    for span, numbers in figures["whole"].items():
        yield from _lines("whole school", "all pupils", span, numbers)
    for table in ("years", "groups"):
        for row in figures[table]:
            for span in figures["spans"]:
                if span in row:
                    yield from _lines(table, row["label"], span, row[span])
    for reason in figures["reasons"]:
        for measure in ("days", "percent"):
            yield ["reasons", f"{reason['label']} ({reason['kind']})", "half_term", measure, reason[measure]]
    for measure, value in (figures["punctuality"] or {}).items():
        yield ["punctuality", "late", "half_term", measure, _or_hidden(value)]
    for each in figures["trend"]:
        yield ["trend", f"HT{each['half_term']}", "now", "attendance", each["now"] or ""]
        yield ["trend", f"HT{each['half_term']}", "last year", "attendance", each["before"] or ""]
    for each in figures["benchmarks"]:
        yield ["benchmarks", each["sentence"], "", "attendance", each["attendance"]]
        yield ["benchmarks", each["sentence"], "", "persistent percent", each["persistent"] or ""]


def _lines(table: str, row: str, span: str, numbers: dict[str, Any]) -> Iterator[list[object]]:
    for measure in ("pupils", "attendance", "days"):
        yield [table, row, span, measure, _or_hidden(numbers[measure])]
    for measure in ("persistent", "severe"):
        share = numbers[measure] or {"count": HIDDEN, "percent": HIDDEN}
        yield [table, row, span, f"{measure} pupils", share["count"]]
        yield [table, row, span, f"{measure} percent", share["percent"]]


def _or_hidden(value: object) -> object:
    return HIDDEN if value is None else value

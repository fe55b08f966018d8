"""The frozen figures of a governor report as page and PDF print them: the same tables, sentences and charts.

Pure; it adds nothing to the figures.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from reports import charts, groups
from reports.explained import Ask, Line, Printed
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
        "over": figures.get("over", True),  # reports made before they said so have their reasons
        "answers": answers(figures),
        "whole_line": _line({**figures["whole"], "label": "All pupils"}),
        "year_lines": [_line(row) for row in figures["years"]],
        "group_lines": [_line(row) for row in figures["groups"]],
        "reason_lines": [_reason(row) for row in figures["reasons"]],
        "benchmark_lines": [_benchmark(row, place) for place, row in enumerate(figures["benchmarks"])],
        "dark_groups": _dark_groups(figures["groups"]),
        "trend_chart": _trend(figures),
        "group_chart": _gaps(figures),
    }


# The columns of a table: which figure, of which of the report's spans.
COLUMNS = (
    ("pupils", "year"), ("missed", "half_term"), ("attendance", "half_term"), ("attendance", "half_term_before"),
    ("attendance", "year"), ("persistent", "year"), ("severe", "year"),
)  # fmt: skip
_NAMES = {"missed": "days"}
_SAID = {"half_term": "half-term", "year": "since September", "half_term_before": "same half-term last year"}


def _line(row: dict[str, Any]) -> Line:
    """A row as it is printed, which is all that its explanations know; a hidden number says so."""
    of = {"of": row["group"]} if "group" in row else {}
    cells: list[Printed] = []
    for figure, span in COLUMNS:
        ask = Ask(figure, f"{row['label']}, {_SAID[span]}", {**of, "span": span})
        numbers = row.get(span)
        found = numbers and numbers[_NAMES.get(figure, figure)]
        if isinstance(found, dict):
            found = f"{found['count']} ({found['percent']}%)"
        cells.append((found, ask) if found is not None and numbers else (HIDDEN if numbers else "", None))
    return Line(row["label"], cells)


def _reason(row: dict[str, Any]) -> Line:
    about, asks = f"{row['label']}, {row['kind']}", {"code": row["code"], "kind": row["kind"]}
    cells: list[Printed] = [(row[name], Ask("reason", f"{about}, {said}", {**asks, "as": name}))
                            for name, said in (("days", "in days"), ("percent", "share in per cent"))]  # fmt: skip
    return Line(f"{row['code']} {row['label']}".strip(), cells, row["kind"])


def _benchmark(row: dict[str, Any], place: int) -> Line:
    asks = [Ask(figure, row["sentence"], {"series": place, "as": name}) for figure, name in (
        ("england", "attendance"), ("england", "persistent"))]  # fmt: skip
    return Line(
        row["sentence"],
        [(row["attendance"], asks[0]), (row["persistent"] or "not published", asks[1] if row["persistent"] else None)],
    )


def lines_of(drawn: dict[str, Any]) -> list[Line]:
    """Every row of every table of the report."""
    found = [drawn["whole_line"], *drawn["year_lines"], *drawn["group_lines"]]
    for chart in (drawn["trend_chart"], drawn["group_chart"]):
        found += chart.table.lines if chart else []
    return found + drawn["reason_lines"] + drawn["benchmark_lines"]


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
    chart = charts.line_chart("Attendance by half-term", labels, series, references=target, width=680, height=200)
    asks = [
        [Ask("attendance", f"{label}, {name.lower()}", {"trend": label, "of": name.lower()}) for name in series]
        for label in labels
    ]
    return charts.asking(chart, asks)


def _gaps(figures: dict[str, Any]) -> charts.BarChart | None:
    """Days missed since September: each group shown beside whom it is compared with."""
    rows = {row["group"]: row for row in (*figures["years"], *figures["groups"])}
    whole = figures["whole"]
    bars, asks = [], []
    for group, row in rows.items():
        family = groups.family_of(group)
        if family == "ethnicity" or group.endswith((":no", "sen:N")):
            continue
        key = groups.compared_with(group)
        other = rows.get(key[0], {}) if key else whole
        mine, theirs = (each.get("year", {}).get("days") for each in (row, other))
        if mine is not None:
            bars.append((row["label"], float(mine), float(theirs) if theirs is not None else None))
            asks.append([_days(row["label"], group), _days(groups.label(key), key[0] if key else "")])
    if not bars:
        return None
    chart = charts.bar_chart(
        "Days missed since September, each pupil", bars, comparison="the others", unit="", width=680
    )
    return charts.asking(chart, asks)


def _days(label: str, group: str) -> Ask:
    return Ask("missed", f"{label}, since September", {"bar": group or "all"})


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
    for name, value in _work(figures):
        yield ["casework", name, "half_term", "pupils", _or_hidden(value)]
    for each in figures["trend"]:
        yield ["trend", f"HT{each['half_term']}", "now", "attendance", each["now"] or ""]
        yield ["trend", f"HT{each['half_term']}", "last year", "attendance", each["before"] or ""]
    for each in figures["benchmarks"]:
        yield ["benchmarks", each["sentence"], "", "attendance", each["attendance"]]
        yield ["benchmarks", each["sentence"], "", "persistent percent", each["persistent"] or ""]


def _work(figures: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """What was done, for how many pupils; an older report names it by its sentence."""
    for each in figures["work"]:
        yield each.get("name") or each["sentence"].replace("{} ", ""), each["pupils"]
    impact = figures["impact"] or {}
    yield "plans reviewed", impact.get("reviewed")
    yield "better after a plan", impact.get("improved")
    yield "open cases", figures["open_cases"]


def _lines(table: str, row: str, span: str, numbers: dict[str, Any]) -> Iterator[list[object]]:
    for measure in ("pupils", "attendance", "days"):
        yield [table, row, span, measure, _or_hidden(numbers[measure])]
    for measure in ("persistent", "severe"):
        share = numbers[measure] or {"count": HIDDEN, "percent": HIDDEN}
        yield [table, row, span, f"{measure} pupils", share["count"]]
        yield [table, row, span, f"{measure} percent", share["percent"]]


def _or_hidden(value: object) -> object:
    return HIDDEN if value is None else value

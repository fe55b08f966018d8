"""What the figures of a governor report say, in answer to the five questions governors ask.

Pure; it reads the document alone, so that no sentence can know more than the tables show.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from reports import groups

Document = dict[str, Any]
QUESTIONS = (
    "Are we getting better?",
    "For whom not?",
    "What did we do?",
    "Did it work?",
    "What should we ask?",
)
GAP = Decimal(1)  # points of attendance that are worth a sentence
FALL = Decimal("0.5")
NAMED = 5


def answers(doc: Document) -> list[dict[str, Any]]:
    """Each question with its sentences."""
    told = (_better(doc), _for_whom_not(doc), _did(doc), _worked(doc), _ask(doc))
    return [{"question": question, "sentences": list(lines)} for question, lines in zip(QUESTIONS, told, strict=True)]


def _points(now: str, before: str) -> Decimal:
    return Decimal(now) - Decimal(before)


def _change(points: Decimal, than: str) -> str:
    if not points:
        return f"the same as {than}"
    return f"{abs(points)} point{'' if abs(points) == 1 else 's'} {'more' if points > 0 else 'less'} than {than}"


def _better(doc: Document) -> Iterator[str]:
    whole = doc["whole"]
    now, before = whole["half_term"], whole.get("half_term_before")
    if now["attendance"] is None:
        yield f"The school had fewer than {doc['threshold']} pupils: its figures are not shown."
        return
    sentence = f"Pupils missed {now['days']} days each on average in {doc['days']} school days; attendance was "
    sentence += f"{now['attendance']} per cent"
    if before and before["attendance"]:
        than = f"in the same half-term last year ({before['attendance']})"
        sentence += f", {_change(_points(now['attendance'], before['attendance']), than)}"
    yield sentence + "."
    year = whole["year"]
    if year["attendance"]:
        sentence = (
            f"Since September attendance is {year['attendance']} per cent. The school's target is {doc['target']}"
        )
        reached = Decimal(year["attendance"]) >= Decimal(doc["target"])
        yield f"{sentence}: it is {'reached' if reached else 'not reached'}."
        for each in doc["benchmarks"]:
            change = _change(_points(year["attendance"], each["attendance"]), each["label"])
            yield f"That is {change} ({each['attendance']})."
    if year["persistent"]:
        share, last = year["persistent"], (whole.get("year_before") or {}).get("persistent")
        sentence = f"{share['count']} pupils, {share['percent']} per cent, have missed a tenth or more since September"
        if last:
            sentence += f"; at this time last year it was {last['percent']} per cent"
        yield sentence + "."
    elif year["attendance"]:
        yield "How many pupils have missed a tenth or more is not shown: the number is small."


def _compared(doc: Document) -> Iterator[tuple[Decimal, dict[str, Any], dict[str, Any]]]:
    """Rows shown with their gap to whom they are compared with, widest first: (gap in points, row, the other)."""
    rows = {row["group"]: row for row in (*doc["years"], *doc["groups"])}
    whole = {"label": "all pupils", **doc["whole"]}
    found = []
    for group, row in rows.items():
        if group.endswith((":no", "sen:N")):
            continue
        key = groups.compared_with(group)
        other = rows.get(key[0]) if key else whole
        mine, theirs = (each.get("year", {}).get("attendance") for each in (row, other or {}))
        if other and mine and theirs:
            found.append((_points(mine, theirs), row, other))
    yield from sorted(found, key=lambda each: (each[0], each[1]["group"]))


def _behind(doc: Document) -> list[tuple[Decimal, dict[str, Any], dict[str, Any]]]:
    return [each for each in _compared(doc) if each[0] <= -GAP][:NAMED]


def _for_whom_not(doc: Document) -> Iterator[str]:
    behind = _behind(doc)
    for gap, row, other in behind:
        mine, theirs = row["year"], other["year"]
        yield (
            f"{row['label']}: {mine['attendance']} per cent since September, {abs(gap)} points less than "
            f"{_others(other)} ({theirs['attendance']}); {mine['days']} days missed each, "
            f"against {theirs['days']}."
        )
    fallen = []
    for row in (*doc["years"], *doc["groups"]):
        now, before = (row.get(span, {}).get("attendance") for span in ("half_term", "half_term_before"))
        if now and before and _points(now, before) <= -FALL:
            label = row["label"] if row["group"].startswith("ethnicity:") else _lower(row["label"])
            fallen.append((_points(now, before), label))
    if fallen:
        named = ", ".join(f"{label} ({change})" for change, label in sorted(fallen)[:NAMED])
        yield f"Less than in the same half-term last year, in points: {named}."
    if not behind and not fallen:
        yield "No group that is large enough to be shown lags behind by a point or has fallen by half a point."


def _others(row: dict[str, Any]) -> str:
    """Whom a group is compared with."""
    return "the other pupils" if row.get("group", "").endswith(":no") else _lower(row["label"])


def _lower(label: str) -> str:
    return label[0].lower() + label[1:] if not label.startswith(("SEN", "English", "Year")) else label


def _did(doc: Document) -> Iterator[str]:
    for each in doc["work"]:
        said = each["pupils"] if each["pupils"] is not None else f"fewer than {doc['threshold']}, or nearly all,"
        yield each["sentence"].format(said)
    if not doc["work"]:
        yield "No case, plan or letter was recorded in this half-term."


def _worked(doc: Document) -> Iterator[str]:
    impact = doc["impact"]
    if impact:
        yield (
            f"{impact['reviewed']} plans were reviewed; after {impact['improved']} of them the pupil attended more "
            "than in as many school days before."
        )
    else:
        yield f"Too few plans were reviewed to say (fewer than {doc['threshold']} with one outcome or the other)."


def _most(said: str | int) -> int:
    """The greatest number that is meant: "6 to 10"; or one, as older reports have it."""
    return int(f"{said}".split()[-1])


def _ask(doc: Document) -> Iterator[str]:
    for _, row, _other in _behind(doc)[:3]:
        yield f"{row['label']}: what keeps these children away, and what has been changed for them this half-term?"
    year, before = doc["whole"]["year"], doc["whole"].get("year_before") or {}
    now_share, share_before = year["persistent"], before.get("persistent")
    if now_share and share_before and Decimal(now_share["percent"]) > Decimal(share_before["percent"]):
        yield "More pupils are persistently absent than last year. When was each family first spoken to?"
    if now_share and doc["open_cases"] is not None and _most(doc["open_cases"]) < now_share["count"]:
        yield (
            f"{now_share['count']} pupils are persistently absent and {doc['open_cases']} have an open case: "
            "what happens for the others?"
        )
    unauthorised, authorised = doc["shares"]["unauthorised"], doc["shares"]["authorised"]
    if unauthorised and authorised and Decimal(unauthorised) * 2 > Decimal(authorised):
        yield "A third or more of the absence is unauthorised. What do families say, and what does the school offer?"
    if doc["punctuality"] and Decimal(doc["punctuality"]["percent"]) >= 3:
        yield f"{doc['punctuality']['late']} late arrivals: who are they, and what does the start of the day look like?"
    yield "Which one thing worked best this half-term, and how will the school do more of it?"

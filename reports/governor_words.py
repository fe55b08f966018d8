"""What the figures of a governor report say, in answer to the five questions governors ask.

Pure; it reads the document alone, so that no sentence can know more than the tables show.
"""

from collections.abc import Iterator, Sequence
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
REST = (":no", "sen:N")  # whom others are compared with
WHO = {
    "sex:F": "girls",
    "sex:M": "boys",
    "sen:N": "pupils with no special educational need",
    "sen:K": "pupils with SEN support",
    "sen:E": "pupils with an education, health and care plan",
    "fsm:yes": "pupils with free school meals",
    "fsm_ever6:yes": "pupils with free school meals in the last six years",
    "pupil_premium:yes": "pupils with pupil premium",
    "looked_after:yes": "looked after children",
    "previously_looked_after:yes": "previously looked after children",
    "adopted:yes": "adopted children",
    "service_child:yes": "service children",
    "eal:yes": "pupils with English as an additional language",
    "young_carer:yes": "young carers",
    "arp:yes": "pupils of the additionally resourced provision",
    "social_worker:yes": "pupils with a social worker",
}
# What a sentence of what was done is about, by its first word; where its number is hidden nothing says that any was.
NOT_SHOWN = {"Letters": "letters to parents", "Work": "work begun with families", "A": "plans agreed"}


def answers(doc: Document) -> list[dict[str, Any]]:
    """Each question with its sentences."""
    told = (_better(doc), _for_whom_not(doc), _did(doc), _worked(doc), _ask(doc))
    return [{"question": question, "sentences": list(lines)} for question, lines in zip(QUESTIONS, told, strict=True)]


def _points(now: str, before: str) -> Decimal:
    return Decimal(now) - Decimal(before)


def _said(points: Decimal) -> str:
    return f"{abs(points).normalize():f} point{'' if abs(points) == 1 else 's'}"


def _change(points: Decimal, than: str) -> str:
    return f"{_said(points)} {'above' if points > 0 else 'below'} {than}" if points else f"the same as {than}"


def _listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def _better(doc: Document) -> Iterator[str]:
    whole = doc["whole"]
    now, before, year = whole["half_term"], whole.get("half_term_before"), whole["year"]
    if now["attendance"] is None:
        yield "The school has too few pupils for its figures to be shown."
        return
    sentence = f"Attendance in this half-term {'was' if doc.get('over', True) else 'is'} {now['attendance']} per cent"
    if before and before["attendance"]:
        than = f"the same half-term last year ({before['attendance']})"
        sentence += f", {_change(_points(now['attendance'], before['attendance']), than)}"
    yield f"{sentence}. On average a pupil missed {now['days']} of {doc['days']} school day{'s' * (doc['days'] != 1)}."
    if year["attendance"]:
        goals = [(doc["target"], f"the school's target of {doc['target']}")]
        goals += [(each["attendance"], f"{each['label']} ({each['attendance']})") for each in doc["benchmarks"]]
        compared = _listed([_change(_points(year["attendance"], number), name) for number, name in goals])
        yield f"Since September it is {year['attendance']} per cent: {compared}."
    if year["persistent"]:
        share, last = year["persistent"], (whole.get("year_before") or {}).get("persistent")
        sentence = f"{share['count']} pupils, {share['percent']} per cent, have missed a tenth or more since September"
        if last:
            sentence += f"; at this time last year it was {last['percent']} per cent"
        yield sentence + "."
    elif year["attendance"]:
        yield "How many pupils have missed a tenth or more since September is not shown."


def _compared(doc: Document) -> Iterator[tuple[Decimal, dict[str, Any], dict[str, Any]]]:
    """Rows shown with their gap to whom they are compared with, widest first: (gap in points, row, the other)."""
    rows = {row["group"]: row for row in (*doc["years"], *doc["groups"])}
    whole = {"label": "all pupils", **doc["whole"]}
    found = []
    for group, row in rows.items():
        if group.endswith(REST):
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
            f"{_begun(_who(row))}: {mine['attendance']} per cent since September, {_change(gap, _others(other))} "
            f"({theirs['attendance']}); {mine['days']} days missed each, against {theirs['days']}."
        )
    fallen = []
    for row in (*doc["years"], *doc["groups"]):
        now, before = (row.get(span, {}).get("attendance") for span in ("half_term", "half_term_before"))
        if now and before and _points(now, before) <= -FALL and not row["group"].endswith(REST):
            fallen.append((_points(now, before), _who(row)))
    if fallen:
        named = _listed([f"{who} ({_said(change)})" for change, who in sorted(fallen)[:NAMED]])
        most = "most " if fallen[NAMED:] else ""
        yield f"Compared with the same half-term last year attendance fell {most}for {named}."
    if not behind and not fallen:
        yield "No group that is large enough to be shown is a point behind, or half a point below last year."


def _others(row: dict[str, Any]) -> str:
    """Whom a group is compared with."""
    return "the other pupils" if row.get("group", "").endswith(":no") else _who(row)


def _who(row: dict[str, Any]) -> str:
    """The pupils of a group, within a sentence."""
    group, label = row.get("group", ""), row["label"]
    by_family = {"year": f"pupils in {label}", "ethnicity": f"{label} pupils"}
    return WHO.get(group) or by_family.get(groups.family_of(group), label)


def _begun(words: str) -> str:
    """At the beginning of a sentence."""
    return words[0].upper() + words[1:]


def _did(doc: Document) -> Iterator[str]:
    yield from (each["sentence"].format(each["pupils"]) for each in doc["work"] if each["pupils"] is not None)
    if dark := [NOT_SHOWN[each["sentence"].split()[0]] for each in doc["work"] if each["pupils"] is None]:
        numbers = "numbers of pupils are" if dark[1:] else "number of pupils is"
        yield (
            f"The {numbers} not shown for {_listed(dark)}. Numbers under {doc['threshold']}, none too, and those that "
            "would give such a number away, are left out of this report."
        )
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
        yield "How many plans were reviewed, and after how many of them the pupil attended more, is not shown."


def _most(said: str | int) -> int:
    """The greatest number that is meant: "6 to 10"; or one, as older reports have it."""
    return int(f"{said}".split()[-1])


def _ask(doc: Document) -> Iterator[str]:
    if behind := [_who(row) for _, row, _ in _behind(doc)[:3]]:
        yield f"What keeps {_listed(behind)} away, and what has been changed for them this half-term?"
    year, before = doc["whole"]["year"], doc["whole"].get("year_before") or {}
    now_share, share_before = year["persistent"], before.get("persistent")
    if now_share and share_before and Decimal(now_share["percent"]) > Decimal(share_before["percent"]):
        yield "A greater share than last year has missed a tenth or more. When was each family first spoken to?"
    if now_share and doc["open_cases"] is not None and _most(doc["open_cases"]) < now_share["count"]:
        yield (
            f"{now_share['count']} pupils have missed a tenth or more and {doc['open_cases']} have an open case: "
            "what happens for the others?"
        )
    unauthorised, authorised = doc["shares"]["unauthorised"], doc["shares"]["authorised"]
    if unauthorised and authorised and Decimal(unauthorised) * 2 > Decimal(authorised):
        yield "More than a third of the absence is unauthorised. What do families say, and what does the school offer?"
    if doc["punctuality"] and Decimal(doc["punctuality"]["percent"]) >= 3:
        yield f"Pupils came late {doc['punctuality']['late']} times. What does the start of the day look like to them?"
    yield "Which one thing worked best this half-term, and what would it take to do more of it?"

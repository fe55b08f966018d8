"""Does the work reach who needs it, and does it help them alike? Sets of pupils by group, no names.

Who needs it here: a pupil on roll who has missed a tenth or more this year (persistently absent, law.md 4.1). Who was
reached: she had a case open on a day of the year. Whom it helped: a case of hers was closed as improved.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from attendance_mis.models import School
from casework.models import Case
from casework.querysets.measures import measures_of_school
from registers.models import Pupil
from registers.sums import PupilSum

Pupils = frozenset[int]
YES, NO = "Yes", "No"
# The groups that are compared, as the page names them: a fact of the pupil, and the words for each of its values.
FLAGS = {
    "fsm": "Free school meals",
    "pupil_premium": "Pupil premium",
    "looked_after": "Looked after",
    "eal": "English as an additional language",
    "young_carer": "Young carer",
}
WORDS = {"sex": {"F": "Girls", "M": "Boys"}, "sen_status": {"N": "None", "K": "SEN support", "E": "EHC plan"}}
FAMILIES = {"sex": "Sex", "sen_status": "Special educational needs", **FLAGS}


@dataclass(frozen=True, slots=True)
class Equity:
    """The pupils counted, by group; who needs the work, whom it reached, whom it helped."""

    on_roll: Pupils
    needing: Pupils
    with_case: Pupils
    closed: Pupils
    improved: Pupils
    families: Mapping[str, Mapping[str, Pupils]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group in numbers."""

    name: str
    pupils: int
    needing: int
    reached: int
    cases: int
    closed: int
    improved: int

    @property
    def improved_of_closed(self) -> str:
        return f"{self.improved} of {self.closed} closed"


def equity_of(school: School, first: date, on: date) -> Equity:
    """The year from `first` as it stands on a day, for the pupils on roll then, in today's groups. Five queries."""
    needing = {
        each.pupil_id
        for each in measures_of_school(school, on)
        if each.measures.possible and each.measures.absent * 10 >= each.measures.possible
    }
    return _equity(list(Pupil.objects.on_roll(on).values("pk", "sex", "sen_status", *FLAGS)), needing, first, on)


def equity_of_year(pupils: Iterable[PupilSum], first: date, on: date) -> Equity:
    """The year from `first` up to a day, for all of these pupils, those too who have left. One query.

    So a number only grows, and does not tell by falling that who left had a case (decision 0066).
    """
    pupils = list(pupils)
    facts = [
        {"pk": each.pupil_id, "sex": each.sex, "sen_status": each.sen_status}
        | dict.fromkeys(FLAGS)
        | dict.fromkeys(each.flags, True)
        | dict.fromkeys(each.noes, False)
        for each in pupils
    ]
    return _equity(facts, {each.pupil_id for each in pupils if each.summary.persistent}, first, on)


def _equity(pupils: Iterable[Mapping[str, Any]], needing: Collection[int], first: date, on: date) -> Equity:
    on_roll = frozenset(pupil["pk"] for pupil in pupils)
    open_then = Q(closed_on=None) | Q(closed_on__gte=first)
    cases = Case.objects.filter(open_then, opened_on__lte=on).values_list("pupil", "closed_on", "outcome")
    families: dict[str, dict[str, set[int]]] = {name: {} for name in FAMILIES.values()}
    for pupil in pupils:
        for fact, family in FAMILIES.items():
            if words := WORDS.get(fact, {True: YES, False: NO}).get(pupil[fact]):
                families[family].setdefault(words, set()).add(pupil["pk"])
    return Equity(
        on_roll=on_roll,
        needing=on_roll & frozenset(needing),
        with_case=on_roll & {pupil for pupil, _, _ in cases},
        closed=on_roll & {pupil for pupil, closed_on, _ in cases if closed_on and closed_on <= on},
        improved=on_roll & {pupil for pupil, _, outcome in cases if outcome == Case.Outcome.IMPROVED},
        families={
            family: {words: frozenset(rows[words]) for words in _in_order(rows)} for family, rows in families.items()
        },
    )


def _in_order(rows: Mapping[str, object]) -> list[str]:
    order = [words for each in WORDS.values() for words in each.values()] + [YES, NO]
    return sorted(rows, key=order.index)


def behind(pupils: Pupils, of: Equity) -> dict[str, Pupils]:
    """The pupils behind each number of a group."""
    return {
        "pupils": pupils,
        "needing": pupils & of.needing,
        "reached": pupils & of.needing & of.with_case,
        "cases": pupils & of.with_case,
        "closed": pupils & of.closed,
        "improved": pupils & of.improved,
    }


def row_of(name: str, pupils: Pupils, of: Equity) -> GroupRow:
    """The numbers of a group."""
    return GroupRow(name, **{what: len(found) for what, found in behind(pupils, of).items()})


def table(of: Equity) -> list[tuple[str, list[GroupRow]]]:
    """The whole, then each family with its groups."""
    whole = ("All pupils", [row_of("All pupils", of.on_roll, of)])
    return [whole] + [
        (family, [row_of(name, pupils, of) for name, pupils in rows.items()])
        for family, rows in of.families.items()
        if len(rows) > 1
    ]

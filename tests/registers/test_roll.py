"""The rules of the admission register, one row per paragraph."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import Registration
from registers.roll import (
    GROUNDS,
    LeavingFacts,
    Reachable,
    cautions,
    contact_warnings,
    days_without_trace,
    why_not_ground,
    why_not_remove,
)

TODAY = date(2025, 3, 11)
FACTS = LeavingFacts(
    admission_date=date(2023, 9, 5),
    on_roll=True,
    today=TODAY,
    compulsory_until=date(2033, 6, 24),
    year_group="3",
    boarder=False,
    days_without_trace=0,
)


def reasons(letter, *, leaving_date=TODAY, where="Elm Road School", confirmed=None, **facts):
    ground = GROUNDS[letter]
    keys = {caution.key for caution in cautions(ground)} if confirmed is None else confirmed
    return why_not_remove(ground, replace(FACTS, **facts), leaving_date=leaving_date, where=where, confirmed=keys)


def test_the_grounds_are_those_of_the_admission_register():
    assert {letter: ground.meaning for letter, ground in GROUNDS.items()} == dict(Registration.Ground.choices)


@pytest.mark.parametrize(
    ("letter", "facts", "reason"),
    [
        pytest.param("b", {}, "nursery", id="reg 9(1)(b)"),
        pytest.param("i", {"days_without_trace": 19}, "20 school days in a row", id="reg 9(1)(i)"),
        pytest.param("l", {}, "over compulsory school age", id="reg 9(1)(l)"),
        pytest.param("m", {}, "boarders", id="reg 9(1)(m)"),
        pytest.param("a", {"on_roll": False}, "not on the roll", id="on roll"),
    ],
)
def test_a_ground_that_does_not_fit(letter, facts, reason):
    [found] = why_not_ground(GROUNDS[letter], replace(FACTS, **facts))
    assert reason in found


@pytest.mark.parametrize(
    ("letter", "facts"),
    [("a", {}), ("b", {"year_group": "N2"}), ("i", {"days_without_trace": 20}), ("m", {"boarder": True}), ("k", {})],
)
def test_a_ground_that_fits(letter, facts):
    assert reasons(letter, **facts) == []


def test_never_retrospective():
    """law.md 3.12."""
    assert "retrospectively" in reasons("a", leaving_date=TODAY - timedelta(1))[0]
    assert reasons("a", leaving_date=TODAY + timedelta(30)) == []


def test_the_new_school_is_written_down():
    """law.md 3.10, 3.22."""
    assert reasons("a", where=" ") == ["Write down: the other school and the day the child starts there."]


def test_every_caution_is_confirmed():
    """law.md 3.22, 3.28, 8.2."""
    found = " ".join(reasons("f", confirmed=set()))
    for words in ("in writing", "s.37", "social worker", "deletion return"):
        assert words in found


def test_a_death_asks_nothing():
    assert cautions(GROUNDS["k"]) == ()


def run(*letters):
    """Days back from the last: two letters each, AM then PM."""
    first = date(2025, 1, 6)
    sessions = [(first + timedelta(n), session) for n in range(len(letters)) for session in Session]
    marks = [
        (*slot, code_for(letter, slot[0]).number)
        for slot, letter in zip(sessions, "".join(letters), strict=True)
        if letter != "-"
    ]
    return days_without_trace(sessions, marks)


@pytest.mark.parametrize(
    ("letters", "days"),
    [
        pytest.param(["NO", "GG", "NN"], 3, id="G, N and O count"),
        pytest.param(["NN", "UN", "NN"], 1, id="U does not count"),
        pytest.param(["NN", "N-", "NN"], 1, id="a blank proves nothing"),
        pytest.param(["NN", "II", "OO", "OO"], 2, id="illness ends it"),
        pytest.param(["//".replace("//", "/\\")], 0, id="present"),
        pytest.param([], 0, id="no session"),
    ],
)
def test_days_without_trace(letters, days):
    assert run(*letters) == days


PARENT = Reachable("Ms Ahmed", has_parental_responsibility=True, has_number=True)


@pytest.mark.parametrize(
    ("contacts", "words"),
    [
        ([], ["at least one"]),
        ([replace(PARENT, has_number=False)], ["at least one"]),
        ([PARENT], ["only one contact"]),
        ([PARENT, replace(PARENT, name="Mr Ali", has_number=False)], ["Mr Ali"]),
        ([PARENT, replace(PARENT, has_parental_responsibility=False, has_number=False)], []),
    ],
)
def test_contact_warnings(contacts, words):
    """law.md 3.9, 3.11."""
    warnings = contact_warnings(contacts)
    assert len(warnings) == len(words)
    assert all(word in warning for word, warning in zip(words, warnings, strict=True))

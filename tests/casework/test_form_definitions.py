"""The forms as data: every field can be filled in and printed, and a version that was published never changes."""

import json
from dataclasses import asdict
from datetime import date
from hashlib import sha256

import pytest

from casework.form_definitions import Field, current, definition, every_version, faults_of, said, to_fill_in
from casework.legal_checklist import CHECKLIST, Ticked, from_answers, open_lines, why_not_complete
from casework.presets import preset

TODAY = date(2025, 3, 11)
DAY = {"answer": "yes", "on": "2025-03-01", "note": ""}
# sha256 of each version that schools may have filled in. One that differs: add a version, do not change this line.
PUBLISHED = {
    ("early_help", 1): "95979b5aa1e74760",
    ("assessment", 1): "6f97750a110e15fd",
    ("contract", 1): "f5dee3d11d4681d9",
    ("support_plan", 1): "cadc74939fe16717",
    ("legal_checklist", 1): "c51e34889cf19e96",
    ("support_grid", 1): "045eddb1b0b39ed7",
    ("contact_record", 1): "2b32cd13d8f22f35",
}


def test_a_published_version_never_changes() -> None:
    found = {
        (form.key, form.version): sha256(json.dumps(asdict(form), sort_keys=True).encode()).hexdigest()[:16]
        for form in every_version()
    }
    assert found == PUBLISHED


@pytest.mark.parametrize("form", every_version(), ids=lambda form: f"{form.key}-{form.version}")
def test_every_form_is_whole(form) -> None:
    keys = [each.key for each in form.fields]
    assert len(set(keys)) == len(keys)
    assert all(each.after in ("", *keys) for each in form.fields)
    assert form.signs
    assert set(form.begins) <= set(keys)
    assert definition(form.key, form.version) is form


def test_the_forms_of_the_policies_are_here() -> None:
    """Appendices 3, 6, 9 and 11, the contract and the plan; the contact record (7) is filled from the record."""
    assert [form.key for form in to_fill_in("pupil")] == [
        "early_help", "assessment", "contract", "support_plan", "legal_checklist",
    ]  # fmt: skip
    assert [form.key for form in to_fill_in("school")] == ["support_grid"]
    titles = {form.title.lower() for form in every_version()} | {"legal checklist", "graduated support grid"}
    ours = {"in-school early help", "assessment and time-limited plan", "contact record"}
    assert ours <= set(preset("tiers").forms) & titles


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("line", "Mother", ["Mother"]),
        ("text", "One.\n\nTwo.", ["One.", "Two."]),
        ("lines", ["a", "b"], ["a", "b"]),
        ("day", "2025-03-01", ["1 March 2025"]),
        ("done", {"answer": "yes", "on": "2025-03-01", "note": "By letter"}, ["Yes, 1 March 2025", "By letter"]),
        ("done", {"answer": "not applicable", "on": "", "note": ""}, ["Not applicable"]),
        ("line", "", []),
        ("day", None, []),
    ],
)
def test_answers_in_words(kind: str, answer, words: list[str]) -> None:
    assert said(Field("x", "X", kind), answer) == words


def test_a_kind_that_is_none() -> None:
    with pytest.raises(ValueError, match="x: colour is no kind of field"):
        Field("x", "X", "colour")
    with pytest.raises(ValueError, match="its choices do not go with it"):
        Field("x", "X", "choice")


@pytest.mark.parametrize(
    ("form", "answers", "faults"),
    [
        ("early_help", {"on": "2025-03-11", "first_review": "2025-03-12", "second_review": "2025-03-13"}, {}),
        ("early_help", {"on": "2025-03-12"}, {"on": "This day has not come yet."}),
        (
            "early_help",
            {"on": "2025-03-11", "first_review": "2025-03-11"},
            {"first_review": "First review must be after this: day of the conversation."},
        ),
        (
            "contract",
            {"starts": "2025-03-11", "ends": "2025-03-11"},
            {"ends": "It ends on must be after this: it begins on."},
        ),
        ("contract", {"ends": "2025-03-11"}, {}),
    ],
)
def test_days_in_order(form: str, answers: dict, faults: dict) -> None:
    assert faults_of(current(form), answers, TODAY) == faults


# The legal checklist

DONE = dict.fromkeys(CHECKLIST, DAY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"health": {"answer": "not applicable", "on": "", "note": ""}}, None),
        ({"voice": {"answer": "no", "on": "2025-03-01", "note": ""}}, "feelings were asked for: it was not done."),
        ({"voice": {"answer": "yes", "on": "", "note": ""}}, "feelings were asked for: the day is missing."),
        ({"voice": {"answer": "", "on": "", "note": ""}}, "feelings were asked for: not answered."),
        ({"voice": "scribbled"}, "feelings were asked for: not answered."),
    ],
)
def test_a_checklist_that_refuses_to_call_itself_complete(change: dict, said: str | None) -> None:
    reasons = why_not_complete(from_answers(DONE | change))
    assert (said in reasons[0] and len(reasons) == 1) if said else reasons == []


def test_an_empty_checklist_misses_every_line() -> None:
    assert len(why_not_complete({})) == len(CHECKLIST) == 13
    assert open_lines({"voice": Ticked("yes", TODAY)}) == [key for key in CHECKLIST if key != "voice"]

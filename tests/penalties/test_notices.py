"""States, contents, and what happens after issue (law.md 5.11 to 5.26)."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from penalties.amounts import FIRST, Scheme, period_of, sum_due
from penalties.improvement import IMPROVEMENT_TRANSITIONS, ImprovementState
from penalties.notices import (
    CONTENTS,
    COUNTING,
    OFFENCE_PARTICULARS,
    TRANSITIONS,
    Ground,
    State,
    counting_notices,
    diagram,
    missing_contents,
    recheck,
    used_sessions,
    why_not,
    why_not_prosecute,
    why_not_record_known,
    why_not_record_payment,
    why_not_record_unpaid,
    why_not_withdraw,
)
from penalties.readings import DEFAULTS
from tests.penalties.a_notice import ON, notice, sessions

PERIOD = period_of(FIRST, date(2025, 3, 5))
LAST, OVER = date(2025, 4, 1), date(2025, 4, 2)


def test_every_state_is_reached_and_every_verb_leads_to_a_state() -> None:
    targets = {state for verbs in TRANSITIONS.values() for state in verbs.values()}
    assert set(TRANSITIONS) == set(State)
    assert targets | {State.PREPARED} == set(State)


def test_nothing_leads_out_of_a_final_state() -> None:
    final = {state for state, verbs in TRANSITIONS.items() if not verbs}
    assert final == {State.DECLINED, State.CONVICTED, State.ACQUITTED, State.WITHDRAWN}


@pytest.mark.parametrize("state", sorted(State))
def test_5_12_which_states_count(state: State) -> None:
    counts = state not in (State.PREPARED, State.DECLINED, State.ACQUITTED, State.WITHDRAWN)
    assert (state in COUNTING) is counts
    assert bool(counting_notices([notice(ON, state=state)], ON, DEFAULTS)) is counts


def test_5_25_the_authority_can_record_every_outcome() -> None:
    """Paid, withdrawn with its ground, prosecuted or not: each is a state a notice can come to from issue."""
    reached, edge = {State.ISSUED}, [State.ISSUED]
    while edge:
        new = set(TRANSITIONS[edge.pop()].values()) - reached
        reached |= new
        edge += new
    assert reached == set(State) - {State.PREPARED, State.DECLINED}


def test_a_verb_that_is_none_is_a_fault() -> None:
    with pytest.raises(KeyError):
        why_not("forget", State.PAID)


@pytest.mark.parametrize(
    ("state", "verb", "on", "refused_by"),
    [
        pytest.param(State.ISSUED, "prosecute", OVER, ["5.22"], id="5.22 not before it is recorded unpaid"),
        pytest.param(State.UNPAID, "prosecute", LAST, ["5.22"], id="5.22 not on the last day of the period"),
        pytest.param(State.UNPAID, "prosecute", OVER, [], id="5.22 from the day after"),
        pytest.param(State.PAID, "prosecute", OVER, ["5.23"], id="5.23 payment discharges"),
        pytest.param(State.PAID_LATE, "prosecute", OVER, ["5.23"], id="5.23 accepted late"),
        pytest.param(State.WITHDRAWN, "prosecute", OVER, ["5.21"], id="5.21 no prosecution after withdrawal"),
        pytest.param(State.ISSUED, "record_unpaid", LAST, ["5.22"], id="5.22 unpaid, too early"),
        pytest.param(State.ISSUED, "record_unpaid", OVER, [], id="5.22 unpaid"),
        pytest.param(State.PAID, "record_unpaid", OVER, ["5.23"], id="5.23 paid is not unpaid"),
    ],
)
def test_after_the_period(state: State, verb: str, on: date, refused_by: list[str]) -> None:
    rule = why_not_prosecute if verb == "prosecute" else why_not_record_unpaid
    assert [reason.paragraph for reason in rule(state, PERIOD, on)] == refused_by


@pytest.mark.parametrize(
    ("state", "paid_on", "pounds", "refused_by"),
    [
        pytest.param(State.ISSUED, date(2025, 3, 25), 80, [], id="5.9 on day 21"),
        pytest.param(State.ISSUED, date(2025, 3, 25), 160, ["5.19"], id="5.19 too much"),
        pytest.param(State.ISSUED, date(2025, 3, 26), 80, ["5.19"], id="5.19 too little from day 22"),
        pytest.param(State.ISSUED, date(2025, 3, 20), 40, ["5.19"], id="5.19 in one payment"),
        pytest.param(State.ISSUED, LAST, 160, [], id="5.9 on day 28"),
        pytest.param(State.ISSUED, OVER, 160, ["5.22"], id="5.22 after the period"),
        pytest.param(State.PAID, LAST, 160, ["5.23"], id="5.23 twice"),
        pytest.param(State.WITHDRAWN, LAST, 160, ["5.21"], id="5.21 withdrawn"),
    ],
)
def test_payment(state: State, paid_on: date, pounds: int, refused_by: list[str]) -> None:
    due = sum_due(FIRST, PERIOD, paid_on)
    reasons = why_not_record_payment(state, PERIOD, paid_on, pounds, due)
    assert [reason.paragraph for reason in reasons] == refused_by


@pytest.mark.parametrize(
    ("state", "on", "ground", "refused_by"),
    [
        pytest.param(State.ISSUED, LAST, Ground.SHOULD_NOT_HAVE_BEEN_ISSUED, [], id="5.21 should not have been issued"),
        pytest.param(State.ISSUED, LAST, Ground.WRONG_PERSON, [], id="5.21 wrong person"),
        pytest.param(State.PAID, OVER, Ground.MATERIAL_ERROR, [], id="5.21 paid: withdrawn and refunded"),
        pytest.param(State.UNPAID, OVER, Ground.NO_PROSECUTION, [], id="5.21 no prosecution"),
        pytest.param(State.ISSUED, LAST, Ground.NO_PROSECUTION, ["5.22"], id="5.21 no prosecution, too early"),
        pytest.param(State.PAID, OVER, Ground.NO_PROSECUTION, ["5.21"], id="5.21 no prosecution of a paid one"),
        pytest.param(State.ISSUED, LAST, None, ["5.21"], id="5.21 without a ground"),
        pytest.param(State.PROSECUTED, OVER, Ground.MATERIAL_ERROR, ["5.22"], id="5.22 before the court"),
    ],
)
def test_withdrawal(state: State, on: date, ground: Ground | None, refused_by: list[str]) -> None:
    assert [reason.paragraph for reason in why_not_withdraw(state, PERIOD, on, ground)] == refused_by


def test_the_eleven_contents_beside_the_offence() -> None:
    assert "".join(content.letter for content in CONTENTS) == "abcdefghijk"
    values = {content.field: "said" for content in (OFFENCE_PARTICULARS, *CONTENTS)}
    assert missing_contents(values) == []
    for content in (OFFENCE_PARTICULARS, *CONTENTS):
        (reason,) = missing_contents({**values, content.field: " "})
        assert content.what in reason.text


# Known from others (5.26)


def known_refused(known_on: date, *others: object, **values: object) -> list[str]:
    return [r.paragraph for r in why_not_record_known(notice(known_on, **values), others, DEFAULTS)]  # type: ignore[arg-type]


def test_5_26_a_notice_known_from_the_local_authority() -> None:
    own, second = notice(date(2025, 3, 14)), notice(date(2025, 6, 6))
    assert known_refused(date(2024, 10, 1), own) == []
    assert known_refused(date(2025, 3, 14), own) == ["5.26"]
    assert known_refused(date(2024, 10, 1), own, second) == ["5.11"]
    assert known_refused(date(2024, 10, 1), own, second, scheme=Scheme.LOCAL) == []
    spent = replace(own, sessions=sessions(date(2025, 3, 3), 10))
    assert known_refused(date(2025, 3, 20), spent, sessions=sessions(date(2025, 3, 7), 4)) == ["5.23"]


# Spent sessions and changed marks


def test_sessions_an_earlier_notice_has_spent() -> None:
    own = sessions(date(2025, 3, 3), 4)
    earlier = notice(ON, sessions=own)
    assert used_sessions([earlier], sessions(date(2025, 3, 3), 10), DEFAULTS) == own
    withdrawn = replace(earlier, state=State.WITHDRAWN)
    assert used_sessions([withdrawn], own, DEFAULTS) == own
    assert not used_sessions([withdrawn], own, replace(DEFAULTS, reissue_after_withdrawal=True))
    assert not used_sessions([replace(earlier, scheme=Scheme.PUBLIC_PLACE)], own, DEFAULTS)
    assert not used_sessions([notice(ON)], own, DEFAULTS)


def test_a_mark_changed_after_the_notice_is_flagged_with_the_ground() -> None:
    ten = sessions(date(2025, 3, 3), 10)
    issued = notice(ON, sessions=ten)
    assert not recheck(issued, ten).flagged
    nine = recheck(issued, ten - {(date(2025, 3, 3), 1)})
    assert (nine.flagged, nine.counted_then, nine.counted_now) == (True, 10, 9)
    assert nine.ground is Ground.SHOULD_NOT_HAVE_BEEN_ISSUED
    twelve = notice(ON, sessions=sessions(date(2025, 3, 3), 12))
    still = recheck(twelve, ten)
    assert (still.flagged, still.ground) == (True, None)


def test_the_diagrams_in_the_docs_are_the_rules() -> None:
    page = (Path(__file__).parents[2] / "docs" / "penalties.md").read_text(encoding="utf-8")
    assert diagram(TRANSITIONS, State.PREPARED) in page
    assert diagram(IMPROVEMENT_TRANSITIONS, ImprovementState.OFFERED) in page

"""Whether a notice may be issued, a row of law.md section 5 at a time; the paragraph is the test's id."""

from dataclasses import replace
from datetime import date

import pytest

from penalties.amounts import Amount, Kind, Scheme
from penalties.improvement import ImprovementState
from penalties.notices import Source, State
from penalties.readings import DEFAULTS, PenaltySettings, Straddling
from penalties.rules import OFFENCES, QUESTIONS, Issuer, is_holiday, why_not_issue
from tests.penalties.a_notice import ON, issue_facts, notice, sessions

OLD_OFFENCE = sessions(date(2024, 6, 10), 10)
ONE, TWO = notice(date(2024, 9, 20)), notice(date(2024, 12, 6))
ALL_CONTENTS = ["Contents of a notice", *(f"Contents of a notice {letter}" for letter in "abcdefghijk")]
SPENT = sessions(date(2025, 3, 3), 2)


def paragraphs(settings: PenaltySettings = DEFAULTS, **values: object) -> list[str]:
    return [reason.paragraph for reason in why_not_issue(issue_facts(**values), settings)]


def reading(**values: object) -> PenaltySettings:
    return replace(DEFAULTS, **values)


@pytest.mark.parametrize(
    ("values", "refused_by"),
    [
        pytest.param({}, [], id="nothing speaks against it"),
        pytest.param({"counted": 9}, ["5.5"], id="5.1 below ten, no reason"),
        pytest.param({"counted": 9, "below_threshold_reason": "  "}, ["5.5"], id="5.5 an empty reason"),
        pytest.param({"counted": 9, "below_threshold_reason": "The code allows six."}, [], id="5.5 with a reason"),
        pytest.param({"sessions": frozenset()}, ["5.1"], id="5.1 no session"),
        pytest.param({"on": date(2025, 3, 6), "la_checked": date(2025, 3, 6)}, ["5.1"], id="5.1 before the offence"),
        pytest.param({"is_parent": False}, ["5.6"], id="5.6 not a parent"),
        pytest.param({"allowed_absence": None}, ["5.6"], id="5.6 not answered"),
        pytest.param({"allowed_absence": False}, ["5.6"], id="5.6 did not allow it"),
        pytest.param({"best_tool": None}, ["5.7"], id="5.7 best tool, not answered"),
        pytest.param({"best_tool": False}, ["5.7"], id="5.7 not the best tool"),
        pytest.param({"equality": None}, ["5.7"], id="5.7 Equality Act, not answered"),
        pytest.param({"equality": False}, ["5.7"], id="5.7 Equality Act, not met"),
        pytest.param({"support": None}, ["5.7"], id="5.7 support, not answered"),
        pytest.param({"support": False}, ["5.7"], id="5.7 support first"),
        pytest.param({"support": False, "holiday": True}, [], id="5.8 not for a holiday"),
        pytest.param({"improvement": ImprovementState.RUNNING}, ["5.7"], id="5.7 a notice to improve is running"),
        pytest.param({"improvement": ImprovementState.OFFERED}, ["5.7"], id="5.7 a notice to improve is offered"),
        pytest.param({"improvement": ImprovementState.MET}, ["5.7"], id="5.7 the notice to improve was met"),
        pytest.param({"improvement": ImprovementState.NOT_MET}, [], id="5.7 the notice to improve was not met"),
        pytest.param({"earlier": [ONE]}, [], id="5.11 one in three years"),
        pytest.param({"earlier": [ONE, TWO]}, ["5.11"], id="5.11 two in three years"),
        pytest.param({"earlier": [notice(date(2022, 3, 14)), ONE]}, [], id="5.11 three years ago"),
        pytest.param({"earlier": [notice(date(2022, 3, 15)), ONE]}, ["5.11"], id="5.11 its last day"),
        pytest.param({"earlier": [ONE, notice(date(2025, 9, 1))]}, ["5.11"], id="5.11 a later one is known"),
        pytest.param({"earlier": [replace(ONE, state=State.PAID), TWO]}, ["5.11"], id="5.12 paid counts"),
        pytest.param({"earlier": [replace(ONE, state=State.UNPAID), TWO]}, ["5.11"], id="5.12 unpaid counts"),
        pytest.param({"earlier": [replace(ONE, state=State.CONVICTED), TWO]}, ["5.11"], id="5.12 found guilty counts"),
        pytest.param({"earlier": [replace(ONE, state=State.ACQUITTED), TWO]}, [], id="5.12 found not guilty does not"),
        pytest.param({"earlier": [replace(ONE, state=State.WITHDRAWN), TWO]}, [], id="5.12 withdrawn does not"),
        pytest.param({"earlier": [replace(ONE, scheme=Scheme.LOCAL), TWO]}, [], id="5.13 an old one does not"),
        pytest.param({"sessions": OLD_OFFENCE}, [], id="5.14 an old offence"),
        pytest.param({"sessions": OLD_OFFENCE, "earlier": [ONE, TWO]}, [], id="5.14 no limit under the old code"),
        pytest.param({"sessions": sessions(date(2024, 6, 10), 6), "counted": 6}, ["5.5"], id="5.14 below it"),
        pytest.param({"kind": Kind.PUBLIC_PLACE, "public_place": True, "counted": 0}, [], id="5.15 no threshold"),
        pytest.param({"kind": Kind.PUBLIC_PLACE, "public_place": True, "earlier": [ONE, TWO]}, [], id="5.15 no limit"),
        pytest.param({"kind": Kind.PUBLIC_PLACE}, ["5.15"], id="5.15 not answered"),
        pytest.param({"kind": Kind.PUBLIC_PLACE, "public_place": False}, ["5.15"], id="5.15 not in the five days"),
        pytest.param({"earlier": [replace(ONE, scheme=Scheme.PUBLIC_PLACE), TWO]}, [], id="5.15 does not count"),
        pytest.param({"issuer": Issuer.DEPUTY}, ["5.16"], id="5.16 deputy, not authorised"),
        pytest.param({"issuer": Issuer.DEPUTY, "issuer_authorised": True}, [], id="5.16 deputy, authorised"),
        pytest.param({"issuer": Issuer.LA_OFFICER}, ["5.16"], id="5.16 officer, not authorised"),
        pytest.param({"issuer": Issuer.LA_OFFICER, "issuer_authorised": True}, [], id="5.16 officer, authorised"),
        pytest.param({"issuer": Issuer.CONSTABLE}, [], id="5.16 constable"),
        pytest.param({"issuer": Issuer.OTHER}, ["5.16"], id="5.16 nobody else"),
        pytest.param({"signed": False}, ["5.16"], id="5.16 not signed"),
        pytest.param({"compulsory": (date(2025, 3, 31), date(2036, 6, 27))}, ["5.17"], id="5.17 too young"),
        pytest.param({"compulsory": (date(2014, 8, 31), date(2025, 3, 6))}, ["5.17"], id="5.17 too old on a day"),
        pytest.param({"compulsory": (date(2014, 8, 31), date(2025, 3, 7))}, [], id="5.17 its last day, inclusive"),
        pytest.param({"school_type": "academy"}, [], id="5.17 academy"),
        pytest.param({"school_type": "pru"}, [], id="5.17 pupil referral unit"),
        pytest.param({"school_type": "independent"}, ["5.17"], id="5.17 independent"),
        pytest.param({"school_type": ""}, ["5.17"], id="5.17 type not recorded"),
        pytest.param({"la_checked": None}, ["5.18"], id="5.18 not asked"),
        pytest.param({"la_checked": date(2025, 3, 15)}, ["5.18"], id="5.18 asked too late"),
        pytest.param({"earlier": [replace(ONE, sessions=SPENT, state=State.WITHDRAWN)]}, ["5.21"], id="5.21 withdrawn"),
        pytest.param({"earlier": [replace(ONE, sessions=SPENT, state=State.PAID)]}, ["5.23"], id="5.23 paid for"),
        pytest.param(
            {"earlier": [replace(ONE, offence_from=date(2025, 3, 7), offence_until=date(2025, 3, 9))]},
            ["5.23"],
            id="5.23 a period known from others",
        ),
        pytest.param({"state": State.ISSUED}, ["5.22"], id="5.22 issued already"),
        pytest.param(
            {"earlier": [replace(ONE, source=Source.LOCAL_AUTHORITY), replace(TWO, source=Source.OTHER_SCHOOL)]},
            ["5.11"],
            id="5.26 the local authority knows of one, another school of one",
        ),
        pytest.param({"contents": {}}, ALL_CONTENTS, id="regulation 3"),
    ],
)  # fmt: skip
def test_why_not_issue(values: dict, refused_by: list[str]) -> None:
    assert paragraphs(**values) == refused_by


@pytest.mark.parametrize(
    ("settings", "values", "refused_by"),
    [
        pytest.param(reading(below_threshold=False), {"counted": 9, "below_threshold_reason": "x"}, ["5.1"], id="5.5"),
        pytest.param(
            reading(count_old_notices=True), {"earlier": [replace(ONE, scheme=Scheme.LOCAL), TWO]}, ["5.11"], id="5.13"
        ),
        pytest.param(
            reading(count_old_notices=True),
            {"sessions": OLD_OFFENCE, "earlier": [ONE, TWO]},
            ["5.11"],
            id="5.13 then the limit holds for an old one too",
        ),
        pytest.param(
            reading(old_threshold_sessions=6),
            {"sessions": sessions(date(2024, 6, 10), 6), "counted": 6},
            [],
            id="5.14 sessions",
        ),
        pytest.param(
            reading(reissue_after_withdrawal=True),
            {"earlier": [replace(ONE, sessions=SPENT, state=State.WITHDRAWN)]},
            [],
            id="5.21",
        ),
        pytest.param(
            reading(reissue_after_withdrawal=True),
            {"earlier": [replace(ONE, sessions=SPENT, state=State.UNPAID)]},
            ["5.23"],
            id="5.21 only after withdrawal",
        ),
    ],
)
def test_the_other_reading_of_a_disputed_point(settings: PenaltySettings, values: dict, refused_by: list[str]) -> None:
    assert paragraphs(settings, **values) == refused_by


def test_straddling_offence_by_either_reading() -> None:
    facts = issue_facts(sessions=OLD_OFFENCE | sessions(date(2024, 9, 4), 2), earlier=[ONE, TWO])
    assert facts.scheme(DEFAULTS) is Scheme.NATIONAL
    assert [reason.paragraph for reason in why_not_issue(facts, DEFAULTS)] == ["5.11"]
    by_first_day = reading(straddling=Straddling.FIRST_DAY)
    assert facts.scheme(by_first_day) is Scheme.LOCAL
    assert why_not_issue(facts, by_first_day) == []


@pytest.mark.parametrize(
    ("values", "amount"),
    [
        pytest.param({}, Amount(160, 80), id="5.9 first"),
        pytest.param({"earlier": [ONE]}, Amount(160), id="5.9 second"),
        pytest.param({"earlier": [ONE, TWO]}, None, id="5.9 third"),
        pytest.param({"earlier": [notice(date(2022, 3, 14))]}, Amount(160, 80), id="5.11 three years ago"),
        pytest.param({"earlier": [notice(date(2022, 3, 15))]}, Amount(160), id="5.11 the last day of three years"),
        pytest.param({"earlier": [replace(ONE, state=State.WITHDRAWN)]}, Amount(160, 80), id="5.12"),
        pytest.param({"sessions": OLD_OFFENCE, "earlier": [ONE]}, Amount(120, 60), id="5.14"),
        pytest.param({"kind": Kind.PUBLIC_PLACE, "earlier": [ONE]}, Amount(120, 60), id="5.15"),
    ],
)
def test_what_the_notice_would_cost(values: dict, amount: Amount | None) -> None:
    assert issue_facts(**values).amount(DEFAULTS) == amount


def test_a_third_says_when_the_next_could_come_and_what_to_do_instead() -> None:
    (reason,) = why_not_issue(issue_facts(earlier=[TWO, ONE]), DEFAULTS)
    assert str(reason) == (
        "After the notices of 20 September 2024 and 6 December 2024 a third cannot be issued before 20 September 2027. "
        "Ask the local authority about prosecution or another order. (5.11)"
    )


def test_the_window_whose_first_day_is_the_issue_date() -> None:
    earlier = [notice(ON), notice(ON)]
    assert paragraphs(earlier=earlier) == ["5.11"]


def test_29_february() -> None:
    leap = [notice(date(2028, 2, 29)), notice(date(2029, 5, 1))]
    offence, age = sessions(date(2031, 2, 10), 10), (date(2020, 8, 31), date(2036, 6, 27))
    day = {"sessions": offence, "compulsory": age, "la_checked": date(2031, 2, 20), "earlier": leap}
    assert paragraphs(on=date(2031, 2, 28), **day) == ["5.11"]
    assert paragraphs(on=date(2031, 3, 1), **day) == []


def test_the_questions_are_those_of_the_law_and_people_answer_what_they_must() -> None:
    assert {question.paragraph for question in QUESTIONS} == {"5.1", "5.6", "5.7", "5.8", "5.11", "5.18"}
    by_people = {question.key for question in QUESTIONS if not question.by_record}
    assert by_people == {"best_tool", "support", "equality", "allowed_absence", "la_checked"}
    unanswered = issue_facts(best_tool=None, support=None, equality=None, allowed_absence=None, la_checked=None)
    assert len(why_not_issue(unanswered, DEFAULTS)) == len(by_people)


def test_a_holiday_is_every_session_g() -> None:
    assert is_holiday(["G", "G"])
    assert not is_holiday(["G", "O"])
    assert not is_holiday([])


@pytest.mark.parametrize(
    ("section", "most"),
    [
        pytest.param("444(1)", "a fine of up to £1,000 (level 3)", id="5.24 the simple offence"),
        pytest.param("444(1A)", "a fine of up to £2,500 or three months in prison", id="5.24 the graver offence"),
    ],
)
def test_offences_and_the_most_a_court_may_impose(section: str, most: str) -> None:
    assert {offence.section: offence.most for offence in OFFENCES}[section] == most

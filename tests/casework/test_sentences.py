"""A policy in sentences; every preset can be said."""

import pytest

from casework.policy_tables import parse_policy
from casework.presets import PRESETS, preset
from casework.sentences import sentence, settings_sentences


def said(table: dict) -> str:
    ladder = parse_policy({"ladder": [table]}).ladders[0]
    return sentence(ladder, ladder.steps[0])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            {
                "name": "Days missed",
                "measure": "days_absent_this_year",
                "step": [
                    {
                        "name": "Stage 3 letter and meeting",
                        "at_least": 15,
                        "owner": "attendance lead",
                        "letter": "Stage 3",
                    }
                ],
            },
            "When days missed this year reach 15: Stage 3 letter and meeting; owner attendance lead; "
            "propose letter Stage 3.",
        ),
        (
            {
                "name": "Attendance",
                "measure": "attendance_percent_this_year",
                "step": [{"name": "Review", "below": 95, "letter": "One; Two", "automatic": True, "tell": "parents"}],
            },
            "When attendance this year falls below 95 per cent: Review; send letters One and Two; tell parents.",
        ),
        (
            {
                "name": "Consult",
                "all_of": [
                    {"measure": "attendance_percent_this_year", "below": 95},
                    {"measure": "unauthorised_share_of_absence_percent", "at_least": 10},
                ],
            },
            "When attendance this year falls below 95 per cent and share of absence this year that is unauthorised "
            "reaches 10 per cent: Consult.",
        ),
        (
            {"name": "Attendance", "measure": "attendance_percent_this_year", "step": [{"name": "Tier 3"}]},
            "When a person decides it, with a reason: Tier 3.",
        ),
    ],
)
def test_a_step_in_one_sentence(table: dict, expected: str) -> None:
    assert said(table) == expected


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_said(name: str) -> None:
    policy = preset(name)
    assert all(sentence(ladder, step).endswith(".") for ladder in policy.ladders for step in ladder.steps)
    assert settings_sentences(policy)

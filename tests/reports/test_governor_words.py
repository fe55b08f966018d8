"""What a report to governors says: each sentence true, in singular and plural, and nothing said twice."""

import pytest

from reports.governor_words import answers


def numbers(attendance, *, days="2.0", persistent=None):
    return {"pupils": 60, "attendance": attendance, "days": days, "persistent": persistent, "severe": None}


def row(group, label, half_term, year, before=None):
    found = {"group": group, "label": label, "half_term": numbers(half_term), "year": numbers(year)}
    return found | ({"half_term_before": numbers(before)} if before else {})


WORK = [
    {"name": "letters", "sentence": "Letters were sent to the parents of {} pupils.", "pupils": "16 to 20"},
    {"name": "plans agreed", "sentence": "A plan with targets was agreed for {} pupils.", "pupils": None},
]


def said(**of):
    """The answers to each question of a document of a school of sixty that has nothing else to say."""
    document = {
        "days": 30, "target": "96", "threshold": 6, "benchmarks": [], "years": [], "groups": [], "work": [],
        "impact": None, "open_cases": None, "punctuality": None, "shares": {"authorised": None, "unauthorised": None},
        "whole": {"half_term": numbers("95.0"), "year": numbers("95.0")},
    }  # fmt: skip
    return {each["question"]: each["sentences"] for each in answers(document | of)}


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param({}, "Attendance in this half-term was 95.0 per cent. On average a pupil missed 2.0 of 30 school "
                     "days.", id="no year before"),
        pytest.param({"days": 1, "over": False},
                     "Attendance in this half-term is 95.0 per cent. On average a pupil missed 2.0 of 1 school day.",
                     id="its first day"),
        pytest.param({"whole": {"half_term": numbers("95.0"), "half_term_before": numbers("94.0"),
                                "year": numbers("95.0")}},
                     "Attendance in this half-term was 95.0 per cent, 1 point above the same half-term last year "
                     "(94.0). On average a pupil missed 2.0 of 30 school days.", id="a point"),
        pytest.param({"whole": {"half_term": numbers(None), "year": numbers(None)}},
                     "The school has too few pupils for its figures to be shown.", id="a school of five"),
    ],
)  # fmt: skip
def test_are_we_getting_better(of, expected):
    assert said(**of)["Are we getting better?"][0] == expected


def test_what_it_is_compared_with():
    england, authority = ({"label": name, "attendance": of} for name, of in (("England", "95.0"), ("Kent", "94.8")))
    told = said(benchmarks=[england, authority])["Are we getting better?"]
    assert told[1:] == [
        "Since September it is 95.0 per cent: 1 point below the school's target of 96, the same as England (95.0) and "
        "0.2 points above Kent (94.8).",
        "How many pupils have missed a tenth or more since September is not shown.",
    ]


def test_for_whom_not():
    groups = [row("young_carer:yes", "Young carer", "91.0", "92.0", "93.0"),
              row("young_carer:no", "Not young carer", "95.1", "95.0", "97.0"),
              row("ethnicity:X", "Irish", "94.0", "94.5", "95.0")]  # fmt: skip
    told = said(years=[row("year:4", "Year 4", "92.0", "94.0", "92.5")], groups=groups)
    assert told["For whom not?"] == [
        "Young carers: 92.0 per cent since September, 3 points below the other pupils (95.0); 2.0 days missed each, "
        "against 2.0.",
        "Pupils in Year 4: 94.0 per cent since September, 1 point below all pupils (95.0); 2.0 days missed each, "
        "against 2.0.",
        "Compared with the same half-term last year attendance fell for young carers (2 points), Irish pupils (1 "
        "point) and pupils in Year 4 (0.5 points).",
    ]
    assert told["What should we ask?"][0] == (
        "What keeps young carers and pupils in Year 4 away, and what has been changed for them this half-term?"
    )


def test_what_was_done_and_what_of_it_is_not_shown():
    assert said(work=WORK)["What did we do?"] == [
        "Letters were sent to the parents of 16 to 20 pupils.",
        "The number of pupils is not shown for plans agreed. Numbers under 6, none too, and those that would give "
        "such a number away, are left out of this report.",
    ]
    old = [{"sentence": each["sentence"], "pupils": None} for each in WORK]
    assert "letters to parents and plans agreed" in said(work=old)["What did we do?"][0], "an older report has no names"
    assert said()["What did we do?"] == ["No case, plan or letter was recorded in this half-term."]
    assert said()["Did it work?"] == [
        "How many plans were reviewed, and after how many of them the pupil attended more, is not shown."
    ]

"""The groups of figures: the parts of every family add up to the whole, and are said in words."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.attendance import Summary
from reports.groups import (
    EVERYBODY,
    FAMILIES,
    FLAGS,
    YEARS,
    collect,
    compared_with,
    every_group,
    family_of,
    faults,
    groups_of,
    in_order,
    label,
)


@dataclass(frozen=True)
class Child:
    year_group: str = "3"
    class_id: int | None = None
    sex: str = "F"
    sen_status: str = ""
    ethnicity: str = ""
    flags: frozenset[str] = frozenset()
    noes: frozenset[str] = frozenset()
    in_cohort: bool = True
    summary: Summary = field(default_factory=Summary)


counts = st.integers(0, 30)


@st.composite
def children(draw):
    known = {flag: draw(st.sampled_from([True, False, None])) for flag in draw(st.sets(st.sampled_from([*FLAGS])))}
    attended, authorised, unauthorised = draw(counts), draw(counts), draw(counts)
    return Child(
        year_group=draw(st.sampled_from(YEARS)),
        class_id=draw(st.sampled_from([None, 1, 2])),
        sex=draw(st.sampled_from("FM")),
        sen_status=draw(st.sampled_from(["", "N", "K", "E"])),
        ethnicity=draw(st.sampled_from(["", "White British", "Black African"])),
        flags=frozenset(flag for flag, value in known.items() if value),
        noes=frozenset(flag for flag, value in known.items() if value is False),
        in_cohort=draw(st.booleans()),
        summary=Summary(attended + authorised + unauthorised, attended, 0, authorised, unauthorised, draw(counts)),
    )


@given(st.lists(children(), max_size=12), st.sampled_from([*FAMILIES]), st.sampled_from([*FAMILIES]), st.booleans())
def test_the_parts_of_every_family_and_of_two_crossed_add_up_to_the_whole(school, family, other, cohort_only):
    whole = collect(school, [EVERYBODY], cohort_only=cohort_only).get(EVERYBODY)
    for families in ((family,), (family, other)):
        parts = collect(school, every_group(school, *families), cohort_only=cohort_only).values()
        assert sum(part.pupils for part in parts) == (whole.pupils if whole else 0)
        if whole:
            assert sum((part.total for part in parts), Summary()) == whole.total
            assert [sum(getattr(p, n) for p in parts) for n in ("counted", "persistent", "severe")] == [
                whole.counted,
                whole.persistent,
                whole.severe,
            ]


def test_everybody_is_in_one_group_of_each_family():
    assert sorted(map(family_of, groups_of(Child(flags=frozenset({"fsm"}))))) == sorted(FAMILIES)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ((), "All pupils"),
        (("sex:F", "fsm:yes"), "Girls, Free school meals"),
        (("eal:no",), "Not English as an additional language"),
        (("sen:unknown",), "Special educational needs: not known"),
        (("ks:KS2", "year:R"), "KS2, Reception"),
        (("class:7",), "5 Kestrel"),
        (("class:",), "In no class"),
        (("ethnicity:White British",), "White British"),
        (("social_worker:no",), "No social worker"),
    ],
)
def test_groups_are_said_in_words(key, said):
    assert label(key, {"7": "5 Kestrel"}) == said


def test_order_comparison_and_faults():
    keys = [("sen:unknown",), ("year:10",), ("sen:E",), ("year:2",), ("sen:N",), ("sex:M",), ()]
    assert sorted(keys, key=in_order) == [
        (), ("year:2",), ("year:10",), ("sex:M",), ("sen:N",), ("sen:E",), ("sen:unknown",)
    ]  # fmt: skip
    assert (compared_with("sen:E"), compared_with("fsm:yes"), compared_with("year:3")) == (
        ("sen:N",),
        ("fsm:no",),
        EVERYBODY,
    )
    assert faults(["shoe:3", "fsm", "fsm:yes"]) == ["shoe:3 is no group", "fsm is no group"]

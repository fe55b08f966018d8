"""Why sessions were missed, as governors read it: no reason of few pupils, and none that follows from the others."""

from fractions import Fraction
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from registers.attendance import Summary
from registers.sums import PupilSum
from reports.governor import Reason, _reasons

FEW = 6
# Of each reason, authorised or not: the sessions of each pupil who has it.
absences = st.dictionaries(
    st.tuples(st.sampled_from("ICMSTGOU"), st.booleans()),
    st.dictionaries(st.integers(1, 20), st.integers(1, 9), min_size=1, max_size=12),
    max_size=7,
)


def told(found):
    missed = {kind: dict.fromkeys(range(1, 21), 0) for kind in (True, False)}
    for (_, authorised), of_pupils in found.items():
        for pupil, sessions in of_pupils.items():
            missed[authorised][pupil] += sessions
    pupils = {
        each: PupilSum(each, "", "3", "", True, "F", "", "", frozenset(),
                       Summary(possible=200, authorised=missed[True][each], unauthorised=missed[False][each]))
        for each in range(1, 21)
    }  # fmt: skip
    reasons = [
        Reason(letter, letter, authorised, sum(of_pupils.values()), frozenset(of_pupils))
        for (letter, authorised), of_pupils in found.items()
    ]
    return reasons, _reasons(
        SimpleNamespace(spans={"half_term": SimpleNamespace(pupils=pupils)}, reasons=reasons, threshold=FEW, over=True)
    )


@given(absences)
def test_no_reason_of_few_is_told_or_is_the_rest(found):
    """The reader knows how much was authorised in all, and subtracts: what is left is more than one reason."""
    reasons, rows = told(found)
    for authorised, kind in ((True, "authorised"), (False, "unauthorised")):
        here = {each.letter: each for each in reasons if each.authorised is authorised}
        of_kind = {row["code"]: Fraction(row["days"]) * 2 for row in rows if row["kind"] == kind}
        rest = of_kind.pop("", None)
        for letter, sessions in of_kind.items():
            assert len(here[letter].pupils) >= FEW
            assert here[letter].sessions == sessions
        left = [each for letter, each in here.items() if letter not in of_kind]
        if not rows:
            continue
        assert rest == (sum(each.sessions for each in left) if left else None)
        if left:
            assert len(left) > 1 or len(left[0].pupils) >= FEW
            assert len(frozenset().union(*(each.pupils for each in left))) >= FEW


@given(absences)
def test_nothing_is_told_where_few_have_absence_of_a_kind(found):
    _, rows = told(found)
    for kind in (True, False):
        having = {pupil for (_, authorised), of_pupils in found.items() if authorised is kind for pupil in of_pupils}
        if len(having) < FEW:
            assert rows == []

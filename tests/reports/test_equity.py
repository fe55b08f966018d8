"""Casework by group: what is hidden from governors, and that no name reaches their page."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from casework.actions import cases
from casework.equity import Equity, equity_of, equity_of_year, table
from registers.models import Registration
from registers.sums import sums
from reports import equity
from reports.suppression import Row, band
from tests import factories
from tests.casework.conftest import Attend, attend  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast

ALL = frozenset(range(100))
FAMILIES = {"Sex": {"Girls": frozenset(range(50)), "Boys": frozenset(range(50, 100))},
            "Young carer": {"Yes": frozenset(range(3)), "No": frozenset(range(3, 100))}}  # fmt: skip


def of(needing=range(20, 80), with_case=range(26, 70), improved=range(40, 60)) -> Equity:
    having, better = frozenset(with_case), frozenset(improved)
    return Equity(ALL, frozenset(needing), having, better, better, FAMILIES)


def shown(found: Equity) -> dict[str, tuple]:
    return {
        f"{family}: {row.name}": (row.pupils, row.cases, row.improved, row.reached)
        for family, rows in equity.table(found, 6)
        for row in rows
    }


def test_what_governors_see() -> None:
    assert shown(of()) == {
        "All pupils: All pupils": (100, "41 to 45", "16 to 20", 70),
        "Sex: Girls": (50, "21 to 25", "6 to 10", 80),
        "Sex: Boys": (50, "16 to 20", "6 to 10", 70),
    }, "three young carers, and the rest of the school beside them, are not shown"


@pytest.mark.parametrize(
    ("found", "hidden"),
    [
        (of(with_case=range(46, 52), improved=()), "cases of each sex are few"),
        (of(with_case=range(20, 53), improved=()), "the boys' three, and with them the girls'"),
    ],
)
def test_few_cases_are_hidden_in_every_row_of_the_family(found: Equity, hidden: str) -> None:
    rows = shown(found)
    assert (rows["Sex: Girls"][1], rows["Sex: Boys"][1]) == (None, None), hidden


def test_that_all_of_a_group_were_reached_is_hidden() -> None:
    """It would say of each child who needs it that she has a case."""
    assert shown(of(with_case=range(20, 70)))["Sex: Girls"][3] is None


def test_what_the_figures_of_the_year_hide_is_hidden_here() -> None:
    """Young carers who are enough today, and were not in autumn."""
    many = {**FAMILIES, "Young carer": {"Yes": frozenset(range(20)), "No": frozenset(range(20, 100))}}
    found = Equity(ALL, *(frozenset(range(20, 60)),) * 4, many)
    assert "Young carer" in dict(equity.table(found, 6))
    assert "Young carer" not in dict(equity.table(found, 6, not_shown={"young_carer:yes"}))
    assert equity.GROUPS[Row("Special educational needs", "EHC plan")] == "sen:E"


@pytest.mark.parametrize(
    ("number", "threshold", "said"),
    [
        (6, 6, "6 to 10"), (10, 6, "6 to 10"), (11, 6, "11 to 15"),
        (8, 8, "8 to 12"), (10, 10, "10 to 14"), (3, 3, "3 to 7"),
    ],
)  # fmt: skip
def test_a_number_is_told_to_within_five(number: int, threshold: int, said: str) -> None:
    assert band(number, threshold) == said


def test_a_school_without_cases_tells_nothing() -> None:
    nobody: frozenset[int] = frozenset()
    assert not equity.is_telling(equity.table(Equity(ALL, nobody, nobody, nobody, nobody, FAMILIES), 6))


@pytest.mark.parametrize(("part", "whole", "share"), [(1, 3, 30), (2, 3, 70), (1, 20, 10), (1, 21, 0), (20, 20, 100)])
def test_a_share_in_steps_of_ten(part: int, whole: int, share: int) -> None:
    assert equity._rough(part, whole) == share


def test_from_the_record(cast: Cast, clock: object, attend: Attend) -> None:  # noqa: F811
    child = cast.pupils[0]
    for pupil in cast.pupils:
        attend(pupil, "I", days=20 if pupil == child else 0)
    case = cases.open_case(
        pupil=child, lead_id=cast.people["manager"].pk, concern="x", today=TODAY, by=cast.actor("manager")
    )
    found = equity_of(cast.school, date(2024, 8, 1), TODAY)
    assert (found.needing, found.with_case, found.closed) == ({child.pk}, {child.pk}, frozenset())
    cases.close_case(case=case, version=0, outcome="improved", closing="x", today=TODAY, by=cast.actor("manager"))
    [(_, [whole]), *_] = table(equity_of(cast.school, date(2024, 8, 1), TODAY))
    assert (whole.pupils, whole.needing, whole.reached, whole.cases, whole.improved) == (7, 1, 1, 1, 1)


def test_who_left_is_counted_in_the_year(cast: Cast, clock: object, attend: Attend) -> None:  # noqa: F811
    """A number that fell would say that who left had a case."""
    child = cast.pupils[0]
    for pupil in cast.pupils:
        attend(pupil, "I", days=20 if pupil == child else 0)
    cases.open_case(pupil=child, lead_id=cast.people["manager"].pk, concern="x", today=TODAY, by=cast.actor("manager"))

    def found() -> Equity:
        return equity_of_year(sums(date(2024, 8, 1), TODAY), date(2024, 8, 1), TODAY)

    before = found()
    assert (before.needing, before.with_case) == ({child.pk}, {child.pk})
    Registration.objects.filter(pupil=child).update(leaving_date=TODAY - timedelta(1))
    assert found().with_case == before.with_case
    assert found().families == before.families
    assert equity_of(cast.school, date(2024, 8, 1), TODAY).with_case == frozenset()


def test_the_page_names_nobody(cast: Cast, clock: object, attend: Attend) -> None:  # noqa: F811
    _, children = factories.make_class(cast.school, "5C", 30, year_group="5")
    for n, child in enumerate(children):
        attend(child, "I", days=20)
        if n % 2:
            cases.open_case(pupil=child, lead_id=cast.people["manager"].pk, concern="x", today=TODAY,
                            by=cast.actor("manager"))  # fmt: skip
    where = reverse("reports:see_casework", args=[cast.school.urn])
    page = cast.client("governor").get(where).content.decode()
    assert "about 50%" in page
    assert not any(child.surname in page for child in children)
    assert "Of them with a case" in cast.client("lead").get(
        reverse("casework:see_impact", args=[cast.school.urn])
    ).content.decode()  # fmt: skip

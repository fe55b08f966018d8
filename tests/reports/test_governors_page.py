"""What governors' figures and the trust's page leave out: rows that would say that there is somebody, weeks of few."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse

from registers.attendance import Group, Summary
from registers.models import FormerFacts, Pupil, Registration
from registers.sums import PupilSum
from reports import aggregates, shown
from reports.actions import governor as actions
from reports.figures import Figures, Question
from reports.governor_words import answers
from reports.patterns import Slot
from reports.querysets.governor import material, spans_of
from reports.ranges import Range
from reports.views import trust
from tests.conftest import TODAY
from tests.reports.conftest import FIRST, LAST, written

pytestmark = pytest.mark.usefixtures("clock")


def rows(school, last=LAST, today=TODAY):
    half_term = Range("2024-HT3", "", FIRST, last)
    return {
        (row.family, row.name): row for row in aggregates.rows(Figures(Question(school, today, half_term, half_term)))
    }


def test_a_group_is_named_whether_or_not_a_pupil_is_in_it(cast, school_of_sixty):
    Pupil.objects.filter(pk=school_of_sixty["third"][0].pk).update(young_carer=True, ethnicity="MOTH")
    found = rows(cast.school)
    assert found["Young carer", "Young carer"].group is None, "one"
    assert found["Adopted", "Adopted"].group is None, "nobody"
    assert not [name for family, name in found if family == "Ethnicity" and "MOTH" in name], "one of many"
    dark = aggregates.wholly_hidden(list(found.values()))
    assert {"Young carer", "Adopted"} <= set(dark)


def test_that_nobody_has_a_plan_does_not_follow(cast, school_of_sixty):
    """All are without a need or with support: that support is shown would say that nobody has a plan."""
    Pupil.objects.update(sen_status="N")
    Pupil.objects.filter(pk__in=[each.pk for each in school_of_sixty["fourth"][:20]]).update(sen_status="K")
    assert not [name for (family, name), row in rows(cast.school).items() if family.startswith("Special") and row.group]


@pytest.mark.parametrize(
    ("turn", "shown"),
    [
        pytest.param({}, [True, True, True], id="six all the time"),
        pytest.param({"admission_date": date(2025, 1, 27)}, [False, False, False], id="five, then six"),
        pytest.param({"leaving_date": date(2025, 1, 24)}, [True, False, False], id="six, then five"),
    ],
)
def test_a_group_is_hidden_from_the_day_on_which_it_was_small(cast, school_of_sixty, turn, shown):
    """Read on three evenings of a half-term; in the end again, as it was after the first."""
    six, four = school_of_sixty["meals"][:6], school_of_sixty["meals"][6:]
    Pupil.objects.filter(pk__in=[each.pk for each in four]).update(fsm=False)
    FormerFacts.objects.all().delete()
    if turn:
        Registration.objects.filter(pupil=six[0]).update(**turn)
    evenings = [date(2025, 1, 24), date(2025, 1, 31), LAST]
    meals = "Free school meals", "Free school meals"
    assert [rows(cast.school, last=day, today=day)[meals].group is not None for day in evenings] == shown
    assert (rows(cast.school, last=evenings[0])[meals].group is not None) is shown[0]


def test_no_group_of_needs_is_made_up_where_none_is_known():
    pupil = PupilSum(1, "", "3", "", True, "F", "", "", frozenset(), Summary(possible=2, attended=2))
    assert shown.families_of({1: pupil})["sen"] == {}


def test_few_pupils_in_one_week_and_no_week_is_drawn():
    def week(n, pupils):
        return Slot(FIRST + timedelta(7 * n), 1, pupils, pupils, 0)

    assert aggregates.may_draw([week(0, 6), week(1, 60)], 6)
    assert aggregates.may_draw([], 6)
    assert not aggregates.may_draw([week(0, 5), week(1, 60)], 6)
    fuller_half = [week(0, 3), week(0, 6)._replace(session=2)]
    assert aggregates.may_draw(fuller_half, 6)


@pytest.mark.parametrize(("first", "drawn"), [(date(2025, 1, 6), True), (date(2024, 9, 2), False)])
def test_the_trend_of_page_and_report(cast, school_of_sixty, first, drawn):
    """Three children begin in September, the others in January: the three's autumn would be the year less the rest."""
    few = school_of_sixty["third"][:3]
    for pupil in few:
        pupil.marks.all().delete()
    written(few, missed=4, first=first)
    page = cast.client("governor").get(cast.url("figures/governors/")).content.decode()
    assert ("attendance-by-week" in page) is drawn
    [span] = [each for each in spans_of(cast.school, TODAY) if (each.academic_year, each.name) == (2024, "half-term 3")
              or (each.academic_year, each.name[-1]) == (2024, "3")]  # fmt: skip
    told = [now.possible for _, now, _ in material(cast.school, span, TODAY).trend]
    assert bool(sum(told)) is drawn


def test_no_case_reads_as_few_cases(cast, school_of_sixty):
    report = actions.make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=cast.actor("head"))
    assert [each["pupils"] for each in report.figures["work"]] == [None, None, None]
    [did] = [each for each in answers(report.figures) if each["question"] == "What did we do?"]
    assert did["sentences"] == [
        "The numbers of pupils are not shown for letters to parents, work begun with families and plans agreed. "
        "Numbers under 6, none too, and those that would give such a number away, are left out of this report."
    ]
    page = cast.client("governor").get(
        reverse("reports:see_governor_report", args=[cast.school.urn, report.pk])
    ).content.decode()  # fmt: skip
    assert did["sentences"][0] in page
    assert page.count("give such a number away") == 2, "where it is asked first, and in how to read the report"


SCHOOL = SimpleNamespace(name="X", small_numbers_under=6)


def of(pupils, persistent, severe):
    return Group(pupils, Summary(possible=100, attended=90), pupils, persistent, severe)


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        pytest.param(of(60, 20, 8), of(60, 9, 0), ("90.0", "0.0", 20, 8), id="shown"),
        pytest.param(of(60, 20, 16), of(60, 9, 0), ("90.0", "0.0", 20, None), id="four persistent are not severe"),
        pytest.param(of(60, 56, 20), of(60, 9, 0), ("90.0", "0.0", None, 20), id="four are not persistent"),
        pytest.param(of(60, 5, 0), of(60, 9, 0), ("90.0", "0.0", None, None), id="few"),
        pytest.param(of(60, 20, 8), of(5, 1, 0), ("90.0", None, 20, 8), id="few last year"),
        pytest.param(of(5, 2, 0), of(60, 9, 0), (None, None, None, None), id="a school of five"),
    ],
)
def test_a_school_beside_the_others_of_its_trust(now, before, said):
    row = trust._row(SCHOOL, now, before, None)
    texts = [None if each is None else f"{each}" for each in (row.attendance, row.change)]
    assert (*texts, row.persistent, row.severe) == said
    assert (row.days is None) is (row.group is None)

"""The groups of a day: every change is kept, whoever writes it; what is published of a year does not follow it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from attendance_mis.models import School
from casework.equity import equity_of_year
from registers.calendar_rules import autumn_census_day
from registers.former_facts import as_they_were, former_facts, groups_as_at, groups_day
from registers.models import FormerFacts, Pupil
from registers.sums import sums
from reports import aggregates
from reports.actions.governor import make_governor_report
from reports.figures import Figures, Question
from reports.ranges import Range
from tests.conftest import TODAY
from tests.factories import LONDON
from tests.reports.conftest import FIRST, LAST, written

pytestmark = pytest.mark.usefixtures("clock")
HALF_TERM = Range("2024-HT3", "", FIRST, LAST)


def become(pupil: Pupil, when: datetime | None = None, **facts: object) -> None:
    Pupil.objects.filter(pk=pupil.pk).update(**facts, changed_at=when or timezone.now())


def kept(pupil: Pupil) -> list[dict]:
    return list(FormerFacts.objects.filter(pupil=pupil).order_by("pk").values_list("facts", flat=True))


@pytest.fixture
def child(cast):
    [child, *_] = cast.pupils
    become(child, datetime(2024, 9, 1, tzinfo=LONDON), sex="F", sen_status="N", ethnicity="WBRI", fsm=False, eal=None)
    FormerFacts.objects.all().delete()
    child.refresh_from_db()
    return child


def test_the_first_thursday_in_october():
    assert [autumn_census_day(year) for year in (2024, 2025, 2026, 2027)] == [
        date(2024, 10, 3), date(2025, 10, 2), date(2026, 10, 1), date(2027, 10, 7)
    ]  # fmt: skip


def test_only_what_was_known_and_changed_is_kept(child):
    become(child, sen_status="K", eal=True, social_worker="Mr Adeyemi", medical_note="asthma")
    assert kept(child) == [{"sen_status": "N", "social_worker": False}]
    become(child, medical_note="none", social_worker="Ms Okafor")
    assert len(kept(child)) == 1
    become(child, social_worker="", fsm=None)
    assert kept(child)[1:] == [{"social_worker": True, "fsm": False}]


def test_no_writer_forgets_it(child):
    """Saved, written in bulk, or by hand in SQL."""
    child.fsm, child.changed_at = True, timezone.now() + timedelta(1)
    child.save()
    child.sex = "M"
    Pupil.objects.bulk_update([child], ["sex"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registers_pupil SET ethnicity = 'BCRB' WHERE id = %s", [child.pk])
    assert kept(child) == [{"fsm": False}, {"sex": "F"}, {"ethnicity": "WBRI"}]


def test_the_facts_of_a_day_are_those_before_the_first_change_after_it(cast, child):
    """N on the census day, K in November, E in December; what was not known then is taken from when it was."""
    for month, day, sen in ((9, 20, "K"), (10, 1, "N"), (11, 5, "K"), (12, 9, "E")):
        become(child, datetime(2024, month, day, 12, tzinfo=LONDON), sen_status=sen)
    become(child, datetime(2025, 1, 10, 12, tzinfo=LONDON), eal=True)
    become(child, datetime(2025, 1, 11, 12, tzinfo=LONDON), eal=False)
    assert former_facts(cast.school, 2024) == {child.pk: {"sen_status": "N", "eal": True}}
    assert former_facts(cast.school, 2025) == {}, "today's, until the day is over"
    assert former_facts(cast.school, 2023) == {child.pk: {"sen_status": "N", "eal": True}}


@pytest.mark.parametrize(("second", "counts"), [(59, {}), (60, {"sen_status": "N"})])
def test_the_day_counts_to_its_end(cast, child, second, counts):
    become(child, datetime(2024, 10, 3, 23, 59, tzinfo=LONDON) + timedelta(seconds=second), sen_status="K")
    assert former_facts(cast.school, 2024).get(child.pk, {}) == counts


def test_a_school_chooses_another_day_for_one_year(cast):
    School.objects.filter(pk=cast.school.pk).update(groups_as_at=date(2025, 1, 6))
    school = School.objects.get(pk=cast.school.pk)
    assert groups_day(school, 2024) == date(2025, 1, 6)
    assert groups_day(school, 2025) == date(2025, 10, 2)
    assert groups_as_at(school, 2024, date(2025, 1, 6)) is None
    assert groups_as_at(school, 2024, date(2025, 1, 7)) == date(2025, 1, 6)


def test_a_child_in_her_former_groups_has_her_own_sessions(cast, child):
    written([child], missed=3)
    become(child, sen_status="K", fsm=True, sex="M", social_worker="Mr Adeyemi")
    [now] = [each for each in sums(FIRST, LAST) if each.pupil_id == child.pk]
    [then] = as_they_were([now], former_facts(cast.school, 2024))
    assert (now.sen_status, now.sex, {"fsm", "social_worker"} & now.flags) == ("K", "M", {"fsm", "social_worker"})
    assert (then.sen_status, then.sex, {"fsm", "social_worker"} & then.flags) == ("N", "F", set())
    assert {"fsm", "social_worker"} <= then.noes
    assert not {"fsm", "social_worker"} & now.noes
    assert then.summary == now.summary
    assert then.summary.absence == 3


def test_what_is_published_does_not_follow_a_child(cast, school_of_sixty):
    """Page, report and casework are as before; the head's own figures know her as she is."""

    def published():
        figures = Figures(Question(cast.school, TODAY, HALF_TERM, HALF_TERM))
        report = make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=cast.actor("head"))
        casework = cast.client("governor").get(cast.url("figures/governors/casework/")).context["lines"]
        return aggregates.rows(figures), report.figures, casework

    def meals():
        page = cast.client("head").get(cast.url("figures/groups/"), {"range": "2024-HT3"}).context
        return next(row["group"].pupils for row in page["rows"] if row["of"] == "fsm:yes")

    published()  # a report hides what an earlier one did
    before, of_head = published(), meals()
    for child in school_of_sixty["meals"][:3]:
        become(child, fsm=False, sex="M")
    assert meals() == of_head - 3
    assert published() == before
    FormerFacts.objects.all().delete()
    assert published() != before


def test_casework_counts_a_child_in_her_former_group(cast, child):
    def girls(former):
        pupils = as_they_were(sums(date(2024, 8, 1), TODAY), former)
        return equity_of_year(pupils, date(2024, 8, 1), TODAY).families["Sex"].get("Girls", frozenset())

    become(child, sex="M", fsm=True)
    assert child.pk not in girls({})
    assert child.pk in girls(former_facts(cast.school, 2024))


def test_the_page_says_of_which_day_groups_are(cast, school_of_sixty):
    for page in ("figures/governors/", "figures/governors/casework/"):
        assert (
            "in on 3 October 2024, the whole year long" in cast.client("governor").get(cast.url(page)).content.decode()
        )

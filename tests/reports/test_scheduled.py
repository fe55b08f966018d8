"""Reports the schedule makes: when each is due, once, for whom, and not where a school has switched them off."""

import io
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis.models import AuditRow
from attendance_mis.tenancy import acting_for
from registers.models import SchoolDay
from reports import tasks
from reports.models import GovernorReport, MadeReport
from reports.scheduled import Kind, due
from tests.conftest import Cast
from tests.factories import LONDON
from tests.reports.conftest import FIRST, LAST, written

# Two weeks and a day of a half-term, a week off, a day of the next; one Friday closed.
HELD = [
    *((date(2025, 2, n), 3, 2024) for n in (3, 4, 5, 6, 7, 10, 11, 12, 13)),
    *((date(2025, 2, n), 4, 2024) for n in (24, 25)),
]


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        pytest.param(Kind.NEWSLETTER, date(2025, 2, 6), None, id="the week is not over"),
        pytest.param(Kind.NEWSLETTER, date(2025, 2, 7), (date(2025, 2, 3), date(2025, 2, 7)), id="its last day"),
        pytest.param(Kind.NEWSLETTER, date(2025, 2, 12), (date(2025, 2, 3), date(2025, 2, 7)), id="missed on Friday"),
        pytest.param(Kind.CLASS_LIST, date(2025, 2, 13), (date(2025, 2, 10), date(2025, 2, 13)), id="ends on Thursday"),
        pytest.param(Kind.PARENTS, date(2025, 2, 12), None, id="the half-term is not over"),
        pytest.param(Kind.PARENTS, date(2025, 2, 13), (date(2025, 2, 3), date(2025, 2, 13)), id="its last school day"),
        pytest.param(Kind.AWARDS, date(2025, 2, 24), (date(2025, 2, 3), date(2025, 2, 13)), id="after the holidays"),
        pytest.param(Kind.GOVERNORS, date(2025, 2, 27), (date(2025, 2, 24), date(2025, 2, 25)), id="the next one"),
        pytest.param(Kind.PARENTS, date(2025, 3, 20), None, id="too long ago"),
    ],
)
def test_when_a_report_is_due(kind, day, expected):
    assert due(kind, HELD, day) == expected


@pytest.fixture
def last_evening(cast: Cast, clock):
    """19:00 of the last school day of HT3; the class has been full but for one child."""
    written(cast.pupils[1:], missed=0)
    written(cast.pupils[:1], missed=7)
    clock.move_to(datetime(2025, 2, 14, 19, 0, tzinfo=LONDON))
    return cast


def made(cast):
    with acting_for(cast.school):
        return sorted((each.kind, str(each.class_group or "")) for each in MadeReport.objects.all())


def test_the_last_evening_of_a_half_term_makes_everything_once(last_evening):
    cast = last_evening
    for day in (LAST, LAST + timedelta(1)):
        tasks.make_reports(cast.school.pk, day.isoformat())
    assert made(cast) == [
        ("certificates", ""), ("class-list", "3A"), ("class-list", "4B"), ("newsletter", ""), ("parents", "3A"),
        ("parents", "4B"),
    ]  # fmt: skip
    with acting_for(cast.school):
        lists = MadeReport.objects.get(kind="class-list", class_group=cast.own_class)
    assert (lists.first, lists.last) == (date(2025, 2, 10), LAST)
    text = PdfReader(io.BytesIO(bytes(lists.pdf))).pages[0].extract_text()
    assert cast.pupils[0].surname in text
    assert "3.5" in text


def test_a_run_that_was_cut_short_is_gone_on_with(last_evening):
    cast = last_evening
    with acting_for(cast.school):
        tasks.scheduled.make_due(school=cast.school, day=LAST)
        MadeReport.objects.filter(kind="parents", class_group=cast.own_class).delete()
        again = tasks.scheduled.make_due(school=cast.school, day=LAST)
    assert [(each.kind, each.class_group) for each in again] == [("parents", cast.own_class)]


def test_an_ordinary_day_makes_nothing(last_evening):
    tasks.make_reports(last_evening.school.pk, FIRST.isoformat())
    assert made(last_evening) == []


def test_what_is_switched_off_is_not_made(last_evening):
    cast = last_evening
    client = cast.client("manager")
    for kind in ("parents", "governors", "certificates"):
        answer = client.post(reverse("reports:switch_report", args=[cast.school.urn, kind]), {"on": "no"})
        assert answer.status_code == 302
    tasks.make_reports(cast.school.pk, LAST.isoformat())
    tasks.make_governor_report(cast.school.pk, LAST.isoformat())
    assert {kind for kind, _ in made(cast)} == {"class-list", "newsletter"}
    client.post(reverse("reports:switch_report", args=[cast.school.urn, "certificates"]), {"on": "yes"})
    tasks.make_reports(cast.school.pk, (LAST + timedelta(1)).isoformat())
    with acting_for(cast.school):
        assert not GovernorReport.objects.exists()
        assert MadeReport.objects.filter(kind="certificates").exists()
        assert [row.summary for row in AuditRow.objects.filter(verb="switch_report").order_by("pk")][-1] == (
            "Switched certificates on: the schedule makes it."
        )


def test_a_teacher_reads_what_is_of_her_classes(last_evening):
    cast = last_evening
    tasks.make_reports(cast.school.pk, LAST.isoformat())
    page = cast.client("teacher").get(reverse("reports:see_made", args=[cast.school.urn]))
    with acting_for(cast.school):
        seen = {each.pk for kind in page.context["kinds"] for each in kind["documents"]}
        hers = MadeReport.objects.filter(class_group=cast.own_class).values_list("pk", flat=True)
        news = MadeReport.objects.get(kind="newsletter").pk
        parents = MadeReport.objects.get(kind="parents", class_group=cast.other_class).pk
    assert seen == {*hers, news}
    address = reverse("reports:made_report", args=[cast.school.urn, parents])
    assert cast.client("teacher").get(address).status_code == 403
    assert cast.client("head").get(address)["Content-Type"] == "application/pdf"


def test_prints_are_not_kept_for_ever(last_evening):
    cast = last_evening
    tasks.make_reports(cast.school.pk, LAST.isoformat())
    with acting_for(cast.school):
        SchoolDay.objects.filter(day__gt=LAST).delete()
        tasks.scheduled.make_due(school=cast.school, day=LAST + timedelta(400))
    assert made(cast) == []

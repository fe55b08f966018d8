"""Reports the schedule makes: when each is due, once, for whom, and not where a school has switched them off."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis import schedule
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


def days(first, last, half_term, year, without=()):
    """The school days from one day to another: weekdays, without those named."""
    every = (first + timedelta(n) for n in range((last - first).days + 1))
    return [(day, half_term, year) for day in every if day.weekday() < 5 and day not in without]


# A year as a school has it: a Wednesday first, INSET on a Monday, a bank holiday, snow on the last Friday of a term.
SNOW, BANK_HOLIDAY = date(2025, 4, 4), date(2025, 5, 5)
YEAR = [
    *days(date(2024, 9, 4), date(2024, 10, 25), 1, 2024),
    *days(date(2024, 11, 5), date(2024, 12, 20), 2, 2024),
    *days(date(2025, 1, 6), date(2025, 2, 14), 3, 2024),
    *days(date(2025, 2, 24), date(2025, 4, 4), 4, 2024, without=[SNOW]),
    *days(date(2025, 4, 22), date(2025, 5, 23), 5, 2024, without=[BANK_HOLIDAY]),
    *days(date(2025, 6, 2), date(2025, 7, 22), 6, 2024),
    *days(date(2025, 9, 3), date(2025, 10, 24), 1, 2025),
]


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        pytest.param(
            Kind.CLASS_LIST, date(2024, 9, 6), (date(2024, 9, 4), date(2024, 9, 6)), id="three days of a year"
        ),
        pytest.param(Kind.CLASS_LIST, date(2024, 9, 5), None, id="the first week is not over, and none was before"),
        pytest.param(
            Kind.NEWSLETTER, date(2024, 11, 8), (date(2024, 11, 5), date(2024, 11, 8)), id="a week from Tuesday"
        ),
        pytest.param(Kind.NEWSLETTER, date(2025, 5, 9), (date(2025, 5, 6), date(2025, 5, 9)), id="a bank holiday"),
        pytest.param(Kind.NEWSLETTER, date(2025, 4, 3), (date(2025, 3, 31), date(2025, 4, 3)), id="closed on Friday"),
        pytest.param(Kind.PARENTS, date(2025, 4, 3), (date(2025, 2, 24), date(2025, 4, 3)), id="snow on the last day"),
        pytest.param(
            Kind.PARENTS, date(2025, 1, 2), (date(2024, 11, 5), date(2024, 12, 20)), id="the worker slept at Christmas"
        ),
        pytest.param(Kind.PARENTS, date(2025, 1, 3), None, id="two weeks are too late"),
        pytest.param(Kind.PARENTS, date(2025, 2, 14), (date(2025, 1, 6), date(2025, 2, 14)), id="a week off follows"),
        pytest.param(Kind.GOVERNORS, date(2025, 7, 21), None, id="a Monday, and Tuesday is the last"),
        pytest.param(
            Kind.GOVERNORS, date(2025, 7, 22), (date(2025, 6, 2), date(2025, 7, 22)), id="the year's last day"
        ),
        pytest.param(
            Kind.CLASS_LIST, date(2025, 7, 22), (date(2025, 7, 21), date(2025, 7, 22)), id="its last two days"
        ),
        pytest.param(Kind.AWARDS, date(2025, 8, 20), None, id="nothing in August"),
        pytest.param(
            Kind.PARENTS, date(2025, 10, 24), (date(2025, 9, 3), date(2025, 10, 24)), id="HT1 of the next year"
        ),
    ],
)
def test_at_the_edges_of_a_year(kind, day, expected):
    assert due(kind, YEAR, day) == expected


def test_each_week_and_half_term_is_due_once():
    """Asked on every day of the year, each is named first on its last school day, and none is left out."""
    held, asked = [day for day, *_ in YEAR], [date(2024, 9, 1) + timedelta(n) for n in range(430)]
    for kind, spans in ((Kind.CLASS_LIST, {day - timedelta(day.weekday()) for day in held}), (Kind.PARENTS, range(7))):
        first_named = {}
        for day in asked:
            if span := due(kind, YEAR, day):
                first_named.setdefault(span, day)
        assert len(first_named) == len(spans)
        assert all(span[1] == day for span, day in first_named.items())


def test_seven_in_the_evening_is_by_the_clock_on_the_wall(cast):
    """In summer 19:00 in London is 18:00 UTC; on both Sundays that the clock changes too."""
    for day, hour in ((LAST, 19), (date(2025, 3, 30), 18), (date(2025, 7, 22), 18), (date(2025, 10, 26), 19)):
        for minute, is_due in ((datetime(day.year, day.month, day.day, hour, tzinfo=UTC), True),
                               (datetime(day.year, day.month, day.day, hour - 1, 59, tzinfo=UTC), False)):  # fmt: skip
            tasks_due = [task for task, (school, *rest) in schedule.due(minute)
                         if school == cast.school.pk and rest == [day.isoformat()]]  # fmt: skip
            assert ("reports.tasks.make_reports" in tasks_due) is is_due, minute
            assert ("reports.tasks.make_governor_report" in tasks_due) is is_due, minute


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

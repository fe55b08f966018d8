"""The calendar's pages: what follows is seen first, refusals keep what was typed."""

import json

import pytest
from django.urls import reverse

from registers.models import CalendarEntry, SchoolDay
from tests.registers.test_set_calendar import INSET, mark

NEW = {"kind": "inset", "start": "2025-06-02", "end": "", "session": "", "label": ""}


@pytest.fixture(autouse=True)
def _clock(clock):
    """09:05 of a school day."""


def url(cast, name, *args):
    return reverse(f"registers:{name}", args=[cast.school.urn, *args])


def test_what_follows_is_shown_and_saved_by_its_button(cast):
    client = cast.client("manager")
    shown = client.post(url(cast, "add_calendar_entry"), NEW)
    assert shown.status_code == 200
    assert not CalendarEntry.objects.filter(kind="inset").exists()
    fields = {name: shown.context["form"][name].value() for name in ("add", "remove")}
    answer = client.post(url(cast, "set_calendar"), fields)
    assert answer.url == url(cast, "see_calendar") + "?year=2024"
    assert not SchoolDay.objects.filter(day=INSET.start).exists()


def test_a_day_with_marks_is_refused_with_its_sessions_and_what_was_typed(cast):
    mark(cast)
    answer = cast.client("head").post(url(cast, "add_calendar_entry"), NEW | {"start": "2025-03-11", "label": "Snow"})
    assert answer.status_code == 422
    assert "Tuesday 11 March 2025 AM (5 marks)" in answer.text
    assert 'value="Snow"' in answer.text


def test_a_change_that_came_too_late_is_shown_as_refused(cast):
    client = cast.client("manager")
    change = {
        "add": json.dumps(
            [{"start": "2025-05-05", "end": "2025-05-05", "kind": "bank_holiday", "label": "", "session": None}]
        )
    }
    answer = client.post(url(cast, "set_calendar"), change)
    assert answer.status_code == 422
    assert "already" in answer.text


@pytest.mark.parametrize("rubbish", ["x", "[1]", '[{"start": "2025-13-01"}]', '{"a": 1}'])
def test_a_forged_change_writes_nothing(cast, rubbish):
    before = CalendarEntry.objects.count()
    answer = cast.client("manager").post(url(cast, "set_calendar"), {"add": rubbish})
    assert answer.status_code == 302
    assert CalendarEntry.objects.count() == before


def test_an_entry_is_changed_or_removed(cast):
    client, entry = cast.client("manager"), CalendarEntry.objects.get(kind="bank_holiday")
    shown = client.post(url(cast, "edit_calendar_entry", entry.pk), {"remove": "1"})
    assert [row["said"] for row in shown.context["rows"]] == ["Removed"]
    shown = client.post(url(cast, "edit_calendar_entry", entry.pk), NEW)
    assert [row["said"] for row in shown.context["rows"]] == ["Added", "Removed"]


def test_a_pasted_list_replaces_the_year_only_when_asked(cast):
    lines = "HT1: 3 September to 24 October 2025\nHT2: 3 November to 19 December 2025"
    address = url(cast, "paste_term_dates") + "?year=2025"
    shown = cast.client("manager").post(address, {"text": lines})
    assert [len(shown.context["change"].add), len(shown.context["change"].remove)] == [2, 0]
    shown = cast.client("manager").post(
        url(cast, "paste_term_dates") + "?year=2024", {"text": "HT1 4 Sep - 25 Oct", "replace": "on"}
    )
    assert [len(shown.context["change"].add), len(shown.context["change"].remove)] == [0, 6]


def test_a_list_that_is_not_understood_is_kept_with_the_line(cast):
    answer = cast.client("manager").post(url(cast, "paste_term_dates"), {"text": "Sports day 1 July"})
    assert answer.status_code == 422
    assert "Line 1: say what" in answer.text
    assert "Sports day 1 July</textarea>" in answer.text


def test_the_year_is_shown_with_constant_queries(cast, django_assert_max_num_queries):
    client = cast.client("teacher")
    with django_assert_max_num_queries(6):
        page = client.get(url(cast, "see_calendar")).text
    assert "Half-term 4" in page
    assert "Paste term dates" not in page


def test_a_year_that_is_none_is_no_page(cast):
    assert cast.client("head").get(url(cast, "see_calendar") + "?year=99999").status_code == 404

"""The threshold watch: looked at each night and after changes, with its working, other schools' word and readings."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from attendance_mis.models import AuditRow, School
from attendance_mis.tenancy import acting_for
from penalties.actions import watch
from penalties.models import Evidence, Readings, Watch
from penalties.readings import DEFAULTS, from_document, to_document
from penalties.tasks import watch_thresholds
from tests.conftest import TODAY, Cast
from tests.penalties.conftest import Absent, amend

pytestmark = pytest.mark.usefixtures("clock")


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"penalties:{name}", args=[cast.school.urn, *args])


def test_who_has_met_it_and_who_approaches(cast: Cast, absent: Absent) -> None:
    for pupil, count in zip(cast.pupils, (10, 9, 7, 6), strict=False):
        absent(pupil, "O", count)
    page = cast.client("manager").get(url(cast, "see_watch")).context
    assert [row.pupil for row in page["met"]] == [cast.pupils[0]]
    assert [row.pupil for row in page["near"]] == [cast.pupils[1], cast.pupils[2]]
    assert page["met"][0].met_since == TODAY
    assert AuditRow.objects.filter(verb="reach_threshold").count() == 1


def test_beat_twice_finds_the_same(cast: Cast, absent: Absent) -> None:
    absent(cast.pupils[0], "U", 12)
    for _ in range(2):
        watch_thresholds(cast.school.pk, TODAY.isoformat())
        with acting_for(cast.school):
            watch.look(school=cast.school, on=TODAY)
    assert AuditRow.objects.filter(verb="reach_threshold").count() == 1
    assert Watch.objects.get().counted == 12


def test_an_amendment_is_followed(cast: Cast, absent: Absent) -> None:
    slots = absent(cast.pupils[0], "O", 10, TODAY - timedelta(days=1))
    assert watch.follow_changes(school=cast.school)
    assert not watch.follow_changes(school=cast.school)
    amend(cast, cast.pupils[0], slots[0], "I")
    assert watch.follow_changes(school=cast.school)
    found = Watch.objects.get()
    assert (found.counted, found.met_since) == (9, None)


def test_the_working_says_what_is_skipped_and_what_falls_out(cast: Cast, absent: Absent) -> None:
    # Ten school weeks back from 11 March 2025 is the week of 16 December: two holidays lie between.
    absent(cast.pupils[0], "G", 2, date(2024, 12, 18))
    absent(cast.pupils[0], "O", 7)
    page = cast.client("manager").get(url(cast, "see_family", cast.pupils[0].pk))
    text = page.content.decode()
    assert "9 sessions</b></a> counted" in text
    assert "On Monday 17 March the oldest week falls out, and with it 2 sessions." in text
    skipped = [week for week in page.context["strip"] if not week["number"]]
    assert [week["monday"] for week in skipped] == [date(2025, 2, 17), date(2024, 12, 30), date(2024, 12, 23)]


def test_what_another_school_says_counts(cast: Cast, absent: Absent) -> None:
    absent(cast.pupils[0], "O", 9)
    client = cast.client("manager")
    values = {"day": "2025-03-03", "sessions": ["1"], "letter": "O", "origin": "Elm School, telephone"}
    assert client.post(url(cast, "add_evidence", cast.pupils[0].pk), values).status_code == 302
    assert Watch.objects.get().met_since == TODAY
    assert client.post(url(cast, "add_evidence", cast.pupils[0].pk), values).status_code == 422
    ahead = values | {"day": "2025-04-30"}
    assert "lies ahead" in client.post(url(cast, "add_evidence", cast.pupils[0].pk), ahead).content.decode()
    evidence = Evidence.objects.get()
    client.post(url(cast, "remove_evidence", evidence.pk))
    assert Watch.objects.get().counted == 9


def test_readings_are_dated_and_n_follows(cast: Cast, absent: Absent) -> None:
    absent(cast.pupils[0], "N", 10)
    page = cast.client("manager").get(url(cast, "see_readings")).content.decode()
    assert "Councils differ" in page
    client = cast.client("lead")
    values = {name: str(value) for name, value in to_document(DEFAULTS).items()}
    values |= {"count_n": "True", "in_force_from": "2025-03-11", "why": "The local code counts N."}
    assert client.post(url(cast, "choose_readings"), values).status_code == 302
    cast.school.refresh_from_db()
    assert cast.school.count_n_for_penalties
    assert Watch.objects.get().counted == 10
    past = client.post(url(cast, "choose_readings"), values | {"in_force_from": "2025-03-10"})
    assert past.status_code == 422
    late = values | {"count_n": "False", "in_force_from": "2025-03-20"}
    assert client.post(url(cast, "choose_readings"), late).status_code == 302
    assert School.objects.get(pk=cast.school.pk).count_n_for_penalties
    watch.look(school=School.objects.get(pk=cast.school.pk), on=date(2025, 3, 20))
    assert not School.objects.get(pk=cast.school.pk).count_n_for_penalties
    assert Readings.objects.count() == 2


def test_readings_survive_as_a_document() -> None:
    assert from_document(date.min, to_document(DEFAULTS)) == DEFAULTS


def test_as_many_queries_for_thirty_as_for_three(cast: Cast, absent: Absent, django_assert_max_num_queries) -> None:
    for pupil in cast.pupils:
        absent(pupil, "O", 8)
    with django_assert_max_num_queries(26):
        watch.look(school=cast.school, on=TODAY)


def test_a_session_known_from_two_schools_counts_once_and_by_the_mark_that_counts(cast: Cast, absent: Absent) -> None:
    """No reason yet here, unauthorised there; in the list and in the working alike."""
    pupil = cast.pupils[0]
    (slot,) = absent(pupil, "N", 1, TODAY - timedelta(days=1))
    watch.add_evidence(pupil=pupil, day=slot[0], sessions=[slot[1]], letter="O", origin="Elm", by=cast.actor("manager"))
    found = Watch.objects.get()
    assert (found.counted, found.provisional) == (1, 0)
    page = cast.client("manager").get(url(cast, "see_family", pupil.pk))
    assert (page.context["working"].counted, page.context["working"].provisional) == (1, 0)


def test_a_look_writes_only_what_has_changed(cast: Cast, absent: Absent) -> None:
    for pupil in cast.pupils[:3]:
        absent(pupil, "O", 4, TODAY - timedelta(days=1))
    watch.look(school=cast.school, on=TODAY - timedelta(days=1))
    absent(cast.pupils[1], "O", 6)
    written = [*Watch.objects.order_by("pupil").extra(select={"version": "xmin::text"}).values_list("pupil", "version")]
    watch.look(school=cast.school, on=TODAY)
    after = dict(Watch.objects.extra(select={"version": "xmin::text"}).values_list("pupil", "version"))
    assert [pupil for pupil, version in written if after[pupil] != version] == [cast.pupils[1].pk]
    assert Watch.objects.get(pupil=cast.pupils[1]).since == TODAY
